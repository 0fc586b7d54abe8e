"""Checks of what replication does not carry, or carries otherwise than it was."""

from collections.abc import Iterator

from psycopg import Connection

from generator.ops import fences
from generator.ops.checks_tables import NAMED
from generator.ops.inventory import Table
from generator.ops.verdict import Check, Status

# Updates and deletes of a table without a key are ignored.
_WITHOUT_KEY = """
    SELECT c.oid::regclass::text FROM pg_class c
    WHERE c.relnamespace = ANY(%s::regnamespace[]) AND c.relkind IN ('r', 'p')
      AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)
    ORDER BY 1
"""

# DMS makes NUMERIC(28,6) of these.
_UNCONSTRAINED = """
    SELECT attrelid::regclass::text || '.' || attname FROM pg_attribute
    WHERE attrelid = ANY(%s::regclass[]) AND attnum > 0 AND NOT attisdropped
      AND atttypid = 'numeric'::regtype AND atttypmod = -1
    ORDER BY 1
"""

# Rows that are applied with session_replication_role = replica were checked by nobody.
_UNVALIDATED = """
    SELECT conrelid::regclass::text || '.' || conname FROM pg_constraint
    WHERE connamespace = ANY(%s::regnamespace[]) AND NOT convalidated
    ORDER BY 1
"""

_DUPLICATES = """
    SELECT key, count(*) FROM public.idempotency_keys GROUP BY key HAVING count(*) > 1
    ORDER BY key LIMIT %s
"""


def schemas(tables: tuple[Table, ...]) -> list[str]:
    """Return the schemas of *tables*."""
    return sorted({each.name.split(".")[0] for each in tables})


def definitions(
    source: Connection, replica: Connection, tables: tuple[Table, ...]
) -> Iterator[Check]:
    """Check keys and numerics of the source, and constraints of the replica."""
    within = schemas(tables)
    names = [each.name for each in tables]
    yield _none("primary_keys", source, _WITHOUT_KEY, within)
    yield _none("unconstrained_numerics", source, _UNCONSTRAINED, names)
    yield _none("validated_constraints", replica, _UNVALIDATED, within)


def fenced(connection: Connection, side: str, tables: tuple[Table, ...]) -> Check:
    """Check that a side that is closed takes no change of any table that is replicated."""
    found = fences.missing(connection, fences.names(tables))
    status = Status.FAIL if found else Status.PASS
    return Check("fence", status, evidence={"side": side, "open": found[:NAMED]})


def duplicates(connection: Connection, side: str) -> Iterator[Check]:
    """Check that no key was taken twice, where the constraint that forbids it was left out."""
    found = connection.execute(_DUPLICATES, [NAMED]).fetchall()
    keys = [{"key": key, "rows": rows} for key, rows in found]
    status = Status.FAIL if keys else Status.PASS
    yield Check("duplicate_idempotency_keys", status, evidence={"side": side, "keys": keys})


def _none(name: str, connection: Connection, query: str, within: list[str]) -> Check:
    found = [each for (each,) in connection.execute(query, [within])]
    status = Status.FAIL if found else Status.PASS
    return Check(name, status, evidence={"found": found[:NAMED], "count": len(found)})
