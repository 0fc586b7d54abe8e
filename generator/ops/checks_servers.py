"""Checks of the servers themselves: who is let in without TLS, how long certificates last."""

import datetime as dt
from collections.abc import Iterator

from psycopg import Connection, OperationalError

from generator.ops.certificates import expiry
from generator.ops.clock import Clock
from generator.ops.control import Writer
from generator.ops.postgres import Server
from generator.ops.verdict import Check, Severity, Status

# Aurora renews by itself before the first; at the second somebody has to.
SOON = dt.timedelta(days=30)
URGENT = dt.timedelta(days=7)


def servers(server: Server, side: Writer, clock: Clock) -> Iterator[Check]:
    """Check what *server* shows and whom it turns away."""
    yield _clear_text(server, side)
    left = expiry(server.host, server.port, server.ca.read_text(encoding="ascii")) - clock.now()
    severity: Severity = "error" if left < URGENT else "warning"
    status = Status.PASS if left >= SOON else Status.FAIL
    evidence = {"side": side.value, "days_left": left.days}
    yield Check("certificate", status, severity, evidence)


def _clear_text(server: Server, side: Writer) -> Check:
    try:
        Connection.connect(
            host=server.host,
            port=server.port,
            dbname=server.database,
            user=server.user,
            sslmode="disable",
            gssencmode="disable",
            connect_timeout=5,
        ).close()
    except OperationalError as error:
        # The server says so by itself; anything else is a failure to reach it.
        status = Status.PASS if "no encryption" in str(error) else Status.INCONCLUSIVE
        answer = str(error).strip()
    else:
        status, answer = Status.FAIL, "connected"
    return Check("tls_required", status, evidence={"side": side.value, "answer": answer})
