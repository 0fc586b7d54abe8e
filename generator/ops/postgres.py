"""Connections to PostgreSQL: TLS verified to the host's name, time limits, one kept and replaced.

How a password comes about is injected: an IAM token for Aurora, a secret on premises. It is asked
for at each new connection, so that a token that expired or a secret that rotated costs nothing.
"""

import hashlib
import math
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import Connection, OperationalError
from psycopg.abc import RV, PQGen
from psycopg.rows import TupleRow

Password = Callable[[], str]

# What was not used for longer is not trusted: whoever forgot it on the way may not have said so.
KEPT_SECONDS = 60.0

# Going, or no longer the writer (a failover left us on what is now a reader).
_GOING = frozenset({"25006", "57P01", "57P02", "57P03", "57P05", "53300"})
_CLASSES = ("08", "28")  # the connection itself, and who may have one


def lost(error: psycopg.Error) -> bool:
    """Say whether *error* ended the connection or makes it useless: another may serve."""
    if error.sqlstate is None:
        return isinstance(error, OperationalError)
    return error.sqlstate in _GOING or error.sqlstate.startswith(_CLASSES)


@dataclass(frozen=True, slots=True)
class Server:
    """A database, whom to be there, and whose certificates to trust."""

    host: str
    port: int
    database: str
    user: str
    ca: Path


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait, in seconds; `None` is for ever."""

    connect: int = 3
    statement: float | None = 5
    lock: float | None = 3
    idle: float | None = 10  # in a transaction that its client has left


class Timed(Connection[TupleRow]):
    """A connection that waits for answers until a moment, by our own clock, and is lost then.

    The limits of the server are no use where nothing is heard of it. Nor are those of TCP where
    what stands between, a pooler say, takes every packet.
    """

    until = math.inf

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait as ever, or raise `OperationalError` when it is too late."""
        if math.isfinite(self.until):
            timeout = max(0.0, self.until - time.monotonic())
        return super().wait(gen, interval, timeout)


def authority(pem: str, folder: Path | None = None) -> Path:
    """Write certificates that came as text to a file, as libpq wants them; return its path."""
    folder = folder or Path(tempfile.gettempdir())
    path = folder / f"ca-{hashlib.sha256(pem.encode()).hexdigest()[:16]}.pem"
    path.write_text(pem, encoding="ascii")
    return path


def connect(server: Server, password: Password, limits: Limits | None = None) -> Timed:
    """Open a connection in autocommit; raise `psycopg.OperationalError` where that fails."""
    limits = limits or Limits()
    return Timed.connect(
        host=server.host,
        port=server.port,
        dbname=server.database,
        user=server.user,
        password=password(),
        sslmode="verify-full",
        sslrootcert=str(server.ca),
        ssl_min_protocol_version="TLSv1.2",
        gssencmode="disable",
        application_name="tapgen",
        connect_timeout=limits.connect,
        options=_options(limits),
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=2,
        tcp_user_timeout=10_000,
        autocommit=True,
        prepare_threshold=None,  # a pooler may hand every transaction another server process
    )


def _options(limits: Limits) -> str:
    """Return the settings of the session; they travel with the connection, at no extra cost."""
    settings: Mapping[str, float | None] = {
        "statement_timeout": limits.statement,
        "lock_timeout": limits.lock,
        "idle_in_transaction_session_timeout": limits.idle,
    }
    return " ".join(
        f"-c {name}={int(seconds * 1000)}" for name, seconds in settings.items() if seconds
    )


class Database:
    """One connection to a database, opened when first asked for and replaced once it is broken.

    Or once it lay idle: a sandbox that is frozen between two requests sends no keepalives, so the
    time of day tells.
    """

    def __init__(self, open_: Callable[[], Timed], clock: Callable[[], float] = time.time) -> None:
        self._open = open_
        self._clock = clock
        self._connection: Timed | None = None
        self._used = 0.0

    @contextmanager
    def connection(self) -> Iterator[Timed]:
        """Lend the connection; one that breaks meanwhile is dropped, and the error goes on."""
        if self._clock() - self._used > KEPT_SECONDS:
            self.close()
        if self._connection is None or self._connection.closed:
            self._connection = self._open()
        try:
            yield self._connection
        except psycopg.Error as error:
            if lost(error):
                self.close()
            raise
        self._used = self._clock()

    def close(self) -> None:
        """Let go of the connection; the next one to ask opens another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
