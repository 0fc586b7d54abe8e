"""Network: the VPC, its subnets, the ways out of it, and the link to the old data centre."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from generator.components.addresses import Addresses
from generator.components.logs import Retention
from generator.model.component import clients_among, read, wired, wired_each
from generator.model.hcl import Identifier, Ref
from generator.model.rule import Finding, rule

# Services whose endpoints take a policy. S3 has a gateway endpoint of its own.
Service = Literal[
    "appconfigdata", "dms", "events", "kms", "lambda", "logs", "monitoring", "rds",
    "secretsmanager", "sns", "sqs", "ssm", "sts", "xray",
]  # fmt: skip
ESSENTIAL: tuple[Service, ...] = ("kms", "logs", "monitoring", "secretsmanager", "ssm", "sts")
"""What functions and replication cannot do without."""
SHORT_ASN = 2147483647
"""The largest number that `bgp_asn` takes; `bgp_asn_extended` takes those beyond."""
DASHES = str.maketrans("./", "--")
ACL_ROOM = 16
"""Entries that the private subnets' network ACL has left for linked ranges."""


def _is_linked(component: "Network") -> bool:
    return component.link != "none"


def _links_the_load_balancer(component: "Network") -> bool:
    return component.links_the_load_balancer


class Network(Addresses):
    """The VPC that everything else lives in."""

    nat_gateways: Literal["one_per_az", "single", "none"] = Field(
        default="one_per_az", description="NAT gateways, the private subnets' way to the internet."
    )
    link: Literal["vpn", "transit_gateway", "none"] = Field(
        default="none", description="Private link to the ranges of on_premises.cidrs."
    )
    amazon_asn: int = Field(
        default=64512, ge=64512, le=65534, description="BGP number of the VPN's end in AWS."
    )
    interface_endpoints: tuple[Service, ...] = Field(
        default=ESSENTIAL, description="AWS services reached without leaving the VPC."
    )
    endpoint_clients: tuple[str, ...] = Field(
        default=(), description="Components that use the endpoints, S3's included."
    )
    link_clients: tuple[str, ...] = Field(
        default=(), description="Components that reach the on-premises database over the link."
    )
    log_retention_days: Retention = Field(
        default=365, description="Days that flow logs and VPN logs are kept."
    )
    deletion_protection: bool = Field(
        default=True,
        description="Refuse to destroy what others rely on by address: the NAT addresses, the VPN.",
    )

    gateway = read("on_premises.gateway")
    old_api = read("on_premises.api")
    old_database = read("on_premises.database")
    transit_gateway_id = read("on_premises.transit_gateway_id")

    endpoint_client_security_group_ids = wired_each(
        "endpoint_clients", "{client}.security_group_id", "Security groups that use the endpoints."
    )
    link_client_security_group_ids = wired_each(
        "link_clients",
        "{client}.security_group_id",
        "Security groups that reach the on-premises database.",
        when=_is_linked,
    )
    load_balancer_security_group_id = wired(
        "load_balancer.security_group_id",
        "string",
        "Security group of the load balancer, which reaches the on-premises API.",
        when=_links_the_load_balancer,
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
    def linked_ranges(self) -> tuple[str, ...]:
        """The ranges beyond the link."""
        return () if self.link == "none" else self.cidrs_beyond

    @property
    def linked_routes(self) -> dict[str, dict[str, str]]:
        """A route to each linked range for each private route table, by a name that says both."""
        return {
            f"{zone}-{cidr.translate(DASHES)}": {"zone": zone, "cidr": cidr}
            for zone in self.private_table_zones
            for cidr in self.linked_ranges
        }

    @property
    def link_edges(self) -> dict[str, dict[str, str]]:
        """Each client with each linked range, by a name that says both."""
        return {
            f"{client}-{cidr.translate(DASHES)}": {"client": client, "cidr": cidr}
            for client in clients_among(self.link_clients, self.environment)
            for cidr in self.linked_ranges
        }

    @property
    def links_the_load_balancer(self) -> bool:
        """Tell whether the load balancer forwards requests over the link."""
        routing = self.environment.components.get("routing")
        return _is_linked(self) and getattr(routing, "fronts_both_sides", False)

    @property
    def linked_entries(self) -> dict[str, int]:
        """The number of each linked range in the private subnets' network ACL."""
        return {cidr: number for number, cidr in enumerate(self.linked_ranges, start=200)}

    @property
    def gateway_asn(self) -> dict[str, str]:
        """The argument that gives the customer gateway its BGP number."""
        asn = self.gateway.asn
        return {"bgp_asn" if asn <= SHORT_ASN else "bgp_asn_extended": str(asn)}

    @property
    def tunnels(self) -> tuple[Identifier, Identifier]:
        """The two tunnels of a VPN connection, as its arguments begin."""
        return Identifier("tunnel1"), Identifier("tunnel2")

    @rule("TAP111", "A link needs two ends and something to reach.")
    def _link_has_another_end(self) -> Iterator[Finding]:
        if self.link == "vpn" and self.gateway is None:
            yield Finding("link", "vpn needs on_premises.gateway, the device it leads to; add it")
        if self.link == "transit_gateway" and self.transit_gateway_id is None:
            yield Finding("link", "transit_gateway needs on_premises.transit_gateway_id; add it")
        if self.link != "none" and not self.cidrs_beyond:
            yield Finding(
                "link", f"{self.link} leads nowhere; list the ranges in on_premises.cidrs"
            )

    @rule("TAP116", "A client of the link has a database to reach there.")
    def _link_leads_to_a_database(self) -> Iterator[Finding]:
        if self.link_edges and self.old_database is None:
            yield Finding(
                "link_clients",
                "reach the database of on_premises, which has none; add on_premises.database",
            )

    @rule("TAP112", "BGP between two networks needs two numbers.")
    def _numbers_differ(self) -> Iterator[Finding]:
        if self.link == "vpn" and self.gateway and self.gateway.asn == self.amazon_asn:
            yield Finding(
                "amazon_asn",
                f"{self.amazon_asn} is on_premises.gateway.asn as well; take another number",
            )

    @rule("TAP113", "AWS allows 20 entries per network ACL and direction.")
    def _ranges_fit_the_acl(self) -> Iterator[Finding]:
        if len(self.linked_ranges) > ACL_ROOM:
            yield Finding(
                "/on_premises.cidrs",
                f"has {len(self.linked_ranges)} ranges, and a network ACL room for {ACL_ROOM}; "
                "join some",
            )

    @rule("TAP114", "One NAT gateway takes every zone down with its own.", severity="warning")
    def _protected_zones_are_independent(self) -> Iterator[Finding]:
        if self.nat_gateways == "single" and self.deletion_protection:
            yield Finding(
                "nat_gateways",
                f"if {self.availability_zones[0]} fails, no zone reaches the internet; "
                "one_per_az keeps the others going",
            )

    @rule("TAP115", "Without NAT gateways, endpoints are the only way to AWS.", severity="warning")
    def _aws_is_reachable(self) -> Iterator[Finding]:
        missing = [service for service in ESSENTIAL if service not in self.interface_endpoints]
        if self.nat_gateways == "none" and missing:
            yield Finding(
                "interface_endpoints",
                f"without NAT gateways nothing reaches {', '.join(missing)}; add them here",
            )
