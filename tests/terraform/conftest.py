"""Terraform, its two AWS providers, and roots opened for them.

`TAPGEN_TF_REAL` and `TAPGEN_TF_SCHEMA` name a CLI configuration each; where neither is set, a plain
`terraform init` decides.
"""

import os
import shutil

import pytest

from terraform.roots import Provider, Tree, absent

# The oldest provider of the range that versions.tf allows, and one of the newest major version.
VERSIONS = {"real": "5.100.0", "schema": "~> 6.47"}


def provider(name):
    """Return the provider *name*, `real` or `schema`; skip or fail if it is absent."""
    if shutil.which("terraform") is None:
        absent("terraform is not on the PATH")
    configs = {key: os.environ.get(f"TAPGEN_TF_{key.upper()}") for key in VERSIONS}
    if any(configs.values()) and configs[name] is None:
        absent(f"TAPGEN_TF_{name.upper()} is not set")
    return Provider(name, VERSIONS[name], configs[name])


@pytest.fixture(scope="session")
def real():
    """The real provider, at the oldest version that is allowed."""
    return provider("real")


@pytest.fixture(scope="session")
def offline():
    """The stand-in for the newer provider, which applies without an API."""
    found = provider("schema")
    if not found.is_stand_in:
        pytest.skip("the provider of the registry cannot apply without AWS")
    return found


@pytest.fixture(scope="session")
def applied(offline, tmp_path_factory):
    """Roots that were applied as rendered, once per worker, without AWS: each with its tree.

    An apply validates first, and a newer provider has nothing to add to what it is given.
    """
    found = {}

    def get(environment, root):
        if (environment, root) not in found:
            tree = Tree(tmp_path_factory.mktemp(f"applied-{environment}-{root}"), environment)
            opened = tree.open(root, offline)
            assert "Warning:" not in opened.apply()
            found[environment, root] = tree, opened
        return found[environment, root]

    return get


@pytest.fixture(scope="session")
def resources_of(applied):
    """The resources of those roots, read from the state once."""
    found = {}

    def get(environment, root):
        if (environment, root) not in found:
            _, opened = applied(environment, root)
            found[environment, root] = opened.resources()
        return found[environment, root]

    return get
