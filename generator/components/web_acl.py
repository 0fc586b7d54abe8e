"""Web ACL: what looks at a request before the payment API does."""

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from pydantic import Field

from generator.components.logs import Retention
from generator.model.component import Component
from generator.model.hcl import Identifier
from generator.model.rule import Finding, rule

GroupName = Literal["anonymous-ip", "common", "ip-reputation", "known-bad-inputs", "sql-injection"]
PARTNERS: tuple[GroupName, ...] = ("anonymous-ip",)
"""Partners call from cloud providers, whose addresses this group takes for hiding places."""


class Group(NamedTuple):
    """A group of rules that AWS writes; those of *counted* only count, the others block."""

    name: Identifier
    managed: str
    priority: int
    counted: tuple[str, ...] = ()


# In the order in which they look: who asks is cheaper to tell than what is asked.
_GROUPS: Mapping[GroupName, tuple[str, int]] = {
    "ip-reputation": ("AWSManagedRulesAmazonIpReputationList", 10),
    "anonymous-ip": ("AWSManagedRulesAnonymousIpList", 20),
    "known-bad-inputs": ("AWSManagedRulesKnownBadInputsRuleSet", 30),
    "common": ("AWSManagedRulesCommonRuleSet", 40),
    "sql-injection": ("AWSManagedRulesSQLiRuleSet", 50),
}
# Payments are JSON: bodies beyond 8 KB are usual in it, and so are addresses of other sites. They
# come from servers, and some of those do not say what program they are.
_TOO_STRICT: Mapping[str, tuple[str, ...]] = {
    "common": (
        "GenericRFI_BODY",
        "GenericRFI_QUERYARGUMENTS",
        "GenericRFI_URIPATH",
        "NoUserAgent_HEADER",
        "SizeRestrictions_BODY",
    ),
}


class WebAcl(Component):
    """The firewall in front of the load balancer."""

    requests_per_minute: int = Field(
        default=1000,
        ge=10,
        le=1_000_000,
        description="Requests of one address in a minute, beyond which it is refused.",
    )
    counting_groups: tuple[GroupName, ...] = Field(
        default=PARTNERS,
        description="Groups of the web ACL that count what they would block, and let it through.",
    )
    web_acl_log_retention_days: Retention = Field(
        default=365, description="Days that the log of refused requests is kept."
    )

    @property
    def has_web_acl(self) -> bool:
        """Tell whether there is a load balancer to stand in front of."""
        return "load_balancer" in self.environment.components

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups of rules, in the order in which they look at a request."""
        return tuple(
            Group(Identifier(name), managed, priority, _TOO_STRICT.get(name, ()))
            for name, (managed, priority) in _GROUPS.items()
        )

    @rule("TAP204", "A group that only counts stops nobody.", severity="warning")
    def _groups_block(self) -> Iterator[Finding]:
        for index, name in enumerate(self.counting_groups):
            if name not in PARTNERS:
                yield Finding(
                    f"counting_groups.{index}",
                    f"requests that {name} would stop reach the payment API; take it out again "
                    "when the count shows that it stops no client of ours",
                )
