"""Copies of what is rendered, made ready for Terraform and one provider."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from conftest import ROOT
from generator.blueprint import load

BLUEPRINT = load(ROOT / "blueprint.yaml")
ENVIRONMENTS = tuple(sorted(BLUEPRINT.environments))
FOLDERS = {"main": "envs/{}", "bootstrap": "envs/{}/bootstrap"}
UNTRACKED = (".terraform*", "*_override.tf", "*.tfstate*")
PROTECTION = (
    "prevent_destroy",
    "deletion_protection",
    "deletion_protection_enabled",
    "enable_deletion_protection",
)

# The provider's settings matter only for moto; with its 25 tries a refusal takes minutes.
OVERRIDE = """\
terraform {{
  backend "local" {{}}

  required_providers {{
    aws = {{
      source  = "hashicorp/aws"
      version = "{version}"
    }}
  }}
}}
"""
PROVIDER = """
provider "aws" {{
{alias}  access_key                  = "testing"
  secret_key                  = "testing"
  max_retries                 = 2
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
}}
"""


def absent(reason):
    """Skip the test, or fail it where the gates run: something that it needs is not there."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


def unformatted(folder):
    """Return what `terraform fmt` would change below *folder*, as a diff."""
    if shutil.which("terraform") is None:
        absent("terraform is not on the PATH")
    command = ["terraform", "fmt", "-check", "-diff", "-recursive", "-no-color"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 3), done.stderr
    return done.stdout


def each(*roots):
    """Run a test once for each environment and root, on the worker that has applied it."""
    return pytest.mark.parametrize(
        ("environment", "root"),
        [
            pytest.param(environment, root, marks=pytest.mark.xdist_group(group))
            for environment in ENVIRONMENTS
            for root in roots or FOLDERS
            for group in [environment if root == "main" else f"{environment}-{root}"]
        ],
    )


anywhere = pytest.mark.parametrize(
    ("environment", "root"), [(e, root) for e in ENVIRONMENTS for root in FOLDERS]
)
"""Run a test once for each environment and root, on whichever worker is free."""


