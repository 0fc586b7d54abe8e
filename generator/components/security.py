"""Security: the keys that everything else is encrypted with, secrets, and the web ACL."""

from collections.abc import Iterator
from typing import NamedTuple

from pydantic import Field

from generator.components.rotation import Secrets
from generator.components.web_acl import WebAcl
from generator.model.hcl import Identifier, Ref
from generator.model.rule import Finding, rule

SHORTEST_RECOVERY = 7
"""Days, unless there is no recovery at all."""


class ServiceKey(NamedTuple):
    """A key that principals of the account use through *services*, and never by themselves.

    But for what was encrypted for one of *schedules*: Scheduler decrypts what it is about to
    deliver as the role of the schedule, through nothing.
    """

    name: Identifier
    description: str
    services: tuple[str, ...]
    schedules: str | None = None


class Security(WebAcl, Secrets):
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

    @property
    def service_keys(self) -> tuple[ServiceKey, ...]:
        """The keys whose use is open to the account's principals, but only through a service."""
        of = self.prefix
        return (
            # The vault of its backups is encrypted with it too.
            self._key("database", f"Aurora of {of}, its backups included.", "backup", "rds"),
            self._key("dms", f"DMS of {of}: replication instances and endpoints.", "dms"),
            # What operations keep for them is encrypted with it too: schedules, the control table.
            self._key(
                "lambda",
                f"Functions of {of}: environment variables, schedules, control table.",
                *("dynamodb", "lambda", "scheduler"),
            )._replace(schedules=self._schedules),
            # RDS keeps the password of Aurora's master user there.
            self._key("secrets", f"Secrets of {of}.", "rds", "secretsmanager"),
        )

    def _key(self, name: str, description: str, *services: str) -> ServiceKey:
        region = self.environment.region
        hosts = tuple(f"{service}.{region}.amazonaws.com" for service in services)
        return ServiceKey(Identifier(name), description, hosts)

    @property
    def _schedules(self) -> str:
        of = self.environment
        home = f"arn:aws:scheduler:{of.region}:{of.account_id}:schedule"
        return f"{home}/{self.prefix}-*/{self.prefix}-*"

    @property
    def description(self) -> dict[str, object]:
        """What operations need to know of the secrets and of what rotates them."""
        if not self.migrates:
            return {}
        function = Ref("aws_lambda_function.rotation.function_name")
        return {"rotation_function": function, "secrets": self.secret_arns}

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
