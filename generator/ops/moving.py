"""Cutover and hand-back of an environment: the procedure, and its parts in the world."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import cast

import boto3

from generator.errors import OperationError, RefusedError
from generator.ops import checks_aws, inventory, sequences, tasks
from generator.ops.checks_schema import schemas
from generator.ops.control import State, Writer
from generator.ops.cutover import Procedure
from generator.ops.environment import PATIENCE, Environment
from generator.ops.plan import Name, Plan
from generator.ops.side import Side
from generator.ops.state import current
from generator.ops.validation import Databases, guarded
from generator.ops.verdict import Verdict

ROLE = "payment_operator"
READY = {
    "requestContext": {"elb": {"targetGroupArn": ""}},
    "httpMethod": "GET",
    "path": "/ready",
    "queryStringParameters": {},
    "headers": {"accept": "application/json"},
    "body": "",
    "isBase64Encoded": False,
}


def move(
    environment: Environment, name: Name, *, actor: str, reason: str, watch: Callable[[str], None]
) -> State:
    """Move the writer to Aurora (cutover), or back (hand_back)."""
    with _procedure(environment, name, watch) as procedure:
        return procedure.run(actor=actor, reason=reason)


def abort(
    environment: Environment, *, actor: str, reason: str, watch: Callable[[str], None]
) -> State:
    """Put the old writer back, whichever procedure is under way."""
    state = current(environment.control)
    name = (state.step or "cutover").partition(".")[0]
    if name not in {"cutover", "hand_back"}:
        raise RefusedError(f"{state.step} is no move of the writer")
    with _procedure(environment, cast("Name", name), watch) as procedure:
        return procedure.abort(actor=actor, reason=reason)


@contextmanager
def _procedure(
    environment: Environment, name: Name, watch: Callable[[str], None]
) -> Iterator[Procedure]:
    migration = environment.inventory.read("migration", inventory.Migration)
    if name == "hand_back" and migration.reverse is None:
        raise RefusedError("nothing is replicated back (reverse_replication: none)")
    with environment.sides(ROLE) as sides:
        loser, winner = sides[Writer.ONPREM], sides[Writer.AURORA]
        if name == "hand_back":
            loser, winner = winner, loser
        plan = _plan(environment, migration, loser, winner, watch)
        yield Procedure(name, environment.control, loser, winner, plan)


def _plan(
    environment: Environment,
    migration: inventory.Migration,
    loser: Side,
    winner: Side,
    watch: Callable[[str], None],
) -> Plan:
    found = Databases(loser, winner, migration.tables, environment.clock)
    dms = boto3.client("dms", config=PATIENCE)

    def gate() -> Verdict:
        # What would not drain is not fenced for nothing; on the way back no more is asked.
        first = found.follows()
        if loser.writer is Writer.AURORA:
            return Verdict((first,))
        replication = guarded("replication", partial(checks_aws.replication, dms, migration))
        return Verdict((first, *found.quick(), *replication))

    return Plan(
        gate=gate,
        verify=found.settled,
        sequences=partial(_sequences, migration),
        replicate=partial(_replicate, environment, migration),
        probe=partial(_probe, environment, winner.writer),
        clock=environment.clock,
        watch=watch,
    )


def _sequences(migration: inventory.Migration, source: Side, target: Side) -> None:
    within, gap = schemas(migration.tables), migration.sequences_gap
    sequences.advance(source.connection, target.connection, within, gap)


def _replicate(environment: Environment, migration: inventory.Migration, source: Side) -> None:
    """Replicate from *source* alone, unless both directions run or one is all there is."""
    if migration.reverse_replication != "at_cutover" or migration.reverse is None:
        return
    back = migration.reverse, migration.forward
    stop, start = back if source.writer is Writer.ONPREM else back[::-1]
    tasks.turn(boto3.client("dms", config=PATIENCE), stop, start, environment.clock)


def _probe(environment: Environment, winner: Writer) -> None:
    """Ask the payment function, as the load balancer would, whether it can take payments.

    On the way back nobody is asked: that it is not ready may be the reason for going.
    """
    if winner is Writer.ONPREM:
        return
    compute = environment.inventory.read("compute", inventory.Compute)
    answer = boto3.client("lambda", config=PATIENCE).invoke(
        FunctionName=compute.payment_function,
        Qualifier=compute.alias,
        Payload=json.dumps(READY).encode(),
    )
    said = json.loads(answer["Payload"].read() or b"{}")
    if answer.get("FunctionError") or said.get("statusCode") != 200:  # noqa: PLR2004 - HTTP
        raise OperationError(f"{compute.payment_function} is not ready: {said}")
