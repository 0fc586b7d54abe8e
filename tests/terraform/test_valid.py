"""Every root is valid on the oldest and on a newer provider, and neither has anything to add."""

import json

import pytest

from terraform.roots import Tree, anywhere


@pytest.mark.slow
@anywhere
def test_root_is_valid_without_a_warning(either, tmp_path, environment, root):
    opened = Tree(tmp_path, environment).open(root, either)

    verdict = json.loads(opened.terraform("validate", "-json"))

    assert verdict["diagnostics"] == []
    assert verdict["valid"]
