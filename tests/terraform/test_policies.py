"""Every policy of every root, as it reaches AWS: what it allows, to whom, and why so much."""

import json
from fnmatch import fnmatchcase

import pytest

from terraform.roots import BLUEPRINT, FOLDERS, each

pytestmark = pytest.mark.slow

ENDPOINT = "aws_vpc_endpoint"
KEY = "aws_kms_key"
TRUST = "assume_role_policy"

# What follows was reviewed, entry by entry; whoever adds one says why.
ON_EVERYTHING = {
    "cloudwatch:DescribeAlarms": "composite alarms are described with * or not at all",
    "dms:DescribeConnections": "DMS lists connections and takes no ARN for it",
    "dms:DescribeReplicationTasks": "DMS lists tasks and takes no ARN for it",
    "secretsmanager:GetRandomPassword": "a password that nobody has yet has no ARN",
    "xray:PutTelemetryRecords": "a trace has no ARN",
    "xray:PutTraceSegments": "a trace has no ARN",
}
"""Actions that a role of the main root is allowed on resource `*`."""
WHOLE = {
    "module.bootstrap.aws_iam_policy.boundary": "a limit: it grants nothing by itself",
    "module.bootstrap.aws_iam_role_policy.ci_apply": "makes all there is; ci_limits takes away "
    "what it must not touch, and its roles get the boundary",
}
"""Policies that speak of whole services, on everything."""
READERS = {
    "module.bootstrap.aws_iam_role_policy.ci_plan": "a plan reads all there is, and no secret",
}
"""Policies that read everything and change nothing."""
READS = ("*:Describe*", "*:Get*", "*:List*")
WITHOUT_SOURCE = {
    "events.amazonaws.com": "EventBridge publishes on an encrypted topic only without conditions",
    "lambda.amazonaws.com": "Lambda does not say for which account it takes a role",
    "logdelivery.elasticloadbalancing.amazonaws.com": "the path in the bucket names the account",
}
"""Services that are let in without the account, or the resource, that they come for."""

