"""What is open and what is closed in every environment: nothing more and nothing less."""

import pytest

from terraform.reachability import GROUPS, Estate, Place
from terraform.roots import BLUEPRINT, ENVIRONMENTS

PAYMENT = "compute.aws_lambda_function.payment"
REPLICATION = "migration.aws_dms_replication_instance.this"
RESOLVER = "network.aws_route53_resolver_endpoint.on_premises"
DATABASE = "database.aws_rds_cluster.this"
BALANCER = "load_balancer.aws_lb.this"
INTERNET = Place("internet", ("198.18.0.7",), side="internet")
HTTP, HTTPS, POSTGRES = (80, "tcp"), (443, "tcp"), (5432, "tcp")
DNS = ((53, "tcp"), (53, "udp"))
DOORS = (
    *((port, "tcp") for port in (22, 53, 80, 443, 1433, 3389, 5432, 8080, 8443)),
    *((port, "udp") for port in (53, 123, 443, 5432)),
)

pytestmark = pytest.mark.slow


def components(environment):
    return BLUEPRINT.environments[environment].components


def functions(environment):
    """Yield the functions that are in the VPC, with their addresses."""
    for label, component in components(environment).items():
        for function in getattr(component, "functions", ()):
            if function.in_vpc:
                yield f"{label}.aws_lambda_function.{function.name}", function


def required():
    """Yield what has to be open in each environment, whatever the rest of the blueprint says."""
    for environment in ENVIRONMENTS:
        has = components(environment)
        edges = [("internet", BALANCER, HTTPS), ("internet", BALANCER, HTTP)]
        for address, function in functions(environment):
            edges.append((address, DATABASE, POSTGRES))
            edges += [(address, service, HTTPS) for service in function.calls]
            if "migration" in has:
                edges.append((address, "on_premises", POSTGRES))
        if "migration" in has:
            edges += [(REPLICATION, DATABASE, POSTGRES), (REPLICATION, "on_premises", POSTGRES)]
            edges += [(REPLICATION, "secretsmanager", HTTPS)]
            edges += [(RESOLVER, "name_servers", door) for door in DNS]
        for source, target, (port, protocol) in edges:
            marks = pytest.mark.xdist_group(environment)
            name = f"{environment}-{source}-{target}-{port}-{protocol}"
            yield pytest.param(
                environment, (source, target, (port, protocol)), marks=marks, id=name
            )


each_environment = pytest.mark.parametrize(
    "environment",
    [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ENVIRONMENTS],
)


def outside(estate, environment):
    """Return the places that are not hosts of ours."""
    facts = BLUEPRINT.environments[environment].on_premises
    old = tuple(cidr.rsplit(".", 1)[0] + ".7" for cidr in facts.cidrs)
    gateways = {v["service_name"].rsplit(".", 1)[1]: v for v in estate.of("aws_vpc_endpoint")}
    lists = {
        name: Place(name, ("52.219.80.1",), prefix_list=gateways[name]["prefix_list_id"])
        for name in ("s3", "dynamodb")
    }
    return lists | {
        "internet": INTERNET,
        "name_servers": Place("name servers", facts.dns.servers, side="on_premises"),
        "on_premises": Place("old", old, side="on_premises"),
    }


def places(estate, environment):
    return estate.hosts() | outside(estate, environment)


def named(environment, hosts):
    """Return what the blueprint opens: who is whose client, and that clients call the API."""
    has = components(environment)
    network = has["network"]
    served = {(DATABASE, POSTGRES): has["database"].clients}
    for service in ("dynamodb", "s3", *network.interface_endpoints):
        served[service, HTTPS] = network.endpoint_clients
    found = {("internet", BALANCER, HTTPS), ("internet", BALANCER, HTTP)}
    if network.link != "none":
        port = BLUEPRINT.environments[environment].on_premises.database.port
        # Name servers are in the ranges of the database.
        for place in ("on_premises", "name_servers"):
            served[place, (port, "tcp")] = network.link_clients
        found |= {(RESOLVER, "name_servers", door) for door in DNS}
    for (server, door), clients in served.items():
        found |= {(host, server, door) for host in hosts if host.split(".")[0] in clients}
    return found


@pytest.fixture
def estate(resources_of, environment):
    return Estate(resources_of(environment, "main"))


