"""What the annotations of a model let stand at a place of it."""

import types
import typing
from typing import Any

from pydantic import BaseModel

from generator.model.node import Loc


def choices_at(model: type[BaseModel], loc: Loc) -> list[object]:
    """Return the values of the literals that may stand at *loc*."""
    return [choice for type_ in _types(model, loc) for choice in _choices(type_)]


def keys_at(model: type[BaseModel], loc: Loc) -> set[str]:
    """Return the keys of the mappings that may stand at *loc*."""
    return {key for type_ in _types(model, loc) if _is_model(type_) for key in type_.model_fields}


def _choices(type_: object) -> tuple[object, ...]:
    return typing.get_args(type_) if typing.get_origin(type_) is typing.Literal else ()


def _types(model: type[BaseModel], loc: Loc) -> list[Any]:
    """Return the types of what may stand at *loc*: several where it is in a union."""
    types_: list[Any] = [model]
    for step in loc:
        types_ = [inner for type_ in types_ for inner in _below(type_, step)]
    return types_


def _below(type_: Any, step: str | int) -> list[Any]:  # noqa: ANN401 - any annotation
    if _is_model(type_):
        field = type_.model_fields.get(step)
        return _members(field.annotation) if field else []
    # The type of a list's items stands first, that of a mapping's values last.
    return _members(typing.get_args(type_)[0 if isinstance(step, int) else -1])


def _members(type_: Any) -> list[Any]:  # noqa: ANN401 - any annotation
    """Return *type_* without `Annotated`, or, if it is a union, its members without `None`."""
    if typing.get_origin(type_) is typing.Annotated:
        return _members(typing.get_args(type_)[0])
    if typing.get_origin(type_) in (typing.Union, types.UnionType):
        return [m for part in typing.get_args(type_) for m in _members(part)]
    return [] if type_ is types.NoneType else [type_]


def _is_model(type_: Any) -> bool:  # noqa: ANN401 - any annotation
    return isinstance(type_, type) and issubclass(type_, BaseModel)
