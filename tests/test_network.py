"""What the network lets through: its ACLs, held against the conversations the system needs."""

import re
from ipaddress import ip_address, ip_network

import hcl2
import pytest

from conftest import ROOT
from generator.blueprint import load
from generator.render import render

CLIENT, S3, OLD = "203.0.113.7", "52.219.80.1", "192.168.7.7"
BALANCER, NAT, FUNCTION, DATABASE = "10.0.1.5", "10.0.2.5", "10.0.11.5", "10.0.12.5"
EPHEMERAL = (1024, 49152, 65535)
ENTRY = "aws_network_acl_rule."
# What a function needs as soon as it starts: ways out, services that it calls, to be let through.
WAYS = (
    "aws_route.nat",
    "aws_route.on_premises",
    "aws_route53_resolver_rule_association.",
    "aws_route_table_association.private",
    "aws_vpc_endpoint.",
    "aws_vpc_security_group_egress_rule.clients",
    "aws_vpc_security_group_egress_rule.dynamodb",
    "aws_vpc_security_group_egress_rule.s3",
    "aws_vpc_security_group_ingress_rule.clients",
)


@pytest.fixture(scope="module", params=["dev", "prod"])
def environment(request):
    return request.param


@pytest.fixture(scope="module")
def module(environment):
    """The module's files, parsed."""
    files = render(load(ROOT / "blueprint.yaml"), [environment])[environment]
    return [hcl2.loads(text) for path, text in files.items() if "/network/" in path]


@pytest.fixture(scope="module")
def resources(module):
    """Every resource by its address."""
    return {
        f"{kind}.{name}".replace('"', ""): body
        for file in module
        for resource in file.get("resource", [])
        for kind, named in resource.items()
        for name, body in named.items()
    }


@pytest.fixture(scope="module")
def acls(resources):
    """Entries as (list, egress, range, first port, last port), with every `for_each` unrolled."""
    lists = [body for address, body in resources.items() if address.startswith(ENTRY)]
    return [entry for body in lists for entry in entries(body)]


def entries(body):
    """Yield what the resource *body* becomes; ICMP, which has no ports, is left out."""
    for key, value in body.get("for_each", {"": {}}).items():
        each = {"each.key": key, "each.value": value}
        if isinstance(value, dict):
            each |= {f"each.value.{name}": inner for name, inner in value.items()}

        def of(argument, each=each):
            text = re.sub(r"^\$\{(.*)\}$", r"\1", str(body[argument])).strip('"')
            return str(each.get(text, text)).strip('"')

        if of("protocol") == "tcp":
            owner = of("network_acl_id").split(".")[1]
            ports = int(of("from_port")), int(of("to_port"))
            yield owner, body["egress"], ip_network(of("cidr_block")), *ports


def passes(acls, owner, egress, address, port):
    """Tell whether the list of *owner* lets *port* through, to or from *address*."""
    return any(
        (name, out) == (owner, egress) and ip_address(address) in cidr and first <= port <= last
        for name, out, cidr, first, last in acls
    )


def crosses(acls, owner, *, egress, address, port):
    """Tell whether a conversation crosses the border of *owner*: its request and every answer."""
    return passes(acls, owner, egress, address, port) and all(
        passes(acls, owner, not egress, address, answer) for answer in EPHEMERAL
    )


@pytest.mark.parametrize("port", [80, 443])
def test_clients_reach_load_balancers(acls, port):
    assert crosses(acls, "public", egress=False, address=CLIENT, port=port)


def test_private_subnets_reach_the_internet_through_nat(acls):
    assert crosses(acls, "private", egress=True, address=CLIENT, port=443)
    assert crosses(acls, "public", egress=False, address=FUNCTION, port=443)
    assert crosses(acls, "public", egress=True, address=CLIENT, port=443)


def test_private_subnets_reach_s3_and_each_other(acls):
    assert crosses(acls, "private", egress=True, address=S3, port=443)
    for port in (443, 5432):
        assert crosses(acls, "private", egress=True, address=DATABASE, port=port)
        assert crosses(acls, "private", egress=False, address=FUNCTION, port=port)


def test_old_data_centre_is_reached_where_there_is_a_link(acls, environment):
    linked = environment == "prod"

    assert crosses(acls, "private", egress=True, address=OLD, port=5432) == linked
    assert crosses(acls, "private", egress=False, address=OLD, port=5432) == linked


@pytest.mark.parametrize("port", [22, 25, 3389])
@pytest.mark.parametrize("owner", ["public", "private"])
def test_internet_opens_nothing_else(acls, owner, port):
    assert not passes(acls, owner, egress=False, address=CLIENT, port=port)


def test_internet_does_not_reach_private_services(acls):
    assert not passes(acls, "private", egress=False, address=CLIENT, port=443)
    assert not passes(acls, "private", egress=True, address=CLIENT, port=22)


@pytest.fixture(scope="module")
def awaited(module):
    """What each output waits for."""
    outputs = [output for file in module for output in file.get("output", [])]
    return {
        name.strip('"'): {re.sub(r"^\$\{(.*)\}$", r"\1", each) for each in body["depends_on"]}
        for output in outputs
        for name, body in output.items()
        if "depends_on" in body
    }


def test_private_subnets_are_handed_on_with_every_way_out_of_them(awaited, resources):
    assert awaited["private_subnet_ids"] == {each for each in resources if each.startswith(WAYS)}


def test_public_subnets_are_handed_on_once_they_lead_to_the_internet(awaited):
    assert awaited["public_subnet_ids"] == {
        "aws_route.internet", "aws_route_table_association.public"
    }  # fmt: skip
