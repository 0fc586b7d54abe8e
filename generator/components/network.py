"""Network: the VPC, its subnets, the ways out of it, and the link to the old data centre."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Literal

from pydantic import Field

from generator.components.addresses import SMALLEST
from generator.components.endpoints import Endpoints
from generator.components.link import DASHES
from generator.components.logs import Retention
from generator.components.resolver import Resolver
from generator.model.component import wired
from generator.model.hcl import Ref
from generator.model.rule import Finding, rule

ACL_ROOM = 16
"""Entries that the private subnets' network ACL has left for linked ranges and name servers."""
RESERVED = 5
"""Addresses of each subnet that AWS keeps for itself."""
LONGEST_PREFIX = 27
"""Of a subnet with a load balancer."""


class Network(Endpoints, Resolver):
    """The VPC that everything else lives in."""

    nat_gateways: Literal["one_per_az", "single", "none"] = Field(
        default="one_per_az", description="NAT gateways, the private subnets' way to the internet."
    )
    log_retention_days: Retention = Field(
        default=365, description="Days that flow logs and VPN logs are kept."
    )
    deletion_protection: bool = Field(
        default=True,
        description="Refuse to destroy what others rely on by address: the NAT addresses, the VPN.",
    )

    logs_key_arn = wired("security.logs_key_arn", "string", "Key that encrypts the log groups.")

    @property
    def exports(self) -> dict[str, str]:
        """The outputs that operators ask for."""
        found = {"nat_public_ips": "Addresses that others let through for calls of this system."}
        if self.link == "vpn":
            found["vpn_tunnel_addresses"] = (
                "Our ends of the two tunnels, for the device on premises."
            )
        return found

    @property
    def private_table_zones(self) -> tuple[str, ...]:
        """The zones whose private subnets have a route table of their own."""
        zones = self.availability_zones
        return zones if self.nat_gateways == "one_per_az" else zones[:1]

    @property
    def private_table_key(self) -> Ref | str:
        """The key of the route table that a private subnet, `each`, belongs to."""
        return Ref("each.key") if self.nat_gateways == "one_per_az" else self.availability_zones[0]

    @property
    def linked_routes(self) -> dict[str, dict[str, str]]:
        """A route to each linked range for each private route table, by a name that says both."""
        return {
            f"{zone}-{cidr.translate(DASHES)}": {"zone": zone, "cidr": cidr}
            for zone in self.private_table_zones
            for cidr in self.linked_ranges
        }

    @property
    def private_ways(self) -> tuple[Ref, ...]:
        """What leads out of the private subnets, into AWS and elsewhere, as Terraform names it."""
        found = ["route_table_association.private", "vpc_endpoint.dynamodb", "vpc_endpoint.s3"]
        rules = ["egress_rule.dynamodb", "egress_rule.s3"]
        if self.interface_endpoints:
            found.append("vpc_endpoint.interface")
            rules += ["egress_rule.clients", "ingress_rule.clients"]
        if self.nat_gateways != "none":
            found.append("route.nat")
        if self.linked_ranges:
            found.append("route.on_premises")
        if self.name_servers:
            found.append("route53_resolver_rule_association.on_premises")
        found += [f"vpc_security_group_{rule}" for rule in rules]
        return tuple(Ref(f"aws_{address}") for address in sorted(found))

    @property
    def interfaces(self) -> int:
        """One for each endpoint, for the resolver and for a transit gateway."""
        attached = self.link == "transit_gateway"
        return len(self.interface_endpoints) + bool(self.name_servers) + attached

    @rule("TAP113", "AWS allows 20 entries per network ACL and direction.")
    def _entries_fit_the_acl(self) -> Iterator[Finding]:
        ranges, servers = len(self.linked_ranges), len(self.name_servers)
        if ranges + servers > ACL_ROOM:
            yield Finding(
                "/on_premises.cidrs",
                f"{ranges} ranges and {servers} name servers are more than the {ACL_ROOM} that a "
                "network ACL has room for; join some ranges",
            )

    @rule("TAP114", "One NAT gateway takes every zone down with its own.", severity="warning")
    def _protected_zones_are_independent(self) -> Iterator[Finding]:
        if self.nat_gateways == "single" and self.deletion_protection:
            yield Finding(
                "nat_gateways",
                f"if {self.availability_zones[0]} fails, no zone reaches the internet; "
                "one_per_az keeps the others going",
            )

    @rule(
        "TAP121", "Whatever stands in a subnet has an address there, or the apply stops half-way."
    )
    def _private_subnets_have_room(self) -> Iterator[Finding]:
        needed = sum(each.interfaces for each in self.environment.components.values())
        for index, cidr in enumerate(self.private_subnets):
            network = IPv4Network(cidr)
            there = network.num_addresses - RESERVED
            if network.prefixlen <= SMALLEST and there < needed:
                yield Finding(
                    f"private_subnets.{index}",
                    f"{cidr} has {there} free addresses, and {needed} may be needed for endpoints, "
                    "functions and databases; take a larger range",
                )

    @rule("TAP122", "AWS puts load balancers into subnets of /27 and larger.")
    def _public_subnets_have_room(self) -> Iterator[Finding]:
        if "load_balancer" not in self.environment.components:
            return
        for index, cidr in enumerate(self.public_subnets):
            if LONGEST_PREFIX < IPv4Network(cidr).prefixlen <= SMALLEST:
                yield Finding(
                    f"public_subnets.{index}",
                    f"{cidr} is too small for the load balancer; take a /{LONGEST_PREFIX} or more",
                )
