"""Every effective value of an environment, with what set it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from generator.blueprint import Blueprint
from generator.errors import BlueprintError, Problem
from generator.model.component import Component, Read
from generator.model.node import Loc, Node
from generator.model.validation import suggestion

_APART = {"components", "environments", "exceptions"}


@dataclass(frozen=True, slots=True)
class Effective:
    """A value as text, and where it comes from: a place, `default`, or another value."""

    path: str
    value: str
    origin: str


def explain(blueprint: Blueprint, name: str, path: str = "") -> list[Effective]:
    """Return the values at and below *path* (all if empty) of the environment *name*.

    Raises `BlueprintError` if there is nothing at *path*.
    """
    every = list(_every(blueprint, name))
    found = [each for each in every if not path or f"{each.path}.".startswith(f"{path}.")]
    if not found:
        message = f"{name} has nothing at {path}; {_instead(blueprint, name, path, every)}"
        raise BlueprintError([Problem(blueprint.file, 0, 0, "", message)])
    return found


def _instead(blueprint: Blueprint, name: str, path: str, every: list[Effective]) -> str:
    component = path.split(".", maxsplit=1)[0]
    if component in blueprint.environments[name].off:
        return f"{component} is switched off there"
    return suggestion(path, [each.path for each in every] if "." in path else _heads(every))


def _heads(every: list[Effective]) -> set[str]:
    return {each.path.split(".")[0] for each in every}


def _every(blueprint: Blueprint, name: str) -> Iterator[Effective]:
    facts = {k: v for k, v in _fields(blueprint.document).items() if k not in _APART}
    section = blueprint.document.environments[name]
    own: dict[str, object] = {"account_id": section.account_id, "description": section.description}
    if section.on_premises:
        own["on_premises"] = section.on_premises
    shared = {key: value for key, value in facts.items() if key not in own}
    yield from _values(blueprint, blueprint.root, shared, ())
    node, _ = blueprint.root.nearest(("environments", name))
    yield from _values(blueprint, node, own, ())
    for label, component in blueprint.environments[name].components.items():
        place = blueprint.sections[name]
        yield from _values(blueprint, place, {label: component}, ())
        yield from _derived(label, component)


def _values(
    blueprint: Blueprint, node: Node, values: Mapping[str, object], at: Loc
) -> Iterator[Effective]:
    """Yield *values* and all below them; *at* is their place below *node*."""
    for key, value in values.items():
        loc = (*at, key)
        match value:
            case BaseModel():
                yield from _values(blueprint, node, _fields(value), loc)
            case dict() if value:
                yield from _values(blueprint, node, value, loc)
            case _:
                near, rest = node.nearest(loc)
                origin = "default" if rest else f"{blueprint.file}:{near.line}:{near.column}"
                yield Effective(".".join(map(str, loc)), _shown(value), origin)


def _derived(label: str, component: Component) -> Iterator[Effective]:
    for name, read in component.declared(Read).items():
        yield Effective(f"{label}.{name}", _shown(getattr(component, name)), f"from {read.path}")
    for name, wired in component.variables.items():
        origin = f"from module.{wired.target.format(client='<client>')}"
        origin += f" for each of {label}.{wired.each}" if wired.each else ""
        yield Effective(f"{label}.{name}", "known after apply", origin)


def _fields(model: BaseModel) -> dict[str, object]:
    return {name: getattr(model, name) for name in type(model).model_fields}


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    return value.model_dump() if isinstance(value, BaseModel) else str(value)
