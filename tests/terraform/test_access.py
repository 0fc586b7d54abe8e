"""Who may do what: the policies of keys, secrets, buckets and roles, as they reach AWS."""

import json
from fnmatch import fnmatchcase

import pytest

from terraform.policies import (
    ACCOUNT,
    NAME,
    PREFIX,
    covers,
    of_type,
    statement,
    statements,
)

ROOT_USER = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
POLICIES = ("assume_role_policy", "policy", "policy_document")
USES = ("kms:CreateGrant", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom")
SERVICE_KEYS = {
    "database": ["backup", "rds"],
    "dms": ["dms"],
    "lambda": ["dynamodb", "lambda", "scheduler"],
    "secrets": ["rds", "secretsmanager"],
}
MANAGED_POLICY, INLINE_POLICIES = 6144, 10240
"""Characters that IAM allows, white space not counted."""

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group(NAME)]


@pytest.fixture
def main(resources_of):
    return resources_of(NAME, "main")


@pytest.fixture
def bootstrap(resources_of):
    return resources_of(NAME, "bootstrap")


@pytest.fixture
def everything(main, bootstrap):
    return main + bootstrap


def test_policies_are_documents_that_open_nothing_to_everybody(everything):
    # An endpoint's policy opens nothing, and is tested with the network; images expire by rules.
    resources = [
        r for r in everything if r["type"] not in ("aws_vpc_endpoint", "aws_ecr_lifecycle_policy")
    ]
    texts = [r["values"].get(key) or "" for r in resources for key in POLICIES]
    # Where a policy is left to AWS, the provider makes up a word for it.
    documents = [json.loads(text) for text in texts if text.startswith("{")]

    assert len(documents) > 30
    for document in documents:
        assert document["Version"] == "2012-10-17"
        for each in document["Statement"]:
            assert each["Effect"] in ("Allow", "Deny")
            assert each["Effect"] == "Deny" or each.get("Principal") not in ("*", {"AWS": "*"})


def test_keys_rotate_and_wait_before_they_are_deleted(everything):
    keys = of_type(everything, "aws_kms_key")

    assert set(keys) >= {*SERVICE_KEYS, "logs", "notifications", "state", "images"}
    for key in keys.values():
        assert key["enable_key_rotation"]
        assert key["rotation_period_in_days"] == 365
        assert key["deletion_window_in_days"] == 30
        assert key["description"].endswith(".")


def test_managing_a_key_is_not_using_it(everything):
    for key in of_type(everything, "aws_kms_key").values():
        management, *use = statements(key["policy"])

        assert management["Principal"] == ROOT_USER
        assert covers(management, "kms:PutKeyPolicy")
        assert not [action for action in USES if covers(management, action)]
        assert use
        # Rules of EventBridge use keys without conditions, or not at all.
        assert all(each.get("Condition") or each["Sid"] == "UseByRules" for each in use)


@pytest.mark.parametrize("name", SERVICE_KEYS)
def test_key_is_used_through_its_services(main, name):
    use = statement(of_type(main, "aws_kms_key")[name]["policy"], "UseThroughService")

    assert use["Principal"] == ROOT_USER
    assert use["Condition"]["StringEquals"]["kms:ViaService"] == [
        f"{service}.us-east-2.amazonaws.com" for service in SERVICE_KEYS[name]
    ]
    assert all(covers(use, action) for action in USES)


def test_a_schedule_is_decrypted_by_its_role_and_through_no_service(main):
    key = statements(of_type(main, "aws_kms_key")["lambda"]["policy"])
    roles = [r for r in main if r["type"] == "aws_iam_role_policy" and r["name"] == "schedules"]
    schedules = [r for r in main if r["type"] == "aws_scheduler_schedule"]

    assert schedules
    for schedule in schedules:
        module, values = schedule["address"].rsplit(".", 2)[0], schedule["values"]
        (role,) = [r for r in roles if r["address"].startswith(f"{module}.")]
        arn = f"schedule/{values['group_name']}/{values['name']}"
        arn = f"arn:aws:scheduler:us-east-2:{ACCOUNT}:{arn}"
        for policy in (key, statements(role["values"]["policy"])):
            assert any(covers(each, "kms:Decrypt") and delivers(each, arn) for each in policy)


def delivers(statement, schedule):
    """Tell whether *statement* asks for nothing but the context of *schedule*."""
    (operator, asked), *more = statement.get("Condition", {"": {}}).items()
    return (
        not more
        and operator == "StringLike"
        and asked.keys() == {"kms:EncryptionContext:aws:scheduler:schedule:arn"}
        and fnmatchcase(schedule, *asked.values())
    )


