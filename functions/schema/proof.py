"""What a role has to be able to do, proven by logging in as whoever uses it will."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import psycopg
from psycopg import Connection, OperationalError
from psycopg.rows import TupleRow

from generator.ops.postgres import Server, connect

from .roles import Role

# Temporary: it goes with the connection, whatever becomes of us.
_SLOT = "select from pg_create_logical_replication_slot(%s, 'test_decoding', true)"


def lacking(server: Server, role: Role, login: Mapping[str, Any]) -> list[str]:
    """Return what *role* still lacks, as notes to a person, if *login* is what its secret holds.

    A setting that a role has may be another's in its clone, and a right that the catalogue shows
    may be worth nothing: so both are tried.
    """
    user = str(login["username"])
    try:
        with connect(replace(server, user=user), lambda: str(login["password"])) as connection:
            found = [*_settings(connection, role), *_changes(connection, role)]
    except OperationalError:
        return [f"-- {user} cannot log in with what the secret {role.secret} holds"]
    return [f"-- {user}: {each}" for each in found]


def _settings(connection: Connection[TupleRow], role: Role) -> Iterator[str]:
    for name, wanted in role.settings:
        ((shown,),) = connection.execute("select current_setting(%s)", (name,)).fetchall()
        if shown != wanted:
            yield f"{name} is {shown} at login, not {wanted}"


def _changes(connection: Connection[TupleRow], role: Role) -> Iterator[str]:
    if not role.reads_changes:
        return
    try:
        connection.execute(_SLOT, (f"proof_{secrets.token_hex(8)}",))
    except psycopg.Error as error:
        yield f"cannot read changes: {error.diag.message_primary}"
