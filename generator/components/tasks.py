"""Directions of the replication: its endpoints, and the tasks from one to the other."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from pydantic import Field

from generator.components import names
from generator.model.component import Component, read
from generator.model.fields import Certificate
from generator.model.hcl import Identifier, Ref
from generator.model.rule import Finding, rule

LOOPS = ("dms_loop_onprem", "dms_loop_aws")
"""Schemas in which DMS marks what it wrote itself: on premises, on AWS."""


class Endpoint(NamedTuple):
    """One end of a task: a database that is read, or one that is written."""

    name: Identifier
    place: Literal["aurora", "onprem"]
    type: Literal["source", "target"]
    database: str
    secret: Ref
    certificate: Ref | None

    @property
    def id(self) -> Identifier:
        """The end of its name in AWS."""
        return Identifier(f"{self.place}-{self.type}")

    @property
    def engine(self) -> str:
        """What DMS calls the database."""
        return "postgres" if self.place == "onprem" else "aurora-postgresql"

    @property
    def security(self) -> dict[str, object]:
        """How the connection is encrypted, and whose certificate is believed."""
        if self.certificate is None:
            return {"ssl_mode": "require"}
        return {"ssl_mode": "verify-full", "certificate_arn": self.certificate}


class Task(NamedTuple):
    """A direction of the replication."""

    name: Literal["forward", "reverse"]
    migration_type: Literal["full-load-and-cdc", "cdc"]
    source: Identifier
    target: Identifier
    guarded: bool
    """Whether there is another direction, whose changes it must not send back.

    Also where only one runs at a time: a task that goes on reads from where it stopped, and finds
    all that the other has written meanwhile.
    """

    @property
    def label(self) -> Identifier:
        """The name of its resource, and the end of its name in AWS."""
        return Identifier(self.name)

    @property
    def loopback(self) -> dict[str, object]:
        """The schemas that mark what came from the other side."""
        source, target = LOOPS if self.name == "forward" else reversed(LOOPS)
        return {
            "EnableLoopbackPrevention": True,
            "SourceSchema": source,
            "TargetSchema": target,
        }


class Directions(Component):
    """The way there and the way back."""

    reverse_replication: Literal["armed", "at_cutover", "none"] = Field(
        default="armed",
        description="Way back for the data: runs beside the way there, starts with the cutover, "
        "or is missing.",
    )
    aurora_ca: Certificate | None = Field(
        default=None,
        description="CA that signs Aurora's certificate, from AWS's bundle of the region, in PEM.",
    )

    old = read("on_premises.database")
    database_name = read("database.database_name")

    @property
    def has_way_back(self) -> bool:
        """Whether payments that Aurora took can be replicated to the old database."""
        return self.reverse_replication != "none"

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The ends of the tasks; on premises, one user reads and writes."""
        forward = (
            self._endpoint("source", "onprem", "source", "dms_source"),
            self._endpoint("target", "aurora", "target", "dms_target"),
        )
        if not self.has_way_back:
            return forward
        return (
            *forward,
            self._endpoint("reverse_source", "aurora", "source", "dms_reverse"),
            self._endpoint("reverse_target", "onprem", "target", "dms_source"),
        )

    def _endpoint(
        self,
        name: str,
        place: Literal["aurora", "onprem"],
        type: Literal["source", "target"],  # noqa: A002 - Terraform's word
        secret: str,
    ) -> Endpoint:
        aurora = place == "aurora"
        certificate = None
        if not aurora or self.aurora_ca:
            label = "aurora" if aurora else "on_premises"
            certificate = Ref(f"aws_dms_certificate.{label}.certificate_arn")
        return Endpoint(
            name=Identifier(name),
            place=place,
            type=type,
            database=self.database_name if aurora else self.old.name,
            secret=Ref(f"var.{secret}_secret_arn"),
            certificate=certificate,
        )

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The directions: there, and back unless there is no way back."""
        guarded = self.has_way_back
        there = Identifier("source"), Identifier("target")
        back = Identifier("reverse_source"), Identifier("reverse_target")
        forward = Task("forward", "full-load-and-cdc", *there, guarded)
        return (forward, *([Task("reverse", "cdc", *back, guarded)] if guarded else []))

    @property
    def task_arns(self) -> tuple[str, ...]:
        """The tasks' ARNs, whose ends are not DMS's to choose."""
        of = self.environment
        home = f"arn:aws:dms:{of.region}:{of.account_id}:task"
        return tuple(f"{home}:{self.prefix}-{task.name}" for task in self.tasks)

    @property
    def tight_names(self) -> dict[str, names.Limit]:
        """The tasks' names, which leave least room of all."""
        return {f"{self.prefix}-{task.name}": names.DMS_TASK for task in self.tasks}

    @rule(
        "TAP613",
        "After the cutover, only replication back saves new payments in a rollback.",
        severity="warning",
    )
    def _there_is_a_way_back(self) -> Iterator[Finding]:
        if not self.has_way_back:
            yield Finding(
                "reverse_replication",
                "none: once Aurora has taken a payment, going back would lose it, so rollback "
                "stops at the cutover; armed or at_cutover keeps it",
            )

    @rule("TAP614", "Encryption without verification trusts whoever answers.", severity="warning")
    def _aurora_is_verified(self) -> Iterator[Finding]:
        if self.aurora_ca is None:
            yield Finding(
                "aurora_ca",
                "is missing, so DMS encrypts its connections to Aurora and does not verify them; "
                "add the region's CA from AWS's bundle",
            )
