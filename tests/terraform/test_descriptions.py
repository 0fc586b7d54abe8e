"""What Terraform describes is what operations read: their types take it."""

import json

import pytest

from generator.ops import inventory
from generator.ops.inventory import Inventory
from terraform.roots import BLUEPRINT

MOVING = ("prod", "staging")
KINDS = {
    "compute": inventory.Compute,
    "database": inventory.Database,
    "load_balancer": inventory.LoadBalancer,
    "migration": inventory.Migration,
    "monitoring": inventory.Monitoring,
    "on_premises": inventory.OnPremises,
    "rollback": inventory.Rollback,
    "routing": inventory.Routing,
    "security": inventory.Security,
    "validation": inventory.Validation,
}
LARGEST = 4096
"""Bytes that a parameter of the free tier holds."""

pytestmark = pytest.mark.slow


@pytest.fixture
def documents(request, resources_of):
    """The descriptions of an environment, by component, as they reach SSM."""
    name = request.param
    path = BLUEPRINT.environments[name].describe_path
    return {
        resource["values"]["name"].removeprefix(f"{path}/"): resource["values"]["value"]
        for resource in resources_of(name, "main")
        if resource["type"] == "aws_ssm_parameter"
        and resource["values"]["name"].startswith(f"{path}/")
    }


def of(*names):
    """Run a test with the descriptions of each environment, on the worker that has applied it."""
    return pytest.mark.parametrize(
        "documents",
        [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in names],
        indirect=True,
    )


@of(*MOVING)
def test_operations_find_all_that_they_read(documents):
    read = Inventory({name: json.loads(text) for name, text in documents.items()}, "test")

    assert documents.keys() == KINDS.keys()
    for name, kind in KINDS.items():
        assert isinstance(read.read(name, kind), kind)


@of("dev")
def test_what_does_not_move_describes_no_migration(documents):
    assert documents.keys() == {"compute", "database", "load_balancer", "monitoring", "routing"}


@of(*BLUEPRINT.environments)
def test_descriptions_are_small(documents):
    assert all(len(text.encode()) <= LARGEST for text in documents.values())
