"""A node held against a model: the value, or every problem at its place in the reader's words.

Pydantic's errors are translated by their type, never by their text.
"""

import datetime as dt
import difflib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard, TypeVar

from pydantic import BaseModel, ValidationError

from generator.errors import Problem
from generator.model.annotations import choices_at, keys_at
from generator.model.node import Loc, Node, dotted
from generator.model.scalar import plain
from generator.model.text import Plain, shown

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_Model = TypeVar("_Model", bound=BaseModel)
Words = Callable[["ErrorDetails", Mapping[str, Any]], str]

_WORDS: dict[str, Words] = {
    "missing": lambda _, __: "required; add it",
    "union_tag_not_found": lambda _, __: "required; add it",
    "greater_than_equal": lambda e, c: f"must be at least {c['ge']}, not {shown(e['input'])}",
    "greater_than": lambda e, c: f"must be more than {c['gt']}, not {shown(e['input'])}",
    "less_than_equal": lambda e, c: f"must be at most {c['le']}, not {shown(e['input'])}",
    "less_than": lambda e, c: f"must be less than {c['lt']}, not {shown(e['input'])}",
    "multiple_of": lambda e, c: (
        f"must be a multiple of {c['multiple_of']}, not {shown(e['input'])}"
    ),
    "int_type": lambda e, _: _not("a whole number", e["input"], int),
    "float_type": lambda e, _: _not("a number", e["input"], int, float),
    "bool_type": lambda e, _: _not("true or false", e["input"], bool),
    "date_type": lambda e, _: _not("a date such as 2027-06-30", e["input"], dt.date),
    "string_type": lambda e, _: _not_text(e["input"]),
    "tuple_type": lambda e, _: f"must be a list, not {shown(e['input'])}",
    "dict_type": lambda e, _: f"must be a mapping, not {shown(e['input'])}",
    "model_type": lambda e, _: f"must be a mapping, not {shown(e['input'])}",
    "string_pattern_mismatch": lambda e, c: f"must match {c['pattern']}, not {shown(e['input'])}",
    "string_too_short": lambda _, c: f"must have at least {_count(c['min_length'], 'character')}",
    "string_too_long": lambda _, c: f"must have at most {_count(c['max_length'], 'character')}",
    "too_short": lambda _, c: f"must have at least {_count(c['min_length'], 'entry')}",
    "too_long": lambda _, c: f"must have at most {_count(c['max_length'], 'entry')}",
    "text": lambda e, c: _wanted(c["wanted"], e["input"], c.get("known", ())),
    "alignment": lambda e, c: f"{e['input']} is not aligned to its prefix; write {c['network']}",
}


class Mistake(NamedTuple):
    """What is wrong at a place; *missing* if it is only that something was not given.

    At an unknown key, *meant* is the place of the one that it is like.
    """

    loc: Loc
    message: str
    missing: bool = False
    meant: Loc | None = None


def validate(model: type[_Model], node: Node) -> tuple[_Model | None, list[Mistake]]:
    """Return *node* as *model*, or `None` and every mistake in it."""
    try:
        return model.model_validate(node.plain()), []
    except ValidationError as error:
        errors = error.errors(include_url=False)
        # Pydantic counts only the items that are right: too few of them is then no second mistake.
        wrong = {e["loc"][:depth] for e in errors for depth in range(len(e["loc"]))}
        once = [e for e in errors if e["type"] != "too_short" or e["loc"] not in wrong]
        mistakes = [_mistake(model, node, e) for e in once]
        meant = {mistake.meant for mistake in mistakes}
        # What is there by a wrong name is not missing.
        return None, [m for m in mistakes if not (m.missing and m.loc in meant)]


def problem(file: str, node: Node, loc: Loc, message: str) -> Problem:
    """Place *message* at *loc* below *node*, or at its nearest ancestor that was written."""
    near, rest = node.nearest(loc)
    return Problem(file, near.line, near.column, dotted((*near.path, *rest)), message)


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return what to use instead of the unknown *word*: its likeness, or all that are known."""
    names = sorted(known)
    close = closest(word, names)
    return f"did you mean {close}?" if close else f"known are {listed(names, 'and')}"


def closest(word: str, names: Iterable[str]) -> str | None:
    """Return the one of *names* that *word* was meant to be, if it is like one."""
    folded = word.lower()
    close = [name for name in names if sorted(name.lower()) == sorted(folded)]  # letters swapped
    close += difflib.get_close_matches(folded, names, n=1)
    # Without its unit: ttl for ttl_seconds.
    close += [name for name in names if name.startswith(f"{folded}_")]
    return close[0] if close else None


def listed(names: Iterable[str], word: str) -> str:
    """Return `a, b or c`."""
    *most, last = names
    return f"{', '.join(most)} {word} {last}" if most else last


def _mistake(model: type[BaseModel], node: Node, error: "ErrorDetails") -> Mistake:
    kind, context = error["type"], error.get("ctx", {})
    loc = _written(node, error["loc"])
    near, _ = node.nearest(loc)
    if near.text:
        error["input"] = Plain(near.text)
    if kind == "missing":
        loc = (*loc, error["loc"][-1])
    if kind.startswith("union_tag"):
        loc = (*loc, context["discriminator"].strip("'"))
    match kind:
        case "extra_forbidden":
            keys = keys_at(model, loc[:-1])
            meant = closest(str(loc[-1]), sorted(keys))
            message = f"unknown key; {suggestion(str(loc[-1]), keys)}"
            return Mistake(loc, message, meant=(*loc[:-1], meant) if meant else None)
        case "union_tag_invalid":
            message = _choice(model, loc, context["tag"])
        case "literal_error":
            message = _choice(model, loc, error["input"])
        case _:
            words = _WORDS.get(kind)
            message = words(error, context) if words else error["msg"]
    return Mistake(loc, message, kind in ("missing", "union_tag_not_found"))


def _written(node: Node, loc: Loc) -> Loc:
    """Return *loc* without the steps that pydantic adds: a union's tag, `[key]`."""
    steps: list[str | int] = []
    for step in loc:
        child = node.child(step)
        if child is not None:
            steps.append(step)
            node = child
    return tuple(steps)


def _choice(model: type[BaseModel], loc: Loc, given: object) -> str:
    allowed = list(map(str, choices_at(model, loc)))
    return _wanted(listed(allowed, "or"), given, allowed)


def _wanted(wanted: str, given: object, known: Iterable[str]) -> str:
    message = f"must be {wanted}, not {shown(given)}"
    close = closest(given, sorted(known)) if _is_text(given) else None
    return f"{message}; did you mean {close}?" if close else message


def _is_text(given: object) -> TypeGuard[str]:
    return isinstance(given, str) and not isinstance(given, Plain)


def _not(wanted: str, given: object, *kinds: type) -> str:
    """Say that *given* is not what is *wanted*; if without its quotes it were, say so."""
    message = f"must be {wanted}, not {shown(given)}"
    with suppress(ValueError):
        if _is_text(given) and type(plain(given)) in kinds:
            return f"{message}; leave out the quotes"
    return message


def _not_text(value: object) -> str:
    if isinstance(value, dict | tuple) or value is None:
        return f"must be text, not {shown(value)}"
    return f'must be text; write "{shown(value)}" in quotes'


def _count(number: int, noun: str) -> str:
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{number} {noun if number == 1 else plural}"
