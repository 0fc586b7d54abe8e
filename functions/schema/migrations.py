"""Migrations of the schema: files applied once each, in order, never undone, never edited."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from psycopg import Connection
from psycopg.rows import TupleRow

from generator.errors import OperationError

from .baseline import remaining

FOLDER = Path(__file__).with_name("migrations")
Side = Literal["onprem", "aurora"]

# One migration at a time in a database, whoever starts it.
_LOCK = "select pg_advisory_xact_lock(7234017283807667301)"
_RECORD = """
create schema if not exists migration_control;
create table if not exists migration_control.migrations (
    version    integer     primary key,
    name       varchar(80) not null,
    checksum   varchar(64) not null,
    applied_at timestamptz not null default clock_timestamp()
)
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of the folder."""

    version: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def known() -> list[Migration]:
    """Return every migration of this image, in order."""
    return [
        Migration(int(path.stem[:4]), path.stem, path.read_text(encoding="utf-8"))
        for path in sorted(FOLDER.glob("*.sql"))
    ]


def migrate(connection: Connection[TupleRow], migrations: list[Migration]) -> list[str]:
    """Apply what *connection*'s database lacks, each in a transaction; return their names.

    Tables that are there already are left as they are. Raise `OperationError` if they differ from
    what would be made, or if a migration was edited after it was applied here.
    """
    return [migration.name for migration in migrations if _apply(connection, migration)]


def claim(connection: Connection[TupleRow], side: Side, *, writes: bool) -> None:
    """Say once which side this database is, and whether it is the first to take writes."""
    connection.execute(
        "insert into migration_control.writer_epoch (side, epoch, open) values (%s, 1, %s)"
        " on conflict do nothing",
        (side, writes),
    )


def _apply(connection: Connection[TupleRow], migration: Migration) -> bool:
    with connection.transaction():
        connection.execute(_LOCK)
        connection.execute(_RECORD)
        found = connection.execute(
            "select checksum from migration_control.migrations where version = %s",
            (migration.version,),
        ).fetchone()
        if found is not None:
            if found[0] != migration.checksum:
                raise OperationError(f"{migration.name} was edited after it was applied")
            return False
        connection.execute(_text(connection, migration).encode())
        connection.execute(
            "insert into migration_control.migrations (version, name, checksum)"
            " values (%s, %s, %s)",
            (migration.version, migration.name, migration.checksum),
        )
    return True


def _text(connection: Connection[TupleRow], migration: Migration) -> str:
    try:
        return remaining(connection, migration.text)
    except OperationError as error:
        raise OperationError(f"{migration.name}: {error}") from error
