"""Which database takes writes now: what the control state said at most a few seconds ago."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError

from generator.ops.control import CACHE_SECONDS, Control, Writer


@dataclass(frozen=True, slots=True)
class Choice:
    """A side, and the epoch that a write has to find there; `None` is any."""

    side: Writer
    epoch: int | None


class Chooser(Protocol):
    """Whoever knows the writer."""

    def current(self) -> Choice: ...

    def forget(self) -> None: ...


class Always:
    """The writer of an environment that migrates nothing: Aurora, for ever."""

    def current(self) -> Choice:
        return Choice(Writer.AURORA, None)

    def forget(self) -> None:
        """There is nothing to ask again."""


class Controlled:
    """The writer that the control table names. Whatever cannot be read is fenced."""

    def __init__(self, control: Control, clock: Callable[[], float] = time.monotonic) -> None:
        self._control = control
        self._clock = clock
        self._known: Choice | None = None
        self._asked = 0.0

    def current(self) -> Choice:
        # Counted from before the question: an answer may be as old as that.
        now = self._clock()
        if self._known is None or now - self._asked >= CACHE_SECONDS:
            self._known, self._asked = self._ask(), now
        return self._known

    def forget(self) -> None:
        self._known = None

    def _ask(self) -> Choice:
        try:
            state = self._control.read()
        except (BotoCoreError, ClientError):
            return Choice(Writer.FENCED, None)
        if state is None:
            return Choice(Writer.FENCED, None)
        return Choice(state.writer, state.epoch)
