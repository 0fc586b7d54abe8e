"""Rollback: the way back, and the one state that says which side answers and which one writes."""

from collections.abc import Iterator
from functools import cached_property
from typing import Literal

from pydantic import Field

from generator.components import rollback_access, waits
from generator.components.clients import unnamed
from generator.components.function import Function
from generator.components.probe import ProbeFunction, probe
from generator.components.rollback_access import Weights
from generator.components.rollback_settings import CutoverFunction, RollbackFunction
from generator.components.schedule import Schedule, Scheduled
from generator.model.component import read, wired
from generator.model.hcl import Identifier, Ref
from generator.model.rule import Finding, rule

EVERY_MINUTE = 1


class Rollback(Scheduled):
    """The functions that take traffic and the writer back, the state they share, and its switch."""

    rollback_function: RollbackFunction = Field(
        description="Takes traffic back; needs neither the VPC nor a database."
    )
    cutover_function: CutoverFunction = Field(
        description="Moves the writer to Aurora, and back; lives in the VPC."
    )
    probe_function: ProbeFunction | None = Field(
        default=None,
        description="Asks every few seconds, from outside, whether AWS would take payments.",
    )
    mode: Literal["auto", "notify", "off"] = Field(
        default="auto",
        description="First value of the kill switch: whether an alarm takes traffic back, only "
        "tells people, or does nothing. Operators change it afterwards.",
    )
    deletion_protection: bool = Field(
        default=True, description="Refuse to destroy the control table and its audit."
    )

    strategy = read("routing.strategy")
    zone_id = read("routing.zone_id")
    record = read("routing.record")
    task_arns = read("migration.task_arns")
    reverse_replication = read("migration.reverse_replication")

    cluster_resource_id = wired(
        "database.cluster_resource_id", "string", "Cluster that the cutover signs in to."
    )
    load_balancer_dns_name = wired(
        "load_balancer.dns_name",
        "string",
        "Where the probe asks: the load balancer, by a name that no weight moves.",
        when=lambda self: bool(self.probe_function),
    )
    load_balancer_rule_arn = wired(
        "load_balancer.rule_arn",
        "string",
        "The rule that divides traffic.",
        when=lambda self: self.weighs_in_rule,
    )
    operator_source_secret_arn = wired(
        "security.operator_source_secret_arn",
        "string",
        "User that opens and shuts the old database.",
    )
    secrets_key_arn = wired("security.secrets_key_arn", "string", "Key that encrypts the secrets.")

    @property
    def weighs_in_rule(self) -> bool:
        """Whether the load balancer divides traffic, not DNS."""
        return bool(self.strategy == "alb_weighted")

    @property
    def kill_switch(self) -> str:
        """The SSM parameter that holds the mode."""
        return f"/{self.environment.project}/{self.environment.name}/rollback/mode"

    @property
    def alarm_arn(self) -> str:
        """The alarm that calls the function, by the name that monitoring gives it."""
        of = self.environment
        return f"arn:aws:cloudwatch:{of.region}:{of.account_id}:alarm:{self.prefix}-roll-back"

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """One for traffic, one for the writer; each has a role of its own."""
        of = self.environment
        weights = Weights(self.zone_id, self.record, self.weighs_in_rule)
        return (
            Function(
                name=Identifier("rollback"),
                summary="Takes traffic back to the old data centre.",
                settings=self.rollback_function,
                variables=self.operations_variables,
                statements=rollback_access.of_rollback(of, weights, self.kill_switch),
                calls=("dynamodb", "lambda", "monitoring", weights.service, "ssm"),
                in_vpc=False,
                asynchronous=True,
            ),
            Function(
                name=Identifier("cutover"),
                summary="Moves the writer to Aurora, and back.",
                settings=self.cutover_function,
                variables=self.operations_variables,
                statements=rollback_access.of_cutover(of, *self.task_arns),
                calls=("dms", "dynamodb", "lambda", "monitoring", "rds", "secretsmanager", "ssm"),
                asynchronous=True,
            ),
            *(probe(of, each, self.record) for each in self._probes),
        )

    @property
    def _probes(self) -> tuple[ProbeFunction, ...]:
        return (self.probe_function,) if self.probe_function else ()

    @property
    def hand_back_seconds(self) -> int:
        """Seconds that the writer's way back takes at worst."""
        return waits.seconds(waits.hand_back(self.reverse_replication))

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """The reconciler, and the probe."""
        return (
            Schedule(
                Identifier("reconcile"),
                "Takes traffic back where that failed; after it was done, repeats nothing.",
                Identifier("rollback"),
                EVERY_MINUTE,
                {"action": "reconcile"},
            ),
            *(
                Schedule(
                    Identifier("probe"),
                    "Asks whether AWS would take payments, until after the next call.",
                    Identifier("probe"),
                    EVERY_MINUTE,
                    {"action": "probe"},
                )
                for _ in self._probes
            ),
        )

    @property
    def description(self) -> dict[str, object]:
        """What operations need to know of it."""
        return {
            "function": Ref("aws_lambda_function.rollback.function_name"),
            "cutover_function": Ref("aws_lambda_function.cutover.function_name"),
            "control_table": Ref("aws_dynamodb_table.control.name"),
            "kill_switch": Ref("aws_ssm_parameter.mode.name"),
            "hand_back_seconds": self.hand_back_seconds,
        }

    @rule("TAP661", "An alarm calls the function, and the function asks whether it still rings.")
    def _alarms_are_there(self) -> Iterator[Finding]:
        if "monitoring" not in self.environment.components:
            yield Finding("", "needs monitoring, whose alarm calls it; enable monitoring")

    @rule("TAP662", "Where AWS alone answers, there is no side to go back to.")
    def _there_is_another_side(self) -> Iterator[Finding]:
        if self.strategy == "aws_only":
            yield Finding(
                "", "has nowhere to go back to with routing.strategy aws_only; switch it off"
            )

    @rule("TAP663", "A rollback that waits for a person misses the RTO.", severity="warning")
    def _rollback_is_automatic(self) -> Iterator[Finding]:
        if self.mode != "auto":
            yield Finding("mode", f"{self.mode}: no alarm takes traffic back by itself; auto does")

    @rule("TAP664", "A client that its server does not name is let in nowhere.")
    def _servers_name_it(self) -> Iterator[Finding]:
        servers = ("database.clients", "network.endpoint_clients", "network.link_clients")
        yield from unnamed("rollback", servers, self.environment)

    @rule("TAP665", "A function that is stopped while it waits leaves things half done.")
    def _functions_outlast_what_they_wait_for(self) -> Iterator[Finding]:
        back = self.hand_back_seconds + waits.SPARE
        onward = waits.cutover(self.reverse_replication)
        for setting, seconds, waited in (
            ("cutover_function", onward, "a cutover's steps"),
            ("rollback_function", back + waits.WEIGHTS, "the writer's way back, and for DNS"),
        ):
            if getattr(self, setting).timeout_seconds < seconds:
                yield Finding(
                    f"{setting}.timeout_seconds",
                    f"must be at least {seconds}: with migration.reverse_replication "
                    f"{self.reverse_replication} it waits for {waited}",
                )
