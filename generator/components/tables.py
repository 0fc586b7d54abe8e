"""The tables that move: what tells their rows apart, and what finance adds up in them."""

from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import Field

from generator.model.component import Component, Strict
from generator.model.fields import matching
from generator.model.rule import Finding, rule

Column = Annotated[
    str,
    Field(max_length=63),
    *matching(r"[a-z_][a-z0-9_]*", "a column such as amount"),
]
TableName = Annotated[
    str,
    Field(max_length=127),
    *matching(
        r"[a-z_][a-z0-9_]{0,62}\.[a-z_][a-z0-9_]{0,62}",
        "a table with its schema, such as public.payments",
    ),
]
PAYMENT_TABLES = (
    "public.idempotency_keys", "public.payment_events", "public.payments", "public.refunds",
)  # fmt: skip
"""What the payment API writes; a key that is left behind lets its payment be taken again."""
MARKER = "migration_control.marker"
"""The row written last before a cutover: seen on the other side, everything before it is there."""
OWN_SCHEMAS = (
    "awsdms_control", "dms_heartbeat", "dms_loop_aws", "dms_loop_onprem", "information_schema",
    "migration_control", "pg_catalog", "pg_toast",
)  # fmt: skip
"""Schemas that PostgreSQL, DMS and the migration keep for themselves."""


class Table(Strict):
    """A table that is copied and then kept the same on both sides."""

    name: TableName = Field(description="The table with its schema; of a partitioned one, a leaf.")
    key: tuple[Column, ...] = Field(
        min_length=1,
        description="Columns of the primary key, without which changes to a row are lost.",
    )
    money: tuple[Column, ...] = Field(
        default=(), description="Columns of amounts, whose sums have to agree on both sides."
    )
    currency: Column | None = Field(
        default=None, description="Column that says what the amounts are in."
    )
    updated_at: Column | None = Field(
        default=None, description="Column of a row's last change, to compare the newest rows first."
    )
    partition_of: TableName | None = Field(
        default=None, description="The partitioned table that this is a leaf of."
    )
    lob_max_kb: int | None = Field(
        default=None,
        ge=1,
        le=102400,
        description="Largest value of a column in KB, where the table differs from the others.",
    )
    split_at: tuple[str, ...] = Field(
        default=(), description="Values of the first key column that divide the first load."
    )

    @property
    def locator(self) -> dict[str, str]:
        """The table as a mapping of DMS names it."""
        schema, _, name = self.name.partition(".")
        return {"schema-name": schema, "table-name": name}

    @property
    def settings(self) -> dict[str, object]:
        """What DMS does differently with this table."""
        found: dict[str, object] = {}
        if self.lob_max_kb:
            found["lob-settings"] = {"mode": "limited", "bulk-max-size": self.lob_max_kb}
        if self.split_at:
            found["parallel-load"] = {
                "type": "ranges",
                "columns": [self.key[0]],
                "boundaries": [[value] for value in self.split_at],
            }
        return found

    @property
    def description(self) -> dict[str, object]:
        """The table as operations know it."""
        known = {
            "name": self.name,
            "key": self.key,
            "money": self.money,
            "currency": self.currency,
            "updated_at": self.updated_at,
            "partition_of": self.partition_of,
        }
        return {name: value for name, value in known.items() if value}


class Tables(Component):
    """The tables that move."""

    tables: tuple[Table, ...] = Field(min_length=1, description="The tables that move, by name.")
    lob_max_kb: int = Field(
        default=1024, ge=1, le=102400, description="Largest value of a column in KB."
    )

    @property
    def table_mappings(self) -> dict[str, list[dict[str, object]]]:
        """DMS's table mappings: each table by its name, the marker, and nothing of DMS itself."""
        rules = [*_selections(self.tables), *_settings(self.tables)]
        return {
            "rules": [
                {"rule-id": str(number), "rule-name": str(number), **each}
                for number, each in enumerate(rules, start=1)
            ]
        }

    @rule("TAP605", "A table that is listed twice is copied twice.")
    def _tables_are_listed_once(self) -> Iterator[Finding]:
        first: dict[str, int] = {}
        for index, table in enumerate(self.tables):
            if first.setdefault(table.name, index) != index:
                message = f"{table.name} is tables.{first[table.name]} already; keep one"
                yield Finding(f"tables.{index}.name", message)

    @rule("TAP606", "A partitioned table's rows are in its partitions; both would copy them twice.")
    def _leaves_are_selected(self) -> Iterator[Finding]:
        parents = {table.partition_of for table in self.tables}
        for index, table in enumerate(self.tables):
            if table.name in parents:
                message = f"{table.name} has partitions in this list; leave it out"
                yield Finding(f"tables.{index}.name", message)

    @rule("TAP607", "Schemas of PostgreSQL, DMS and the migration are not moved.")
    def _tables_are_the_systems(self) -> Iterator[Finding]:
        for index, table in enumerate(self.tables):
            schema = table.locator["schema-name"]
            if schema in OWN_SCHEMAS or table.locator["table-name"].startswith("awsdms_"):
                message = f"{table.name} belongs to the migration itself; leave it out"
                yield Finding(f"tables.{index}.name", message)

    @rule("TAP608", "Amounts are compared by currency; a sum over several says nothing.")
    def _money_has_a_currency(self) -> Iterator[Finding]:
        for index, table in enumerate(self.tables):
            if table.money and not table.currency:
                message = f"{table.name} has amounts of no currency; name the column"
                yield Finding(f"tables.{index}.currency", message)
        if not any(table.money for table in self.tables):
            yield Finding("tables", "none has a column of money, so nothing is reconciled; add it")

    @rule("TAP616", "A retry finds its payment wherever the writer is, so all its tables move.")
    def _payments_move_whole(self) -> Iterator[Finding]:
        moved = {name for table in self.tables for name in (table.name, table.partition_of)}
        for name in PAYMENT_TABLES:
            if name not in moved:
                message = f"lack {name}, which the payment API writes; add it, or its partitions"
                yield Finding("tables", message)

    @rule("TAP609", "A column is one thing: part of the key, an amount, or a currency.")
    def _columns_are_told_apart(self) -> Iterator[Finding]:
        for index, table in enumerate(self.tables):
            named = [*table.key, *table.money, *filter(None, (table.currency, table.updated_at))]
            for column in sorted({each for each in named if named.count(each) > 1}):
                message = f"{column} is named twice for {table.name}; say what it is once"
                yield Finding(f"tables.{index}", message)


def _selections(tables: Iterable[Table]) -> Iterator[dict[str, object]]:
    for table in (*tables, Table(name=MARKER, key=("id",))):
        yield _selection("include", table.locator)
    # Nothing above matches these; whoever widens a pattern by hand does not copy them back.
    for schema, name in (("%", "awsdms_%"), ("dms_heartbeat", "%")):
        yield _selection("exclude", {"schema-name": schema, "table-name": name})


def _selection(action: str, locator: dict[str, str]) -> dict[str, object]:
    return {"rule-type": "selection", "rule-action": action, "object-locator": locator}


def _settings(tables: Iterable[Table]) -> Iterator[dict[str, object]]:
    for table in tables:
        if table.settings:
            kind = {"rule-type": "table-settings", "object-locator": table.locator}
            yield {**kind, **table.settings}
