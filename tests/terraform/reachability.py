"""Who reaches whom: computed from security groups, network ACLs and routes, as they are in a state.

A conversation is open if its request and every answer pass: the security groups and network ACL of
the source, a route, and then the network ACL and security groups of the target. Addresses stand for
the whole subnet, or for a place outside. A door is a port and its protocol, such as `(443, "tcp")`.
"""

from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

ANSWERS = (1024, 3388, 3390, 49152, 65535)
"""Ports that a client may have chosen; RDP's is closed to answers too."""
PROTOCOLS = {"tcp": "6", "udp": "17"}
"""Protocols by name, with the numbers that network ACLs may have them by."""
# Where a resource's subnets and security groups stand; a type that is not here is not a host.
SUBNETS = {
    "aws_dms_replication_instance": lambda v, of: of.subnet_groups[
        v["replication_subnet_group_id"]
    ],
    "aws_lambda_function": lambda v, _: v["vpc_config"][0]["subnet_ids"],
    "aws_lb": lambda v, _: v["subnets"],
    "aws_rds_cluster": lambda v, of: of.subnet_groups[v["db_subnet_group_name"]],
    "aws_route53_resolver_endpoint": lambda v, _: [each["subnet_id"] for each in v["ip_address"]],
    "aws_vpc_endpoint": lambda v, _: v["subnet_ids"],
}
GROUPS = {
    "aws_dms_replication_instance": lambda v: v["vpc_security_group_ids"],
    "aws_lambda_function": lambda v: v["vpc_config"][0]["security_group_ids"],
    "aws_lb": lambda v: v["security_groups"],
    "aws_rds_cluster": lambda v: v["vpc_security_group_ids"],
    "aws_route53_resolver_endpoint": lambda v: v["security_group_ids"],
    "aws_vpc_endpoint": lambda v: v["security_group_ids"],
}


@dataclass(frozen=True)
class Place:
    """Something that talks: in subnets of the VPC, or, without any, at an address outside."""

    name: str
    addresses: tuple[str, ...]
    subnets: tuple[str, ...] = ()
    groups: frozenset = frozenset()
    side: str | None = None
    """Where a route has to lead, outside: `internet` or `on_premises`."""
    prefix_list: str | None = None
    """The list that security groups know the place by, if AWS keeps one."""

    @property
    def spots(self):
        """Yield each address with its subnet, `None` outside."""
        return list(zip(self.addresses, self.subnets or (None,) * len(self.addresses), strict=True))


