"""The page that says where everything is: whatever it names exists."""

import re

import pytest

from conftest import CASES, ROOT
from generator.blueprint import load
from generator.components import REGISTRY
from generator.render import render
from generator.schema import json_schema

PAGE = (ROOT / "docs" / "brief.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith(("| asked for", "| ---"))
]
RESOURCE = re.compile(r"^resource \"(\w+)\" \"([\w-]+)\"", re.MULTILINE)
# Before the last column, which may name more, every row has just these.
COLUMNS = ["asked for", "resource", "setting", "test", "differs"]


def named(row, column):
    """Return what a row names in backticks in a column."""
    return re.findall(r"`([^`]+)`", row[COLUMNS.index(column)])


@pytest.fixture(scope="module")
def addresses():
    """Every resource that prod renders, with its module."""
    files = render(load(ROOT / "blueprint.yaml"), ["prod"])["prod"]
    return {
        f"module.{path.split('/')[2]}.{kind}.{name}"
        for path, text in files.items()
        if path.startswith("modules/")
        for kind, name in RESOURCE.findall(text)
    }


def is_setting(path):
    """Tell whether the blueprint has a key *path*, of a component or of the document."""
    schema = json_schema()
    head, *rest = path.split(".")
    parts = {**schema["properties"], **schema["$defs"]["Components"]["properties"]}
    part = parts.get(head)
    for step in rest:
        while part and "properties" not in part:
            part = resolved(schema, part)
        part = part["properties"].get(step) if part else None
    return part is not None


def resolved(schema, part):
    """Return the definition that *part* refers to, of several the first that is one."""
    choices = [part, *part.get("anyOf", ())]
    names = [each["$ref"].rsplit("/", 1)[-1] for each in choices if "$ref" in each]
    return schema["$defs"][names[0]] if names else None


def is_test(name):
    """Tell whether there is a test, a run of `terraform test`, or a case of this name."""
    if name.endswith(".yaml"):
        return (CASES / name).exists()
    file, _, function = name.partition("::")
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob(file)]
    start = 'run "{}" ' if file.endswith(".hcl") else "def {}("
    return any(start.format(function) in text for text in texts)


def test_every_part_of_the_system_has_lines():
    said = {name for row in ROWS for name in re.findall(r"module\.(\w+)\.", row[1])}

    assert len(ROWS) > 50
    assert said == set(REGISTRY)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_line_names_what_exists(row, addresses):
    assert len(row) == len(COLUMNS)
    documents = [name for name in named(row, "resource") if (ROOT / name).is_file()]
    assert named(row, "resource")
    assert named(row, "setting") or documents
    assert named(row, "test")
    assert set(named(row, "resource")) - set(documents) <= addresses
    assert [name for name in named(row, "setting") if not is_setting(name)] == []
    assert [name for name in named(row, "test") if not is_test(name)] == []
