"""Rollback: every request to the old side again, and the writer before them if it has moved.

    mode      writer onprem     fenced             aurora
    auto      roll back         left to who moves  hand the writer back, then roll back
    unread    roll back         left               tell people
    notify    tell people       tell               tell
    off       nothing           nothing            nothing

That is for what begins by itself: an alarm, or the reconciler that finds one ringing. A person who
asks is obeyed, and what was begun is finished, whatever the switch says by then. Before the cutover
nothing can be lost by going back, so doubt means going. After it, what was not replicated back
would be lost: a hand-back that cannot prove its drain refuses, and people decide.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from botocore.exceptions import BotoCoreError, ClientError

from generator.errors import OperationError, RefusedError
from generator.ops.clock import Clock
from generator.ops.control import Control, State, Writer
from generator.ops.state import current
from generator.ops.traffic import Traffic

FAILURES = (OperationError, BotoCoreError, ClientError)

# A fence lasts seconds; one that lasts this long was left by somebody who is gone. Whoever is still
# there holds the cutover function's only place, and the call is turned away.
ABANDONED = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a call: done, planned (a dry run), ignored, told, refused or failed.

    *seconds* is what a rollback that is done took, from when it was first called for.
    """

    status: str
    detail: str
    traffic: int | None = None
    writer: str | None = None
    seconds: float | None = None

    def document(self) -> dict[str, object]:
        """Return the outcome for machines."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class World:
    """What a rollback asks: the switch (None if it cannot be read), the alarm, the cutover.

    Of the alarm it asks since when it rings: None if it does not, or if a fence holds it back.
    """

    switch: Callable[[], str | None]
    rings: Callable[[], dt.datetime | None]
    cutover: Callable[[str, str], None]
    clock: Clock


class Rollback:
    """The way back; every call may be repeated."""

    def __init__(self, control: Control, traffic: Traffic, world: World) -> None:
        self._control = control
        self._traffic = traffic
        self._world = world

    def on_alarm(self, name: str, since: dt.datetime | None = None) -> Outcome:
        """Go back because the alarm *name* rings, *since* then or since now."""
        return self._guarded(lambda: self._by_itself(f"alarm {name}", since))

    def by_person(self, *, actor: str, reason: str, dry_run: bool = False) -> Outcome:
        """Go back because somebody asks for it, or say what that would do."""
        return self._guarded(lambda: self._asked(actor, reason, dry_run=dry_run))

    def reconcile(self) -> Outcome:
        """Finish what was begun and cut off; where nothing is left to do, do nothing."""
        return self._guarded(self._repaired)

    def _guarded(self, act: Callable[[], Outcome]) -> Outcome:
        try:
            return act()
        except RefusedError as error:
            return Outcome("refused", str(error))
        except FAILURES as error:
            return Outcome("failed", str(error))

    def _by_itself(self, reason: str, since: dt.datetime | None) -> Outcome:
        mode, state = self._world.switch(), current(self._control)
        if mode == "off":
            return _outcome("ignored", "the kill switch is off", state)
        if mode == "notify" or (mode is None and state.writer is not Writer.ONPREM):
            return _outcome("told", f"the kill switch is {mode or 'not to be read'}", state)
        if state.writer is Writer.FENCED:
            return _outcome("ignored", f"{state.step} is under way and ends the fence", state)
        if state.writer is Writer.ONPREM and self._traffic.at_rest(state):
            return _outcome("ignored", "AWS is asked nothing", state)
        return self._back(state, "rollback", reason, since)

    def _asked(self, actor: str, reason: str, *, dry_run: bool) -> Outcome:
        state = current(self._control)
        if state.writer is Writer.FENCED:
            raise RefusedError(f"{state.step} is under way; finish or abort it first")
        if dry_run:
            first = "the writer is handed back, then " if state.writer is Writer.AURORA else ""
            return _outcome("planned", f"{first}traffic {state.traffic} % -> 0 %, latched", state)
        return self._back(state, actor, reason)

    def _repaired(self) -> Outcome:
        state = current(self._control)
        if state.writer is Writer.FENCED:
            return self._unfenced(state)
        if state.writer is Writer.AURORA:
            return _outcome("ignored", "after the cutover people decide", state)
        if state.latch:
            found = self._back(state, "reconciler", state.reason)
            return found if found.seconds is not None else replace(found, status="ignored")
        since = self._world.rings() if state.traffic or state.step else None
        if since is None:
            return _outcome("ignored", "nothing is left to do", state)
        if self._world.switch() not in {"auto", None}:
            return _outcome("ignored", "the kill switch says so", state)
        return self._back(state, "reconciler", "the rollback alarm rings", since)

    def _unfenced(self, state: State) -> Outcome:
        age = self._world.clock.now() - dt.datetime.fromisoformat(state.changed_at)
        if age < ABANDONED:
            return _outcome("ignored", f"{state.step} is under way", state)
        # A hand-back is gone on with, for a rollback waits for it; a cutover is given up.
        action = "hand_back" if (state.step or "").startswith("hand_back") else "abort"
        self._world.cutover(action, f"{state.step} was left {age.total_seconds():.0f} s ago")
        return _outcome("done", "the fence was lifted", current(self._control))

    def _back(
        self, state: State, actor: str, reason: str, since: dt.datetime | None = None
    ) -> Outcome:
        first = state.since or (since or self._world.clock.now()).isoformat(timespec="milliseconds")
        if state.writer is Writer.AURORA:
            # Latched first: where the hand-back outlasts us, the reconciler sends traffic after it.
            self._control.change(state, actor=actor, reason=reason, latch=True, since=first)
            self._world.cutover("hand_back", reason)
        after = self._traffic.back(actor=actor, reason=reason, since=first)
        done = _outcome("done", "traffic is back", after)
        if after == state:
            return done
        took = self._world.clock.now() - dt.datetime.fromisoformat(first)
        return replace(done, seconds=took.total_seconds())


def _outcome(status: str, detail: str, state: State) -> Outcome:
    return Outcome(status, detail, state.traffic, state.writer.value)
