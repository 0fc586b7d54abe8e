"""Bring both databases, their roles, the first secret values and the control state into being."""

import json
import secrets
import string
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from psycopg import Connection, OperationalError
from psycopg.rows import TupleRow

from generator.errors import OperationError
from generator.ops.control import Control
from generator.ops.description import Described
from generator.ops.inventory import Table
from generator.ops.postgres import Limits, Password, Server, connect

from .migrations import Side, claim, known, migrate
from .proof import lacking
from .replicated import secure
from .replication import extend, furnish
from .roles import Role, ensure, exists

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

# Letters and digits alone: DMS, libpq and shells each read some other character their own way.
_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 40
# An index on a table of years takes its time; a lock that is not free does not get better.
_PATIENT = Limits(statement=None, lock=10, idle=None)


@dataclass(frozen=True, slots=True)
class Place:
    """One of the databases: how its owner gets in, and whose roles it has."""

    side: Side
    server: Server
    password: Password
    roles: tuple[Role, ...]
    master: str  # ARN of the owner's secret
    writes: bool  # whether it takes the first writes
    tables: tuple[Table, ...] = ()  # that move; without a migration, none


@dataclass(frozen=True, slots=True)
class Done:
    """What was done to a database, and what only a superuser may still do."""

    side: Side
    migrations: list[str]
    by_hand: list[str]


class Vault:
    """The secrets of roles; none is ever returned, logged or raised."""

    def __init__(self, client: "SecretsManagerClient", arns: Described) -> None:
        self._client = client
        self._arns = arns

    def held(self, name: str) -> dict[str, Any] | None:
        """Return what a secret holds; None if nobody has written it yet."""
        try:
            answer = self._client.get_secret_value(SecretId=self._arns[name])
        except self._client.exceptions.ResourceNotFoundException:
            return None
        value: dict[str, Any] = json.loads(answer["SecretString"])
        return value

    def write(self, name: str, value: dict[str, Any]) -> None:
        self._client.put_secret_value(SecretId=self._arns[name], SecretString=json.dumps(value))


def apply(place: Place, vault: Vault) -> Done:
    """Bring one database up to date; all of it may be repeated."""
    by_hand: list[str] = []
    with connect(place.server, place.password, _PATIENT) as connection:
        for role in place.roles:
            by_hand += _role(connection, place, role, vault)
        done = migrate(connection, known())
        claim(connection, place.side, writes=place.writes)
        if place.side == "aurora":
            by_hand += extend(connection)
        if place.tables:
            by_hand += furnish(connection, place.side, place.roles)
            by_hand += secure(connection, place.tables)
    return Done(place.side, done, by_hand)


def begin(control: Control) -> dict[str, Any]:
    """Write the first control state, unless there is one; return the state."""
    return asdict(control.create(actor="schema", reason="first apply"))


def _role(connection: Connection[TupleRow], place: Place, role: Role, vault: Vault) -> list[str]:
    if role.secret is None:
        return ensure(connection, role, None)
    held = vault.held(role.secret)
    if held is None:
        if role.shared and exists(connection, role.name):
            # A new password would shut the old application out.
            return [f"-- write the password of {role.name} into the secret {role.secret}"]
        held = _login(place, role.name)
        # The secret first: a role whose password is nowhere could only be given another.
        vault.write(role.secret, held)
    # While the other of two alternating users is current, the password is rotation's to set. One
    # that opens the door is left alone: before version 16 only a superuser changes it for a role
    # that replicates.
    mine = held["username"] == role.name and not _opens(place, held)
    # What a person still has to do comes first; what is proven is what they have done.
    return ensure(connection, role, held["password"] if mine else None) or lacking(
        place.server, role, held
    )


def _opens(place: Place, login: dict[str, Any]) -> bool:
    server = replace(place.server, user=login["username"])
    try:
        connect(server, lambda: str(login["password"])).close()
    except OperationalError:
        return False
    return True


def _login(place: Place, user: str) -> dict[str, Any]:
    """Return a new login as DMS and the rotation read it."""
    return {
        "engine": "postgres",
        "host": place.server.host,
        "port": place.server.port,
        "username": user,
        "password": "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)),
        "dbname": place.server.database,
        "ssl": True,
        "masterarn": place.master,
    }


def owner(vault: Vault, name: str) -> dict[str, Any]:
    """Return the login of who owns a database; raise `OperationError` if it was never written."""
    held = vault.held(name)
    if held is None:
        raise OperationError(f"the secret {name} is empty: a person has to write it, once")
    return held
