"""The JSON Schema of the blueprint, from the types that check it."""

from collections.abc import Iterator
from typing import Any, cast

from generator.components import Components
from generator.document import Document

Schema = dict[str, Any]


def json_schema() -> Schema:
    """Return the schema for editors: the document's types, and those of each component."""
    document = Document.model_json_schema()
    components = Components.model_json_schema()
    definitions: Schema = document.pop("$defs") | components.pop("$defs")
    for part in (document, *definitions.values()):
        _tell_defaults(part)
    definitions["Components"] = components
    for name, field in components["properties"].items():
        components["properties"][name] = field["anyOf"][0]
        _make_partial(definitions, field["anyOf"][0])
    for place, field in (
        (document, "components"),
        (definitions["EnvironmentSection"], "overrides"),
    ):
        described = place["properties"][field]["description"]
        place["properties"][field] = {"$ref": "#/$defs/Components", "description": described}
    schema: Schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **document,
        "$defs": dict(sorted(definitions.items())),
    }
    return cast("Schema", _without_titles(schema))


def _tell_defaults(part: Schema) -> None:
    """Give what may be left out, and has a default of its own making, the default that it is."""
    for name, field in part.get("properties", {}).items():
        if name not in part.get("required", ()):
            field.setdefault("default", {})


def _make_partial(definitions: Schema, part: Schema) -> None:
    """Let what is missing be missing: a section may be completed by another layer.

    Mappings are laid over each other; a list is replaced as a whole, so its items stay complete.
    """
    for reference in _references(part):
        definition = definitions[reference.removeprefix("#/$defs/")]
        definition.pop("required", None)
        for field in definition["properties"].values():
            _make_partial(definitions, field)


def _references(part: Schema) -> Iterator[str]:
    if "$ref" in part:
        yield part["$ref"]
    for inner in (*part.get("anyOf", ()), part.get("additionalProperties")):
        if isinstance(inner, dict):
            yield from _references(inner)


def _without_titles(part: Any) -> Any:  # noqa: ANN401 - JSON
    """Drop the titles that pydantic makes from names: they say nothing the name does not."""
    if isinstance(part, dict):
        kept = {k: v for k, v in part.items() if not (k == "title" and isinstance(v, str))}
        return {key: _without_titles(value) for key, value in kept.items()}
    return [_without_titles(item) for item in part] if isinstance(part, list) else part
