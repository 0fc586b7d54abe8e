"""Everything that is checked of two databases: what they hold, and what is between them."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import partial

import psycopg
from botocore.exceptions import BotoCoreError, ClientError
from psycopg import Connection

from generator.errors import OperationError, RefusedError
from generator.ops import checks_schema, checks_sequences
from generator.ops.checks_tables import SETTLED, Pair, compare, recent, totals
from generator.ops.clock import Clock
from generator.ops.inventory import Table
from generator.ops.shape import shape
from generator.ops.side import Side, drain
from generator.ops.verdict import Check, Status, Verdict

FAILURES = (OperationError, psycopg.Error, BotoCoreError, ClientError)

# What was committed last may carry the time of its transaction's begin: as long as one may take.
MARGIN = dt.timedelta(seconds=15)
MARKERS_KEPT_DAYS = 1
MARKER_MISSING = 60.0

# Whoever asks for a replica to catch up has as much time for it.
SETTLE_SECONDS = 30.0

# Within a fence there is time for what was written of late; the rest was compared before.
LATE = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Resume:
    """Where a comparison goes on: behind a key of a table, or at its beginning."""

    table: str
    behind: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Compared:
    """A verdict, and where to take the comparison up again if time was too short for all of it."""

    verdict: Verdict
    resume: Resume | None = None

    def document(self) -> dict[str, object]:
        """Return both for machines."""
        return {**self.verdict.document(), "resume": self.resume and asdict(self.resume)}


@dataclass(frozen=True, slots=True)
class Databases:
    """The side that writes, the one that follows, and the tables that both should hold alike."""

    source: Side
    replica: Side
    tables: tuple[Table, ...]
    clock: Clock
    sequences_gap: int = 0

    def beat(self) -> Check:
        """Check for how many seconds a marker has been missing; write one to be missed next time.

        Of several it is the oldest: what was committed before it has arrived, and no more is known.
        """
        missing = self._missing()
        self.source.mark()
        self.source.forget(MARKERS_KEPT_DAYS)
        status = Status.INCONCLUSIVE
        if missing is not None:
            status = Status.PASS if missing <= MARKER_MISSING else Status.FAIL
        return Check("marker_age", status, evidence={"seconds": missing})

    def settle(self, within: float = SETTLE_SECONDS) -> bool:
        """Let the replica catch up with all that was written so far; say whether it did."""
        try:
            drain(self.source, self.replica, self.clock, within=within)
        except OperationError:
            return False
        return True

    def follows(self, within: float = SETTLE_SECONDS) -> Check:
        """Check that the replica catches up *within* some seconds."""
        status = Status.PASS if self.settle(within) else Status.INCONCLUSIVE
        return Check("replica_follows", status, evidence={"within_seconds": within})

    def quick(self) -> Iterator[Check]:
        """Check what a query or two can tell of each table."""
        yield from guarded("marker_age", lambda: [self.beat()])
        yield from guarded("definitions", self._definitions)
        yield from guarded("sequence", self._sequences)
        pair = self._pair(self._horizon())
        for table in self.tables:
            yield from guarded("totals", partial(totals, pair, table))

    def carried(self) -> Iterator[Check]:
        """Check that sequences were carried over: true only in the midst of a move."""
        yield from guarded("sequence_position", partial(checks_sequences.positions, *self._ends()))

    def settled(self) -> Verdict:
        """Compare what was written of late, where nobody writes and everything has arrived."""
        pair = self._pair(SETTLED)
        since = self.source.now() - LATE
        shapes = [shape(pair.source, pair.replica, table) for table in self.tables]
        return Verdict(tuple(recent(pair, each, since) for each in shapes))

    def compare(self, resume: Resume | None, until: dt.datetime) -> Compared:
        """Compare every row of every table, from where *resume* says, while there is time.

        What *resume* named is the rest of one table and all tables behind it.
        """
        names = [table.name for table in self.tables]
        begin = resume or Resume(names[0], None)
        if begin.table not in names:
            raise RefusedError(f"{begin.table} is no table of this migration")
        pair = self._pair(self._horizon())
        checks: list[Check] = []
        for table in self.tables[names.index(begin.table) :]:
            behind = begin.behind if table.name == begin.table else None
            # At least one range a call, or a call that is always late would never end.
            if checks and self.clock.now() >= until:
                return Compared(Verdict((*checks, _cut_short(table))), Resume(table.name, None))
            try:
                form = shape(pair.source, pair.replica, table)
                found = compare(pair, form, behind, until)
            except FAILURES as error:
                checks.append(_unanswered("checksums", error))
                continue
            checks.append(found.check)
            if found.after is not None:
                return Compared(Verdict(tuple(checks)), Resume(table.name, found.after))
        return Compared(Verdict(tuple(checks)))

    def _missing(self) -> float | None:
        """Return how old the oldest marker is that has not arrived, 0 if all have; or None."""
        newest = self.replica.newest(self.source.writer)
        if newest is None:
            return None
        behind = self.source.oldest_behind(newest)
        return (self.source.now() - behind).total_seconds() if behind else 0.0

    def _pair(self, horizon: dt.datetime) -> Pair:
        return Pair(
            self.source.connection, self.replica.connection, horizon, self.settle, self.clock
        )

    def _horizon(self) -> dt.datetime:
        """Return the moment up to which the replica has certainly followed."""
        newest = self.replica.newest(self.source.writer)
        return newest - MARGIN if newest else dt.datetime.min.replace(tzinfo=dt.UTC)

    def _definitions(self) -> Iterator[Check]:
        source, replica = self.source.connection, self.replica.connection
        yield from checks_schema.definitions(source, replica, self.tables)
        for side in (self.source, self.replica):
            yield checks_schema.fenced(side.connection, side.writer.value, self.tables)
            yield from checks_schema.duplicates(side.connection, side.writer.value)

    def _sequences(self) -> Iterator[Check]:
        return checks_sequences.room(*self._ends(), self.sequences_gap)

    def _ends(self) -> tuple[Connection, Connection, list[str]]:
        within = checks_schema.schemas(self.tables)
        return self.source.connection, self.replica.connection, within


def guarded(name: str, checks: Callable[[], Iterable[Check]]) -> Iterator[Check]:
    """Yield *checks*; what could not be asked is inconclusive, and keeps nothing else from it."""
    try:
        yield from checks()
    except FAILURES as error:
        yield _unanswered(name, error)


def _unanswered(name: str, error: Exception) -> Check:
    return Check(name, Status.INCONCLUSIVE, evidence={"error": str(error)})


def _cut_short(table: Table) -> Check:
    return Check("checksums", Status.INCONCLUSIVE, evidence={"table": table.name, "rows": 0})
