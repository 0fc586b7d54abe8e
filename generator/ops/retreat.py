"""The old writer is put back, while the state does not name the new one yet.

An old application names no epoch: it writes as soon as its database is open, and that comes before
the state says so. So what the new side took is brought back first, and until it is, nobody writes.
"""

import psycopg

from generator.errors import OperationError, RefusedError
from generator.ops.control import Changes, State, Writer
from generator.ops.plan import ABORT, FAILURES, STEPS, Move
from generator.ops.side import drain
from generator.ops.state import current, passed


def put_back(move: Move, *, actor: str, reason: str) -> tuple[State, str]:
    """Let the loser of *move* write again; return the state, and what is not as it was before."""
    state = current(move.control)
    if state.writer is move.winner.writer:
        raise RefusedError(f"{move.winner.writer} takes writes already; move the writer back")
    if state.writer is not Writer.FENCED:
        return state, ""
    # The step that was reached is kept: whoever repeats this has as much to undo.
    reached = (move.last(state) or "").removeprefix(ABORT)
    step = f"{move.name}.{ABORT}{reached}"
    state = move.control.change(state, actor=actor, reason=reason, step=step)
    # Beyond the epoch of a run that may still be alive: the databases refuse it from here on.
    epoch, wrong = state.epoch + 2, ""
    move.winner.close(epoch)
    move.plan.watch(f"{move.name}.abort begins")
    if not move.loser.takes(epoch):
        if move.winner.opened_behind(state.epoch):
            _bring_back(move)
        wrong = _turn_back(move, reached)
        move.loser.open(epoch)
    move.plan.watch(f"{move.name}.abort is done")
    changes: Changes = {"step": None, "writer": move.loser.writer, "epoch": epoch}
    return move.control.change(state, actor=actor, reason=reason, **changes), wrong


def _bring_back(move: Move) -> None:
    """Carry to the loser what the winner took; raise `OperationError` where that is not certain."""
    try:
        drain(move.winner, move.loser, move.plan.clock, within=move.plan.drain_seconds)
        passed(move.plan.verify())
        move.plan.sequences(move.winner, move.loser)
    except (OperationError, psycopg.Error) as error:
        raise OperationError(
            f"{error}; {move.winner.writer} may have taken payments that have to come back first, "
            "so nobody takes writes"
        ) from error


def _turn_back(move: Move, reached: str) -> str:
    """Let the loser's changes be replicated again; return what keeps them from it.

    They wait in its log, so that is no reason to keep payments waiting.
    """
    if STEPS.index(reached) + 1 < STEPS.index("reverse"):
        return ""
    try:
        move.plan.replicate(move.loser)
    except FAILURES as error:
        return f"what it writes is not replicated: {error}"
    return ""
