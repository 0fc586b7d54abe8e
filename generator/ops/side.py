"""One of the two databases, as an operator sees it: its fence, its markers."""

import datetime as dt
import uuid
from dataclasses import dataclass

from psycopg import Connection, errors

from generator.ops.clock import Clock, poll
from generator.ops.control import Writer

# Who writes holds this until it commits, and nobody's fence waits for it for ever.
_HOLDERS = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (classid::bigint << 32) | objid::bigint = migration_control.writer_lock()
"""


@dataclass(frozen=True, slots=True)
class Side:
    """A database and its name in the control state."""

    writer: Writer
    connection: Connection

    def close(self, epoch: int) -> None:
        """Refuse writers from here on, and return when no write is under way any more.

        A database that knows of a later epoch refuses: somebody else moves the writer.
        """
        try:
            self._fence("close_writes", epoch)
        except (errors.LockNotAvailable, errors.QueryCanceled):
            self.connection.execute(_HOLDERS)
            self._fence("close_writes", epoch)

    def open(self, epoch: int) -> None:
        """Accept writers of *epoch*; refused where a later epoch is known."""
        self._fence("open_writes", epoch)

    def takes(self, epoch: int) -> bool:
        """Say whether writers of *epoch* are accepted."""
        query = "SELECT open AND epoch = %s FROM migration_control.writer_epoch"
        return self.connection.execute(query, [epoch]).fetchone() == (True,)

    def opened_behind(self, epoch: int) -> bool:
        """Say whether writers of a later epoch than *epoch* were ever accepted."""
        query = "SELECT FROM migration_control.writer_history WHERE open AND epoch > %s LIMIT 1"
        return self.connection.execute(query, [epoch]).fetchone() is not None

    def mark(self) -> uuid.UUID:
        """Write a marker: once it is on the other side, so is all that was committed before."""
        marker = uuid.uuid4()
        query = "INSERT INTO migration_control.marker (id, origin) VALUES (%s, %s)"
        self.connection.execute(query, [marker, self.writer.value])
        return marker

    def has(self, marker: uuid.UUID) -> bool:
        """Say whether *marker* is here."""
        query = "SELECT FROM migration_control.marker WHERE id = %s"
        return self.connection.execute(query, [marker]).fetchone() is not None

    def newest(self, origin: Writer) -> dt.datetime | None:
        """Return when the newest marker of *origin* that is here was written there."""
        query = "SELECT max(written_at) FROM migration_control.marker WHERE origin = %s"
        ((newest,),) = self.connection.execute(query, [origin.value]).fetchall()
        return newest if isinstance(newest, dt.datetime) else None

    def oldest_behind(self, moment: dt.datetime) -> dt.datetime | None:
        """Return when the oldest of this side's markers was written that is newer than *moment*."""
        query = """
            SELECT min(written_at) FROM migration_control.marker
            WHERE origin = %s AND written_at > %s
        """
        ((oldest,),) = self.connection.execute(query, [self.writer.value, moment]).fetchall()
        return oldest if isinstance(oldest, dt.datetime) else None

    def forget(self, days: int) -> None:
        """Delete markers of this side that are older than *days*."""
        query = """
            DELETE FROM migration_control.marker
            WHERE origin = %s AND written_at < now() - make_interval(days => %s)
        """
        self.connection.execute(query, [self.writer.value, days])

    def now(self) -> dt.datetime:
        """Return this side's time, which its markers carry."""
        ((now,),) = self.connection.execute("SELECT clock_timestamp()").fetchall()
        return dt.datetime.fromisoformat(str(now))

    def _fence(self, function: str, epoch: int) -> None:
        # On disk before anybody relies on it, however the server is set.
        with self.connection.transaction():
            self.connection.execute("SET LOCAL synchronous_commit = on")
            self.connection.execute(f"SELECT migration_control.{function}(%s)", [epoch])


def drain(loser: Side, winner: Side, clock: Clock, *, within: float) -> None:
    """Return when the winner has everything that the loser committed before this call."""
    marker = loser.mark()
    poll(
        lambda: winner.has(marker),
        clock,
        every=0.5,
        within=within,
        awaited=f"what {loser.writer} wrote has not arrived at {winner.writer}",
    )
