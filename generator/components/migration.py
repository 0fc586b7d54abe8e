"""Migration: DMS, which copies the old database to Aurora and keeps both the same, both ways."""

import json
from collections.abc import Iterator

from pydantic import Field

from generator.components.addresses import is_address, within
from generator.components.clients import unnamed
from generator.components.replication import Replication
from generator.components.tables import Tables
from generator.components.tasks import Directions, Task
from generator.model.component import read, wired
from generator.model.hcl import Ref
from generator.model.rule import Finding, rule

LARGEST_PARAMETER = 4096
"""Bytes of a standard SSM parameter."""
ARN_BYTES = 100
"""More than the ARN of an instance or a task, which Terraform knows, not the blueprint."""


class Migration(Tables, Directions, Replication):
    """DMS: one instance, a task for each direction, and the tables that move."""

    sequences_gap: int = Field(
        default=1000000,
        ge=1,
        le=1000000000,
        description="Numbers that a sequence skips when the writer changes, so that none is "
        "given out twice.",
    )
    load_tables_at_once: int = Field(
        default=8, ge=1, le=49, description="Tables, or their parts, that the first load copies."
    )

    link = read("network.link")
    cidrs_beyond = read("on_premises.cidrs")

    dms_key_arn = wired("security.dms_key_arn", "string", "Key of the instance and endpoints.")
    dms_reverse_secret_arn = wired(
        "security.dms_reverse_secret_arn",
        "string",
        "User that reads Aurora for the way back.",
        when=lambda self: self.has_way_back,
    )
    dms_source_secret_arn = wired(
        "security.dms_source_secret_arn", "string", "User that reads the old database."
    )
    dms_target_secret_arn = wired(
        "security.dms_target_secret_arn", "string", "User that writes to Aurora."
    )
    logs_key_arn = wired("security.logs_key_arn", "string", "Key that encrypts the log group.")
    private_subnet_ids = wired(
        "network.private_subnet_ids", "list(string)", "Private subnets of the instance."
    )
    secrets_key_arn = wired("security.secrets_key_arn", "string", "Key that encrypts the secrets.")
    topic_arn = wired(
        "monitoring.topic_arn",
        "string",
        "Topic that hears what DMS reports.",
        when=lambda self: self.reports,
    )
    vpc_id = wired("network.vpc_id", "string", "VPC of the instance.")

    @property
    def calls(self) -> frozenset[str]:
        """What DMS asks for passwords, from its own addresses in the VPC."""
        return frozenset({"secretsmanager"})

    @property
    def interfaces(self) -> int:
        """The instance's, or that of the one that stands by in another zone."""
        return 1

    @property
    def reports(self) -> bool:
        """Whether there is a topic for what DMS reports."""
        return "monitoring" in self.environment.components

    @property
    def task_references(self) -> tuple[Ref, ...]:
        """The tasks, as Terraform names them."""
        return tuple(
            Ref(f"aws_dms_replication_task.{task.label}.replication_task_id") for task in self.tasks
        )

    @property
    def secret_arns(self) -> tuple[Ref, ...]:
        """The secrets that DMS reads, each once."""
        return tuple(dict.fromkeys(endpoint.secret for endpoint in self.endpoints))

    @property
    def description(self) -> dict[str, object]:
        """What operations need to know of the replication."""
        instance = "aws_dms_replication_instance.this"
        return {
            "instance_arn": Ref(f"{instance}.replication_instance_arn"),
            "instance": Ref(f"{instance}.replication_instance_id"),
            "reverse_replication": self.reverse_replication,
            "sequences_gap": self.sequences_gap,
            "tables": [table.description for table in self.tables],
            "forward": None,
            "reverse": None,
            **{task.name: self._task(task) for task in self.tasks},
        }

    def _task(self, task: Task) -> dict[str, object]:
        arn = Ref(f"aws_dms_replication_task.{task.name}.replication_task_arn")
        return {"arn": arn, "id": f"{self.prefix}-{task.name}"}

    @property
    def old_description(self) -> dict[str, object]:
        """What operations need to know of the old database."""
        return {
            "host": self.old.host,
            "port": self.old.port,
            "database": self.old.name,
            "ca": self.old.ca,
        }

    @rule("TAP611", "DMS reads a database on premises, over the private link.")
    def _old_database_is_reached(self) -> Iterator[Finding]:
        if self.old is None:
            yield Finding("", "needs on_premises.database, which it reads; add it")
        if self.link == "none":
            yield Finding("", "needs network.link to reach on_premises; choose one")

    @rule("TAP617", "An address beyond the link is in a range that is routed there.")
    def _old_database_is_routed(self) -> Iterator[Finding]:
        host = self.old.host if self.old else ""
        # Names are resolved over there.
        if not is_address(host):
            return
        if not within(host, self.cidrs_beyond):
            yield Finding(
                "/on_premises.database.host",
                f"{host} is in no range of on_premises.cidrs; add its range there",
            )

    @rule("TAP612", "A client that its server does not name is let in nowhere.")
    def _servers_name_it(self) -> Iterator[Finding]:
        servers = ("database.clients", "network.endpoint_clients", "network.link_clients")
        yield from unnamed("migration", servers, self.environment)

    @rule("TAP615", "Operations read what was built from parameters of at most 4096 bytes.")
    def _descriptions_fit(self) -> Iterator[Finding]:
        size = len(json.dumps(self.description, default=lambda _: "x" * ARN_BYTES).encode())
        if self.old and size > LARGEST_PARAMETER:
            about = -(-size // 100) * 100  # some bytes are the environment's name
            yield Finding(
                "tables",
                f"make a description of about {about} bytes, and SSM takes {LARGEST_PARAMETER}; "
                "shorten them",
            )
