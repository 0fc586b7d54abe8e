"""Addresses: the range of the VPC, and those of its subnets, zone by zone."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network
from itertools import combinations
from typing import Annotated

from pydantic import Field

from generator.model.component import Component, read
from generator.model.fields import Cidr, matching
from generator.model.rule import Finding, rule

AvailabilityZone = Annotated[
    str, *matching(r"[a-z]{2}-[a-z]+-[0-9][a-f]", "an Availability Zone such as us-east-2a")
]
LARGEST, SMALLEST = 16, 28
"""Prefix lengths that AWS allows, for a VPC and for a subnet."""
REFUSED = ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4")
"""Ranges that no VPC may have."""
NOT_PUBLIC = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.168.0.0/16", "224.0.0.0/3",
)  # fmt: skip
"""Ranges of which no address is reached over the internet."""


def is_address(host: str) -> bool:
    """Tell an address from a name: no domain ends with a digit."""
    return host[-1:].isdigit()


def within(address: str, ranges: Iterable[str]) -> bool:
    """Tell whether an address is in one of *ranges*."""
    return any(IPv4Address(address) in IPv4Network(each) for each in ranges)


class Addresses(Component):
    """The ranges of a VPC; one public and one private subnet in every zone."""

    cidr: Cidr = Field(description="Range of the VPC.")
    availability_zones: tuple[AvailabilityZone, ...] = Field(
        min_length=2, max_length=6, description="Zones in use; the first is home to what is single."
    )
    public_subnets: tuple[Cidr, ...] = Field(
        description="Ranges for load balancers and NAT gateways, one per zone, in the zones' order."
    )
    private_subnets: tuple[Cidr, ...] = Field(
        description="Ranges for everything else, one per zone, in the zones' order."
    )

    cidrs_beyond = read("on_premises.cidrs")

    @property
    def public_ranges(self) -> dict[str, str]:
        """The public subnets' ranges, by zone."""
        return dict(zip(self.availability_zones, self.public_subnets, strict=True))

    @property
    def private_ranges(self) -> dict[str, str]:
        """The private subnets' ranges, by zone."""
        return dict(zip(self.availability_zones, self.private_subnets, strict=True))

    @rule("TAP101", "A zone of another region does not exist in this one.")
    def _zones_are_of_the_region(self) -> Iterator[Finding]:
        region = self.environment.region
        for index, zone in enumerate(self.availability_zones):
            if zone[:-1] != region:
                yield Finding(
                    f"availability_zones.{index}",
                    f"{zone} is not in {region}; write a zone such as {region}a",
                )

    @rule("TAP102", "Two subnets of a kind in one zone fail together.")
    def _zones_differ(self) -> Iterator[Finding]:
        for index, zone in enumerate(self.availability_zones):
            first = self.availability_zones.index(zone)
            if first < index:
                yield Finding(
                    f"availability_zones.{index}",
                    f"{zone} is availability_zones.{first} already; name another zone",
                )

    @rule("TAP103", "Every zone has one public and one private subnet.")
    def _subnets_match_the_zones(self) -> Iterator[Finding]:
        wanted = len(self.availability_zones)
        for kind in ("public_subnets", "private_subnets"):
            given = len(getattr(self, kind))
            if given != wanted:
                yield Finding(kind, f"has {given} for {wanted} zones; give each zone a range")

    @rule("TAP104", "AWS makes VPCs and subnets from /16 to /28 only, and not of reserved ranges.")
    def _sizes_are_possible(self) -> Iterator[Finding]:
        for path, network in (("cidr", IPv4Network(self.cidr)), *self._subnets()):
            if not LARGEST <= network.prefixlen <= SMALLEST:
                yield Finding(
                    path, f"{network} must be a range from /{LARGEST} to /{SMALLEST}, as AWS allows"
                )
        for refused in map(IPv4Network, REFUSED):
            if IPv4Network(self.cidr).overlaps(refused):
                yield Finding(
                    "cidr",
                    f"no VPC may use {refused}; take a private range such as 10.0.0.0/16",
                )

    @rule("TAP105", "A subnet is a part of its VPC.")
    def _subnets_are_inside(self) -> Iterator[Finding]:
        vpc = IPv4Network(self.cidr)
        for path, subnet in self._subnets():
            if not subnet.subnet_of(vpc):
                yield Finding(path, f"{subnet} is outside the VPC, {vpc}; take a range within it")

    @rule("TAP106", "Subnets that overlap cannot both be made.")
    def _subnets_are_disjoint(self) -> Iterator[Finding]:
        for (path, one), (later, other) in combinations(self._subnets(), 2):
            if one.overlaps(other):
                yield Finding(later, f"{other} overlaps {path}, {one}; take a free range")

    @rule("TAP107", "An address that exists on both sides is reached on one of them only.")
    def _old_ranges_are_elsewhere(self) -> Iterator[Finding]:
        for beyond in self.cidrs_beyond:
            if IPv4Network(self.cidr).overlaps(IPv4Network(beyond)):
                yield Finding(
                    "cidr",
                    f"{self.cidr} overlaps {beyond} of on_premises.cidrs; take a free range",
                )

    def _subnets(self) -> Iterator[tuple[str, IPv4Network]]:
        for kind in ("public_subnets", "private_subnets"):
            for index, cidr in enumerate(getattr(self, kind)):
                yield f"{kind}.{index}", IPv4Network(cidr)
