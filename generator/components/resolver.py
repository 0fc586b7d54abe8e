"""Resolver: the names of the old data centre, which its own name servers know."""

from collections.abc import Iterator

from generator.components.addresses import is_address, within
from generator.components.link import Link, is_linked
from generator.components.names import clamped
from generator.model.component import clients_among, read
from generator.model.rule import Finding, rule

LONGEST_NAME = 64
"""Characters of the name of a forwarding rule."""
OURS = ("amazonaws.com", "compute.internal")
"""Domains of what is in AWS: Aurora, the endpoints, hosts."""
FIRST_NUMBER = 300
"""Of the entries for name servers in the private subnets' network ACL, behind linked ranges."""


class Resolver(Link):
    """Questions for the old data centre's names, sent there over the link."""

    old_names = read("on_premises.dns")

    @property
    def name_servers(self) -> tuple[str, ...]:
        """The servers that are asked, if there is a way to them."""
        return self.old_names.servers if self.old_names and is_linked(self) else ()

    @property
    def forwarded_domains(self) -> dict[str, str]:
        """What each forwarding rule is called, by its domain."""
        domains = self.old_names.domains if self.name_servers else ()
        return {
            each: clamped(f"{self.prefix}-{each.replace('.', '-')}", LONGEST_NAME)
            for each in domains
        }

    @property
    def resolver_zones(self) -> tuple[str, ...]:
        """The zones that questions leave from: AWS wants two addresses, and more cost more."""
        return self.availability_zones[:2]

    @property
    def name_server_edges(self) -> dict[str, dict[str, str]]:
        """Each server with each protocol, by a name that says both."""
        return {
            f"{server}-{protocol}": {"server": server, "protocol": protocol}
            for server in self.name_servers
            for protocol in ("tcp", "udp")
        }

    @property
    def name_server_entries(self) -> dict[str, int]:
        """The number of each server in the private subnets' network ACL."""
        return {server: n for n, server in enumerate(self.name_servers, start=FIRST_NUMBER)}

    @rule("TAP117", "A name server is asked over the link.")
    def _servers_are_linked(self) -> Iterator[Finding]:
        for index, server in enumerate(self.name_servers):
            if not within(server, self.linked_ranges):
                yield Finding(
                    f"/on_premises.dns.servers.{index}",
                    f"{server} is in none of on_premises.cidrs, so no route leads there; add "
                    "its range, or name a server within them",
                )

    @rule("TAP118", "Names in AWS are known in AWS only.")
    def _own_names_stay(self) -> Iterator[Finding]:
        for index, domain in enumerate(self.old_names.domains if self.name_servers else ()):
            if any(_is_below(domain, own) for own in OURS):
                yield Finding(
                    f"/on_premises.dns.domains.{index}",
                    f"{domain} holds names of Aurora and of endpoints, which nobody knows over "
                    "there; leave it out",
                )

    @rule("TAP120", "AWS takes a domain once, and each of its name servers once.")
    def _names_are_listed_once(self) -> Iterator[Finding]:
        for setting in ("servers", "domains") if self.name_servers else ():
            listed = getattr(self.old_names, setting)
            for index, each in enumerate(listed):
                if each in listed[:index]:
                    message = f"{each} is listed twice; keep one"
                    yield Finding(f"/on_premises.dns.{setting}.{index}", message)

    @rule("TAP119", "A name that no server knows leads nowhere.", severity="warning")
    def _old_database_has_an_address(self) -> Iterator[Finding]:
        clients = clients_among(self.link_clients, self.environment)
        if not (is_linked(self) and clients and self.old_database):
            return
        host = self.old_database.host
        domains = self.forwarded_domains
        if not is_address(host) and not any(_is_below(host, domain) for domain in domains):
            yield Finding(
                "/on_premises.database.host",
                f"in the VPC, {host} is looked up in public DNS. If it is not there, list its "
                "domain in on_premises.dns, give it a public name, or write its address, if its "
                "certificate states that as an IP address",
            )


def _is_below(name: str, domain: str) -> bool:
    return name == domain or name.endswith(f".{domain}")