def test_cloudwatch_logs_uses_the_key_of_logs_for_log_groups_of_the_account(main):
    use = statement(of_type(main, "aws_kms_key")["logs"]["policy"], "UseByCloudWatchLogs")

    assert use["Principal"] == {"Service": "logs.us-east-2.amazonaws.com"}
    assert use["Condition"]["ArnLike"] == {
        "kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:us-east-2:{ACCOUNT}:log-group:*"
    }


def test_alarms_and_events_can_be_published(main):
    use = statement(of_type(main, "aws_kms_key")["notifications"]["policy"], "UseByPublishers")

    assert set(use["Principal"]["Service"]) >= {
        "cloudwatch.amazonaws.com",
        "dms.amazonaws.com",
        "events.rds.amazonaws.com",
    }
    assert covers(use, "kms:Decrypt")
    assert covers(use, "kms:GenerateDataKey")
    assert use["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_every_key_has_an_alias_that_starts_like_all_names(everything):
    aliases = of_type(everything, "aws_kms_alias")

    assert aliases.keys() == of_type(everything, "aws_kms_key").keys()
    assert all(
        alias["name"] == f"alias/{PREFIX}-{name.replace('_', '-')}"
        for name, alias in aliases.items()
    )


def test_secrets_are_containers_without_values(main):
    secrets = of_type(main, "aws_secretsmanager_secret")
    key = of_type(main, "aws_kms_key")["secrets"]["arn"]

    assert {secret["name"] for secret in secrets.values()} == {
        f"{PREFIX}/dms_reverse",
        f"{PREFIX}/dms_source",
        f"{PREFIX}/dms_target",
        f"{PREFIX}/operator_source",
        f"{PREFIX}/payment_source",
        f"{PREFIX}/validation_source",
    }
    assert {secret["kms_key_id"] for secret in secrets.values()} == {key}
    assert {secret["recovery_window_in_days"] for secret in secrets.values()} == {30}
    assert of_type(main, "aws_secretsmanager_secret_version") == {}


def test_policies_of_secrets_only_deny_and_never_the_account_itself(main):
    policies = [r["values"] for r in main if r["type"] == "aws_secretsmanager_secret_policy"]

    assert len(policies) == 6
    for policy in policies:
        assert policy["block_public_policy"]
        for each in statements(policy["policy"]):
            assert each["Effect"] == "Deny"
            assert each["Condition"]
        others = statement(policy["policy"], "DenyOtherAccounts")
        assert others["Condition"]["StringNotEquals"] == {"aws:PrincipalAccount": ACCOUNT}


def test_state_is_written_with_its_own_key_or_not_at_all(bootstrap):
    policy = of_type(bootstrap, "aws_s3_bucket_policy")["state"]["policy"]
    deny = statement(policy, "DenyOtherKeys")
    ((operator, keys),) = deny["Condition"].items()

    # Not the …IfExists kind: without the header, the key is another one.
    assert operator == "StringNotEquals"
    assert keys["s3:x-amz-server-side-encryption-aws-kms-key-id"] == [
        f"arn:aws:kms:us-east-2:{ACCOUNT}:alias/{PREFIX}-state",
        of_type(bootstrap, "aws_kms_key")["state"]["arn"],
    ]


def test_dms_finds_its_roles_and_only_for_this_account(bootstrap):
    roles = [r["values"] for r in bootstrap if r["type"] == "aws_iam_role" and r["name"] == "dms"]

    assert {role["name"] for role in roles} == {"dms-cloudwatch-logs-role", "dms-vpc-role"}
    for role in roles:
        (trust,) = statements(role["assume_role_policy"])
        assert trust["Principal"] == {"Service": "dms.amazonaws.com"}
        assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_policies_fit_into_iam(bootstrap):
    inline = {}
    for policy in of_type(bootstrap, "aws_iam_role_policy").values():
        inline[policy["role"]] = inline.get(policy["role"], "") + policy["policy"]
    (boundary,) = of_type(bootstrap, "aws_iam_policy").values()

    assert len("".join(boundary["policy"].split())) <= MANAGED_POLICY
    assert inline.keys() == {f"{PREFIX}-ci-apply", f"{PREFIX}-ci-plan"}
    for text in inline.values():
        assert len("".join(text.split())) <= INLINE_POLICIES
