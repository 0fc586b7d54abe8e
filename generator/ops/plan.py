"""One move of the writer between two databases: its steps, and what they need of the world."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import psycopg
from botocore.exceptions import BotoCoreError, ClientError

from generator.errors import OperationError, RefusedError
from generator.ops.clock import Clock
from generator.ops.control import FENCE_SECONDS, Control, State
from generator.ops.side import Side
from generator.ops.verdict import Verdict

Name = Literal["cutover", "hand_back"]
STEPS = ("close", "fence", "drain", "verify", "sequences", "reverse", "open", "flip", "probe")
ABORT = "abort."
"""Stands before the last completed step in the state while the old writer is being put back."""

# What a step may fail with. Anything else is a bug, and leaves the state for whoever comes next.
FAILURES = (OperationError, psycopg.Error, BotoCoreError, ClientError)


def nobody(_: str) -> None:
    """Watch nothing."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the steps need of the world; *watch* is told what begins, and what was done.

    *sequences* carries them from one side to the other; *replicate* lets the changes of a side be
    replicated, and is done when they are. *seconds_left* tells how long whoever runs it still may,
    *seconds_needed* what a move takes beside waiting for the fence and for the drain.
    """

    gate: Callable[[], Verdict]
    verify: Callable[[], Verdict]
    sequences: Callable[[Side, Side], object]
    replicate: Callable[[Side], None]
    probe: Callable[[], None]
    clock: Clock
    drain_seconds: float = 60.0
    watch: Callable[[str], None] = nobody
    seconds_left: Callable[[], float] | None = None
    seconds_needed: float = 0.0

    def in_time(self) -> None:
        """Raise `RefusedError` unless there is time for all that is done behind a fence."""
        if self.seconds_left is None:
            return
        left, needed = self.seconds_left(), FENCE_SECONDS + self.drain_seconds + self.seconds_needed
        if left < needed:
            raise RefusedError(
                f"the fence may last {needed:.0f} s and the function has {left:.0f} s left, so "
                "nothing was begun; raise rollback.cutover_function.timeout_seconds, or repeat "
                "when there is less to check"
            )


@dataclass(frozen=True, slots=True)
class Move:
    """A move of the writer from *loser* to *winner*."""

    name: Name
    control: Control
    loser: Side
    winner: Side
    plan: Plan

    def last(self, state: State) -> str | None:
        """Return the last step that was completed, None before the first; refuse another's."""
        if state.writer is self.loser.writer:
            return None
        name, _, step = (state.step or "").partition(".")
        if name != self.name:
            raise RefusedError(f"{state.step or 'a fence'} is under way; finish or abort it first")
        return step
