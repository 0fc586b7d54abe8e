"""Checks of what both databases hold: totals, digests by ranges of keys."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from psycopg import Connection

from generator.ops import checksums, sums
from generator.ops.clock import Clock
from generator.ops.inventory import Table
from generator.ops.shape import Shape
from generator.ops.verdict import Check, Status

# Everything has to be there: after a fence and a drained marker.
SETTLED = dt.datetime.max.replace(tzinfo=dt.UTC)

# Differences that are named per table; more are counted by their ranges alone.
NAMED = 20


@dataclass(frozen=True, slots=True)
class Pair:
    """The side that writes, the one that follows it, and up to when it certainly followed.

    What was changed after *horizon* may still be on its way, so it proves nothing. *settle* lets
    the replica catch up with all that was written before the call, and says whether it did.
    """

    source: Connection
    replica: Connection
    horizon: dt.datetime
    settle: Callable[[], bool]
    clock: Clock


def totals(pair: Pair, table: Table) -> Iterator[Check]:
    """Check counts and sums of money by day and currency."""
    here = sums.totals(pair.source, table, pair.horizon)
    there = sums.totals(pair.replica, table, pair.horizon)
    odd = sorted(group for group in {**here, **there} if here.get(group) != there.get(group))
    delta = sum(_delta(here.get(group), there.get(group)) for group in odd)
    evidence = {
        "table": table.name,
        "rows": sum(each.rows for each in here.values()),
        "delta_minor_units": delta,
        "groups": [_group(group, here.get(group), there.get(group)) for group in odd[:NAMED]],
    }
    status = Status.PASS
    if odd:
        recent = sums.changed_since(pair.source, table, pair.horizon)
        status = Status.INCONCLUSIVE if recent else Status.FAIL
    yield Check("totals", status, evidence=evidence)


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison found so far, and the key to go on behind; None where the table ended."""

    check: Check
    after: checksums.Key | None


def compare(pair: Pair, shape: Shape, after: checksums.Key | None, until: dt.datetime) -> Compared:
    """Compare digests range by range behind *after*, until the table ends or time is up."""
    rows, recent = 0, 0
    lost: list[dict[str, object]] = []
    for each in checksums.ranges(pair.source, pair.replica, shape, after):
        rows, after = rows + each.rows, each.upto
        if not each.equal and len(lost) < NAMED:
            judged = list(_judged(pair, shape, each))
            lost += [_place(odd, each) for odd, status in judged if status is Status.FAIL]
            recent += sum(status is Status.INCONCLUSIVE for _, status in judged)
        elif not each.equal:
            recent += 1  # a range that differs but was not looked into proves nothing by itself
        if after is not None and pair.clock.now() >= until:
            break
    status = Status.FAIL if lost else Status.INCONCLUSIVE if recent or after else Status.PASS
    evidence = {
        "table": shape.table.name,
        "rows": rows,
        "differences": lost[:NAMED],
        "recent": recent,
        "behind": after,
    }
    return Compared(Check("checksums", status, evidence=evidence), after)


def recent(pair: Pair, shape: Shape, since: dt.datetime) -> Check:
    """Check that what was changed after *since* is the same on both sides, where nobody writes."""
    here = checksums.changed(pair.source, shape, since)
    there = checksums.changed(pair.replica, shape, since)
    evidence = {
        "table": shape.table.name,
        "since": since.isoformat(),
        "source": here[0],
        "replica": there[0],
    }
    return Check("recent_rows", Status.PASS if here == there else Status.FAIL, evidence=evidence)


def _judged(
    pair: Pair, shape: Shape, found: checksums.Range
) -> Iterator[tuple[checksums.Difference, Status]]:
    """Yield what differs in *found*, and whether that proves anything."""
    odd = checksums.differences(pair.source, pair.replica, shape, found)
    late = Status.FAIL
    if odd and shape.table.updated_at is None and pair.horizon != SETTLED:
        # Nothing tells when a row changed; what was on its way is there a second time.
        late = Status.FAIL if pair.settle() else Status.INCONCLUSIVE
        again = set(checksums.differences(pair.source, pair.replica, shape, found))
        odd = [each for each in odd if each in again]
    for each in odd:
        recent = each.moment is not None and each.moment > pair.horizon
        yield each, Status.INCONCLUSIVE if recent else late


def _place(odd: checksums.Difference, found: checksums.Range) -> dict[str, object]:
    return {"key": odd.key, "kind": odd.kind, "behind": found.after, "upto": found.upto}


def _delta(here: sums.Totals | None, there: sums.Totals | None) -> int:
    width = len((here or there or sums.Totals(0, ())).money)
    nothing = sums.Totals(0, (Decimal(),) * width)
    pairs = zip((here or nothing).money, (there or nothing).money, strict=True)
    return int(sum(abs(ours - theirs) for ours, theirs in pairs))


def _group(
    group: sums.Group, here: sums.Totals | None, there: sums.Totals | None
) -> dict[str, object]:
    told = {
        side: {"rows": each.rows, "money": [str(amount) for amount in each.money]} if each else None
        for side, each in (("source", here), ("replica", there))
    }
    return {"day": group[0], "currency": group[1], **told}
