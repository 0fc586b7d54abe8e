"""Tables that were there before us: compared with what a migration would make, never made again."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from generator.errors import OperationError

# What the migration would make is made for a moment, in a schema of its own, and looked at.
_ASIDE = "tapgen_baseline"
_MADE = re.compile(r"^create table public\.(\w+)", re.MULTILINE)
_MEANT = re.compile(r"\bpublic\.(\w+)")

_TABLE = """
    select c.relkind::text as kind, pg_has_role(c.relowner, 'usage') as ours,
           c.relowner::regrole::text as owner,
           array(select a.attname::text from pg_index i
                 cross join unnest(i.indkey::int2[]) with ordinality k (attnum, at)
                 join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
                 where i.indrelid = c.oid and i.indisprimary order by k.at) as key
    from pg_class c where c.oid = to_regclass(%s)
"""
_COLUMNS = """
    select a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
           a.attnotnull as required, a.atthasdef or a.attidentity <> '' as has_default,
           split_part(pg_get_serial_sequence(%s, a.attname), '.', 2) as sequence
    from pg_attribute a
    where a.attrelid = to_regclass(%s) and a.attnum > 0 and not a.attisdropped order by a.attnum
"""


class Table(NamedTuple):
    """A table as the catalogue has it."""

    kind: str
    ours: bool
    owner: str
    key: list[str]


class Column(NamedTuple):
    """A column of it; *sequence* is what it draws its values from."""

    name: str
    type: str
    required: bool
    has_default: bool
    sequence: str | None


def remaining(connection: Connection[TupleRow], text: str) -> str:
    """Return what of a migration's *text* is still to be done: nothing on tables that are there.

    Raise `OperationError` with every difference between those and what *text* would make of them.
    """
    there = [name for name in _MADE.findall(text) if _table(connection, f"public.{name}")]
    if not there:
        return text
    if found := [each for name in there for each in _differences(connection, name, text)]:
        raise OperationError(f"what is there is not what would be made: {'; '.join(found)}")
    return "".join(each for each in statements(text) if not _concerns(each, there))


def statements(text: str) -> list[str]:
    """Return the statements of a migration that makes tables, which end where lines do."""
    return re.findall(r".*?;\n", text, re.DOTALL)


def _concerns(statement: str, tables: list[str]) -> bool:
    found = _MEANT.search(statement)
    return found is not None and found[1] in tables


def _differences(connection: Connection[TupleRow], name: str, text: str) -> Iterator[str]:
    with connection.transaction(force_rollback=True):
        connection.execute(f"create schema {_ASIDE}")
        connection.execute(text.replace("public.", f"{_ASIDE}.").encode())
        wanted = _table(connection, f"{_ASIDE}.{name}")
        columns = _columns(connection, f"{_ASIDE}.{name}")
    here = f"public.{name}"
    found = _table(connection, here)
    if found is None or wanted is None or found.kind not in "rp":
        yield f"{here} is no table"
        return
    if not found.ours:
        yield f"{here} belongs to {found.owner}, whose member we are not"
    if found.key != wanted.key:
        yield f"{here} has the primary key ({', '.join(found.key)}), not ({', '.join(wanted.key)})"
    yield from _odd(here, _columns(connection, here), columns)


def _odd(table: str, here: Mapping[str, Column], wanted: Mapping[str, Column]) -> Iterator[str]:
    for name in {**here, **wanted}:
        place, found, other = f"{table}.{name}", here.get(name), wanted.get(name)
        if found is None:
            yield f"{place} is missing"
        elif other is None:
            yield f"{place} is one too many"
        else:
            yield from _unlike(place, found, other)


def _unlike(place: str, found: Column, wanted: Column) -> Iterator[str]:
    if found.type != wanted.type:
        yield f"{place} is {found.type}, not {wanted.type}"
    if found.required != wanted.required:
        yield f"{place} {'must not' if found.required else 'may'} be null"
    if wanted.has_default and not found.has_default:
        yield f"{place} has no default"
    elif found.sequence != wanted.sequence:
        yield f"{place} draws from {found.sequence}, not {wanted.sequence}"


def _table(connection: Connection[TupleRow], name: str) -> Table | None:
    with connection.cursor(row_factory=class_row(Table)) as cursor:
        return cursor.execute(_TABLE, (name,)).fetchone()


def _columns(connection: Connection[TupleRow], name: str) -> dict[str, Column]:
    with connection.cursor(row_factory=class_row(Column)) as cursor:
        return {each.name: each for each in cursor.execute(_COLUMNS, (name, name))}
