"""Security: the keys that everything else is encrypted with, secrets, and the web ACL."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from generator.components.web_acl import WebAcl
from generator.model.component import Strict
from generator.model.fields import Text, matching
from generator.model.hcl import Identifier, Ref
from generator.model.rule import Finding, rule

# An underscore, for Secrets Manager takes a hyphen and six characters at a name's end for its own.
SecretName = Annotated[
    str,
    Field(max_length=64),
    *matching(
        r"[a-z][a-z0-9]*(_[a-z0-9]+)*", "lower-case words joined by underscores, such as dms_source"
    ),
]


class Secret(Strict):
    """A container for one secret, whose value is written by a function, never here."""

    description: Text = Field(description="What it holds, and for whom.")


DMS_SECRETS = {
    "dms_source": Secret(description="User with which DMS reads the on-premises database."),
    "dms_target": Secret(description="User with which DMS writes to Aurora."),
    "dms_reverse": Secret(description="User with which DMS reads Aurora for the way back."),
    "payment_source": Secret(description="User of the payment API in the on-premises database."),
}
SHORTEST_RECOVERY = 7
"""Days, unless there is no recovery at all."""


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """A key that principals of the account use through *services*, and never by themselves."""

    name: Identifier
    description: str
    services: tuple[str, ...]


class Security(WebAcl):
    """A customer-managed key for each kind of data, containers for credentials, the web ACL."""

    rotation_period_days: int = Field(
        default=365, ge=90, le=2560, description="Days after which KMS makes new key material."
    )
    deletion_window_days: int = Field(
        default=30,
        ge=7,
        le=30,
        description="Days in which the deletion of a key can be called off.",
    )
    deletion_protection: bool = Field(
        default=True, description="Have Terraform refuse to destroy a key, and the data with it."
    )
    secret_recovery_days: int = Field(
        default=30,
        ge=0,
        le=30,
        description="Days in which a deleted secret can be restored: 7 to 30, or 0 for none.",
    )
    secrets: dict[SecretName, Secret] = Field(
        default=DMS_SECRETS, description="Containers for secrets, by name."
    )

    @property
    def service_keys(self) -> tuple[ServiceKey, ...]:
        """The keys whose use is open to the account's principals, but only through a service."""
        of = self.prefix
        return (
            # The vault of its backups is encrypted with it too.
            self._key("database", f"Aurora of {of}, its backups included.", "backup", "rds"),
            self._key("dms", f"DMS of {of}: replication instances and endpoints.", "dms"),
            self._key(
                "lambda", f"Functions of {of}: their variables and state.", "dynamodb", "lambda"
            ),
            # RDS keeps the password of Aurora's master user there.
            self._key("secrets", f"Secrets of {of}.", "rds", "secretsmanager"),
        )

    def _key(self, name: str, description: str, *services: str) -> ServiceKey:
        region = self.environment.region
        hosts = tuple(f"{service}.{region}.amazonaws.com" for service in services)
        return ServiceKey(Identifier(name), description, hosts)

    @property
    def containers(self) -> dict[Identifier, Secret]:
        """The secrets, sorted; a name is the label of its resource."""
        return {Identifier(name): secret for name, secret in sorted(self.secrets.items())}

    @property
    def secret_arns(self) -> dict[str, Ref]:
        """What Terraform will know of each secret, by name."""
        return {name: Ref(f"aws_secretsmanager_secret.{name}.arn") for name in self.containers}

    @rule("TAP201", "DMS signs in to both databases with credentials from its three secrets.")
    def _dms_secrets_stay(self) -> Iterator[Finding]:
        for name in DMS_SECRETS.keys() - self.secrets.keys():
            yield Finding("secrets", f"{name} is missing, and DMS needs it; add it")

    @rule("TAP202", "Secrets Manager keeps a deleted secret for 7 to 30 days, or not at all.")
    def _recovery_is_offered(self) -> Iterator[Finding]:
        if 0 < self.secret_recovery_days < SHORTEST_RECOVERY:
            yield Finding(
                "secret_recovery_days",
                f"{self.secret_recovery_days} days are not offered; write 7 to 30, or 0 for none",
            )

    @rule("TAP203", "Data whose key is gone is gone, however well it was protected itself.")
    def _keys_are_as_safe_as_the_data(self) -> Iterator[Finding]:
        database = self.environment.components.get("database")
        if getattr(database, "deletion_protection", False) and not self.deletion_protection:
            yield Finding(
                "deletion_protection",
                "the database is protected from deletion but its key is not; write true, "
                "or give up database.deletion_protection too",
            )
