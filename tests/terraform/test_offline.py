"""Every environment applies, whole and without AWS, then stays as it is, and goes if it may."""

from dataclasses import replace

import pytest

from conftest import ROOT
from terraform.blocks import BLOCK
from terraform.roots import BLUEPRINT, each

IRREPLACEABLE = {"aws_eip", "aws_kms_key", "aws_rds_cluster", "aws_s3_bucket"}
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


def test_what_cannot_be_made_again_is_kept_in_prod():
    kept = {
        block[2].split('"')[1]
        for path in ROOT.glob("modules/prod/*/*.tf")
        for block in BLOCK.finditer(path.read_text(encoding="utf-8"))
        if "prevent_destroy = true" in block[0]
    }

    assert kept >= IRREPLACEABLE


@each()
def test_destroy_is_refused_for_what_is_kept(applied, environment, root):
    _, opened = applied(environment, root)

    # Not all of it is said: what others wait for is not looked at once these are refused.
    assert bool(opened.refusals()) == is_protected(environment, root)


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
