"""Every environment applies, whole and without AWS, stays as it is, and goes only if it may."""

import pytest

from terraform.roots import BLUEPRINT, ENVIRONMENTS, FOLDERS, Tree

pytestmark = pytest.mark.slow

PROTECTED = {
    "bootstrap": {"aws_kms_key", "aws_s3_bucket"},
    "main": {"aws_eip", "aws_kms_key", "aws_rds_cluster"},
}
"""Types of resources that hold what cannot be made again, or is known to others by its address."""


def is_protected(environment, root):
    """Tell whether resources that matter refuse to go; a home of state does everywhere."""
    return root == "bootstrap" or any(
        getattr(component, "deletion_protection", False)
        for component in BLUEPRINT.environments[environment].components.values()
    )


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(
            (environment, root),
            id=f"{environment}-{root}",
            marks=pytest.mark.xdist_group(environment),
        )
        for environment in ENVIRONMENTS
        for root in FOLDERS
    ],
)
def applied(request, offline, tmp_path_factory):
    """A root, as rendered, that has been applied."""
    environment, name = request.param
    tree = Tree(tmp_path_factory.mktemp(f"{environment}-{name}"), environment)
    root = tree.open(name, offline)
    root.apply()
    return tree, name, root


def test_second_plan_is_clean(applied):
    *_, root = applied

    assert root.changes() == {}


def test_first_apply_made_all_that_is_written(applied):
    tree, name, root = applied

    assert {resource["mode"] for resource in root.resources()} == {"managed"}


def test_destroy_is_refused_where_resources_are_protected(applied):
    tree, name, root = applied

    refused = {address.split(".")[2] for address in root.refusals()}

    assert refused >= (PROTECTED[name] if is_protected(tree.environment, name) else set())
    assert bool(refused) == is_protected(tree.environment, name)


def test_destroy_goes_through_once_nothing_is_protected(applied):
    tree, name, root = applied

    if is_protected(tree.environment, name):
        tree.unprotect()
        root.apply()
    root.destroy()

    assert root.resources() == []
