"""Sequences, which no replication carries over."""

from dataclasses import dataclass

from psycopg import Connection, sql
from psycopg.rows import class_row

from generator.errors import OperationError

# What a sequence gave reads as NULL both where it gave nothing yet and where it may not be read.
_SEQUENCES = """
    SELECT s.schemaname AS schema, s.sequencename AS name, s.max_value AS limit,
           has_sequence_privilege(c.oid, 'SELECT') AS readable,
           coalesce(s.last_value, s.start_value - s.increment_by) AS given,
           d.refobjid::regclass::text AS table, a.attname AS column
    FROM pg_sequences s
    JOIN pg_namespace n ON n.nspname = s.schemaname
    JOIN pg_class c ON c.relname = s.sequencename AND c.relnamespace = n.oid
    LEFT JOIN pg_depend d ON d.objid = c.oid AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
    LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE s.schemaname = ANY(%s) AND s.increment_by > 0
    ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Sequence:
    """An ascending sequence, the last value it gave, and the column that it feeds, if any."""

    schema: str
    name: str
    limit: int
    readable: bool
    given: int
    table: str | None
    column: str | None

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"

    def used(self, connection: Connection) -> int:
        """Return the highest value that was given or that the column holds."""
        if self.table is None or self.column is None:
            return self.given
        query = sql.SQL("SELECT max({}) FROM {}").format(
            sql.Identifier(self.column), sql.SQL(self.table)
        )
        return max(self.given, connection.execute(query).fetchall()[0][0] or self.given)


def sequences(connection: Connection, schemas: list[str]) -> dict[str, Sequence]:
    """Return every ascending sequence of *schemas* by its name."""
    with connection.cursor(row_factory=class_row(Sequence)) as cursor:
        return {str(each): each for each in cursor.execute(_SEQUENCES, [schemas])}


def advance(loser: Connection, winner: Connection, schemas: list[str], gap: int) -> dict[str, int]:
    """Put the winner's sequences *gap* beyond what either side ever gave; return those moved.

    Once done, doing it again changes nothing. Raise `OperationError` where a sequence is missing,
    may not be read, or has no room for the gap.
    """
    theirs, ours = sequences(loser, schemas), sequences(winner, schemas)
    moved = {}
    for name, their in theirs.items():
        our = ours.get(name)
        if our is None or not our.readable or not their.readable:
            raise OperationError(f"sequence {name}: is missing or may not be read")
        goal = their.used(loser) + gap
        if goal > our.limit:
            raise OperationError(f"sequence {name}: {goal} is beyond its last value {our.limit}")
        if our.given < goal:
            _set(winner, our, goal)
            moved[name] = goal
    return moved


def _set(connection: Connection, sequence: Sequence, value: int) -> None:
    name = sql.Identifier(sequence.schema, sequence.name).as_string(connection)
    connection.execute("SELECT setval(%s, %s)", [name, value])
