"""`terraform test` on the real provider, which validates what it is given; AWS itself is a mock."""

import shutil
from pathlib import Path

import pytest

from terraform.roots import ENVIRONMENTS, Tree, anywhere

TESTS = Path(__file__).parent / "mocked"

pytestmark = pytest.mark.slow


def test_every_environment_has_tests_of_its_own():
    assert {path.name.split(".")[0] for path in TESTS.glob("*.tftest.hcl")} == {
        "bootstrap",
        "every",
        *ENVIRONMENTS,
    }


@anywhere
def test_terraform_test_passes_without_a_warning(real, tmp_path, environment, root):
    tree = Tree(tmp_path, environment)
    tree.unprotect("prevent_destroy")  # what a test applies, it destroys
    (tmp_path / "modules" / "this").symlink_to(environment)
    opened = tree.open(root, real)
    tests = opened.folder / "tests"
    tests.mkdir()
    for name in ("bootstrap",) if root == "bootstrap" else ("every", environment):
        shutil.copy(TESTS / f"{name}.tftest.hcl", tests)
    shutil.copy(TESTS / "aws.tfmock.hcl", tests)
    opened.init()

    said = opened.terraform("test")

    assert " 0 failed." in said
    assert "Warning:" not in said
