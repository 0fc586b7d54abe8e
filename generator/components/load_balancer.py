"""Load balancer: where requests from the internet arrive, and which side answers them."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from generator.components.names import clamped
from generator.model.component import Component, read, wired
from generator.model.fields import Cidr
from generator.model.hcl import Identifier, Ref
from generator.model.rule import Finding, rule

SslPolicy = Literal[
    "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
    "ELBSecurityPolicy-TLS13-1-3-2021-06",
]
PORTS = (80, 443)
"""What clients call; each range has a rule for each."""
RULES = 60
"""Inbound rules of a security group, by AWS's quota."""


class LoadBalancer(Component):
    """The application load balancer, its certificate, its listeners and its logs."""

    ssl_policy: SslPolicy = Field(
        default="ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
        description="TLS versions and ciphers that clients may choose from.",
    )
    client_cidrs: tuple[Cidr, ...] = Field(
        default=("0.0.0.0/0",), min_length=1, description="Ranges that clients call from."
    )
    idle_timeout_seconds: int = Field(
        default=30, ge=1, le=4000, description="Seconds without a byte before a connection ends."
    )
    health_check_interval_seconds: int = Field(
        default=30, ge=5, le=300, description="Seconds between two calls of /health."
    )
    health_check_timeout_seconds: int = Field(
        default=25, ge=2, le=120, description="Seconds in which /health has to answer."
    )
    log_retention_days: int = Field(
        default=400, ge=365, le=3650, description="Days that access and connection logs are kept."
    )
    deletion_protection: bool = Field(
        default=True, description="Refuse to destroy the load balancer, and logs with it."
    )

    domain = read("routing.record")
    zone_id = read("routing.zone_id")
    fronts_both_sides = read("routing.fronts_both_sides")
    old_api = read("on_premises.api")
    function_timeout = read("compute.payment_function.timeout_seconds")

    payment_alias_arn = wired(
        "compute.payment_alias_arn", "string", "Alias of the payment function that answers."
    )
    payment_function_name = wired(
        "compute.payment_function_name", "string", "The payment function."
    )
    public_subnet_ids = wired(
        "network.public_subnet_ids", "list(string)", "Public subnets of the load balancer."
    )
    vpc_id = wired("network.vpc_id", "string", "VPC of the load balancer.")
    web_acl_arn = wired("security.web_acl_arn", "string", "Web ACL that looks at requests first.")

    @property
    def moving_rule(self) -> Identifier:
        """The label of the rule whose weights divide requests, if they divide them."""
        return Identifier("weighted" if self.fronts_both_sides else "payments")

    @property
    def load_balancer_name(self) -> Identifier:
        """The name of the load balancer."""
        return clamped(self.prefix)

    @property
    def aws_group_name(self) -> Identifier:
        """The name of the target group of the payment function."""
        return clamped(f"{self.prefix}-aws")

    @property
    def onprem_group_name(self) -> Identifier:
        """The name of the target group of the old payment API."""
        return clamped(f"{self.prefix}-onprem")

    @property
    def log_bucket(self) -> str:
        """The bucket of its logs."""
        return f"{self.prefix}-lb-logs-{self.environment.account_id}"

    @property
    def description(self) -> dict[str, object]:
        """The rule whose weights operations move, and what stands beside it."""
        groups = {"aws": Ref("aws_lb_target_group.aws.arn")}
        if self.fronts_both_sides:
            groups["onprem"] = Ref("aws_lb_target_group.onprem.arn")
        return {
            "arn": Ref("aws_lb.this.arn"),
            "dns_name": Ref("aws_lb.this.dns_name"),
            "zone_id": Ref("aws_lb.this.zone_id"),
            "domain": self.domain,
            "rule_arn": Ref(f"aws_lb_listener_rule.{self.moving_rule}.arn"),
            "target_groups": groups,
        }

    @rule("TAP522", "A check that may outlast the next one never fails.")
    def _check_ends_before_the_next(self) -> Iterator[Finding]:
        if self.health_check_timeout_seconds >= self.health_check_interval_seconds:
            yield Finding(
                "health_check_timeout_seconds",
                f"{self.health_check_timeout_seconds} must be less than "
                f"health_check_interval_seconds, {self.health_check_interval_seconds}",
            )

    @rule("TAP523", "The function has to answer or fail before the load balancer gives up on it.")
    def _function_ends_first(self) -> Iterator[Finding]:
        for setting in ("health_check_timeout_seconds", "idle_timeout_seconds"):
            if getattr(self, setting) <= self.function_timeout:
                yield Finding(
                    setting,
                    f"{getattr(self, setting)} must be more than "
                    f"compute.payment_function.timeout_seconds, {self.function_timeout}",
                )

    @rule("TAP524", "A range that is listed twice would open a door twice.")
    def _ranges_are_listed_once(self) -> Iterator[Finding]:
        for index, cidr in enumerate(self.client_cidrs):
            if cidr in self.client_cidrs[:index]:
                yield Finding(f"client_cidrs.{index}", f"{cidr} is listed twice; keep one")

    @rule(
        "TAP525",
        "A security group has 60 rules, unless AWS was asked for more.",
        severity="warning",
    )
    def _ranges_fit_the_security_group(self) -> Iterator[Finding]:
        rules = len(PORTS) * len(self.client_cidrs)
        if rules > RULES:
            yield Finding(
                "client_cidrs",
                f"make {rules} rules, one for each port, and a security group takes {RULES}; join "
                "some, or have the quota raised before the apply",
            )
