"""Rules: what has to hold across settings, each with an id and the reason it exists."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from types import FunctionType, ModuleType
from typing import Literal, NamedTuple, TypeVar

Severity = Literal["error", "warning"]


class UnreadError(LookupError):
    """A read of a component that is switched off or did not validate."""


class Finding(NamedTuple):
    """What a rule found: a path within the component, or from the blueprint's root behind `/`."""

    path: str
    message: str


class Rule(NamedTuple):
    """A rule's id, the reason it exists, and how it is asked.

    *check* takes what the rule is about (a component, an environment or the whole blueprint) and,
    if *dated*, the day it is asked for.
    """

    id: str
    reason: str
    severity: Severity
    dated: bool
    check: Callable[..., Iterator[Finding]]


_Check = TypeVar("_Check", bound=Callable[..., Iterator[Finding]])


def rule(
    id: str,  # noqa: A002 - the word every reader expects
    reason: str,
    *,
    severity: Severity = "error",
    dated: bool = False,
) -> Callable[[_Check], _Check]:
    """Mark a function that yields findings as the rule *id*; *reason* is one sentence."""

    def mark(check: _Check) -> _Check:
        check.__rule__ = Rule(id, reason, severity, dated, check)  # type: ignore[attr-defined]  # of any function
        return check

    return mark


def rules_among(functions: Iterable[object]) -> tuple[Rule, ...]:
    """Return the rules that *functions* are marked as, by id."""
    marked = (getattr(each, "__rule__", None) for each in functions)
    return tuple(sorted(filter(None, marked), key=lambda each: each.id))


def rules_of(module: ModuleType) -> tuple[Rule, ...]:
    """Return the rules that *module* declares, by id."""
    return rules_among(each for each in vars(module).values() if isinstance(each, FunctionType))


def ask(
    rules: Iterable[Rule], subject: object, today: dt.date | None
) -> Iterator[tuple[Rule, Finding]]:
    """Yield what *rules* find in *subject*; dated ones are asked only if *today* is given.

    A rule that reads a component which did not validate has nothing to say.
    """
    for each in rules:
        try:
            if not each.dated:
                found = list(each.check(subject))
            else:
                found = list(each.check(subject, today)) if today else []
        except UnreadError:
            continue
        yield from ((each, finding) for finding in found)
