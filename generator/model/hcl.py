"""Python values as HCL: the one door through which a value reaches Terraform.

The output is what `terraform fmt` would leave alone. Only `Hcl` and `Identifier` may be printed by
a template; everything else has to pass `hcl`, `attributes` or `comment` first.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

LINE = 100  # a list of scalars that would be longer is broken, one item a line
_BARE_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_TEXT = json.JSONEncoder(ensure_ascii=False).encode
_CONTROL = ("Cc", "Cs")  # Unicode categories: control characters and lone surrogates


class Hcl(str):
    """Text that is HCL already; any string operation on it gives a plain `str` again."""

    __slots__ = ()


class Identifier(str):
    """A name that is safe bare and inside quotes: letters, digits, `_` and `-` only."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        if not _IDENTIFIER.fullmatch(text):
            raise ValueError(f"not an identifier: {text!r}")
        return super().__new__(cls, text)


@dataclass(frozen=True, slots=True)
class Ref:
    """An expression that stands for itself, as in `var.vpc_id`; written by code, never by users."""

    expression: str


def hcl(value: object, indent: int = 0) -> Hcl:
    """Return *value* as an HCL expression whose later lines are indented by *indent* spaces.

    Raises `TypeError` for a type and `ValueError` for a value that has no HCL form.
    """
    return Hcl(_expression(value, indent))


def attributes(values: Mapping[str, object], indent: int = 2) -> Hcl:
    """Return aligned `name = value` lines, indented by *indent* spaces, without a last newline."""
    if not isinstance(values, Mapping):
        raise TypeError(f"no HCL form for the attributes of {type(values).__name__}")
    return Hcl(_attributes(values, indent))


def comment(text: str) -> Hcl:
    """Return *text* on one line, fit to stand behind `#`."""
    if not text.isprintable():
        text = "".join(" " if _is_control(c) else c for c in text)
    return Hcl(" ".join(text.split()))


@lru_cache(maxsize=4096)  # environments say much the same
def quoted(text: str) -> str:
    """Return *text* as an HCL string literal that Terraform neither runs nor changes."""
    # What is printable holds no control character; asked once for all of it, that is quick.
    for character in "" if text.isprintable() else text:
        if _is_control(character) and character not in "\n\r\t":
            raise ValueError(f"no HCL form for the control character U+{ord(character):04X}")
    # Terraform's escape for a template is the doubled sign; JSON's other escapes are HCL's too.
    return _TEXT(text).replace("${", "$${").replace("%{", "%%{")


_PLAIN: dict[type, Callable[[Any], str]] = {
    str: quoted,
    Identifier: quoted,
    Hcl: str,
    Ref: lambda value: value.expression,
    int: str,
    bool: lambda value: "true" if value else "false",
    type(None): lambda _: "null",
}


def _expression(value: object, indent: int) -> str:
    # The plainest kinds first, by their very type: a platform is a hundred thousand of these.
    plain = _PLAIN.get(type(value))
    return plain(value) if plain else _other(value, indent)


def _other(value: object, indent: int) -> str:
    match value:
        # Asked by class before by protocol, which takes ten times as long.
        case dict():
            return _map(value, indent)
        case list() | tuple():
            return _list(value, indent)
        case float():
            return json.dumps(value, allow_nan=False)
        case str():
            return quoted(value)
        case Mapping():
            return _map(value, indent)
        case Sequence() if not isinstance(value, bytes | bytearray):
            return _list(value, indent)
        case _:
            raise TypeError(f"no HCL form for {type(value).__name__}")


def _map(values: Mapping[str, object], indent: int) -> str:
    if not values:
        return "{}"
    return f"{{\n{_attributes(values, indent + 2)}\n{' ' * indent}}}"


def _attributes(values: Mapping[str, object], indent: int) -> str:
    margin = " " * indent
    lines: list[str] = []
    names: list[str] = []  # the alignment run, and its values
    texts: list[str] = []
    for key, value in values.items():
        text = _expression(value, indent)
        if "\n" not in text:
            names.append(_key(key))
            texts.append(text)
            continue
        # fmt ends an alignment run at any value that spans lines.
        lines += _aligned(names, texts, margin)
        lines.append(f"{margin}{_key(key)} = {text}")
        names, texts = [], []
    return "\n".join(lines + _aligned(names, texts, margin))


def _list(values: Sequence[object], indent: int) -> str:
    items = [_expression(value, indent + 2) for value in values]
    line = f"[{', '.join(items)}]"
    if len(line) <= LINE and "\n" not in line:
        return line
    inner = "".join(f"{' ' * (indent + 2)}{item},\n" for item in items)
    return f"[\n{inner}{' ' * indent}]"


def _aligned(names: Sequence[str], texts: Sequence[str], margin: str) -> list[str]:
    width = max(map(len, names), default=0)
    return [
        f"{margin}{name.ljust(width)} = {text}" for name, text in zip(names, texts, strict=True)
    ]


@lru_cache(maxsize=4096, typed=True)  # the same text as `Hcl` is another key
def _key(key: str) -> str:
    if isinstance(key, Hcl):
        return key
    # fmt aligns by grapheme clusters; ASCII keys are the ones whose width is their length.
    if not (key.isascii() and key.isprintable()):
        raise ValueError(f"no HCL form for the key {key!r}")
    return key if _BARE_KEY.fullmatch(key) else quoted(key)


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in _CONTROL
