"""Rollback: the way back, and the one state that says which side answers and which one writes."""

from collections.abc import Iterator
from functools import cached_property
from typing import Literal

from pydantic import Field

from generator.components import rollback_access
from generator.components.clients import unnamed
from generator.components.function import Function, FunctionSettings
from generator.components.rollback_access import Weights
from generator.components.schedule import Schedule, Scheduled
from generator.model.component import read, wired
from generator.model.hcl import Identifier, Ref
from generator.model.rule import Finding, rule

EVERY_MINUTE = 1
TURNING_SECONDS = 780
"""What a cutover may take that stops one DMS task and starts another, its gate included."""


class RollbackFunction(FunctionSettings):
    """The function that takes traffic back."""

    timeout_seconds: int = Field(
        default=150,
        ge=90,
        le=900,
        description="Seconds after which it is stopped; it waits until DNS servers know.",
    )
    reserved_concurrency: Literal[1] = Field(
        default=1, description="Executions at once: two would write weights at the same time."
    )


class CutoverFunction(FunctionSettings):
    """The function that moves the writer."""

    timeout_seconds: int = Field(
        default=900, ge=300, le=900, description="Seconds after which it is stopped."
    )
    reserved_concurrency: Literal[1] = Field(
        default=1, description="Executions at once: there is one writer to move."
    )


class Rollback(Scheduled):
    """The functions that take traffic and the writer back, the state they share, and its switch."""

    rollback_function: RollbackFunction = Field(
        description="Takes traffic back; needs neither the VPC nor a database."
    )
    cutover_function: CutoverFunction = Field(
        description="Moves the writer to Aurora, and back; lives in the VPC."
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
                in_vpc=False,
                asynchronous=True,
            ),
            Function(
                name=Identifier("cutover"),
                summary="Moves the writer to Aurora, and back.",
                settings=self.cutover_function,
                variables=self.operations_variables,
                statements=rollback_access.of_cutover(of, *self.task_arns),
                asynchronous=True,
            ),
        )

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """The reconciler."""
        return (
            Schedule(
                Identifier("reconcile"),
                "Takes traffic back where that failed; after it was done, repeats nothing.",
                Identifier("rollback"),
                EVERY_MINUTE,
                {"action": "reconcile"},
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

    @rule("TAP665", "A cutover that might be cut off behind its fence does not begin.")
    def _cutover_has_time(self) -> Iterator[Finding]:
        seconds = self.cutover_function.timeout_seconds
        if self.reverse_replication == "at_cutover" and seconds < TURNING_SECONDS:
            yield Finding(
                "cutover_function.timeout_seconds",
                f"{seconds} s are too few to turn the replication; give it {TURNING_SECONDS}",
            )
