"""Descriptions that Terraform wrote, read into types."""

import json
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from generator.errors import OperationError, RefusedError
from generator.ops.environment import Environment
from generator.ops.inventory import Inventory, Migration, OnPremises, Routing, inventory
from generator.ops.load_balancer import WeightedRule
from generator.ops.sharing import weights
from migration import faults

TASK = {"arn": "arn", "id": "to"}
MIGRATION = {
    "forward": TASK,
    "reverse": None,
    "tables": [{"name": "public.payments", "key": ["id"]}],
    "sequences_gap": 1000,
    "reverse_replication": "none",
    "a_newer_key": 1,
}


def read(document, kind=Migration):
    return Inventory({"it": document}, "/describe").read("it", kind)


def test_a_description_is_read_and_newer_keys_are_passed_over():
    found = read(MIGRATION)

    assert (found.forward.id, found.reverse, found.tables[0].key) == ("to", None, ("id",))
    assert read(MIGRATION | {"reverse": TASK}).reverse == found.forward


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"sequences_gap": "1000"}, "/describe/it.sequences_gap: must be a int, not '1000'"),
        ({"sequences_gap": True}, "/describe/it.sequences_gap: must be a int, not True"),
        ({"forward": "arn"}, "/describe/it.forward: must be an object, not 'arn'"),
        ({"forward": {"arn": "x"}}, "/describe/it.forward.id: is missing"),
        ({"tables": [{"name": 1, "key": []}]}, r"it.tables\[0\].name: must be a str, not 1"),
    ],
)
def test_what_does_not_fit_is_named(change, why):
    with pytest.raises(OperationError, match=why):
        read(MIGRATION | change)


def test_a_component_that_is_switched_off_is_not_there():
    with pytest.raises(RefusedError, match="/describe has no migration"):
        Inventory({}, "/describe").read("migration", Migration)
    assert not Inventory({}, "/describe").has("migration")


def test_every_page_is_read(aws):
    ssm = aws("ssm")
    for number in range(12):
        ssm.put_parameter(Name=f"/payments/test/describe/part{number}", Value="{}", Type="String")

    assert all(inventory(ssm, "/payments/test/describe").has(f"part{n}") for n in range(12))


@pytest.fixture
def described(aws):
    """Describe an environment that weighs in the load balancer."""
    ssm = aws("ssm")
    for name, document in (
        ("routing", {"strategy": "alb_weighted", "phases": [0, 100], "bake_minutes": 1}),
        ("load_balancer", {"rule_arn": "arn", "target_groups": {"aws": "a", "onprem": "o"}}),
    ):
        ssm.put_parameter(
            Name=f"/alb/test/describe/{name}", Value=json.dumps(document), Type="String"
        )
    return Environment("/alb/test/describe", Path("ca"))


def test_the_load_balancer_holds_the_weights_where_it_does(described):
    assert isinstance(weights(described), WeightedRule)
    assert described.inventory.read("routing", Routing).phases == (0, 100)


@pytest.mark.usefixtures("aws")
def test_what_was_never_described_cannot_be_read_during_an_outage():
    boto3.setup_default_session(region_name="us-east-2")
    faults.everywhere("before-call.ssm", faults.refusal("ThrottlingException"))

    with pytest.raises(ClientError):
        Environment("/never/test/describe", Path("ca")).inventory.has("routing")


def test_an_old_database_has_an_authority():
    with pytest.raises(OperationError, match=r"it\.ca: is missing"):
        read({"host": "h", "port": 1, "database": "d"}, OnPremises)
