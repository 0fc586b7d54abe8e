"""The schema and the settings reference agree with what the loader accepts."""

import re

import jsonschema
import pytest
import yaml

from conftest import CASES, ROOT, TODAY
from generator.blueprint import load
from generator.components import REGISTRY
from generator.document import Document
from generator.errors import BlueprintError
from generator.render.reference import SCHEMA, SETTINGS, reference_files
from generator.schema import json_schema

VALIDATOR = jsonschema.Draft202012Validator(json_schema())
GOOD = sorted([*(CASES / "valid").glob("*.yaml"), *(CASES / "warned").glob("*.yaml")])


def parsed(path):
    """Read a case as an editor does: YAML 1.2's types, dates as text."""
    loader = type("Loader", (yaml.SafeLoader,), {})
    loader.yaml_implicit_resolvers = {
        first: [(tag, regexp) for tag, regexp in pairs if not tag.endswith("timestamp")]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return yaml.load(path.read_text(), loader)


def test_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("path", [*GOOD, ROOT / "blueprint.yaml"], ids=lambda p: p.stem)
def test_what_loads_passes_the_schema(path):
    assert [error.message for error in VALIDATOR.iter_errors(parsed(path))] == []


@pytest.mark.parametrize(
    "name", ["document-shape", "document-missing", "component-unknown", "document-empty-sections"]
)
def test_wrong_shape_fails_the_schema_too(name):
    assert list(VALIDATOR.iter_errors(parsed(CASES / "invalid" / f"{name}.yaml")))


def test_sections_may_be_completed_by_overrides():
    components = json_schema()["$defs"]["Components"]["properties"]

    assert "required" not in json_schema()["$defs"]["Network"]
    assert set(components) == set(REGISTRY)


def test_every_setting_stands_in_the_reference():
    text = reference_files()[SETTINGS]

    for name, component in REGISTRY.items():
        section = text.split(f"\n## {name}\n")[1].split("\n## ")[0]
        for field in component.model_fields:
            assert f"| `{field}` | " in section
    assert "| `environments.<name>.retire[].reason` | text | required | Why it may go. |" in text
    assert "| `on_premises.gateway.asn` | whole number, 1 to 4294967294 | required |" in text
    assert "| `exceptions` | list of mapping | `[]` |" in text


@pytest.mark.parametrize("name", ["The document", *REGISTRY])
def test_what_may_be_left_out_is_not_called_required(name):
    section = reference_files()[SETTINGS].split(f"\n## {name}\n")[1].split("\n## ")[0]
    fields = REGISTRY[name].model_fields if name in REGISTRY else Document.model_fields

    for setting, field in fields.items():
        row = re.search(rf"^\| `{setting}` \|.*$", section, re.MULTILINE)
        assert row is None or ("| required |" in row[0]) == field.is_required(), setting


def test_modeline_names_the_rendered_schema():
    first = (ROOT / "blueprint.yaml").read_text().splitlines()[0]

    assert first == f"# yaml-language-server: $schema=./{SCHEMA}"


def test_mistake_in_what_all_environments_replace_is_still_a_mistake(tmp_path):
    path = tmp_path / "blueprint.yaml"
    path.write_text(
        (CASES / "valid" / "smallest.yaml")
        .read_text()
        .replace("security: {}", "security: {deletion_window_days: 1}")
        .replace(
            '"333333333333"', '"333333333333", overrides: {security: {deletion_window_days: 7}}'
        )
    )

    with pytest.raises(BlueprintError) as caught:
        load(path, today=TODAY)

    assert str(caught.value) == (
        "blueprint.yaml:6:14: components.security.deletion_window_days: must be at least 7, not 1"
    )
