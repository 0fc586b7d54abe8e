"""What Terraform built, read from its descriptions into types."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from generator.errors import RefusedError
from generator.ops.decode import decode
from generator.ops.description import describe

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class OnPremises:
    """The old database; *ca* is the PEM text that its certificate is verified against."""

    host: str
    port: int
    database: str
    ca: str


@dataclass(frozen=True, slots=True)
class Database:
    """The Aurora cluster; *endpoint* is the writer's."""

    cluster_identifier: str
    endpoint: str
    port: int
    database: str
    master_user_secret_arn: str


@dataclass(frozen=True, slots=True)
class Compute:
    """The payment function and its alias that takes requests; *image* is its digest."""

    payment_function: str
    alias: str
    image: str = ""
    schema_function: str | None = None


@dataclass(frozen=True, slots=True)
class LoadBalancer:
    """The load balancer; *rule_arn* is the one rule whose weights may move."""

    rule_arn: str
    target_groups: dict[str, str]
    domain: str = ""


@dataclass(frozen=True, slots=True)
class OldAddresses:
    """The public addresses of the API in the old data centre."""

    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alias:
    """What the record of the AWS side points to."""

    dns_name: str
    zone_id: str


@dataclass(frozen=True, slots=True)
class Routing:
    """How requests are divided, and the phases that a shift goes through."""

    strategy: str
    phases: tuple[int, ...] = ()
    bake_minutes: int = 0
    zone_id: str = ""
    record: str = ""
    ttl_seconds: int = 60
    onprem: OldAddresses | None = None
    aws: Alias | None = None


@dataclass(frozen=True, slots=True)
class Security:
    """ARNs of the secrets, by name."""

    secrets: dict[str, str]
    rotation_function: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A replicated table: its key, the columns that hold money, and when a row last changed."""

    name: str
    key: tuple[str, ...]
    money: tuple[str, ...] = ()
    currency: str | None = None
    updated_at: str | None = None
    partition_of: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A DMS task."""

    arn: str
    id: str


@dataclass(frozen=True, slots=True)
class Migration:
    """The replication, both ways if it was armed."""

    forward: Task
    tables: tuple[Table, ...]
    sequences_gap: int
    reverse_replication: str
    reverse: Task | None = None

    @property
    def turns(self) -> bool:
        """Say whether one direction runs at a time, and is turned when the writer moves."""
        return self.reverse_replication == "at_cutover"

    @property
    def armed(self) -> bool:
        """Say whether both directions run."""
        return self.reverse_replication == "armed" and self.reverse is not None


@dataclass(frozen=True, slots=True)
class Monitoring:
    """Where people are told, and the alarm that rolls back."""

    topic_arn: str
    rollback_alarm: str


@dataclass(frozen=True, slots=True)
class Validation:
    """The function that validates."""

    function: str


@dataclass(frozen=True, slots=True)
class Rollback:
    """The functions that go back, and where the state of the migration lies."""

    function: str
    cutover_function: str
    control_table: str
    kill_switch: str
    hand_back_seconds: int = 130


class Inventory:
    """The parts of one environment; a component that is switched off is not among them."""

    def __init__(self, documents: Mapping[str, object], path: str) -> None:
        self._documents = documents
        self._path = path

    def has(self, name: str) -> bool:
        """Say whether the environment has the component *name*."""
        return name in self._documents

    def read(self, name: str, kind: type[_T]) -> _T:
        """Return component *name*; raise `RefusedError` if this environment has none."""
        if name not in self._documents:
            raise RefusedError(f"{self._path} has no {name}: is it part of this environment?")
        return decode(kind, self._documents[name], f"{self._path}/{name}")


def inventory(ssm: "SSMClient", path: str) -> Inventory:
    """Read what is described under *path*."""
    return Inventory(describe(ssm, path), path)
