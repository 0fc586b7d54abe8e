"""How a replicated table is read, so that two servers print the same row with the same text."""

from dataclasses import dataclass

from psycopg import Connection, sql

from generator.errors import OperationError
from generator.ops.inventory import Table

# Whatever a server, a database or a role says otherwise.
_PRINTING = (
    "SET TimeZone = 'UTC'",
    "SET DateStyle = 'ISO, YMD'",
    "SET IntervalStyle = 'iso_8601'",
    "SET extra_float_digits = 1",
    "SET bytea_output = 'hex'",
)

_COLUMNS = """
    SELECT attname, format_type(atttypid, atttypmod), attcollation <> 0
    FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
    ORDER BY attname
"""


@dataclass(frozen=True, slots=True)
class Shape:
    """A table as its key orders it; its *texts* by their bytes, as on every server.

    Two servers that name the same collation may still sort differently: it is their C library's.
    """

    table: Table
    columns: tuple[str, ...]
    types: dict[str, str]
    texts: frozenset[str]

    @property
    def name(self) -> sql.Identifier:
        """The table, with its schema."""
        return sql.Identifier(*self.table.name.split("."))

    @property
    def key(self) -> sql.Composed:
        """The key's columns, as they are compared and sorted."""
        return sql.SQL(", ").join(self._ordered(column) for column in self.table.key)

    @property
    def key_texts(self) -> sql.Composed:
        """The key of a row, as an array of texts."""
        parts = [sql.SQL("{}::text").format(sql.Identifier(each)) for each in self.table.key]
        return sql.SQL("ARRAY[{}]").format(sql.SQL(", ").join(parts))

    @property
    def digest(self) -> sql.Composed:
        """The digest of a row: md5 of a text that tells NULL from an empty one."""
        columns = sql.SQL(", ").join(map(sql.Identifier, self.columns))
        return sql.SQL("md5(ROW({})::text)").format(columns)

    def values(self, key: tuple[str, ...]) -> sql.Composed:
        """Return *key*, read as texts before, as values to compare with."""
        typed = zip(key, self.table.key, strict=True)
        casts = [
            sql.SQL("{}::{}").format(sql.Literal(text), sql.SQL(self.types[column]))
            for text, column in typed
        ]
        return sql.SQL(", ").join(casts)

    def _ordered(self, column: str) -> sql.Composable:
        name = sql.Identifier(column)
        return sql.SQL('{} COLLATE "C"').format(name) if column in self.texts else name


def shape(source: Connection, replica: Connection, table: Table) -> Shape:
    """Return how both sides read *table*; raise `OperationError` where their columns differ."""
    for connection in (source, replica):
        for setting in _PRINTING:
            connection.execute(setting)
    here, there = (_columns(each, table.name) for each in (source, replica))
    types = {name: kind for name, (kind, _) in here.items()}
    if odd := sorted(types.items() ^ {(name, kind) for name, (kind, _) in there.items()}):
        raise OperationError(f"{table.name}: both sides differ in column {odd[0][0]}")
    if missing := sorted({*table.key, *table.money} - types.keys()):
        raise OperationError(f"{table.name}: has no column {', '.join(missing)}")
    texts = frozenset(name for name, (_, collated) in here.items() if collated)
    return Shape(table, tuple(types), types, texts)


def _columns(connection: Connection, name: str) -> dict[str, tuple[str, bool]]:
    found = connection.execute(_COLUMNS, [name]).fetchall()
    return {column: (kind, collated) for column, kind, collated in found}
