"""Strategy: what divides traffic between two sides, and the change from one way to another."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from generator.components.addresses import NOT_PUBLIC, within
from generator.model.component import Component, Strict, read
from generator.model.fields import Text
from generator.model.rule import Finding, rule

Way = Literal["route53_weighted", "alb_weighted", "aws_only"]
PRIVATE = ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")
"""Ranges that nobody on the internet reaches, and the only ones in which a target of a load
balancer may be: those of RFC 1918 and of RFC 6598."""


class Leaving(Strict):
    """Leave to divide traffic in another way, and which way it was until now."""

    strategy: Way = Field(description="What divides traffic in what is applied today.")
    reason: Text = Field(description="Why it changes.")
    approver: Text = Field(description="Who decided.")


class Strategy(Component):
    """What divides traffic, and the other side as it needs to be for that."""

    strategy: Way = Field(
        default="route53_weighted",
        description="What divides traffic: weights in DNS, weights in the load balancer, nothing.",
    )
    leaving: Leaving | None = Field(
        default=None,
        description="A change of the strategy that is under way: what both need stays until this "
        "is removed.",
    )

    cidrs_beyond = read("on_premises.cidrs")
    old_api = read("on_premises.api")

    @property
    def is_weighted(self) -> bool:
        """Tell whether DNS divides traffic."""
        return self.strategy == "route53_weighted"

    @property
    def fronts_both_sides(self) -> bool:
        """Tell whether requests for the old data centre pass through the load balancer.

        Some do until resolvers have learnt that DNS divides traffic again.
        """
        return self.strategy == "alb_weighted" or (self.is_weighted and self._left("alb_weighted"))

    @property
    def keeps_both_records(self) -> bool:
        """Tell whether both weighted records stay, and lead to the load balancer alike.

        Taken away, the record of the old side would be gone before anything else has changed.
        """
        return self.strategy == "alb_weighted" and self._left("route53_weighted")

    def _left(self, strategy: Way) -> bool:
        return self.leaving is not None and self.leaving.strategy == strategy

    @rule("TAP542", "Traffic is divided between two sides, so the other one has addresses.")
    def _other_side_has_addresses(self) -> Iterator[Finding]:
        if self.strategy != "aws_only" and self.old_api is None:
            yield Finding(
                "strategy",
                f"{self.strategy} needs on_premises.api, where clients are sent today; add it, or "
                "write aws_only",
            )

    @rule("TAP543", "A load balancer reaches the other side over the link alone.")
    def _other_side_is_linked(self) -> Iterator[Finding]:
        if not self.fronts_both_sides:
            return
        if self.old_api is not None and not self.old_api.private_addresses:
            yield Finding(
                "strategy",
                "alb_weighted needs on_premises.api.private_addresses, reached over the link; "
                "add them",
            )
        network = self.environment.components.get("network")
        if getattr(network, "link", None) == "none":
            yield Finding(
                "strategy", "alb_weighted needs network.link, which is none; choose a link"
            )

    @rule("TAP548", "An address beyond the link is in a range that is routed there.")
    def _other_side_is_routed(self) -> Iterator[Finding]:
        for index, address in enumerate(self._targets):
            if not within(address, self.cidrs_beyond):
                yield Finding(
                    f"/on_premises.api.private_addresses.{index}",
                    f"{address} is in no range of on_premises.cidrs; add its range there",
                )

    @rule("TAP549", "A load balancer takes targets outside its VPC in private ranges only.")
    def _targets_are_private(self) -> Iterator[Finding]:
        for index, address in enumerate(self._targets):
            if not within(address, PRIVATE):
                yield Finding(
                    f"/on_premises.api.private_addresses.{index}",
                    f"{address} is in none of {', '.join(PRIVATE)}, so a load balancer refuses "
                    "it; give the address that it has over the link",
                )

    @rule("TAP550", "DNS sends clients to addresses that the internet reaches.")
    def _addresses_are_public(self) -> Iterator[Finding]:
        if self.old_api is None or not self.is_weighted:
            return
        for index, address in enumerate(self.old_api.addresses):
            if within(address, NOT_PUBLIC):
                yield Finding(
                    f"/on_premises.api.addresses.{index}",
                    f"{address} is no address of the internet, and clients are sent there; give "
                    "the public one, or write alb_weighted",
                )

    @rule("TAP551", "A change leads from one strategy to another.")
    def _change_leads_elsewhere(self) -> Iterator[Finding]:
        if self._left(self.strategy):
            yield Finding(
                "leaving.strategy",
                f"{self.strategy} is the strategy; name the one that was before, or remove leaving",
            )

    @rule("TAP552", "Half of a change is no state to stay in.", severity="warning")
    def _change_ends(self) -> Iterator[Finding]:
        if self.leaving is not None and not self._left(self.strategy):
            yield Finding(
                "leaving",
                f"a change from {self.leaving.strategy} is under way, and no traffic may move "
                "meanwhile; remove this when the change is applied and an hour old",
            )

    @property
    def _targets(self) -> tuple[str, ...]:
        """The addresses of the other side that the load balancer forwards to."""
        forwards = self.fronts_both_sides and self.old_api is not None
        return self.old_api.private_addresses if forwards else ()
