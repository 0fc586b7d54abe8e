"""JSON documents read into frozen dataclasses: pydantic would cost a function's cold start."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from generator.errors import OperationError

_T = TypeVar("_T")


def decode(kind: type[_T], value: object, place: str) -> _T:
    """Return *value* as the dataclass *kind*; raise `OperationError` naming what does not fit.

    Unknown keys are passed over: a newer apply may have written them.
    """
    if not isinstance(value, Mapping):
        raise OperationError(f"{place}: must be an object, not {value!r}")
    hints = get_type_hints(kind)
    read: dict[str, Any] = {}
    for field in fields(kind):  # type: ignore[arg-type]  # a dataclass
        if field.name in value:
            read[field.name] = _decoded(
                hints[field.name], value[field.name], f"{place}.{field.name}"
            )
        elif field.default is MISSING:
            raise OperationError(f"{place}.{field.name}: is missing")
    return kind(**read)


def _decoded(kind: Any, value: object, place: str) -> object:  # noqa: ANN401 - a type, as written
    origin = get_origin(kind)
    if origin is UnionType:
        if value is None:
            return None
        (kind,) = (each for each in get_args(kind) if each is not NoneType)
        return _decoded(kind, value, place)
    if is_dataclass(kind):
        return decode(kind, value, place)  # type: ignore[arg-type]  # `decode` asks
    if origin is tuple and isinstance(value, list):
        inner = get_args(kind)[0]
        return tuple(_decoded(inner, each, f"{place}[{at}]") for at, each in enumerate(value))
    if origin is dict and isinstance(value, dict):
        inner = get_args(kind)[1]
        return {key: _decoded(inner, each, f"{place}.{key}") for key, each in value.items()}
    if type(value) is not kind:  # True is no number of seconds
        raise OperationError(f"{place}: must be a {getattr(kind, '__name__', kind)}, not {value!r}")
    return value
