"""The longest names that a blueprint may give: AWS takes every name that is made from them."""

import re

import pytest
import yaml

from conftest import ROOT
from generator.blueprint import load
from generator.components.bootstrap import Bootstrap
from generator.errors import BlueprintError
from generator.render import render
from known_names import ADDED, DERIVED, KNOWN, TAG
from terraform.blocks import BLOCK

ENVIRONMENT = "e" * 12
LONGEST = {
    "prod": ("p" * 10, "the name of a DMS task"),
    "dev": ("p" * 26, "the name of a bucket"),
}
"""The environment that is renamed, with the longest project beside it, and what ends there."""

IMAGES = Bootstrap.model_fields["image_repositories"].default

variants = pytest.mark.parametrize("name", LONGEST)


def blueprint(folder, name, project):
    """Load our blueprint with *name* alone, renamed, and the longest of all that users name."""
    document = yaml.safe_load((ROOT / "blueprint.yaml").read_text(encoding="utf-8"))
    document["project"] = project
    document["environments"] = {ENVIRONMENT: document["environments"][name]}
    del document["exceptions"]
    overrides = document["environments"][ENVIRONMENT].setdefault("overrides", {})
    for component, settings in {
        "bootstrap": {"image_repositories": ["i" * 64, *IMAGES]},
        "database": {"readers": 15},
        "security": {"secrets": {"s" * 64: {"description": "The longest."}}},
    }.items():
        overrides[component] = overrides.get(component, {}) | settings
    path = folder / "blueprint.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return load(path)


def names(files, *ours):
    """Yield type, argument and text of each text in a resource that holds one of *ours*."""
    mark = "|".join(map(re.escape, ours))
    argument = re.compile(rf'^ +(\w+) += "([^"]*(?:{mark})[^"]*)"$', re.MULTILINE)
    for text in files.values():
        for block in BLOCK.finditer(text):
            if block[1] == "resource":
                kind = block[2].split('"')[1]
                for name, value in argument.findall(outer(block[0])):
                    yield kind, name, value.replace("${each.key}", longest_key(block[0]))


def outer(block):
    """Return *block* without what is nested in it, but for its tags and its visibility."""
    nested = r"^  (?!tags|visibility_config)\w+ (= (jsonencode\()?)?\{\n.*?^  \}\)?\n"
    return re.sub(nested, "", block, flags=re.MULTILINE | re.DOTALL)


def longest_key(block):
    """Return the longest of the keys that *block* is repeated for."""
    each = re.search(r"^  for_each = (.*?)^(?:\n|  \w)", block, re.MULTILINE | re.DOTALL)
    pattern = r'^    "?([^\s"]+)"? += ' if each and each[1].startswith("{") else r'"([^"]+)"'
    keys = re.findall(pattern, each[1], re.MULTILINE) if each else []
    return max(keys, key=len, default="ap-southeast-7a")  # or it is a zone, made elsewhere


@variants
def test_aws_takes_every_name_that_is_made_from_the_longest(tmp_path, name):
    project, _ = LONGEST[name]
    found = render(blueprint(tmp_path, name, project))[ENVIRONMENT]
    prefix = f"{project}-{ENVIRONMENT}"

    seen = list(names(found, prefix, f"/{project}/{ENVIRONMENT}"))

    assert len(seen) > 100
    for kind, argument, text in seen:
        if argument in DERIVED.get(kind, ()):
            continue
        pattern = TAG if argument == "Name" else KNOWN.get(kind, {}).get(argument)
        assert pattern, f"{kind}.{argument}: say in known_names.py what AWS takes"
        given = text + "x" * ADDED if argument == "name_prefix" else text
        assert re.fullmatch(pattern, given), f"{kind}.{argument}: {text}"


@variants
def test_one_character_more_is_refused(tmp_path, name):
    project, what = LONGEST[name]

    with pytest.raises(BlueprintError, match=rf"1 more than {what} may have.*\[TAP014\]$"):
        blueprint(tmp_path, name, f"{project}p")


@pytest.mark.parametrize(
    ("project", "beginning"),
    [
        ("aws", "aws"),
        ("awsome", "aws"),
        ("ssmith", "ssm"),
        ("sg", "sg-"),
        ("sg-pay", "sg-"),
        ("internal", "internal-"),
        ("sthree-pay", "sthree-"),
        ("amzn-s3-demo", "amzn-s3-demo-"),
    ],
)
def test_project_does_not_begin_as_names_of_aws_do(tmp_path, project, beginning):
    with pytest.raises(BlueprintError, match=rf"may begin with {beginning};.*\[TAP015\]$"):
        blueprint(tmp_path, "dev", project)


@pytest.mark.parametrize("project", ["sgate", "internals", "paws", "pay-aws"])
def test_project_may_hold_what_it_may_not_begin_with(tmp_path, project):
    assert blueprint(tmp_path, "dev", project).document.project == project
