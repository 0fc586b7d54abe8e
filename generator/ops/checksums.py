"""Two copies of a table compared by ranges of its key: digests first, rows where they differ."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from psycopg import Connection, sql

from generator.ops.shape import Shape

# Rows of a range: as many are held in memory, per side, where a range differs.
CHUNK = 10_000

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """Rows behind *after* up to and with *upto*; None is the table's own end."""

    after: Key | None
    upto: Key | None
    rows: int
    equal: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that both sides do not hold alike, and when the newer of them was changed."""

    key: Key
    kind: str
    moment: dt.datetime | None
    digests: tuple[str | None, str | None]


def ranges(
    source: Connection, replica: Connection, shape: Shape, after: Key | None = None
) -> Iterator[Range]:
    """Compare range by range, beginning behind *after*; each is one query on either side.

    The last range is open, so that what only the replica has at the end is found too.
    """
    while True:
        rows, digest, last = _chunk(source, shape, after)
        upto = last if rows == CHUNK else None
        equal = _sum(replica, shape, _within(shape, after, upto)) == (rows, digest)
        yield Range(after, upto, rows, equal)
        if upto is None:
            return
        after = upto


def differences(
    source: Connection, replica: Connection, shape: Shape, found: Range
) -> list[Difference]:
    """Return what differs within *found*, row by row."""
    here, there = _rows(source, shape, found), _rows(replica, shape, found)
    return [
        _difference(key, here.get(key), there.get(key))
        for key in {**here, **there}
        if here.get(key, ("",))[0] != there.get(key, ("",))[0]
    ]


def changed(connection: Connection, shape: Shape, since: dt.datetime) -> tuple[int, str]:
    """Return count and digest of what was changed after *since*; an index finds it at once."""
    column = shape.table.updated_at
    if column is None:
        return 0, ""
    within = sql.SQL("{} > {}").format(sql.Identifier(column), sql.Literal(since))
    return _sum(connection, shape, within)


_Row = tuple[str, dt.datetime | None]


def _difference(key: Key, here: _Row | None, there: _Row | None) -> Difference:
    kind = "missing" if there is None else "unexpected" if here is None else "changed"
    moments = [row[1] for row in (here, there) if row and row[1]]
    digests = (here and here[0], there and there[0])
    return Difference(key, kind, max(moments, default=None), digests)


def _chunk(connection: Connection, shape: Shape, after: Key | None) -> tuple[int, str, Key | None]:
    query = sql.SQL("""
        WITH chunk AS (
            SELECT {key_texts} AS key, {digest} AS digest, row_number() OVER () AS at
            FROM (SELECT * FROM {table} WHERE {within} ORDER BY {key} LIMIT {limit}) rows
        )
        SELECT count(*), {total}, (SELECT key FROM chunk ORDER BY at DESC LIMIT 1) FROM chunk
    """).format(
        key_texts=shape.key_texts,
        digest=shape.digest,
        table=shape.name,
        within=_within(shape, after, None),
        key=shape.key,
        limit=sql.Literal(CHUNK),
        total=_TOTAL,
    )
    ((rows, total, last),) = connection.execute(query).fetchall()
    return rows, total, tuple(last) if last else None


def _sum(connection: Connection, shape: Shape, within: sql.Composable) -> tuple[int, str]:
    query = sql.SQL("""
        SELECT count(*), {total} FROM (SELECT {digest} AS digest FROM {table} WHERE {within}) rows
    """).format(digest=shape.digest, table=shape.name, within=within, total=_TOTAL)
    ((rows, total),) = connection.execute(query).fetchall()
    return rows, total


def _rows(connection: Connection, shape: Shape, found: Range) -> dict[Key, _Row]:
    # What only the replica has is as much as it likes: never more than two ranges are fetched.
    column = shape.table.updated_at
    query = sql.SQL("""
        SELECT {key_texts}, {digest}, {moment} FROM {table} WHERE {within}
        ORDER BY {key} LIMIT {limit}
    """).format(
        key_texts=shape.key_texts,
        digest=shape.digest,
        moment=sql.Identifier(column) if column else sql.SQL("NULL::timestamptz"),
        table=shape.name,
        within=_within(shape, found.after, found.upto),
        key=shape.key,
        limit=sql.Literal(2 * CHUNK),
    )
    answer = connection.execute(query).fetchall()
    return {tuple(key): (digest, moment) for key, digest, moment in answer}


# A sum does not depend on an order, which both servers would have to agree on.
_TOTAL = sql.SQL("coalesce(sum(('x' || left(digest, 16))::bit(64)::bigint), 0)::text")


def _within(shape: Shape, after: Key | None, upto: Key | None) -> sql.Composed:
    parts: list[sql.Composable] = [sql.SQL("true")]
    for sign, key in ((sql.SQL(">"), after), (sql.SQL("<="), upto)):
        if key is not None:
            parts.append(sql.SQL("({}) {} ({})").format(shape.key, sign, shape.values(key)))
    return sql.SQL(" AND ").join(parts)
