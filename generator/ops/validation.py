"""Everything that is checked of two databases: what they hold, and what is between them."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import psycopg
from botocore.exceptions import BotoCoreError, ClientError

from generator.errors import OperationError
from generator.ops import checks_schema
from generator.ops.checks_tables import (
    SETTLED,
    Pair,
    compare,
    recent,
    sequence_positions,
    totals,
)
from generator.ops.clock import Clock
from generator.ops.inventory import Table
from generator.ops.shape import shape
from generator.ops.side import Side, drain
from generator.ops.verdict import Check, Status, Verdict

FAILURES = (OperationError, psycopg.Error, BotoCoreError, ClientError)

# What was committed last may carry the time at which its transaction began: as long as one may take.
MARGIN = dt.timedelta(seconds=15)
MARKERS_KEPT_DAYS = 1
MARKER_AGE = 60.0

# Whoever asks for a replica to catch up has as much time for it.
SETTLE_SECONDS = 30.0

# Within a fence there is time for what was written of late; the rest was compared before.
LATE = dt.timedelta(hours=1)

Resume = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Compared:
    """A verdict, and where to take the comparison up again if time was too short for all of it."""

    verdict: Verdict
    resume: Resume | None = None

    def document(self) -> dict[str, object]:
        """Return both for machines."""
        return {**self.verdict.document(), "resume": self.resume}


@dataclass(frozen=True, slots=True)
class Databases:
    """The side that writes, the one that follows, and the tables that both should hold alike."""

    source: Side
    replica: Side
    tables: tuple[Table, ...]
    clock: Clock

    def beat(self) -> Check:
        """Write a marker, and check the age in seconds of the newest that has arrived."""
        self.source.mark()
        self.source.forget(MARKERS_KEPT_DAYS)
        newest = self.replica.newest(self.source.writer)
        age = (self.source.now() - newest).total_seconds() if newest else None
        status = Status.INCONCLUSIVE
        if age is not None:
            status = Status.PASS if age <= MARKER_AGE else Status.FAIL
        return Check("marker_age", status, evidence={"seconds": age})

    def quick(self) -> Iterator[Check]:
        """Check what one query or two can tell: the gate before a cutover."""
        yield from guarded("marker_age", lambda: [self.beat()])
        yield from guarded("definitions", self._definitions)
        yield from guarded("sequence", self._sequences)
        for table in self.tables:
            yield from guarded("totals", lambda table=table: totals(self._pair(), table))

    def settled(self) -> Verdict:
        """Compare what was written of late, where nobody writes and everything has arrived."""
        pair = self._pair(SETTLED)
        since = self.source.now() - LATE
        shapes = [shape(pair.source, pair.replica, table) for table in self.tables]
        return Verdict(tuple(recent(pair, each, since) for each in shapes))

    def compare(self, resume: Resume | None, until: dt.datetime) -> Compared:
        """Compare every row of every table, beginning where *resume* says, while there is time."""
        checks: list[Check] = []
        begun = resume is None
        for table in self.tables:
            begun = begun or table.name == resume["table"]
            if not begun:
                continue
            after = tuple(resume["behind"])
        return Compared(Verdict(tuple(checks)))
