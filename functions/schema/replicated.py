"""The tables that move: a fence on each, rights on each, and an index for its comparison.

What is replicated is fenced and the other way round, or a cutover would leave a table open.
"""

from collections.abc import Iterator

from psycopg import Connection, sql
from psycopg.rows import TupleRow

from generator.ops import fences
from generator.ops.inventory import Table

from .roles import allowed

_RIGHTS = (
    ("payment_replication", ("select", "insert", "update", "delete")),
    ("payment_validation", ("select",)),
    ("payment_operator", ("select",)),
)
_SEQUENCES = """
    select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'S' and n.nspname = any(%s)
      and not (has_sequence_privilege('payment_validation', c.oid, 'select')
               and has_sequence_privilege('payment_operator', c.oid, 'select')
               and has_sequence_privilege('payment_operator', c.oid, 'update'))
"""
# The columns that an index begins with, each with the collation that it is sorted by.
_INDEXED = """
    select exists (
        select from pg_index i
        join pg_class c on c.oid = i.indexrelid
        join pg_am m on m.oid = c.relam
        where i.indrelid = %(table)s::regclass and m.amname = 'btree' and i.indisvalid
          and i.indpred is null and %(columns)s::text[] = array(
            select a.attname || case (i.indcollation)[k.at - 1] when 0 then ''
                                     else ' ' || (i.indcollation)[k.at - 1]::regcollation end
            from unnest(i.indkey::int2[]) with ordinality k (attnum, at)
            join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
            where k.at <= cardinality(%(columns)s::text[]) order by k.at)
    )
"""
_TEXTS = """
    select attname from pg_attribute
    where attrelid = %s::regclass and attcollation <> 0 and attnum > 0
"""


def secure(connection: Connection[TupleRow], tables: tuple[Table, ...]) -> list[str]:
    """Fence *tables* and let replication in; return what is left to a person. May be repeated."""
    return list(_done(connection, tables))


def _done(connection: Connection[TupleRow], tables: tuple[Table, ...]) -> Iterator[str]:
    schemas = sorted({each.name.partition(".")[0] for each in tables})
    for schema in schemas:
        yield from _try(connection, _usage(schema))
    for name in fences.names(tables):
        if connection.execute("select to_regclass(%s)", (name,)).fetchone() == (None,):
            yield f"-- make {name} as it is on the other side, and apply again"
            continue
        if fences.missing(connection, [name]):
            yield from _try(connection, _fence(name))
        yield from _try(connection, *_rights(connection, name))
    found = connection.execute(_SEQUENCES, (schemas,)).fetchall()
    for (sequence,) in found:
        yield from _try(connection, _sequence(sequence))
    for name in fences.beyond(connection, tables):
        yield f"drop trigger {fences.NAME} on {name};  -- it does not move any more"
    for table in tables:
        yield from _indexes(connection, table)


def _try(connection: Connection[TupleRow], *statements: sql.Composed) -> Iterator[str]:
    for statement in statements:
        if not allowed(connection, statement):
            yield statement.as_string(connection)


def _table(name: str) -> sql.Identifier:
    return sql.Identifier(*name.split("."))


def _usage(schema: str) -> sql.Composed:
    groups = sql.SQL(", ").join(sql.Identifier(role) for role, _ in _RIGHTS)
    return sql.SQL("grant usage on schema {} to {}").format(sql.Identifier(schema), groups)


def _fence(name: str) -> sql.Composed:
    return sql.SQL("drop trigger if exists {fence} on {table}; " + fences.CREATE).format(
        fence=sql.Identifier(fences.NAME), table=_table(name)
    )


def _rights(connection: Connection[TupleRow], name: str) -> Iterator[sql.Composed]:
    for role, rights in _RIGHTS:
        query = "select bool_and(has_table_privilege(%s, %s, each)) from unnest(%s::text[]) each"
        if connection.execute(query, (role, name, list(rights))).fetchone() != (True,):
            yield sql.SQL("grant {} on {} to {}").format(
                sql.SQL(", ").join(map(sql.SQL, rights)), _table(name), sql.Identifier(role)
            )


def _sequence(name: str) -> sql.Composed:
    # The server has quoted the name where it has to be.
    return sql.SQL(
        "grant select on sequence {name} to payment_validation; "
        "grant select, update on sequence {name} to payment_operator"
    ).format(name=sql.SQL(name))


def _indexes(connection: Connection[TupleRow], table: Table) -> Iterator[str]:
    """Yield what makes the indexes that a comparison needs, while others go on writing."""
    if connection.execute("select to_regclass(%s)", (table.name,)).fetchone() == (None,):
        return
    texts = {name for (name,) in connection.execute(_TEXTS, (table.name,))}
    key = [f'{name} "C"' if name in texts else name for name in table.key]
    for columns in (key, [table.updated_at] if table.updated_at else []):
        asked = {"table": table.name, "columns": columns}
        if columns and connection.execute(_INDEXED, asked).fetchone() != (True,):
            shown = ", ".join(columns).replace(' "C"', ' collate "C"')
            yield f"create index concurrently on {table.name} ({shown})"
