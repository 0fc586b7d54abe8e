"""Link: the way to the old data centre, and who is let out over it."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from typing import Literal

from pydantic import Field

from generator.components.addresses import NOT_PUBLIC, Addresses
from generator.model.component import clients_among, read, wired, wired_each
from generator.model.hcl import Identifier
from generator.model.rule import Finding, rule

SHORT_ASN = 2147483647
"""The largest number that `bgp_asn` takes; `bgp_asn_extended` takes those beyond."""
DASHES = str.maketrans("./", "--")


def is_linked(component: "Link") -> bool:
    """Tell whether there is a link."""
    return component.link != "none"


def _links_the_load_balancer(component: "Link") -> bool:
    return component.links_the_load_balancer


class Link(Addresses):
    """The private link to the old data centre."""

    link: Literal["vpn", "transit_gateway", "none"] = Field(
        default="none", description="Private link to the ranges of on_premises.cidrs."
    )
    amazon_asn: int = Field(
        default=64512, ge=64512, le=65534, description="BGP number of the VPN's end in AWS."
    )
    link_clients: tuple[str, ...] = Field(
        default=(), description="Components that reach the on-premises database over the link."
    )

    gateway = read("on_premises.gateway")
    old_api = read("on_premises.api")
    old_database = read("on_premises.database")
    transit_gateway_id = read("on_premises.transit_gateway_id")

    link_client_security_group_ids = wired_each(
        "link_clients",
        "{client}.security_group_id",
        "Security groups that reach the on-premises database.",
        when=is_linked,
    )
    load_balancer_security_group_id = wired(
        "load_balancer.security_group_id",
        "string",
        "Security group of the load balancer, which reaches the on-premises API.",
        when=_links_the_load_balancer,
    )

    @property
    def linked_ranges(self) -> tuple[str, ...]:
        """The ranges beyond the link."""
        return () if self.link == "none" else self.cidrs_beyond

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
        return is_linked(self) and getattr(routing, "fronts_both_sides", False)

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

    @rule("TAP123", "A VPN crosses the internet, from one public address to another.")
    def _gateway_is_public(self) -> Iterator[Finding]:
        if self.link != "vpn" or self.gateway is None:
            return
        address = IPv4Address(self.gateway.ip)
        for beyond in map(IPv4Network, NOT_PUBLIC):
            if address in beyond:
                yield Finding(
                    "/on_premises.gateway.ip",
                    f"{address} is of {beyond}, which the internet does not know; write the public "
                    "address of the device",
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
