"""Two servers for a session, `onprem` and `aurora`; for each test a database of its own on both.

The servers' logins are made as in life: by a person on premises, by RDS for Aurora. What follows is
made by the schema function's own code, once, and copied.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count

import pytest
import trustme

from functions.schema.migrations import claim, known, migrate
from functions.schema.replicated import secure
from functions.schema.replication import furnish
from functions.schema.roles import AURORA, ONPREM, ensure
from generator.ops import postgres
from generator.ops.inventory import Table

from .server import Server, running

TEMPLATE = "payments_template"
TABLES = (
    Table("public.payments", ("id",), ("amount", "refunded"), "currency", "updated_at"),
    Table("public.refunds", ("id",), ("amount",), "currency", "updated_at"),
    Table("public.idempotency_keys", ("key",), updated_at="updated_at"),
    Table("public.payment_events", ("id",), ("amount",), "currency", "updated_at"),
)
OWNERS = {"onprem": "payment_operator", "aurora": "payments"}
# One password for every role with one: who owns it is not what these tests are about.
SECRET = "a-password"
_numbers = count(1)
# On RDS, members of rds_superuser may set session_replication_role; PostgreSQL has known the grant
# that says so since version 15. Nobody else may: not in a session, not for a role.
_BY_HAND = {
    "onprem": (
        f"create role payment_operator login createrole password '{SECRET}'",
        "grant pg_signal_backend, pg_monitor to payment_operator with admin option",
    ),
    "aurora": (
        "create role rds_iam nologin",
        "create role rds_replication nologin replication",
        "create role rds_superuser nologin",
        "grant pg_signal_backend to rds_superuser with admin option",
        "grant set on parameter session_replication_role to rds_superuser",
        f"create role payments login createrole createdb password '{SECRET}'",
        "grant rds_superuser, rds_replication to payments with admin option",
    ),
}


@dataclass(frozen=True)
class Database:
    """One test's database on one of the servers."""

    server: Server
    name: str

    def connect(self, user="postgres", password=None, **options):
        """Connect as *user*, the superuser if not said otherwise."""
        known_ = {} if user == "postgres" else {"password": password or SECRET}
        return self.server.connect(self.name, user=user, **(known_ | options))

    def target(self, user):
        """Say how the product connects to it."""
        return postgres.Server("localhost", self.server.port, self.name, user, self.server.ca)

    def rows(self, query, *values):
        """Run one query as the superuser; return its rows."""
        with self.connect() as connection:
            return connection.execute(query, values).fetchall()

    def run(self, statement, *values):
        """Run one statement as the superuser."""
        with self.connect() as connection:
            connection.execute(statement, values)


@dataclass(frozen=True)
class Databases:
    """Both sides; on premises takes the writes at first, of epoch 1."""

    onprem: Database
    aurora: Database


@pytest.fixture(scope="session")
def authority():
    return trustme.CA()


@pytest.fixture(scope="session")
def servers(authority):
    """Yield both servers; a test that stops one starts it again."""
    with ExitStack() as stack:
        both = {name: stack.enter_context(running(name, authority)) for name in OWNERS}
        for server in both.values():
            equip(server)
        yield both


@pytest.fixture
def empty_databases(servers):
    """A database on both servers that holds nothing yet."""
    yield from _made(servers, "template1")


@pytest.fixture
def databases(servers):
    """A database on both servers with the schema in it."""
    yield from _made(servers, TEMPLATE)


def _made(servers, template):
    name = f"payments_{next(_numbers)}"
    for side, server in servers.items():
        with server.connect() as connection:
            connection.execute(f"create database {name} template {template} owner {OWNERS[side]}")
    yield Databases(*(Database(servers[side], name) for side in OWNERS))
    for server in servers.values():
        with server.connect() as connection:
            connection.execute(f"drop database {name} with (force)")


def equip(server):
    """Make the logins that are there before us, the template, and the schema in it."""
    owner = OWNERS[server.name]
    with server.connect() as connection:
        for statement in _BY_HAND[server.name]:
            connection.execute(statement)
        connection.execute(f"create database {TEMPLATE} owner {owner}")
    refused = []
    with server.connect(TEMPLATE, owner, SECRET) as connection:
        roles = ONPREM if server.name == "onprem" else AURORA
        for role in roles:
            refused += ensure(connection, role, SECRET if role.secret else None)
        migrate(connection, known())
        claim(connection, server.name, writes=server.name == "onprem")
        refused += furnish(connection, server.name, roles)
        refused += secure(connection, TABLES)
    with server.connect(TEMPLATE) as connection:
        for statement in refused:
            connection.execute(statement)
