"""What CI may do: make what the blueprint says, and nothing that holds CI back."""

from fnmatch import fnmatchcase

import pytest

from terraform.policies import (
    ACCOUNT,
    BOUNDARY,
    NAME,
    PREFIX,
    covers,
    listed,
    of_type,
    statement,
    statements,
)
from terraform.roots import BLUEPRINT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group(NAME)]


@pytest.fixture
def main(resources_of):
    return resources_of(NAME, "main")


@pytest.fixture
def bootstrap(resources_of):
    return resources_of(NAME, "bootstrap")


def denied(text, action, resource):
    """Tell whether a policy denies *action* on *resource*, or on whatever stands for it."""
    return any(
        each["Effect"] == "Deny"
        and ("Action" in each and covers(each, action))
        and any(fnmatchcase(resource, pattern) for pattern in listed(each["Resource"]))
        for each in statements(text)
    )


def test_roles_of_the_main_root_are_made_as_ci_may_make_them(main):
    roles = of_type(main, "aws_iam_role")

    assert roles
    for role in roles.values():
        assert role["name"].startswith(f"{PREFIX}-")
        assert role["permissions_boundary"] == BOUNDARY


def test_boundary_leaves_iam_and_the_state_out(bootstrap):
    boundary = of_type(bootstrap, "aws_iam_policy")["boundary"]
    allowed = [each for each in statements(boundary["policy"]) if each["Effect"] == "Allow"]

    assert boundary["name"] == BOUNDARY.split("/")[1]
    assert not any(covers(each, "iam:CreateRole") for each in allowed)
    assert not any(covers(each, "sts:AssumeRole") for each in allowed)
    assert statement(boundary["policy"], "LeaveTheStateAlone")["Effect"] == "Deny"


def test_ci_makes_roles_within_the_boundary_and_leaves_its_own_alone(bootstrap):
    policies = of_type(bootstrap, "aws_iam_role_policy")
    made = [
        each
        for each in statements(policies["ci_apply"]["policy"])
        if covers(each, "iam:CreateRole")
    ]
    limits = statements(policies["ci_limits"]["policy"])

    assert [each["Condition"]["StringEquals"].keys() for each in made] == [
        {"iam:PermissionsBoundary"}
    ]
    assert {each["Effect"] for each in limits} == {"Deny"}
    assert statement(policies["ci_limits"]["policy"], "StayAsStrongAsNow")["Resource"] == (
        f"arn:aws:iam::{ACCOUNT}:role/{PREFIX}-ci-*"
    )


@pytest.mark.parametrize(
    ("kind", "name", "actions"),
    [
        *(
            ("aws_kms_key", name, ("kms:ScheduleKeyDeletion", "kms:RevokeGrant", "kms:DisableKey"))
            for name in ("images", "state", "zone_logs")
        ),
        ("aws_route53_zone", "this", ("route53:DeleteHostedZone",)),
        ("aws_route53_query_log", "this", ("route53:DeleteQueryLoggingConfig",)),
        ("aws_cloudwatch_log_group", "zone", ("logs:DeleteLogGroup", "logs:PutRetentionPolicy")),
    ],
)
def test_ci_leaves_what_bootstrap_made(bootstrap, kind, name, actions):
    limits = of_type(bootstrap, "aws_iam_role_policy")["ci_limits"]["policy"]
    arn = of_type(bootstrap, kind)[name]["arn"]

    assert all(denied(limits, action, arn) for action in actions)


def test_ci_leaves_route_53_the_right_to_log(bootstrap):
    limits = of_type(bootstrap, "aws_iam_role_policy")["ci_limits"]["policy"]
    right = statement(limits, "KeepTheRightToWriteIt")

    assert listed(right["Action"]) == ["logs:DeleteResourcePolicy", "logs:PutResourcePolicy"]
    assert right["Condition"] == {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}


@pytest.mark.parametrize("secret", ["rds!cluster-1-AbCdEf", "s2svpn!vpn-1-AbCdEf", f"{PREFIX}/x-1"])
def test_ci_reads_no_secret_of_ours_or_of_a_service(bootstrap, secret):
    limits = of_type(bootstrap, "aws_iam_role_policy")["ci_limits"]["policy"]
    arn = f"arn:aws:secretsmanager:us-east-2:{ACCOUNT}:secret:{secret}"

    assert denied(limits, "secretsmanager:GetSecretValue", arn)


def test_a_plan_sees_the_variables_of_functions(bootstrap):
    policy = of_type(bootstrap, "aws_iam_role_policy")["ci_plan"]["policy"]

    assert statement(policy, "ReadVariables")["Condition"] == {
        "StringEquals": {"kms:ViaService": "lambda.us-east-2.amazonaws.com"},
        "ForAnyValue:StringEquals": {"kms:ResourceAliases": f"alias/{PREFIX}-lambda"},
    }


@pytest.mark.parametrize("role", ["ci_plan", "ci_apply"])
def test_no_role_of_ci_reads_a_secret(bootstrap, role):
    policies = of_type(bootstrap, "aws_iam_role_policy")
    readers = [
        each
        for each in statements(policies[role]["policy"])
        if covers(each, "secretsmanager:GetSecretValue")
    ]

    if role == "ci_plan":
        assert not readers
    else:
        assert covers(
            statement(policies["ci_limits"]["policy"], "LeaveSecretsSecret"),
            "secretsmanager:GetSecretValue",
        )


def test_only_the_repository_becomes_a_role_of_ci(bootstrap):
    roles = of_type(bootstrap, "aws_iam_role")
    repository = BLUEPRINT.environments[NAME].components["bootstrap"].ci.repository
    issuer = "token.actions.githubusercontent.com"

    for name, subjects in {
        "ci_apply": [f"repo:{repository}:environment:{NAME}"],
        "ci_plan": [f"repo:{repository}:pull_request", f"repo:{repository}:ref:refs/heads/main"],
    }.items():
        (trust,) = statements(roles[name]["assume_role_policy"])

        assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
        assert trust["Principal"]["Federated"].endswith(f":oidc-provider/{issuer}")
        assert trust["Condition"]["StringEquals"][f"{issuer}:aud"] == "sts.amazonaws.com"
        assert listed(trust["Condition"]["StringEquals"][f"{issuer}:sub"]) == subjects
