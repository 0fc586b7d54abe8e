"""The writer moves from one database to the other: cutover, and hand-back, its mirror image.

    close      by the control state nobody may write (reads go on, writes are told to come back)
    fence      the loser's database refuses writers, whatever they believe
    drain      a marker written behind the fence has arrived
    verify     both sides hold the same
    sequences  the winner's sequences give values that nobody ever had
    reverse    the winner's changes will be replicated
    open       the winner's database accepts writers, of the next epoch
    flip       the control state names the winner
    probe      the payment function answers that it is ready

Each step may be repeated. The state names the last one that was completed, so whoever comes after a
crash goes on behind it. What fails before the flip puts the old writer back.
"""

import datetime as dt
from dataclasses import dataclass

from generator.errors import OperationError, RefusedError
from generator.ops.control import FENCE_SECONDS, Changes, ConflictError, State, Writer
from generator.ops.plan import ABORT, FAILURES, STEPS, Move
from generator.ops.retreat import put_back
from generator.ops.side import drain
from generator.ops.state import current, passed


@dataclass(frozen=True, slots=True)
class Procedure(Move):
    """The steps of a move, taken one after the other."""

    def run(self, *, actor: str, reason: str) -> State:
        """Move the writer, or go on with a move that was cut off; done once, it is done.

        Raise `RefusedError` where nothing was begun, `OperationError` where it went wrong: then
        the old writer writes again, or the text says why it does not.
        """
        state = current(self.control)
        if state.writer is self.winner.writer and state.step is None:
            return state
        last = self.last(state)
        if last is not None and last.startswith(ABORT):
            return self.abort(actor=actor, reason=reason)
        if last is None:
            self._may_begin(state)
        for step in STEPS[STEPS.index(last) + 1 if last else 0 :]:
            self.plan.watch(f"{self.name}.{step} begins")
            try:
                state = self._step(step, state, actor, reason)
            except FAILURES as error:
                raise self._failed(step, error, actor) from error
            self.plan.watch(f"{self.name}.{step} is done")
        return state

    def abort(self, *, actor: str, reason: str) -> State:
        """Put the old writer back; raise `OperationError` where it stays shut, or not all is well.

        What the new one took is brought back before. Once the state names the new one, refuse.
        """
        state, wrong = put_back(self, actor=actor, reason=reason)
        if wrong:
            raise OperationError(f"{state.writer} takes writes again, but {wrong}")
        return state

    def _may_begin(self, state: State) -> None:
        # Behind a flip the writer has moved, and only the probe is left: no reason not to go back.
        if state.step is not None and not state.step.endswith(".flip"):
            raise RefusedError(f"{state.step} is under way; finish it first")
        if self.name == "cutover":
            if state.latch:
                raise RefusedError("a rollback latched the traffic; a person has to release it")
            if state.traffic != 100:  # noqa: PLR2004 - per cent
                raise RefusedError(f"AWS answers {state.traffic} %; shift to 100 % first")
        # Ahead of the fence, so that within it there is next to nothing left to do.
        self.plan.sequences(self.loser, self.winner)
        passed(self.plan.gate())
        self.plan.in_time()

    def _step(self, step: str, state: State, actor: str, reason: str) -> State:
        """Take *step* and record it; each can be taken twice."""
        changes: Changes = {"step": None if step == STEPS[-1] else f"{self.name}.{step}"}
        if step == "close":
            changes["writer"] = Writer.FENCED
        elif step == "flip":
            changes |= {"writer": self.winner.writer, "epoch": state.epoch + 1}
        else:
            self._act(step, state)
        self.plan.watch(f"{self.name}.{step} is to be recorded")
        return self.control.change(state, actor=actor, reason=reason, **changes)

    def _act(self, step: str, state: State) -> None:
        match step:
            case "fence":
                self._wait(state)
                self.loser.close(state.epoch + 1)
            case "drain":
                within = self.plan.drain_seconds
                drain(self.loser, self.winner, self.plan.clock, within=within)
            case "verify":
                passed(self.plan.verify())
            case "sequences":
                self.plan.sequences(self.loser, self.winner)
            case "reverse":
                self.plan.replicate(self.winner)
            case "open":
                self.winner.open(state.epoch + 1)
            case _:
                self.plan.probe()

    def _wait(self, state: State) -> None:
        """Let every process learn of the fence: none acts on what it read for longer."""
        closed = dt.datetime.fromisoformat(state.changed_at)
        passed_ = (self.plan.clock.now() - closed).total_seconds()
        self.plan.clock.sleep(max(0.0, FENCE_SECONDS - passed_))

    def _failed(self, step: str, error: Exception, actor: str) -> OperationError:
        """Put the old writer back where that is safe, and return what to tell people."""
        what = f"{self.name} failed at {step}: {error}"
        if isinstance(error, ConflictError):
            return OperationError(f"{what}; somebody else goes on with it")
        if step == "probe":
            return OperationError(f"{what}; {self.winner.writer} takes writes: look, then repeat")
        try:
            state, wrong = put_back(self, actor=actor, reason=f"{step} failed")
        except FAILURES as second:
            return OperationError(f"{what}; the state is as it was left, for {second}")
        but = f", but {wrong}" if wrong else ""
        return OperationError(f"{what}; {state.writer} takes writes again{but}")
