"""What can go wrong and be told to a user.

TapgenError
├── BlueprintError   the blueprint is wrong: every problem, sorted by line
├── RenderError      a template cannot be rendered
├── DiskError        a file cannot be read or written, or must not be
└── OperationError   AWS or a database refused, disagreed, or is not as it must be
    └── RefusedError          nothing was begun, because a condition does not hold
        └── InconclusiveError     or because it is not known whether it holds

Anything else that is raised is a bug and keeps its traceback.
"""

from collections.abc import Iterable
from typing import NamedTuple


class TapgenError(Exception):
    """A failure whose text is meant for the user, one fact a line."""


class Problem(NamedTuple):
    """One thing wrong at one place; lines and columns count from 1, and are 0 for a whole file."""

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return ": ".join(part for part in (place, self.path, self.message) if part)


class BlueprintError(TapgenError):
    """Every problem of one blueprint, each reported once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


class RenderError(TapgenError):
    """A template that cannot be rendered; the text names template and line."""


class DiskError(TapgenError):
    """Files that cannot be read or written, or that tapgen must not overwrite."""


class OperationError(TapgenError):
    """What AWS or a database refused to do, or left other than it was asked to."""


class RefusedError(OperationError):
    """An operation that was not begun; the text says which condition does not hold."""


class InconclusiveError(RefusedError):
    """An operation that nothing speaks against, and too little for."""
