"""Counts and sums of money by currency and day: what finance asks for first."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from psycopg import Connection, sql

from generator.ops.inventory import Table

Group = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Totals:
    """Rows and sums of money of one day and currency."""

    rows: int
    money: tuple[Decimal, ...]


def totals(connection: Connection, table: Table, horizon: dt.datetime) -> dict[Group, Totals]:
    """Return totals by day and currency of the rows that were last changed up to *horizon*."""
    query = sql.SQL("""
        SELECT {day}, {currency}, count(*), {sums} FROM {table} WHERE {within} GROUP BY 1, 2
    """).format(
        day=_day(table),
        currency=sql.SQL("{}::text").format(sql.Identifier(table.currency))
        if table.currency
        else sql.SQL("''"),
        sums=_sums(table),
        table=sql.Identifier(*table.name.split(".")),
        within=_within(table, horizon),
    )
    answer = connection.execute(query).fetchall()
    return {(day, currency): Totals(rows, tuple(sums)) for day, currency, rows, sums in answer}


def changed_since(connection: Connection, table: Table, horizon: dt.datetime) -> bool:
    """Say whether any row was changed after *horizon*; where no column tells, it may be."""
    if table.updated_at is None:
        return horizon != dt.datetime.max.replace(tzinfo=dt.UTC)
    query = sql.SQL("SELECT EXISTS (SELECT FROM {} WHERE NOT {})").format(
        sql.Identifier(*table.name.split(".")), _within(table, horizon)
    )
    return bool(connection.execute(query).fetchall()[0][0])


def _day(table: Table) -> sql.Composable:
    if table.updated_at is None:
        return sql.SQL("''")
    return sql.SQL("({} AT TIME ZONE 'UTC')::date::text").format(sql.Identifier(table.updated_at))


def _sums(table: Table) -> sql.Composed:
    sums = [
        sql.SQL("coalesce(sum({}), 0)::numeric").format(sql.Identifier(column))
        for column in table.money
    ]
    return sql.SQL("ARRAY[{}]::numeric[]").format(sql.SQL(", ").join(sums))


def _within(table: Table, horizon: dt.datetime) -> sql.Composable:
    if table.updated_at is None:
        return sql.SQL("true")
    return sql.SQL("{} <= {}").format(sql.Identifier(table.updated_at), sql.Literal(horizon))
