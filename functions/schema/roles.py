"""Roles of both databases: who logs in how. What they may do is in the migrations."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import LiteralString

from psycopg import Connection, errors, sql
from psycopg.rows import TupleRow


@dataclass(frozen=True, slots=True)
class Role:
    """A role: what it is created with, what it is a member of, what holds at each login."""

    name: str
    secret: str | None = None  # holds its password; without one it uses IAM, or is no login
    login: bool = True
    attributes: tuple[LiteralString, ...] = ()
    member_of: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    creates_schemas: bool = False  # replication keeps tables of its own in the database
    reads_changes: bool = False  # through a replication slot
    # There before us, and in use by the old application: its password is not ours to change.
    shared: bool = False


# Applied changes fire no trigger and check no key: they were held to both where they were made.
# Set here, for it takes effect at login; in a session only a superuser may set it, or RDS's.
_APPLIES = (("session_replication_role", "replica"),)
_PATIENCE = (
    ("statement_timeout", "5s"),
    ("lock_timeout", "3s"),
    ("idle_in_transaction_session_timeout", "10s"),
)
_GROUP = Role("payment_replication", login=False)

AURORA = (
    _GROUP,
    Role("payment_app", member_of=("rds_iam",), settings=_PATIENCE),
    Role("payment_validation", member_of=("rds_iam",)),
    Role(
        "payment_operator",
        attributes=("CREATEROLE",),
        member_of=("rds_iam", "pg_signal_backend"),
    ),
    Role(
        "dms_target",
        secret="dms_target",  # noqa: S106 - the name of one
        member_of=(_GROUP.name,),
        settings=_APPLIES,
        creates_schemas=True,
    ),
    Role(
        "dms_reverse",
        secret="dms_reverse",  # noqa: S106 - the name of one
        member_of=(_GROUP.name, "rds_replication"),
        creates_schemas=True,
        reads_changes=True,
    ),
)
ONPREM = (
    _GROUP,
    # There before us: whoever runs this. A gate asks which transactions others have open.
    Role("payment_operator", member_of=("pg_monitor",), shared=True),
    Role("payment_app", secret="payment_source", shared=True),  # noqa: S106 - the name of one
    Role("payment_validation", secret="validation_source"),  # noqa: S106 - the name of one
    Role(
        "dms_source",
        secret="dms_source",  # noqa: S106 - the name of one
        attributes=("REPLICATION",),
        member_of=(_GROUP.name,),
        settings=_APPLIES,  # it applies, too, once replication runs backwards
        creates_schemas=True,
        reads_changes=True,
    ),
)


def exists(connection: Connection[TupleRow], name: str) -> bool:
    found = connection.execute("select 1 from pg_roles where rolname = %s", (name,)).fetchone()
    return found is not None


def ensure(connection: Connection[TupleRow], role: Role, password: str | None) -> list[str]:
    """Bring *role* into being; return the statements that only a superuser may run.

    A role that is there keeps its right to log in, or its lack of it: that is how a fence shuts.
    """
    new = not exists(connection, role.name)
    if new:
        login: LiteralString = "LOGIN" if role.login else "NOLOGIN"
        connection.execute(sql.SQL("create role {} {}").format(_name(role.name), sql.SQL(login)))
    refused: list[str] = []
    if password is not None and (new or not role.shared):
        statement = _password(connection, role.name, password)
        if not allowed(connection, statement):
            refused.append(f"-- give {role.name} the password that the secret {role.secret} holds")
    refused += [
        statement.as_string(connection)
        for statement in _statements(connection, role)
        if not allowed(connection, statement)
    ]
    return refused


def allowed(connection: Connection[TupleRow], statement: sql.Composed) -> bool:
    """Run *statement*, all of it or nothing; return whether we may."""
    try:
        with connection.transaction():
            connection.execute(statement)
    except (errors.InsufficientPrivilege, errors.ObjectNotInPrerequisiteState):
        return False
    return True


def _password(connection: Connection[TupleRow], name: str, password: str) -> sql.Composed:
    """Set a password, hashed here: the server's log of statements never holds it."""
    hashed = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256")
    return sql.SQL("alter role {} password {}").format(_name(name), sql.Literal(hashed.decode()))


def _statements(connection: Connection[TupleRow], role: Role) -> Iterable[sql.Composed]:
    """Yield what *role* still lacks."""
    held = _held(connection, role.name)
    for attribute in role.attributes:
        if attribute not in held:
            yield sql.SQL("alter role {} {}").format(_name(role.name), sql.SQL(attribute))
    for group in role.member_of:
        if group not in held and exists(connection, group):
            yield sql.SQL("grant {} to {}").format(_name(group), _name(role.name))
    for setting, value in role.settings:
        if f"{setting}={value}" not in held:
            yield sql.SQL("alter role {} set {} to {}").format(
                _name(role.name), _name(setting), sql.Literal(value)
            )
    if role.creates_schemas:
        database = _name(connection.info.dbname)
        yield sql.SQL("grant create on database {} to {}").format(database, _name(role.name))


def _held(connection: Connection[TupleRow], name: str) -> set[str]:
    """Return the attributes, groups and settings that a role has."""
    found = connection.execute(
        "select case when rolcreaterole then '{CREATEROLE}'::text[] else '{}' end"
        " || case when rolreplication then '{REPLICATION}'::text[] else '{}' end"
        " || coalesce(rolconfig, '{}')"
        " || array(select roleid::regrole::text from pg_auth_members where member = pg_roles.oid)"
        " from pg_roles where rolname = %s",
        (name,),
    ).fetchone()
    return set(found[0]) if found else set()


def _name(name: str) -> sql.Identifier:
    return sql.Identifier(name)
