"""Cutover and hand-back of an environment: the procedure, and its parts in the world."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import cast

import boto3

from generator.errors import RefusedError
from generator.ops import gate, inventory, sequences, tasks
from generator.ops.checks_schema import schemas
from generator.ops.control import State, Writer
from generator.ops.cutover import Procedure
from generator.ops.environment import PATIENCE, Environment
from generator.ops.plan import Name, Plan, nobody
from generator.ops.probe import ready
from generator.ops.side import Side
from generator.ops.state import current
from generator.ops.validation import Databases

ROLE = "payment_operator"

# How long a drain may take. On the way back clients wait for the end of a fault: what does not
# drain in the time in which it was just seen to follow is for people.
DRAIN_SECONDS = {Writer.AURORA: 60.0, Writer.ONPREM: 30.0}
# For the comparison of the newest rows, for locks and for what is written down on the way.
MARGIN_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks and why, who is told what happens, and for how many seconds more there is time."""

    actor: str
    reason: str
    watch: Callable[[str], None] = nobody
    seconds_left: Callable[[], float] | None = None


def move(environment: Environment, name: Name, caller: Caller) -> State:
    """Move the writer to Aurora (cutover), or back (hand_back)."""
    with _procedure(environment, name, caller) as procedure:
        return procedure.run(actor=caller.actor, reason=caller.reason)


def abort(environment: Environment, caller: Caller) -> State:
    """Put the old writer back, whichever procedure is under way."""
    state = current(environment.control)
    name = (state.step or "cutover").partition(".")[0]
    if name not in {"cutover", "hand_back"}:
        raise RefusedError(f"{state.step} is no move of the writer")
    with _procedure(environment, cast("Name", name), caller) as procedure:
        return procedure.abort(actor=caller.actor, reason=caller.reason)


@contextmanager
def _procedure(environment: Environment, name: Name, caller: Caller) -> Iterator[Procedure]:
    migration = environment.inventory.read("migration", inventory.Migration)
    if name == "hand_back" and migration.reverse is None:
        raise RefusedError("nothing is replicated back (reverse_replication: none)")
    with environment.sides(ROLE) as sides:
        loser, winner = sides[Writer.ONPREM], sides[Writer.AURORA]
        if name == "hand_back":
            loser, winner = winner, loser
        plan = _plan(environment, migration, loser, winner, caller)
        yield Procedure(name, environment.control, loser, winner, plan)


def _plan(
    environment: Environment,
    migration: inventory.Migration,
    loser: Side,
    winner: Side,
    caller: Caller,
) -> Plan:
    gap, clock = migration.sequences_gap, environment.clock
    found = Databases(loser, winner, migration.tables, clock, gap)
    opens = gate.of_hand_back if loser.writer is Writer.AURORA else gate.of_cutover
    turns = 2 * tasks.WITHIN if migration.turns else 0.0
    return Plan(
        gate=partial(opens, environment, found),
        verify=found.settled,
        sequences=partial(_sequences, migration),
        replicate=partial(_replicate, environment, migration),
        probe=partial(ready, environment, winner.writer),
        clock=clock,
        drain_seconds=DRAIN_SECONDS[winner.writer],
        watch=caller.watch,
        seconds_left=caller.seconds_left,
        seconds_needed=MARGIN_SECONDS + turns,
    )


def _sequences(migration: inventory.Migration, source: Side, target: Side) -> None:
    within, gap = schemas(migration.tables), migration.sequences_gap
    sequences.advance(source.connection, target.connection, within, gap)


def _replicate(environment: Environment, migration: inventory.Migration, source: Side) -> None:
    """Replicate from *source* alone, unless both directions run or one is all there is."""
    if migration.reverse is None or not migration.turns:
        return
    back = migration.reverse, migration.forward
    stop, start = back if source.writer is Writer.ONPREM else back[::-1]
    tasks.turn(boto3.client("dms", config=PATIENCE), stop, start, environment.clock)
