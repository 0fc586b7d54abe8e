"""Adding a component touches what CONTRIBUTING says and nothing else.

A copy of the repository gets exactly the files of `tests/example_component`, two lines in the
registry and a section in the blueprint; then the real command renders it, and Terraform reads it.
"""

import json
import os
import shutil
import subprocess
import sys

import pytest

from conftest import ROOT
from terraform.conftest import provider
from terraform.roots import Tree

EXAMPLE = ROOT / "tests" / "example_component"
SECTION = """\
  elasticache:
    node_type: cache.r7g.large
    clients: [database]
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    root = tmp_path_factory.mktemp("repository")
    for name in ("generator", "templates", "tests", "docs", "modules", "envs"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns(".terraform*"))
    for name in ("blueprint.yaml", "blueprint.schema.json", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    shutil.copytree(EXAMPLE, root, dirs_exist_ok=True)
    insert(
        root / "generator/components/__init__.py",
        "from generator.components.network import Network\n",
        "from generator.components.elasticache import ElastiCache\n",
    )
    insert(
        root / "generator/components/__init__.py",
        "    network: Network | None = None\n",
        "    elasticache: ElastiCache | None = None\n",
    )
    insert(root / "blueprint.yaml", "components:\n", SECTION, after=True)
    return root


def insert(path, anchor, lines, *, after=False):
    text = path.read_text()
    assert text.count(anchor) == 1
    path.write_text(text.replace(anchor, anchor + lines if after else lines + anchor))


def run(root, *arguments):
    return subprocess.run(
        arguments, cwd=root, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(root)},
    )  # fmt: skip


@pytest.fixture(scope="module")
def rendered(repository):
    done = run(repository, sys.executable, "-m", "generator", "render")
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    return repository


def test_module_and_its_call_are_derived(rendered):
    main = (rendered / "envs/prod/main.tf").read_text()
    variables = (rendered / "modules/prod/elasticache/variables.tf").read_text()

    assert (
        """\
module "elasticache" {
  source = "../../modules/prod/elasticache"

  client_security_group_ids = {
    database = module.database.security_group_id
  }
  subnet_ids = module.network.private_subnet_ids
  vpc_id     = module.network.vpc_id
}
"""
        in main
    )
    assert (
        """\
variable "subnet_ids" {
  description = "Private subnets it lies in."
  type        = list(string)
  nullable    = false
}
"""
        in variables
    )


def test_schema_reference_and_explanation_know_it(rendered):
    assert '"node_type"' in (rendered / "blueprint.schema.json").read_text()
    assert (
        "| `replicas` | whole number, 0 to 5 | `1` |" in (rendered / "docs/settings.md").read_text()
    )
    explained = run(rendered, sys.executable, "-m", "generator", "explain", "dev", "elasticache")
    assert 'elasticache.node_type = "cache.r7g.large" ' in explained.stdout


def test_nothing_else_of_the_tree_changed(rendered):
    changed = {
        path.relative_to(rendered).parts[0]
        for folder in ("modules", "envs")
        for path in (rendered / folder).rglob("*")
        if path.is_file()
        and "elasticache" not in path.parts
        and ".terraform" not in path.parts
        and not path.name.startswith("test_override")
        and (not (ROOT / path.relative_to(rendered)).exists()
             or path.read_bytes() != (ROOT / path.relative_to(rendered)).read_bytes())
        and path.name not in ("main.tf", ".tapgen.sha256")
    }  # fmt: skip

    assert changed == set()


def test_its_case_passes_with_all_others(rendered):
    done = run(
        rendered,
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/test_cases.py",
    )

    assert done.returncode == 0, done.stdout
    assert (rendered / "tests/cases/invalid/elasticache-replicas.txt").exists()


@pytest.mark.parametrize("name", ["real", "schema"])
def test_terraform_accepts_it(rendered, name, tmp_path):
    root = Tree(tmp_path, "prod", source=rendered).open("main", provider(name))

    said = json.loads(root.terraform("validate", "-json"))

    assert (said["valid"], said["diagnostics"]) == (True, [])
    root.terraform("fmt", "-check", "-diff", "-recursive", str(tmp_path))
