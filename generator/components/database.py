"""Database: the Aurora PostgreSQL cluster that payments move to."""

from collections.abc import Iterator
from math import ceil
from typing import Annotated, Literal

from pydantic import Field

from generator.components import windows
from generator.components.engine import Engine
from generator.components.logs import Retention
from generator.components.reserved import WORDS
from generator.components.windows import DailyWindow, WeeklyWindow, Window
from generator.model.component import read, wired, wired_each
from generator.model.fields import matching
from generator.model.hcl import Ref
from generator.model.rule import Finding, rule

Name = Annotated[
    str,
    Field(max_length=63),
    *matching(r"[a-z][a-z0-9_]*", "lower-case letters, digits and underscores, such as payments"),
]
TAKEN_DATABASES = ("postgres", "rdsadmin", "template0", "template1")
TAKEN_USERS = (
    "admin", "dms_reverse", "dms_target", "payment_app", "payment_operator", "payment_replication",
    "payment_validation", "public",
)  # fmt: skip
"""RDS's own, and those that `schema` makes with fewer rights."""
SHORTEST, LONGEST = 30, windows.DAY
"""Minutes that AWS allows a window to last."""


class Database(Engine):
    """The Aurora PostgreSQL cluster: one writer and its readers."""

    database_name: Name = Field(
        default="payments", description="The database that is created with the cluster."
    )
    master_username: Name = Field(
        default="payments", description="First user; RDS makes, keeps and rotates its password."
    )
    password_rotation_days: int = Field(
        default=30, ge=1, le=365, description="Days after which the first user's password changes."
    )
    certificate_authority: Literal["rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"] = (
        Field(default="rds-ca-rsa2048-g1", description="CA that signs the instances' certificates.")
    )
    backup_retention_days: int = Field(
        default=7, ge=1, le=35, description="Days back to any second of which it can be restored."
    )
    backup_window: DailyWindow = Field(
        default="03:00-04:00", description="Daily time for backups, in UTC."
    )
    maintenance_window: WeeklyWindow = Field(
        default="sun:05:00-sun:06:00", description="Weekly time for maintenance, in UTC."
    )
    backup_vault: bool = Field(
        default=True, description="Keep daily copies in a vault that outlives the cluster."
    )
    vault_retention_days: int = Field(
        default=35, ge=1, le=3650, description="Days that the vault keeps a copy."
    )
    final_snapshot: bool = Field(
        default=True, description="Take a snapshot before the cluster is destroyed."
    )
    insights: Literal["standard", "advanced"] = Field(
        default="standard", description="Database Insights: 7 days of history, or 465 at a price."
    )
    monitoring_interval_seconds: Literal[1, 5, 10, 15, 30, 60] = Field(
        default=30, description="Seconds between two looks at the operating system."
    )
    log_retention_days: Retention = Field(
        default=365, description="Days that the cluster's logs are kept."
    )
    clients: tuple[str, ...] = Field(default=(), description="Components that connect.")

    zones = read("network.availability_zones")

    client_security_group_ids = wired_each(
        "clients", "{client}.security_group_id", "Security groups that connect."
    )
    database_key_arn = wired("security.database_key_arn", "string", "Key that encrypts the data.")
    logs_key_arn = wired("security.logs_key_arn", "string", "Key that encrypts the log groups.")
    private_subnet_ids = wired(
        "network.private_subnet_ids", "list(string)", "Private subnets of the cluster."
    )
    secrets_key_arn = wired(
        "security.secrets_key_arn", "string", "Key that encrypts the first user's password."
    )
    vpc_id = wired("network.vpc_id", "string", "VPC of the cluster.")

    @property
    def description(self) -> dict[str, object]:
        """The cluster, and how its first user signs in."""
        return {
            "cluster_identifier": Ref("aws_rds_cluster.this.cluster_identifier"),
            "endpoint": Ref("aws_rds_cluster.this.endpoint"),
            "port": Ref("aws_rds_cluster.this.port"),
            "database": self.database_name,
            "resource_id": Ref("aws_rds_cluster.this.cluster_resource_id"),
            "master_user_secret_arn": Ref("aws_rds_cluster.this.master_user_secret[0].secret_arn"),
        }

    @property
    def reader_places(self) -> dict[str, dict[str, object]]:
        """Where each reader stands, and how early it is promoted, by its name.

        Zones are taken in turn from the one after the writer's. The first reader is the one to
        take over; the others wait at the far end.
        """
        return {
            f"reader-{number}": {
                "zone": self.zones[number % len(self.zones)],
                "promotion_tier": 1 if number == 1 else 15,
            }
            for number in range(1, self.readers + 1)
        }

    @property
    def interfaces(self) -> int:
        """Those of the instances in the first zone, and of one that takes another's place."""
        return ceil((1 + self.readers) / len(self.zones)) + 1

    @property
    def logs(self) -> tuple[str, ...]:
        """The logs that go to CloudWatch."""
        return ("iam-db-auth-error", "postgresql")

    @property
    def lifecycle_support(self) -> str:
        """AWS's word for `extended_support`."""
        fate = "" if self.extended_support else "-disabled"
        return f"open-source-rds-extended-support{fate}"

    @property
    def insights_days(self) -> int:
        """The days of history that the chosen Database Insights come with."""
        return 465 if self.insights == "advanced" else 7

    @property
    def vault_schedule(self) -> str:
        """When the vault is filled: half a day from the backups, clear of maintenance if it can."""
        noon = Window.parse(self.backup_window).start // 60 + 12
        hours = [hour % 24 for hour in range(noon, noon + 8)]
        maintenance = Window.parse(self.maintenance_window)
        clear = [hour for hour in hours if not windows.hour(hour).meets(maintenance)]
        return f"cron(0 {(clear or hours)[0]} * * ? *)"

    @rule("TAP307", "AWS takes windows of half an hour to a day.")
    def _windows_have_a_length(self) -> Iterator[Finding]:
        for setting in ("backup_window", "maintenance_window"):
            minutes = Window.parse(getattr(self, setting)).minutes
            if not SHORTEST <= minutes < LONGEST:
                yield Finding(
                    setting, f"lasts {minutes} minutes; give it at least {SHORTEST} and under a day"
                )

    @rule("TAP308", "A backup cannot run while the cluster is being maintained.")
    def _windows_are_apart(self) -> Iterator[Finding]:
        if Window.parse(self.backup_window).meets(Window.parse(self.maintenance_window)):
            yield Finding(
                "maintenance_window",
                f"{self.maintenance_window} overlaps backup_window, {self.backup_window}; "
                "move one of them",
            )

    @rule("TAP309", "Some names belong to PostgreSQL and to RDS.")
    def _names_are_free(self) -> Iterator[Finding]:
        for setting, taken in (
            ("database_name", TAKEN_DATABASES),
            ("master_username", TAKEN_USERS),
        ):
            name = getattr(self, setting)
            if name in WORDS or name in taken or name.startswith(("pg_", "rds")):
                yield Finding(setting, f'"{name}" is taken; choose another, such as payments')
