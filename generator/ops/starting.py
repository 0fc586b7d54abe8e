"""Replication begins: connections, then the way there, and the way back once all is loaded."""

import boto3
from psycopg import Connection

from generator.errors import InconclusiveError, RefusedError
from generator.ops import checks_aws, fences, inventory, tasks
from generator.ops.connections import connect
from generator.ops.control import Writer
from generator.ops.environment import PATIENCE, Environment
from generator.ops.moving import ROLE
from generator.ops.state import current

# Who applies changes on a side, and takes turns with a clone.
_APPLIES = {Writer.ONPREM: "dms_source", Writer.AURORA: "dms_target"}
_FIRING = """
    SELECT rolname::text FROM pg_roles WHERE rolname = ANY(%s)
      AND NOT coalesce('session_replication_role=replica' = ANY(rolconfig), false) ORDER BY 1
"""


def replicate(environment: Environment) -> None:
    """Let run what should, and return when it does; where it runs, nothing is done.

    Raise `RefusedError` where a database or a connection is not ready, `InconclusiveError` while
    tables are loaded: what was loaded behind the way back's beginning would be sent back by it.
    """
    migration = environment.inventory.read("migration", inventory.Migration)
    state = current(environment.control)
    if state.writer is Writer.FENCED:
        raise RefusedError(f"{state.step} is under way; finish or abort it first")
    _are_ready(environment, migration)
    dms, clock = boto3.client("dms", config=PATIENCE), environment.clock
    known = [each for each in (migration.forward, migration.reverse) if each]
    connect(dms, known, clock)
    if migration.reverse and migration.turns and state.writer is Writer.AURORA:
        tasks.run(dms, migration.reverse, clock)
        return
    tasks.run(dms, migration.forward, clock)
    if migration.reverse and migration.armed:
        if loading := checks_aws.unloaded(dms, migration):
            text = f"{', '.join(loading)}: not loaded yet; repeat when they are"
            raise InconclusiveError(f"{migration.forward.id} runs; {text}")
        tasks.run(dms, migration.reverse, clock)


def _are_ready(environment: Environment, migration: inventory.Migration) -> None:
    """Raise unless `schema` has been applied to both databases, and what it left was done."""
    with environment.sides(ROLE) as sides:
        for writer, side in sides.items():
            if found := fences.missing(side.connection, fences.names(migration.tables)):
                raise RefusedError(f"{writer}: no fence on {', '.join(found)}; apply schema first")
            if found := _firing(side.connection, _APPLIES[writer]):
                raise RefusedError(
                    f"{writer}: {', '.join(found)} would fire triggers; "
                    "alter role … set session_replication_role to replica"
                )


def _firing(connection: Connection, user: str) -> list[str]:
    """Return who of a user and its clone fires triggers, as their roles say."""
    return [name for (name,) in connection.execute(_FIRING, [[user, f"{user}_clone"]]).fetchall()]
