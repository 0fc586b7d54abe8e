"""The VPC of the account: its subnets, and how each zone leaves it."""

from collections import Counter

ZONES = ("us-east-2a", "us-east-2b", "us-east-2c")
PUBLIC = ("10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24")
PRIVATE = ("10.0.11.0/24", "10.0.12.0/24", "10.0.13.0/24")
ON_PREMISES = {"prod": {"192.168.0.0/16"}, "dev": set()}
NAT_GATEWAYS = {"prod": dict(zip(ZONES, ZONES, strict=True)), "dev": dict.fromkeys(ZONES, ZONES[0])}
"""The zone of the NAT gateway through which each zone leaves."""


def vpc_of(account):
    ec2 = account.api("ec2")
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])["Vpcs"]
    return vpc, [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]


def named(resource):
    """Return the name that a resource of EC2 is tagged with."""
    return next(tag["Value"] for tag in resource["Tags"] if tag["Key"] == "Name")


def test_vpc_has_its_range_and_its_names(account):
    vpc, _ = vpc_of(account)
    ec2 = account.api("ec2")

    assert vpc["CidrBlock"] == "10.0.0.0/16"
    for attribute in ("enableDnsSupport", "enableDnsHostnames"):
        answer = ec2.describe_vpc_attribute(VpcId=vpc["VpcId"], Attribute=attribute)
        assert answer[attribute[0].upper() + attribute[1:]] == {"Value": True}


def test_six_subnets_have_their_ranges_and_zones(account):
    _, within = vpc_of(account)
    subnets = account.api("ec2").describe_subnets(Filters=within)["Subnets"]

    assert {(s["CidrBlock"], s["AvailabilityZone"]) for s in subnets} == {
        *zip(PUBLIC, ZONES, strict=True),
        *zip(PRIVATE, ZONES, strict=True),
    }
    assert not any(subnet["MapPublicIpOnLaunch"] for subnet in subnets)


def test_each_zone_leaves_through_its_nat_gateway(account):
    _, within = vpc_of(account)
    ec2 = account.api("ec2")
    subnets = {s["SubnetId"]: s for s in ec2.describe_subnets(Filters=within)["Subnets"]}
    gateways = {
        gateway["NatGatewayId"]: subnets[gateway["SubnetId"]]
        for gateway in ec2.describe_nat_gateways(Filters=within)["NatGateways"]
    }
    ways = {}
    for table in ec2.describe_route_tables(Filters=within)["RouteTables"]:
        routes = {
            r["DestinationCidrBlock"]: r for r in table["Routes"] if "DestinationCidrBlock" in r
        }
        for association in table["Associations"]:
            if "SubnetId" in association:
                ways[subnets[association["SubnetId"]]["CidrBlock"]] = routes

    assert {gateway["CidrBlock"] for gateway in gateways.values()} <= set(PUBLIC)
    for cidr in PUBLIC:
        assert ways[cidr]["0.0.0.0/0"]["GatewayId"].startswith("igw-")
    for zone, cidr in zip(ZONES, PRIVATE, strict=True):
        gateway = gateways[ways[cidr]["0.0.0.0/0"]["NatGatewayId"]]
        assert gateway["AvailabilityZone"] == NAT_GATEWAYS[account.environment][zone]
        assert ways[cidr].keys() == {"10.0.0.0/16", "0.0.0.0/0"} | ON_PREMISES[account.environment]


def test_each_nat_gateway_has_its_table(account):
    _, within = vpc_of(account)
    tables = account.api("ec2").describe_route_tables(Filters=within)["RouteTables"]
    private = Counter(
        named(table).rsplit("-private-", 1)[-1] for table in tables if "-private-" in named(table)
    )

    assert private == Counter(set(NAT_GATEWAYS[account.environment].values()))