@dataclass
class Estate:
    """A VPC as a state has it."""

    resources: list
    subnet_groups: dict = field(default_factory=dict)

    def __post_init__(self):
        self.kinds = {}
        for resource in self.resources:
            self.kinds.setdefault(resource["type"], []).append(resource["values"])
        (self.vpc,) = (ip_network(v["cidr_block"]) for v in self.of("aws_vpc"))
        self.subnets = {v["id"]: ip_network(v["cidr_block"]) for v in self.of("aws_subnet")}
        for values in self.of("aws_db_subnet_group"):
            self.subnet_groups[values["name"]] = values["subnet_ids"]
        for values in self.of("aws_dms_replication_subnet_group"):
            self.subnet_groups[values["id"]] = values["subnet_ids"]
        associations = self.of("aws_route_table_association")
        self.tables = {v["subnet_id"]: v["route_table_id"] for v in associations}
        self.acls = {s: v["id"] for v in self.of("aws_network_acl") for s in v["subnet_ids"]}

    def of(self, kind):
        """Return the values of the resources of a type."""
        return self.kinds.get(kind, [])

    def hosts(self):
        """Return every resource with security groups, by its address without an index.

        An interface endpoint is known by the service that it leads to.
        """
        found = {}
        for resource in self.resources:
            kind, values = resource["type"], resource["values"]
            if kind in GROUPS and _is_inside(kind, values):
                subnets = tuple(SUBNETS[kind](values, self))
                addresses = tuple(str(self.subnets[each][5]) for each in subnets)
                groups = frozenset(GROUPS[kind](values))
                name = resource["address"].split("[")[0].removeprefix("module.")
                if kind == "aws_vpc_endpoint":
                    name = values["service_name"].rpartition(".")[2]
                place = Place(name, addresses, subnets, groups)
                assert found.setdefault(name, place) == place, f"{name} are not all alike"
        return found

    def opens(self, source, target, door):
        """Return what happens from each address of *source* to each of *target*, as a set."""
        return {
            self._passes(source, here, target, there, door)
            for here in source.spots
            for there in target.spots
        }

    def _passes(self, source, here, target, there, door):
        (address, subnet), (peer, far) = here, there
        return (
            self._leads(subnet, target, peer, through_nat=True)
            and self._leads(far, source, address, through_nat=False)
            and self._admits(source.groups, target, peer, door, "egress")
            and self._admits(target.groups, source, address, door, "ingress")
            and (subnet == far or self._crosses(subnet, peer, door, out=True))
            and (subnet == far or self._crosses(far, address, door, out=False))
        )

    def _leads(self, subnet, place, address, *, through_nat):
        """Tell whether packets from *subnet* find their way to *place*, which is at *address*.

        Through a NAT gateway a host reaches the internet; it does not answer whoever calls it.
        """
        if subnet is None or ip_address(address) in self.vpc:
            return True
        table = self.tables[subnet]
        if place.prefix_list:
            return any(
                place.prefix_list == v["prefix_list_id"] and table in v["route_table_ids"]
                for v in self.of("aws_vpc_endpoint")
                if v["vpc_endpoint_type"] == "Gateway"
            )
        way = self._way(table, address)
        return way == place.side or (way == "nat" and place.side == "internet" and through_nat)

    def _way(self, table, address):
        """Return where the table's longest matching route leads."""
        routes = [
            (ip_network(v["destination_cidr_block"]).prefixlen, v)
            for v in self.of("aws_route")
            if v["route_table_id"] == table
            and ip_address(address) in ip_network(v["destination_cidr_block"])
        ]
        if not routes:
            return None
        route = max(routes, key=lambda each: each[0])[1]
        if route["nat_gateway_id"]:
            return "nat"
        gateways = {v["id"] for v in self.of("aws_internet_gateway")}
        return "internet" if route["gateway_id"] in gateways else "on_premises"

    def _admits(self, groups, peer, address, door, direction):
        """Tell whether a rule of *groups* names *peer*; places outside have none and ask nobody."""
        if not groups:
            return True
        return any(
            values["security_group_id"] in groups
            and _covers(values, door)
            and _names(values, peer, address)
            for values in self.of(f"aws_vpc_security_group_{direction}_rule")
        )

    def _crosses(self, subnet, peer, door, *, out):
        """Tell whether the ACL of *subnet* lets a request through, out or in, and its answers."""
        if subnet is None:
            return True
        acl = self.acls[subnet]
        _, protocol = door
        return self._listed(acl, peer, door, egress=out) and all(
            self._listed(acl, peer, (answer, protocol), egress=not out) for answer in ANSWERS
        )

    def _listed(self, acl, peer, door, *, egress):
        port, protocol = door
        entries = sorted(
            (v for v in self.of("aws_network_acl_rule") if v["network_acl_id"] == acl),
            key=lambda v: v["rule_number"],
        )
        for v in entries:
            if (
                v["egress"] == egress
                and v["protocol"] in (protocol, PROTOCOLS[protocol], "-1", "all")
                and ip_address(peer) in ip_network(v["cidr_block"])
                and (v["protocol"] in ("-1", "all") or v["from_port"] <= port <= v["to_port"])
            ):
                return v["rule_action"] == "allow"
        return False


def _is_inside(kind, values):
    """Tell whether a resource has network interfaces in the VPC."""
    if kind == "aws_lambda_function":
        return bool(values["vpc_config"])
    return kind != "aws_vpc_endpoint" or values["vpc_endpoint_type"] == "Interface"


def _covers(values, door):
    """Tell whether a rule of a security group is about *door*."""
    port, protocol = door
    return values["ip_protocol"] == "-1" or (
        values["ip_protocol"] == protocol and values["from_port"] <= port <= values["to_port"]
    )


def _names(values, peer, address):
    """Tell whether a rule is about *peer*, by its group, its list or its address."""
    return (
        values["referenced_security_group_id"] in peer.groups
        or (values["prefix_list_id"] or "none") == peer.prefix_list
        or (bool(values["cidr_ipv4"]) and ip_address(address) in ip_network(values["cidr_ipv4"]))
    )
