"""Compute: the payment API as a function, and the function that prepares databases for it."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Literal

from pydantic import Field

from generator.components.clients import unnamed
from generator.components.function import Function, Functions, FunctionSettings
from generator.components.payment import PaymentSettings
from generator.components.permissions import Permissions
from generator.model.component import read, wired
from generator.model.hcl import Identifier, Ref
from generator.model.rule import Finding, rule

PAYMENT_USER = "payment_app"
"""The user of the payment API, in both databases."""
DEPLOYED_AT_ONCE = 2
"""Versions that are kept warm during a deploy."""
MOVING_CALLS = ("dynamodb", "secretsmanager", "ssm")
"""What either function calls where the writer moves: who writes is in a table."""


def _writes_on_premises(component: "Compute") -> bool:
    return component.writes_to == "writer"


class Compute(Functions):
    """The payment API, and the function `schema`; both live in the VPC."""

    payment_function: PaymentSettings = Field(description="The payment API.")
    schema_function: FunctionSettings = Field(
        description="Makes roles and tables in the databases, and the first secrets."
    )
    writes_to: Literal["writer", "aurora"] = Field(
        default="writer",
        description="Where payments are written: to the one writer that operations name, which "
        "moves at the cutover, or to Aurora for ever.",
    )

    old_database = read("on_premises.database")
    database_name = read("database.database_name")

    cluster_resource_id = wired(
        "database.cluster_resource_id", "string", "Cluster that the payment API signs in to."
    )
    database_endpoint = wired("database.endpoint", "string", "Host name of Aurora's writer.")
    master_user_secret_arn = wired(
        "database.master_user_secret_arn", "string", "Secret with the first user's password."
    )
    payment_source_secret_arn = wired(
        "security.payment_source_secret_arn",
        "string",
        "Secret with which the payment API signs in to the on-premises database.",
        when=_writes_on_premises,
    )
    secrets_key_arn = wired("security.secrets_key_arn", "string", "Key that encrypts secrets.")

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """The two functions; only the payment API is asked by others than operators."""
        may = Permissions(self.environment, moves=_writes_on_premises(self))
        return (
            Function(
                name=Identifier("payment"),
                summary=f"Payment API of {self.prefix}.",
                settings=self.payment_function,
                variables=self._payment_variables,
                statements=may.of_payment(PAYMENT_USER),
                calls=MOVING_CALLS if may.moves else (),
            ),
            Function(
                name=Identifier("schema"),
                summary=f"Prepares the databases of {self.prefix}.",
                settings=self.schema_function,
                variables=self.operations_variables,
                statements=may.of_schema(),
                calls=MOVING_CALLS if may.moves else ("secretsmanager", "ssm"),
            ),
        )

    @property
    def _payment_variables(self) -> Mapping[str, object]:
        of = self.environment
        found: dict[str, object] = {
            "PROJECT": of.project,
            "ENVIRONMENT": of.name,
            "AURORA_HOST": Ref("var.database_endpoint"),
            "AURORA_PORT": "5432",
            "AURORA_DATABASE": self.database_name,
            "AURORA_USER": PAYMENT_USER,
        }
        if _writes_on_premises(self) and self.old_database:
            found |= {
                "CONTROL_TABLE": f"{self.prefix}-control",
                "ONPREM_HOST": self.old_database.host,
                "ONPREM_PORT": str(self.old_database.port),
                "ONPREM_DATABASE": self.old_database.name,
                "ONPREM_SECRET_ARN": Ref("var.payment_source_secret_arn"),
                "ONPREM_CA_PARAMETER": f"{of.describe_path}/on_premises",
            }
        return found

    @property
    def description(self) -> dict[str, object]:
        """The functions, and the images to go back to."""
        return {
            "payment_function": f"{self.prefix}-payment",
            "schema_function": f"{self.prefix}-schema",
            "alias": "live",
            "image": self.payment_function.digest,
            "previous_image": self.payment_function.previous_digest,
            "writes_to": self.writes_to,
        }

    @rule("TAP503", "What is kept warm lies between two numbers.")
    def _warm_ones_have_bounds(self) -> Iterator[Finding]:
        payment = self.payment_function
        if payment.provisioned_min > payment.provisioned_max:
            yield Finding(
                "payment_function.provisioned_min",
                f"{payment.provisioned_min} is more than provisioned_max, "
                f"{payment.provisioned_max}; lower one or raise the other",
            )

    @rule("TAP504", "What is kept warm is taken from what is reserved.")
    def _warm_ones_are_reserved(self) -> Iterator[Finding]:
        payment = self.payment_function
        if payment.reserved_concurrency < payment.provisioned_max:
            yield Finding(
                "payment_function.reserved_concurrency",
                f"{payment.reserved_concurrency} is less than provisioned_max, "
                f"{payment.provisioned_max}, so Lambda would refuse to warm them; reserve "
                f"{DEPLOYED_AT_ONCE * payment.provisioned_max}",
            )

    @rule("TAP505", "A deploy warms the new version while the old one is warm.", severity="warning")
    def _deploys_have_room(self) -> Iterator[Finding]:
        payment = self.payment_function
        wanted = DEPLOYED_AT_ONCE * payment.provisioned_max
        if payment.provisioned_max <= payment.reserved_concurrency < wanted:
            yield Finding(
                "payment_function.reserved_concurrency",
                f"{payment.reserved_concurrency} leaves no room for a deploy under load, which "
                f"then starts cold; reserve {wanted}",
            )

    @rule("TAP509", "A client that its server does not name is let in nowhere.")
    def _servers_name_it(self) -> Iterator[Finding]:
        servers = ["database.clients", "network.endpoint_clients"]
        if _writes_on_premises(self):
            servers.append("network.link_clients")
        yield from unnamed("compute", servers, self.environment)
