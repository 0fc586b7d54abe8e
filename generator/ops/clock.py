"""Time, as operations see it: what waits is told how, so that tests need not."""

import datetime as dt
import time
from collections.abc import Callable
from typing import Protocol

from generator.errors import OperationError


class Clock(Protocol):
    """A clock that also lets time pass."""

    def now(self) -> dt.datetime:
        """Return the time of day, in UTC."""

    def sleep(self, seconds: float) -> None:
        """Let *seconds* pass."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def poll(
    done: Callable[[], bool], clock: Clock, *, every: float, within: float, awaited: str
) -> None:
    """Ask *done* until it says yes; raise `OperationError` after *within* seconds."""
    deadline = clock.now() + dt.timedelta(seconds=within)
    while not done():
        if clock.now() >= deadline:
            raise OperationError(f"{awaited}: not within {within:g} s")
        clock.sleep(every)
