"""Endpoints: the AWS services that are reached from within the VPC, and by whom."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from generator.model.component import Component, wired_each
from generator.model.rule import Finding, rule
from generator.model.validation import listed

# Services whose endpoints take a policy. S3 and DynamoDB have gateway endpoints of their own.
Service = Literal[
    "appconfigdata", "dms", "events", "kms", "lambda", "logs", "monitoring", "rds",
    "secretsmanager", "sns", "sqs", "ssm", "sts", "xray",
]  # fmt: skip
CALLED: tuple[Service, ...] = ("dms", "lambda", "monitoring", "rds", "secretsmanager", "ssm")
"""What the functions and the replication of a whole migration call."""
GATEWAYS = frozenset({"dynamodb", "s3"})
"""Services whose endpoints cost nothing, and are always there."""


class Endpoints(Component):
    """The ways from the VPC to AWS. There is no other: no security group opens one to NAT."""

    interface_endpoints: tuple[Service, ...] = Field(
        default=CALLED,
        description="AWS services that are called from within the VPC; each costs about $7 a "
        "month per zone.",
    )
    endpoint_clients: tuple[str, ...] = Field(
        default=(), description="Components that use the endpoints, S3's included."
    )

    endpoint_client_security_group_ids = wired_each(
        "endpoint_clients", "{client}.security_group_id", "Security groups that use the endpoints."
    )

    @rule(
        "TAP115", "Endpoints are the only way from the VPC to AWS, whatever NAT gateways there are."
    )
    def _what_is_called_has_an_endpoint(self) -> Iterator[Finding]:
        there = GATEWAYS.union(self.interface_endpoints)
        callers: dict[str, list[str]] = {}
        for name, component in self.environment.components.items():
            for service in component.calls - there:
                callers.setdefault(service, []).append(name)
        for service, names in sorted(callers.items()):
            call = "call" if len(names) > 1 else "calls"
            yield Finding(
                "interface_endpoints",
                f"lacks {service}, which {listed(names, 'and')} {call} from within the VPC; add it",
            )
