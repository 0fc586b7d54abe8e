"""Checks of what goes on in a database: transactions that a fence would have to wait for."""

from collections.abc import Iterator

from psycopg import Connection

from generator.ops.checks_tables import NAMED
from generator.ops.verdict import Check, Status

OLD_SECONDS = 300
"""Age at which a transaction is more than the work of a moment."""

# Nobody is behind these, so a fence that waits for one can end nobody.
_PREPARED = "SELECT gid FROM pg_prepared_xacts WHERE database = current_database() ORDER BY 1"
_OPEN = """
    SELECT pid, usename::text, extract(epoch FROM now() - xact_start)::int AS seconds
    FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend'
      AND backend_xid IS NOT NULL AND xact_start < now() - make_interval(secs => %s)
    ORDER BY 3 DESC
"""
# What others do is shown to members of pg_monitor alone.
_HIDDEN = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND usename IS NOT NULL AND state IS NULL
"""


def sessions(connection: Connection, side: str, seconds: int = OLD_SECONDS) -> Iterator[Check]:
    """Check that no transaction is prepared, and that none that writes has been open for long.

    One that only read is held to the fence as soon as it writes, so nobody waits for it.
    """
    gids = [gid for (gid,) in connection.execute(_PREPARED)]
    status = Status.FAIL if gids else Status.PASS
    yield Check("prepared_transactions", status, evidence={"side": side, "gids": gids[:NAMED]})
    found = connection.execute(_OPEN, [seconds]).fetchall()
    ((hidden,),) = connection.execute(_HIDDEN).fetchall()
    old = [{"pid": pid, "user": user, "seconds": age} for pid, user, age in found[:NAMED]]
    status = Status.FAIL if old else Status.INCONCLUSIVE if hidden else Status.PASS
    evidence = {"side": side, "open": old, "hidden": hidden}
    yield Check("old_transactions", status, evidence=evidence)
