"""What compute makes of digests, and what its functions may do."""

import json

import pytest

from conftest import CASES, ROOT
from generator.blueprint import load
from generator.components.images import is_example, is_example_account
from generator.components.names import clamped

REAL = "sha256:3f29a0c4d17be65882f0c3d94a1b7e6f05d28c9be4136fa7705b8e2d9c41f63a"


@pytest.fixture(scope="module")
def environments():
    return load(ROOT / "blueprint.yaml").environments


def functions(environment):
    return {each.name: each for each in environment.components["compute"].functions}


@pytest.mark.parametrize("part", ["0", "a1", "c0ffee00", "0123456789abcdef", "12" * 8 + "34" * 8])
def test_repeated_digits_are_an_example(part):
    assert is_example("sha256:" + part * (64 // len(part)))


@pytest.mark.parametrize("digest", [REAL, "sha256:" + "0" * 63 + "1", "sha256:" + "01" * 31 + "00"])
def test_other_digits_are_not(digest):
    assert not is_example(digest)


def test_example_accounts_repeat_one_digit():
    assert is_example_account("333333333333")
    assert not is_example_account("333333333334")


def test_every_digest_of_the_committed_blueprint_is_an_example(environments):
    for environment in environments.values():
        for function in functions(environment).values():
            assert is_example(function.settings.digest)


def test_names_are_kept_if_they_fit_and_told_apart_if_not():
    long = "a-project-with-a-very-long-name-prod"

    assert clamped("payments-prod") == "payments-prod"
    assert len(clamped(long)) <= 32
    assert clamped(long).startswith("a-project-with-a-very-lon")
    assert clamped(f"{long}-aws") != clamped(f"{long}-onprem")
    assert "--" not in clamped("a-project-with-a-very-lo-g-name-prod")


def test_payment_is_given_what_it_needs_to_write_on_both_sides(environments):
    variables = functions(environments["prod"])["payment"].environment

    assert variables["ONPREM_HOST"] == "payments-db.dc.example.com"
    assert variables["ONPREM_PORT"] == "5432"
    assert variables["CONTROL_TABLE"] == "payments-prod-control"
    assert variables["ONPREM_CA_PARAMETER"] == "/payments/prod/describe/on_premises"


def test_payment_that_writes_to_aurora_knows_of_nothing_else(environments):
    payment = functions(environments["dev"])["payment"]

    assert not [name for name in payment.environment if name.startswith(("ONPREM", "CONTROL"))]
    assert [statement["Sid"] for statement in payment.statements] == ["SignInToAurora"]


@pytest.mark.parametrize("name", ["payment", "schema"])
@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_functions_may_do_named_things_to_named_things(environments, environment, name):
    for statement in functions(environments[environment])[name].statements:
        assert statement["Effect"] == "Allow"
        assert "*" not in statement["Action"]
        assert statement["Resource"] != "*"
        if "kms:Decrypt" in statement["Action"]:
            assert "kms:ViaService" in statement["Condition"]["StringEquals"]


def test_only_schema_writes_secrets_and_state(environments):
    def actions(name):
        statements = functions(environments["prod"])[name].statements
        return json.dumps([statement["Action"] for statement in statements])

    for action in ("secretsmanager:PutSecretValue", "dynamodb:PutItem"):
        assert action in actions("schema")
        assert action not in actions("payment")


def test_nobody_but_a_person_writes_the_operators_password(environments):
    written = [
        statement["Resource"]
        for statement in functions(environments["prod"])["schema"].statements
        if "secretsmanager:PutSecretValue" in statement["Action"]
    ]

    assert written
    assert "operator_source" not in json.dumps(written)


def test_the_described_system_is_refused_with_its_reason():
    told = (CASES / "invalid" / "compute-two-writers.txt").read_text(encoding="utf-8")

    for word in ("loses payments", "one way", "pays twice", "rollback leaves", "writer"):
        assert word in told