SOURCES = {"aws:SourceAccount", "aws:SourceArn", "kms:EncryptionContext:aws:logs:arn"}
"""Conditions that say for whom a service comes."""
USES = ("kms:CreateGrant", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom")
INLINE_LIMIT = 10240
"""Characters of all inline policies of one role, white space not counted."""


def listed(value):
    return value if isinstance(value, list) else [value]


def policies(resources):
    """Yield every policy: its resource's address and type, the argument, its statements."""
    for resource in resources:
        for argument, text in resource["values"].items():
            if "policy" in argument and isinstance(text, str) and '"Statement"' in text:
                document = json.loads(text)
                assert document["Version"] == "2012-10-17", resource["address"]
                statements = listed(document["Statement"])
                yield resource["address"], resource["type"], argument, statements


def grants(resources, *but):
    """Yield the statements that allow something, as `policies` does; of all types *but* those.

    The policy of an endpoint grants nothing: it limits what IAM allows on the way through.
    """
    for address, kind, argument, statements in policies(resources):
        for statement in statements if kind not in (ENDPOINT, *but) else ():
            if statement["Effect"] == "Allow":
                yield address, kind, argument, statement


def principals(statement):
    """Yield the kind and the name of each principal of a statement."""
    found = statement.get("Principal", {})
    for kind, names in found.items() if isinstance(found, dict) else [("*", found)]:
        yield from ((kind, name) for name in listed(names))


def conditions(statement):
    """Return the keys that a statement's conditions look at."""
    return {key for asked in statement.get("Condition", {}).values() for key in asked}


def covers(statement, action):
    return any(fnmatchcase(action, pattern) for pattern in listed(statement["Action"]))


def of_type(resources, kind):
    """Return the values of the resources of a type, by address."""
    return {r["address"]: r["values"] for r in resources if r["type"] == kind}


@pytest.fixture
def resources(resources_of, environment, root):
    return resources_of(environment, root)


@each()
def test_policies_say_what_they_allow_and_not_what_they_leave_out(resources):
    found = list(grants(resources))

    assert found
    for address, _, _, statement in found:
        assert not {"NotAction", "NotPrincipal", "NotResource"} & statement.keys(), address


@each()
def test_no_action_is_a_star_and_whole_services_have_a_reason(resources):
    for address, _, _, statement in grants(resources):
        for action in listed(statement["Action"]):
            assert ":" in action.strip("*"), (address, action)
            assert not action.endswith(":*") or address in WHOLE, (address, action)


@each()
def test_whatever_is_allowed_on_everything_has_a_reason(resources):
    # A key's policy is about its own key, which has no other name there.
    for address, _, argument, statement in grants(resources, KEY):
        if argument == TRUST or "Resource" not in statement or address in WHOLE:
            continue
        for action in listed(statement["Action"]) if "*" in listed(statement["Resource"]) else ():
            read = address in READERS and any(fnmatchcase(action, known) for known in READS)
            assert read or action in ON_EVERYTHING, (address, statement.get("Sid"), action)


@each()
def test_principals_are_services_roles_or_the_account_of_a_key(resources, environment):
    account = BLUEPRINT.environments[environment].account_id
    for address, kind, _, statement in grants(resources):
        for what, name in principals(statement):
            if what == "Service":
                assert name.endswith(".amazonaws.com"), (address, name)
                assert "*" not in name, (address, name)
            elif what == "Federated":
                assert name.startswith(f"arn:aws:iam::{account}:oidc-provider/"), (address, name)
            else:
                assert what == "AWS", (address, name)
                assert kind == KEY, (address, name)
                assert name == f"arn:aws:iam::{account}:root", (address, name)


@each()
def test_the_account_uses_a_key_under_conditions_only(resources):
    for address, _, _, statement in grants(resources):
        if any(what == "AWS" for what, _ in principals(statement)):
            used = [action for action in USES if covers(statement, action)]
            assert not used or conditions(statement), (address, statement["Sid"])


@each()
def test_services_come_for_this_account(resources):
    for address, _, _, statement in grants(resources):
        for what, name in principals(statement):
            if what == "Service" and name not in WITHOUT_SOURCE:
                assert conditions(statement) & SOURCES, (address, name)


@each()
def test_nobody_else_becomes_a_role(resources):
    for address, kind, argument, statement in grants(resources):
        if kind == "aws_iam_role" and argument == TRUST:
            assert len(list(principals(statement))) == 1, address
            assert listed(statement["Action"]) in (
                ["sts:AssumeRole"],
                ["sts:AssumeRoleWithWebIdentity"],
            ), address


@each()
def test_endpoints_let_our_own_principals_through(resources):
    for address, kind, _, statements in policies(resources):
        for statement in statements if kind == ENDPOINT else ():
            named = "*" not in listed(statement["Resource"])
            assert named or "aws:PrincipalAccount" in conditions(statement), address


@each("main")
def test_functions_are_called_by_whom_they_know(resources):
    for address, permission in of_type(resources, "aws_lambda_permission").items():
        assert permission["action"] == "lambda:InvokeFunction", address
        assert permission["source_arn"] or permission["source_account"], address
        assert permission["principal"].endswith(".amazonaws.com"), address


@each("main")
def test_alarms_can_say_what_they_see(resources):
    keys = {key["arn"]: key for key in of_type(resources, KEY).values()}
    topics = {topic["arn"]: topic for topic in of_type(resources, "aws_sns_topic").values()}
    open_to = {p["arn"]: p["policy"] for p in of_type(resources, "aws_sns_topic_policy").values()}
    alarms = of_type(resources, "aws_cloudwatch_metric_alarm")
    alarms |= of_type(resources, "aws_cloudwatch_composite_alarm")
    called = {arn for each in alarms.values() for arn in each["alarm_actions"] or ()}

    assert called & topics.keys()
    for arn in called & topics.keys():
        key = keys[topics[arn]["kms_master_key_id"]]
        assert lets_in("cloudwatch.amazonaws.com", open_to[arn], "sns:Publish")
        assert lets_in("cloudwatch.amazonaws.com", key["policy"], "kms:Decrypt")
        assert lets_in("cloudwatch.amazonaws.com", key["policy"], "kms:GenerateDataKey")


@each("main")
def test_rules_publish_where_no_condition_is_asked(resources):
    topic = of_type(resources, "aws_sns_topic")["module.monitoring.aws_sns_topic.this"]
    opened = of_type(resources, "aws_sns_topic_policy")[
        "module.monitoring.aws_sns_topic_policy.this"
    ]
    (key,) = [k for k in of_type(resources, KEY).values() if k["arn"] == topic["kms_master_key_id"]]
    targets = of_type(resources, "aws_cloudwatch_event_target").values()

    assert {target["arn"] for target in targets} == {topic["arn"]}
    assert lets_in("events.amazonaws.com", opened["policy"], "sns:Publish", asking=False)
    assert lets_in("events.amazonaws.com", key["policy"], "kms:Decrypt", asking=False)
    assert lets_in("events.amazonaws.com", key["policy"], "kms:GenerateDataKey", asking=False)


@each("main")
def test_alarms_call_something_that_is_there(resources):
    known = {topic["arn"] for topic in of_type(resources, "aws_sns_topic").values()}
    known |= {alias["arn"] for alias in of_type(resources, "aws_lambda_alias").values()}

    for kind in ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"):
        for address, alarm in of_type(resources, kind).items():
            assert set(alarm["alarm_actions"] or ()) <= known, address


def lets_in(service, policy, action, *, asking=True):
    """Tell whether *policy* allows *service* to do *action*; conditions count if *asking*."""
    return any(
        statement["Effect"] == "Allow"
        and (asking or not conditions(statement))
        and covers(statement, action)
        and ("Service", service) in principals(statement)
        for statement in json.loads(policy)["Statement"]
    )


@each()
def test_policies_of_a_role_fit_into_iam(resources):
    inline = {}
    for policy in of_type(resources, "aws_iam_role_policy").values():
        inline[policy["role"]] = inline.get(policy["role"], "") + policy["policy"]

    for role, text in inline.items():
        assert len("".join(text.split())) <= INLINE_LIMIT, role


@pytest.mark.xdist_group("prod")
def test_what_was_reviewed_is_still_there(resources_of):
    everything = [r for root in FOLDERS for r in resources_of("prod", root)]
    found = list(grants(everything, KEY))
    actions = {a for _, _, _, each in found for a in listed(each["Action"])}

    assert ON_EVERYTHING.keys() <= actions
    assert WHOLE.keys() | READERS.keys() <= {address for address, *_ in found}
    assert WITHOUT_SOURCE.keys() <= {
        name for _, _, _, each in found for what, name in principals(each)
    }
