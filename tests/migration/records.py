"""A hosted zone at moto, whose record is the simple one at first."""

import pytest

from generator.ops.inventory import Alias, OldAddresses, Routing
from generator.ops.route53 import WeightedRecords

NAME = "api.payments.example.com"
ADDRESSES = [{"Value": "198.51.100.7"}, {"Value": "198.51.100.8"}]
SIMPLE = {"Name": NAME, "Type": "A", "TTL": 300, "ResourceRecords": ADDRESSES}
TEXT = {"Name": NAME, "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '"x"'}]}


@pytest.fixture
def route53(aws):
    return aws("route53")


@pytest.fixture
def zone(route53):
    """A zone whose record is still the simple one, beside a neighbour of the same name."""
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    change(route53, zone, "CREATE", SIMPLE, TEXT)
    return zone


@pytest.fixture
def routing(zone):
    return Routing(
        strategy="route53_weighted",
        zone_id=zone,
        record=NAME,
        onprem=OldAddresses(("198.51.100.7", "198.51.100.8")),
        aws=Alias("lb.us-east-2.elb.amazonaws.com", "Z3AADJGX6KTTL2"),
    )


@pytest.fixture
def records(route53, routing, clock):
    records = WeightedRecords(route53, routing, clock)
    records.adopt()
    return records


def change(route53, zone, action, *records):
    changes = [{"Action": action, "ResourceRecordSet": each} for each in records]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