@pytest.mark.parametrize(("environment", "edge"), list(required()))
def test_what_has_to_be_open_is_open_from_every_zone(estate, environment, edge):
    known, (source, target, door) = places(estate, environment), edge

    assert estate.opens(known[source], known[target], door) == {True}


@each_environment
def test_nothing_else_is_open_from_any_zone(estate, environment):
    known = places(estate, environment)
    found = {
        (source, target, door)
        for source in known
        for target in known
        for door in DOORS
        if source != target and not {source, target} <= outside(estate, environment).keys()
        if True in estate.opens(known[source], known[target], door)
    }

    assert found == named(environment, estate.hosts())


@each_environment
def test_every_security_group_is_that_of_a_host_known_here(estate):
    made = {values["id"] for values in estate.of("aws_security_group")}
    used = {group for host in estate.hosts().values() for group in host.groups}

    assert made == used
    assert GROUPS.keys() >= {name.split(".")[1] for name in estate.hosts() if "." in name}


@each_environment
def test_load_balancer_alone_stands_where_the_internet_knocks(estate):
    public = {subnet for subnet, table in estate.tables.items() if is_public(estate, table)}
    seen = {name for name, host in estate.hosts().items() if public & set(host.subnets)}

    assert seen == {BALANCER}
    assert not estate.of("aws_lb")[0]["internal"]
    assert not any(v["publicly_accessible"] for v in estate.of("aws_rds_cluster_instance"))


def is_public(estate, table):
    gateways = {values["id"] for values in estate.of("aws_internet_gateway")}
    return any(
        values["gateway_id"] in gateways
        for values in estate.of("aws_route")
        if values["route_table_id"] == table
    )


def without(resources, kind, **values):
    """Return *resources* but those of a type with *values*."""
    return [
        r
        for r in resources
        if r["type"] != kind or any(r["values"][key] != value for key, value in values.items())
    ]


in_prod = pytest.mark.parametrize(
    "environment", [pytest.param("prod", marks=pytest.mark.xdist_group("prod"))]
)


@pytest.mark.parametrize(
    ("fault", "target", "left"),
    [
        (("aws_route", {"destination_cidr_block": "192.168.0.0/16"}), "on_premises", set()),
        (("aws_vpc_security_group_egress_rule", {"from_port": 5432}), DATABASE, set()),
        (("aws_vpc_security_group_ingress_rule", {"from_port": 5432}), DATABASE, set()),
        # Within one subnet no list is asked.
        (("aws_network_acl_rule", {"egress": True}), DATABASE, {True}),
        (("aws_network_acl_rule", {"rule_number": 100}), DATABASE, {True}),
    ],
)
@in_prod
def test_a_missing_piece_is_missed(resources_of, environment, fault, target, left):
    kind, values = fault
    estate = Estate(without(resources_of(environment, "main"), kind, **values))
    known = places(estate, environment)

    assert estate.opens(known[PAYMENT], known[target], POSTGRES) == {False} | left


@pytest.mark.parametrize("egress", [True, False])
@in_prod
def test_questions_by_udp_need_entries_of_their_own(resources_of, environment, egress):
    missing = {"protocol": "udp", "egress": egress}
    estate = Estate(without(resources_of(environment, "main"), "aws_network_acl_rule", **missing))
    known = places(estate, environment)

    assert estate.opens(known[RESOLVER], known["name_servers"], (53, "udp")) == {False}
    assert estate.opens(known[RESOLVER], known["name_servers"], (53, "tcp")) == {True}


@in_prod
def test_an_open_door_is_seen_though_no_road_leads_to_it(resources_of, environment):
    resources = resources_of(environment, "main")
    (group,) = Estate(resources).hosts()[PAYMENT].groups
    rule = {
        "security_group_id": group,
        "ip_protocol": "-1",
        "cidr_ipv4": "0.0.0.0/0",
        "referenced_security_group_id": None,
        "prefix_list_id": None,
    }
    door = {"type": "aws_vpc_security_group_egress_rule", "address": "door", "values": rule}
    estate = Estate([*resources, door])
    known = places(estate, environment)

    assert estate.opens(known[PAYMENT], INTERNET, HTTPS) == {True}
    assert estate.opens(INTERNET, known[PAYMENT], HTTPS) == {False}
