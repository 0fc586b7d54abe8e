"""One environment's parts of operations, as its description says: for functions and the command."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session

from generator.ops import credentials, inventory, postgres
from generator.ops.clock import Clock, SystemClock
from generator.ops.control import Control, Writer
from generator.ops.inventory import Inventory
from generator.ops.postgres import Limits, Password, Server
from generator.ops.side import Side

# AWS answers in tenths of a second or not at all; the standard mode tells throttling from refusal.
PATIENCE = Config(
    connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4}
)

# A table of any size is compared range by range; none of it takes as long.
LIMITS = Limits(statement=300, lock=3, idle=None)

# On premises, what holds the password of a role.
_SECRETS = {"payment_operator": "operator_source", "payment_validation": "validation_source"}

# What was described last, by path: a rollback does without SSM where it has to.
_described: dict[str, Inventory] = {}


def _inventory(path: str) -> Inventory:
    try:
        _described[path] = inventory.inventory(boto3.client("ssm", config=PATIENCE), path)
    except (BotoCoreError, ClientError):
        if path not in _described:
            raise
    return _described[path]


@dataclass(frozen=True)
class Environment:
    """The environment described below *path*; *ca_file* holds the authorities of RDS."""

    path: str
    ca_file: Path
    clock: Clock = field(default_factory=SystemClock)

    @cached_property
    def inventory(self) -> Inventory:
        """Return what was built."""
        return _inventory(self.path)

    @cached_property
    def control(self) -> Control:
        """Return the control state."""
        table = self.inventory.read("rollback", inventory.Rollback).control_table
        return Control(boto3.client("dynamodb", config=PATIENCE), table, self.clock.now)

    def server(self, writer: Writer, role: str) -> tuple[Server, Password]:
        """Return where one of the databases is, and how *role* logs in there."""
        if writer is Writer.AURORA:
            new = self.inventory.read("database", inventory.Database)
            server = Server(new.endpoint, new.port, new.database, role, self.ca_file)
            return server, credentials.token(get_session(), server)
        old = self.inventory.read("on_premises", inventory.OnPremises)
        arn = self.inventory.read("security", inventory.Security).secrets[_SECRETS[role]]
        held = credentials.secret(boto3.client("secretsmanager", config=PATIENCE), arn)
        # Two users take turns at rotation: the name comes with the password.
        ca = postgres.authority(old.ca)
        server = Server(old.host, old.port, old.database, held["username"], ca)
        return server, lambda: str(held["password"])

    @contextmanager
    def sides(self, role: str) -> Iterator[dict[Writer, Side]]:
        """Lend connections of *role* to both databases."""
        with ExitStack() as stack:
            found = {}
            for writer in (Writer.ONPREM, Writer.AURORA):
                connection = postgres.connect(*self.server(writer, role), LIMITS)
                found[writer] = Side(writer, stack.enter_context(connection))
            yield found
