"""The fence on a table: a trigger that asks, before a statement, whether this side takes writes."""

from collections.abc import Iterable
from typing import LiteralString

from psycopg import Connection

from generator.ops.inventory import Table

NAME = "writers_only"
CREATE: LiteralString = (
    "create trigger {fence} before insert or update or delete or truncate on {table} "
    "for each statement execute function migration_control.refuse_when_closed()"
)

# Before each statement of every kind (62 of tgtype), for all but who replicates, unconditionally.
_STANDS = """
    SELECT FROM pg_trigger t
    WHERE t.tgrelid = c.oid AND t.tgenabled = 'O' AND t.tgtype & 63 = 62 AND t.tgqual IS NULL
      AND t.tgfoid = 'migration_control.refuse_when_closed()'::regprocedure
      AND cardinality(t.tgattr::int2[]) = 0
"""
_MISSING = f"""
    SELECT name FROM unnest(%s::text[]) name LEFT JOIN pg_class c ON c.oid = to_regclass(name)
    WHERE NOT EXISTS ({_STANDS}) ORDER BY 1
"""  # noqa: S608 - constants
_BEYOND = f"""
    SELECT n.nspname || '.' || c.relname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE EXISTS ({_STANDS}) AND c.oid <> ALL (
        SELECT to_regclass(name) FROM unnest(%s::text[]) name WHERE to_regclass(name) IS NOT NULL
    ) ORDER BY 1
"""  # noqa: S608 - constants


def names(tables: Iterable[Table]) -> list[str]:
    """Return what has to be fenced of *tables*: leaves, and what they are leaves of.

    A statement fires the triggers of the table that it names, and of no other.
    """
    every = {name for each in tables for name in (each.name, each.partition_of) if name}
    return sorted(every)


def missing(connection: Connection, tables: Iterable[str]) -> list[str]:
    """Return which of *tables* have no fence that stands, or do not exist."""
    return [name for (name,) in connection.execute(_MISSING, [list(tables)]).fetchall()]


def beyond(connection: Connection, tables: Iterable[Table]) -> list[str]:
    """Return what is fenced beside *tables*."""
    return [name for (name,) in connection.execute(_BEYOND, [names(tables)]).fetchall()]
