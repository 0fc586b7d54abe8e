"""What replication keeps in a database for itself: schemas, and tables that its users share."""

from collections.abc import Iterable, Iterator
from typing import LiteralString

from psycopg import Connection, sql
from psycopg.rows import TupleRow

from .migrations import Side
from .roles import Role, allowed

GROUP = "payment_replication"
SCHEMAS: dict[Side, tuple[str, ...]] = {
    # Its own records, a row that keeps a slot moving, the mark of what came from the other side.
    "onprem": ("awsdms_control", "dms_heartbeat", "dms_loop_onprem"),
    "aurora": ("awsdms_control", "dms_heartbeat", "dms_loop_aws"),
}
EXTENSIONS: tuple[LiteralString, ...] = ("pg_stat_statements", "pgaudit")
"""Preloaded by the cluster's parameters; without these, nobody can read what they collect."""

_OPEN = """
    select nspname::text from pg_namespace
    where has_schema_privilege(%s, oid, 'create') and has_schema_privilege(%s, oid, 'usage')
      and nspname = any(%s)
"""
_LACKING = """
    select name from pg_available_extensions where name = any(%s) and installed_version is null
    order by name
"""


def furnish(connection: Connection[TupleRow], side: Side, roles: Iterable[Role]) -> Iterator[str]:
    """Make the schemas that DMS is told to use; yield what is left to a person."""
    users = [each.name for each in roles if each.creates_schemas]
    refused = [
        statement.as_string(connection)
        for statement in map(_schema, _lacked(connection, side))
        if not allowed(connection, statement)
    ]
    yield from refused
    # In a schema that is not there yet nothing can be shared: the next apply does that.
    if len(users) > 1 and not refused:
        yield from _share(connection, side, users)


def extend(connection: Connection[TupleRow]) -> Iterator[str]:
    """Make the extensions that are preloaded; yield what is left to a person."""
    for (name,) in connection.execute(_LACKING, (list(EXTENSIONS),)).fetchall():
        statement = sql.SQL("create extension if not exists {}").format(sql.Identifier(name))
        if not allowed(connection, statement):
            yield statement.as_string(connection)


def _lacked(connection: Connection[TupleRow], side: Side) -> list[str]:
    """Return the schemas that are not there, or not open to all users of DMS."""
    found = connection.execute(_OPEN, (GROUP, GROUP, list(SCHEMAS[side]))).fetchall()
    return [name for name in SCHEMAS[side] if (name,) not in found]


def _schema(name: str) -> sql.Composed:
    return sql.SQL("create schema if not exists {0}; grant all on schema {0} to {1}").format(
        sql.Identifier(name), sql.Identifier(GROUP)
    )


def _share(connection: Connection[TupleRow], side: Side, users: list[str]) -> Iterator[str]:
    """Let the users of both tasks use the tables that either of them makes."""
    names = sql.SQL(", ").join(map(sql.Identifier, users))
    us = sql.Identifier(connection.info.user)
    statement = sql.SQL(
        # Only a member may say what becomes of the tables that somebody makes.
        "grant {users} to {us}; "
        "alter default privileges for role {users} in schema {schemas} "
        "grant all on tables to {group}; "
        "revoke {users} from {us}"
    ).format(
        users=names,
        us=us,
        schemas=sql.SQL(", ").join(map(sql.Identifier, SCHEMAS[side])),
        group=sql.Identifier(GROUP),
    )
    if not allowed(connection, statement):
        yield statement.as_string(connection)
