"""Validation: whether both databases say the same, asked every minute and every hour."""

from collections.abc import Iterator
from functools import cached_property

from pydantic import Field

from generator.components import access
from generator.components.clients import unnamed
from generator.components.function import Function, FunctionSettings
from generator.components.schedule import Schedule, Scheduled
from generator.model.component import read, wired
from generator.model.hcl import Identifier, Ref
from generator.model.rule import Finding, rule

USER = "payment_validation"
"""The user that compares, in both databases."""
AT_ONCE = 2
"""Executions that there have to be: a marker is due while a validation still runs."""


class ValidationFunction(FunctionSettings):
    """The function that compares the databases."""

    memory_mb: int = Field(
        default=1024, ge=128, le=10240, description="Memory in MB; processor time grows with it."
    )
    timeout_seconds: int = Field(
        default=600, ge=60, le=900, description="Seconds after which a validation is stopped."
    )
    reserved_concurrency: int = Field(
        default=AT_ONCE, ge=AT_ONCE, le=10, description="Executions at once: markers do not wait."
    )


class Validation(Scheduled):
    """A marker row that crosses the replication, and comparisons of what the tables hold."""

    validation_function: ValidationFunction = Field(
        description="Compares the databases, and measures how far one is behind."
    )
    marker_interval_minutes: int = Field(
        default=1, ge=1, le=15, description="Minutes between two markers."
    )
    validation_interval_minutes: int = Field(
        default=60, ge=5, le=1440, description="Minutes between two comparisons."
    )

    slo = read("slo")
    task_arns = read("migration.task_arns")

    cluster_resource_id = wired(
        "database.cluster_resource_id", "string", "Cluster that the function signs in to."
    )
    control_table_arn = wired(
        "rollback.control_table_arn",
        "string",
        "Table that says which database is written.",
        when=lambda self: self.knows_the_writer,
    )
    secrets_key_arn = wired("security.secrets_key_arn", "string", "Key that encrypts the secrets.")
    validation_source_secret_arn = wired(
        "security.validation_source_secret_arn", "string", "User that compares the old database."
    )

    @property
    def knows_the_writer(self) -> bool:
        """Whether the writer can change, and a table says which it is."""
        return "rollback" in self.environment.components

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """The function that compares."""
        return (
            Function(
                name=Identifier("validation"),
                summary="Compares the old database with Aurora.",
                settings=self.validation_function,
                variables=self.operations_variables,
                statements=self._statements(),
                calls=("dms", "dynamodb", "rds", "secretsmanager", "ssm"),
                asynchronous=True,
            ),
        )

    def _statements(self) -> tuple[access.Statement, ...]:
        of = self.environment
        cluster = f"arn:aws:rds:{of.region}:{of.account_id}:cluster:{self.prefix}"
        table = Ref("var.control_table_arn")
        state = (access.use_table(table, "dynamodb:GetItem"), access.use_table_key(of))
        return (
            access.sign_in(of, Ref("var.cluster_resource_id"), USER),
            access.read_secrets(Ref("var.validation_source_secret_arn")),
            access.use_secrets_key(of, Ref("var.secrets_key_arn"), "kms:Decrypt"),
            access.read_descriptions(of),
            *access.read_tasks(*self.task_arns),
            access.statement("ReadBackups", ("rds:DescribeDBClusters",), (cluster,)),
            *(state if self.knows_the_writer else ()),
        )

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """The marker and the comparison."""
        function = Identifier("validation")
        return (
            Schedule(
                Identifier("marker"),
                "Looks for rows that did not arrive on the other side, and writes another.",
                function,
                self.marker_interval_minutes,
                {"action": "marker"},
            ),
            Schedule(
                Identifier("validate"),
                "Compares what the tables of both sides hold.",
                function,
                self.validation_interval_minutes,
                {"action": "validate"},
            ),
        )

    @property
    def description(self) -> dict[str, object]:
        """What operations need to know of it."""
        return {"function": Ref("aws_lambda_function.validation.function_name")}

    @rule("TAP641", "What is measured less often than it may last is not seen in time.")
    def _markers_show_the_rpo(self) -> Iterator[Finding]:
        seconds = self.marker_interval_minutes * 60
        if seconds > self.slo.rpo_seconds:
            yield Finding(
                "marker_interval_minutes",
                f"a marker every {seconds} seconds cannot show that no more than slo.rpo_seconds, "
                f"{self.slo.rpo_seconds}, are missing; shorten it, or promise less",
            )

    @rule("TAP642", "A comparison ends before the next one begins.")
    def _validations_do_not_pile_up(self) -> Iterator[Finding]:
        seconds = self.validation_interval_minutes * 60
        if self.validation_function.timeout_seconds > seconds:
            yield Finding(
                "validation_interval_minutes",
                f"is shorter than validation_function.timeout_seconds, "
                f"{self.validation_function.timeout_seconds}; lengthen it",
            )

    @rule("TAP643", "A client that its server does not name is let in nowhere.")
    def _servers_name_it(self) -> Iterator[Finding]:
        servers = ("database.clients", "network.endpoint_clients", "network.link_clients")
        yield from unnamed("validation", servers, self.environment)
