"""Routing: which side a name leads to, and in which steps that changes."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field

from generator.components.strategy import Strategy
from generator.model.component import wired
from generator.model.fields import DomainName, matching
from generator.model.hcl import Ref
from generator.model.rule import Finding, rule

ZoneId = Annotated[
    str, *matching(r"Z[A-Z0-9]{1,31}", "a hosted zone's id such as Z0123456789ABCDEFGHIJ")
]
Percentage = Annotated[int, Field(ge=0, le=100)]
ALIAS_TTL = 60
"""Seconds that resolvers keep the addresses of a load balancer; its alias has no other."""
LONGEST = 64
"""Characters that the first name of a certificate may have."""


class Routing(Strategy):
    """The records of the payment API, and the plan by which traffic moves from side to side."""

    zone_id: ZoneId = Field(description="Hosted zone of the record; bootstrap says its id.")
    record: DomainName = Field(description="Name that clients call.")
    ttl_seconds: int = Field(
        default=60, ge=1, le=3600, description="Seconds that resolvers keep an answer."
    )
    existing_record: Literal["none", "simple", "weighted"] = Field(
        default="none",
        description="What the name has today: no record; a simple one, left alone until operations "
        "have made it weighted; weighted ones, to be taken over.",
    )
    phases: tuple[Percentage, ...] = Field(
        default=(0, 10, 50, 100),
        min_length=2,
        description="Percentages of traffic on AWS, step by step.",
    )
    bake_minutes: int = Field(
        default=60, ge=0, le=43200, description="Minutes that a phase lasts at least."
    )

    load_balancer_dns_name = wired(
        "load_balancer.dns_name", "string", "Name of the load balancer's addresses."
    )
    load_balancer_zone_id = wired(
        "load_balancer.zone_id", "string", "Zone of the load balancer's name."
    )

    @property
    def has_record(self) -> bool:
        """Tell whether the record is Terraform's to make, or was made fit to be taken over."""
        return not (self.is_weighted and self.existing_record == "simple")

    @property
    def imports(self) -> dict[str, str]:
        """The records that are there already, by their addresses in the module."""
        if not (self.is_weighted and self.existing_record == "weighted"):
            return {}
        return {
            f"aws_route53_record.{side}": f"{self.zone_id}_{self.record}_A_{side}"
            for side in ("aws", "onprem")
        }

    @property
    def description(self) -> dict[str, object]:
        """The records whose weights operations move, and the steps in which they may."""
        found: dict[str, object] = {
            "strategy": self.strategy,
            "zone_id": self.zone_id,
            "record": self.record,
            "ttl_seconds": self.ttl_seconds,
            "phases": self.phases,
            "bake_minutes": self.bake_minutes,
            "aws": {
                "dns_name": Ref("var.load_balancer_dns_name"),
                "zone_id": Ref("var.load_balancer_zone_id"),
            },
        }
        if self.strategy != "aws_only":
            found["onprem"] = {"addresses": self.old_api.addresses}
        return found

    @rule("TAP541", "Traffic moves from nothing to everything, and never back by plan.")
    def _phases_rise(self) -> Iterator[Finding]:
        if (self.phases[0], self.phases[-1]) != (0, 100):
            yield Finding("phases", "have to begin with 0 and end with 100")
        for index, (one, next_one) in enumerate(pairwise(self.phases), start=1):
            if next_one <= one:
                yield Finding(f"phases.{index}", f"{next_one} does not rise above {one}, before it")

    @rule("TAP544", "A record stands in the zone whose name it ends with.")
    def _record_is_in_the_zone(self) -> Iterator[Finding]:
        zone = getattr(self.environment.components.get("bootstrap"), "hosted_zone", None)
        if zone and not f".{self.record}".endswith(f".{zone.domain}"):
            yield Finding(
                "record",
                f"{self.record} is not in {zone.domain}, the zone of bootstrap; end it with that",
            )

    @rule("TAP553", "A certificate's first name has 64 characters at most.")
    def _record_fits_the_certificate(self) -> Iterator[Finding]:
        if len(self.record) > LONGEST:
            yield Finding(
                "record",
                f"has {len(self.record)} characters, and ACM makes no certificate whose first name "
                f"has more than {LONGEST}; take a shorter one",
            )

    @rule("TAP545", "Weighted records share one time to live, and an alias has its own.")
    def _ttl_is_the_alias_one(self) -> Iterator[Finding]:
        if self.is_weighted and self.ttl_seconds != ALIAS_TTL:
            yield Finding(
                "ttl_seconds",
                f"the record of AWS is an alias, which resolvers keep for {ALIAS_TTL} seconds; "
                f"with {self.ttl_seconds} for the other one, traffic follows neither weight",
            )

    @rule("TAP546", "What exists is taken over only if it is what would be made.")
    def _existing_record_is_divided_by_dns(self) -> Iterator[Finding]:
        if not self.is_weighted and self.existing_record != "none":
            yield Finding(
                "existing_record",
                f"{self.existing_record} is for route53_weighted; with {self.strategy}, move the "
                "name by hand and write none",
            )

    @rule("TAP547", "A phase that does not last shows nothing.", severity="warning")
    def _phases_last(self) -> Iterator[Finding]:
        if self.strategy != "aws_only" and self.bake_minutes == 0:
            yield Finding(
                "bake_minutes",
                "the next phase may begin before one request was answered in this one; an hour "
                "shows most faults",
            )
