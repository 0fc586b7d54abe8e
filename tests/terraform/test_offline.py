"""Every environment applies, whole and without AWS, then stays as it is, and goes if it may."""

from dataclasses import replace

import pytest

from terraform.roots import BLUEPRINT, each

IRREPLACEABLE = {
    "bootstrap": {"aws_kms_key", "aws_s3_bucket"},
    "main": {"aws_eip", "aws_kms_key", "aws_rds_cluster"},
}
"""What holds data, or what others know by its address."""

pytestmark = pytest.mark.slow


def is_protected(environment, root):
    """Tell whether the blueprint keeps *root* from being destroyed; the home of state always is."""
    components = BLUEPRINT.environments[environment].components
    return root == "bootstrap" or components["database"].deletion_protection


def test_prod_is_protected_and_dev_is_not():
    assert is_protected("prod", "main")
    assert not is_protected("dev", "main")


@each()
def test_second_plan_is_clean(applied, environment, root):
    _, opened = applied(environment, root)

    assert opened.is_settled()


@each()
def test_destroy_is_refused_for_what_cannot_be_made_again(applied, environment, root):
    _, opened = applied(environment, root)

    kinds = {address.split(".")[2] for address in opened.refusals()}

    assert kinds >= (IRREPLACEABLE[root] if is_protected(environment, root) else set())
    assert bool(kinds) == is_protected(environment, root)


@each("main")
def test_destroy_goes_through_once_nothing_is_protected(applied, environment, root, tmp_path):
    tree, opened = applied(environment, root)
    copy = tree.copy(tmp_path)
    if is_protected(environment, root):
        copy.unprotect()
    doomed = replace(opened, folder=copy.at(root))

    doomed.destroy("-refresh=false")  # what this provider has made is what the state says

    assert doomed.is_empty()
    assert not opened.is_empty()
