"""Traffic: the share of requests that AWS answers, and who may change it to what."""

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol, Unpack

from generator.errors import OperationError, RefusedError
from generator.ops.clock import Clock
from generator.ops.control import Changes, ConflictError, Control, State, Writer
from generator.ops.inventory import Routing
from generator.ops.state import current, passed
from generator.ops.verdict import Verdict

# How often a rollback looks again when others change the state before it can.
ATTEMPTS = 5


class Weights(Protocol):
    """Where AWS keeps the share."""

    def read(self) -> int:
        """Return the per cent that AWS answers."""

    def write(self, percent: int) -> None:
        """Let AWS answer *percent*; return when it is so everywhere, or raise."""


class Traffic:
    """The only one who writes weights: each time the state says first what is intended."""

    def __init__(self, control: Control, weights: Weights, routing: Routing, clock: Clock) -> None:
        if routing.strategy == "aws_only":
            raise RefusedError("AWS answers every request here (aws_only); no traffic moves")
        self._control = control
        self._weights = weights
        self._routing = routing
        self._clock = clock

    def shift(self, to: int, *, actor: str, reason: str, gate: Callable[[], Verdict]) -> State:
        """Go on to the phase *to*, or back to an earlier one; *gate* is asked on the way up.

        A shift that was cut off is finished by the same call. Raise `RefusedError` where the way
        is not open, `OperationError` where AWS did otherwise.
        """
        state = current(self._control)
        self._reachable(state, to)
        if to > state.traffic:
            self._forward(state)
            passed(gate())
        return self._move(state, to, actor, reason)

    def at_rest(self, state: State) -> bool:
        """Tell whether AWS is asked nothing, and nobody is about to change that."""
        return state.traffic == 0 and state.step is None and self._weights.read() == 0

    def back(self, *, actor: str, reason: str, since: str) -> State:
        """Send every request to the old side and latch; a shift under way is given up.

        *since* says when that was called for; the state keeps the first such moment until it is
        done.
        """
        for _ in range(ATTEMPTS):
            state = current(self._control)
            if state.writer is not Writer.ONPREM:
                raise RefusedError(f"the old side takes no writes: the writer is {state.writer}")
            if state.latch and self.at_rest(state):
                return state
            first = state.since or since
            with suppress(ConflictError):
                return self._move(state, 0, actor, reason, latch=True, since=first)
        raise OperationError("the control state keeps changing; nothing was rolled back")

    def release(self, *, actor: str, reason: str) -> State:
        """Let traffic go forward again after a rollback: a person's decision."""
        state = current(self._control)
        return self._control.change(state, actor=actor, reason=reason, latch=False, since=None)

    def _move(
        self, state: State, to: int, actor: str, reason: str, **changes: Unpack[Changes]
    ) -> State:
        changes["step"] = f"shift.{to}"
        state = self._control.change(state, actor=actor, reason=reason, **changes)
        self._weights.write(to)
        try:
            return self._control.change(
                state, actor=actor, reason=reason, traffic=to, step=None, since=None
            )
        except ConflictError as error:
            self._overtaken()
            raise OperationError(f"the shift to {to} % was overtaken by somebody else") from error

    def _overtaken(self) -> None:
        """Take back weights that were written behind a rollback's back."""
        state = current(self._control)
        if state.latch and self._weights.read() != 0:
            self._weights.write(0)

    def _reachable(self, state: State, to: int) -> None:
        phases = self._routing.phases
        if to not in phases:
            raise RefusedError(f"{to} % is no phase; the phases are {', '.join(map(str, phases))}")
        if state.step and not state.step.startswith("shift."):
            raise RefusedError(f"{state.step} is under way; finish or abort it first")
        if state.writer is not Writer.ONPREM:
            raise RefusedError(f"traffic moves while the writer is onprem, not {state.writer}")
        ahead = [phase for phase in phases if phase > state.traffic]
        if ahead and to > ahead[0]:
            raise RefusedError(f"{ahead[0]} % comes before {to} %")

    def _forward(self, state: State) -> None:
        if state.latch:
            raise RefusedError("a rollback latched the traffic; a person has to release it")
        changed = dt.datetime.fromisoformat(state.changed_at)
        left = dt.timedelta(minutes=self._routing.bake_minutes) - (self._clock.now() - changed)
        # A shift that was cut off has been waited for already.
        if left > dt.timedelta() and state.step is None:
            raise RefusedError(
                f"{state.traffic} % bakes for {left.total_seconds() / 60:.0f} min more"
            )
