"""Every root is valid on the oldest and on a newer provider, and neither has anything to add."""

import json

import pytest

from terraform.roots import each


@pytest.mark.slow
@pytest.mark.parametrize("provider", ["real", "schema"])
@each()
def test_root_is_valid_without_a_warning(opened, provider, environment, root):
    verdict = json.loads(opened(provider, environment, root).terraform("validate", "-json"))

    assert verdict["diagnostics"] == []
    assert verdict["valid"]