@dataclass(frozen=True)
class Provider:
    """A build of the AWS provider, and the CLI configuration that leads Terraform to it."""

    name: str
    version: str
    config: str | None

    @property
    def is_stand_in(self):
        """Tell whether applying with it reaches no API."""
        return self.name == "schema" and self.config is not None

    @property
    def environ(self):
        """Return the environment of a Terraform process: nothing of whoever runs the tests."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TF_"))}
        config = self.config or os.environ.get("TF_CLI_CONFIG_FILE")
        if config and Path(config).exists():
            kept["TF_CLI_CONFIG_FILE"] = config
        return kept | {
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "CHECKPOINT_DISABLE": "1",
            # Terraform and the provider are short-lived: with four times the memory between two
            # collections they take a fifth less of the processors.
            "GOGC": "400",
            "TF_IN_AUTOMATION": "1",
        }


@dataclass(frozen=True)
class Root:
    """A root module in a copy of the tree, to run Terraform in."""

    folder: Path
    environ: dict

    def run(self, *arguments):
        """Run `terraform` with *arguments*; return the process, however it ended."""
        command = ["terraform", *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=self.environ, capture_output=True, text=True, check=False
        )

    def terraform(self, command, *options):
        """Run a Terraform *command*, which has to succeed; return what it printed."""
        done = self.run(command, "-no-color", *options)
        assert done.returncode == 0, f"terraform {command}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def init(self):
        """Fetch what the root asks for, which its tests add to."""
        return self.terraform("init", "-input=false")

    def apply(self):
        return self.terraform("apply", "-input=false", "-auto-approve")

    def destroy(self, *options):
        return self.terraform("destroy", "-input=false", "-auto-approve", *options)

    def plan(self):
        """Return what `terraform plan` would change, as Terraform tells it in JSON."""
        self.terraform("plan", "-input=false", "-out=tfplan")
        return json.loads(self.terraform("show", "-json", "tfplan"))

    def is_settled(self):
        """Tell whether there is nothing to change."""
        done = self.run("plan", "-input=false", "-no-color", "-detailed-exitcode")
        assert done.returncode in (0, 2), done.stderr
        return done.returncode == 0

    def changes(self):
        """Return the changes that a plan holds, by address."""
        return {
            change["address"]: change["change"]
            for change in self.plan().get("resource_changes", ())
            if change["change"]["actions"] not in (["no-op"], ["read"])
        }

    def resources(self):
        """Return the resources in the state."""
        values = json.loads(self.terraform("show", "-json")).get("values", {})
        return list(below(values.get("root_module", {})))

    def is_empty(self):
        """Tell whether the state holds no resource; asks no provider."""
        done = self.run("state", "list")
        assert done.returncode == 0, done.stderr
        return done.stdout == ""

    def refusals(self):
        """Return the addresses that Terraform refuses to destroy, by the state that is there."""
        done = self.run("plan", "-destroy", "-refresh=false", "-input=false", "-json")
        said = [json.loads(line) for line in done.stdout.splitlines()]
        errors = [line["diagnostic"] for line in said if line["type"] == "diagnostic"]
        found = {re.search(r"Resource (\S+) has", error["detail"])[1] for error in errors}
        assert bool(found) == bool(done.returncode)
        return found


def below(module):
    """Yield the resources of *module* and of the modules it calls."""
    yield from module.get("resources", ())
    for child in module.get("child_modules", ()):
        yield from below(child)


class Tree:
    """A copy of one environment's files, to be changed and applied at will."""

    def __init__(self, folder, environment, source=ROOT, ignore=UNTRACKED):
        self.folder = folder
        self.environment = environment
        ignored = shutil.ignore_patterns(*ignore)
        for kind in ("modules", "envs"):
            part = Path(kind, environment)
            shutil.copytree(source / part, folder / part, symlinks=True, ignore=ignored)

    def copy(self, folder):
        """Return a copy of the tree, with what was initialised and applied in it."""
        return Tree(folder, self.environment, source=self.folder, ignore=())

    def at(self, root):
        """Return the folder of *root*, `main` or `bootstrap`."""
        return self.folder / FOLDERS[root].format(self.environment)

    def texts(self):
        """Return the text of every Terraform file, by its path below the tree's folder."""
        return {
            path.relative_to(self.folder).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(self.folder.rglob("*.tf"))
            if ".terraform" not in path.parts
        }

    def rewrite(self, texts):
        """Replace files by *texts*, as `texts` gave them."""
        for path, text in texts.items():
            (self.folder / path).write_text(text, encoding="utf-8")

    def unprotect(self, *literals):
        """Turn *literals*, or all that keep resources from being destroyed, to `false`."""
        names = "|".join(literals or PROTECTION)
        literal = re.compile(rf"^( +(?:{names}) += )true$", re.MULTILINE)
        self.rewrite({path: literal.sub(r"\1false", text) for path, text in self.texts().items()})

    def open(self, root, provider, **environ):
        """Initialise *root* for *provider*; return it."""
        folder = self.at(root)
        providers = (folder / "providers.tf").read_text(encoding="utf-8")
        aliases = re.findall(r"^ +alias += .*\n", providers, re.MULTILINE)
        text = OVERRIDE.format(version=provider.version)
        # A paragraph of its own, as `terraform fmt` would have it.
        text += "".join(PROVIDER.format(alias=f"{a}\n" if a else "") for a in ["", *aliases])
        (folder / "test_override.tf").write_text(text, encoding="utf-8")
        opened = Root(folder, provider.environ | environ)
        said = opened.run("init", "-input=false", "-no-color")
        if said.returncode and provider.config is None:
            absent(f"terraform init finds no AWS provider {provider.version}:\n{said.stderr}")
        assert said.returncode == 0, said.stderr
        return opened
