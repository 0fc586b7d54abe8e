"""What operations ask of the control state and of verdicts before they change anything."""

from generator.errors import InconclusiveError, RefusedError
from generator.ops.control import Control, State
from generator.ops.verdict import Status, Verdict


def current(control: Control) -> State:
    """Return the control state; refuse where there is none, for then nobody may write."""
    state = control.read()
    if state is None:
        raise RefusedError("there is no control state yet; the schema function writes the first")
    return state


def passed(verdict: Verdict) -> None:
    """Raise unless the gate that *verdict* is opens."""
    names = sorted({each.check for each in verdict.having(verdict.status)})
    if verdict.status is Status.FAIL:
        raise RefusedError(f"these checks fail: {', '.join(names)}")
    if verdict.status is not Status.PASS:
        raise InconclusiveError(f"not proven: {', '.join(names) or 'nothing was checked'}")
