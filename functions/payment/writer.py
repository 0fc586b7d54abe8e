"""Which database takes writes now: what the control state said at most a few seconds ago."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError

from generator.ops.control import CACHE_SECONDS, Control, Writer

from .problems import Problem, fenced, unavailable


class AbsentError(Exception):
    """There is no control state: nobody has said yet who writes."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A side, and the epoch that a write has to find there; `None` is any.

    No side means that nobody could say which: *error* is why. That is no fence, which somebody
    has put up and will take down, but a fault of ours.
    """

    side: Writer | None
    epoch: int | None = None
    error: Exception | None = None

    @property
    def name(self) -> str:
        """What `/ready` calls it."""
        return self.side.value if self.side else "unknown"

    @property
    def open_side(self) -> Writer | None:
        """The database that takes writes, if one does and we know which."""
        return None if self.side is Writer.FENCED else self.side

    def refusal(self) -> Problem:
        """Return what is answered to a write while no side takes any."""
        problem = fenced() if self.side is Writer.FENCED else unavailable()
        problem.__cause__ = self.error
        return problem

    def compared(self, *, open_: bool, epoch: int) -> str:
        """Say `ok`, or how what the database knows differs."""
        if self.side is None:
            return "cannot be told"
        agree = self.side is Writer.FENCED or (open_ and self.epoch in (None, epoch))
        return "ok" if agree else "the database says otherwise"


class Chooser(Protocol):
    """Whoever knows the writer."""

    def current(self) -> Choice: ...

    def forget(self) -> None: ...


class Always:
    """The writer of an environment that migrates nothing: Aurora, for ever."""

    def current(self) -> Choice:
        return Choice(Writer.AURORA)

    def forget(self) -> None:
        """There is nothing to ask again."""


class Controlled:
    """The writer that the control table names; unknown while that cannot be read."""

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
        except (BotoCoreError, ClientError) as error:
            return Choice(None, error=error)
        if state is None:
            return Choice(None, error=AbsentError())
        return Choice(state.writer, state.epoch)
