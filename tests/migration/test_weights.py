"""Weights of DNS records and of the load balancer's rule, at moto and on AWS's bad days."""

import pytest
from botocore.exceptions import ClientError

from generator.errors import OperationError, RefusedError
from generator.ops.inventory import LoadBalancer, Routing
from generator.ops.load_balancer import WeightedRule
from generator.ops.route53 import WeightedRecords
from migration import faults
from migration.records import ADDRESSES, NAME, SIMPLE, TEXT, change


def sides(route53, zone):
    listed = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return {each["SetIdentifier"]: each for each in listed if "SetIdentifier" in each}


def test_adopting_keeps_every_address_and_sends_nothing_to_aws(records, route53, zone):
    found = sides(route53, zone)

    assert found["onprem"]["ResourceRecords"] == ADDRESSES
    assert found["onprem"]["TTL"] == 60
    assert found["aws"]["AliasTarget"]["EvaluateTargetHealth"] is False
    assert records.read() == 0


def test_adopting_twice_changes_nothing(records, route53, zone):
    before = sides(route53, zone)
    records.adopt()

    assert sides(route53, zone) == before


def test_adopting_needs_to_know_the_load_balancer(route53, zone, clock):
    routing = Routing(strategy="route53_weighted", zone_id=zone, record=NAME)
    with pytest.raises(RefusedError, match="names no load balancer"):
        WeightedRecords(route53, routing, clock).adopt()


def test_adopting_fails_when_requests_already_go_to_aws(route53, routing, clock):
    faults.alter(route53, "ListResourceRecordSets", lambda parsed: reweigh(parsed, 50))
    with pytest.raises(OperationError, match="sends requests to AWS"):
        WeightedRecords(route53, routing, clock).adopt()


V6 = {"Name": NAME, "Type": "AAAA", "TTL": 60, "ResourceRecords": [{"Value": "2001:db8::7"}]}
CNAME = {"Name": NAME, "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "dc.example.com"}]}
ALIAS = {
    "Name": NAME,
    "Type": "A",
    "AliasTarget": {
        "DNSName": "old.example.com.",
        "HostedZoneId": "Z3AADJGX6KTTL2",
        "EvaluateTargetHealth": False,
    },
}


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ([SIMPLE, V6], "a record of type AAAA, .* clients with IPv6 would never see AWS"),
        ([CNAME], "a record of type CNAME, .* replace it by an A record"),
        ([ALIAS], "is an alias of old.example.com.; write the addresses"),
    ],
    ids=["aaaa", "cname", "alias"],
)
def test_what_weights_would_not_divide_is_not_adopted(route53, routing, clock, there, said):
    change(route53, routing.zone_id, "DELETE", SIMPLE, TEXT)
    change(route53, routing.zone_id, "CREATE", *there)
    before = route53.list_resource_record_sets(HostedZoneId=routing.zone_id)
    with pytest.raises(RefusedError, match=said):
        WeightedRecords(route53, routing, clock).adopt()

    after = route53.list_resource_record_sets(HostedZoneId=routing.zone_id)
    assert after["ResourceRecordSets"] == before["ResourceRecordSets"]


def test_both_weights_move_in_one_change(records, route53, zone):
    batches = []
    route53.meta.events.register(
        "provide-client-params.route-53.ChangeResourceRecordSets",
        lambda params, **_: batches.append(params["ChangeBatch"]["Changes"]),
    )
    records.write(10)

    found = sides(route53, zone)
    assert [len(batch) for batch in batches] == [2]
    assert {side: each["Weight"] for side, each in found.items()} == {"aws": 10, "onprem": 90}
    assert found["onprem"]["ResourceRecords"] == ADDRESSES
    assert records.read() == 10


def test_a_change_is_awaited_until_route53_answers_with_it(records, route53, clock):
    answers = iter(["PENDING", "PENDING", "INSYNC"])
    faults.alter(
        route53, "GetChange", lambda parsed: parsed["ChangeInfo"].update(Status=next(answers))
    )
    records.write(50)

    assert clock.slept == 4


def test_a_change_that_never_answers_fails(records, route53):
    faults.alter(route53, "GetChange", lambda parsed: parsed["ChangeInfo"].update(Status="PENDING"))
    with pytest.raises(OperationError, match="INSYNC: not within 120 s"):
        records.write(50)


def test_a_shift_fails_when_route53_keeps_other_weights(records, route53):
    faults.alter(route53, "ListResourceRecordSets", lambda parsed: reweigh(parsed, 7))
    with pytest.raises(OperationError, match=r"'aws': 10, 'onprem': 90., it keeps .'aws': 7"):
        records.write(10)


def test_one_lost_connection_is_made_again(records, route53):
    faults.disconnect(route53, "ChangeResourceRecordSets")
    records.write(10)

    assert records.read() == 10


def test_a_batch_that_is_refused_leaves_both_records(records, route53):
    faults.refuse(route53, "ChangeResourceRecordSets", code="Throttling")
    with pytest.raises(ClientError, match="Throttling"):
        records.write(10)

    assert records.read() == 0


def test_two_zeros_mean_every_second_answer(records, route53):
    faults.alter(route53, "ListResourceRecordSets", lambda parsed: reweigh(parsed, 0, 0))

    assert records.read() == 50


def test_without_weighted_records_nothing_is_moved(route53, routing, clock):
    with pytest.raises(RefusedError, match="no weighted record for aws and onprem; adopt"):
        WeightedRecords(route53, routing, clock).write(10)


def reweigh(parsed, aws, onprem=93):
    for each in parsed["ResourceRecordSets"]:
        if "SetIdentifier" in each:
            each["Weight"] = aws if each["SetIdentifier"] == "aws" else onprem


@pytest.fixture
def elbv2(aws):
    return aws("elbv2")


@pytest.fixture
def load_balancer(aws, elbv2):
    """A load balancer with one weighted rule, all on premises, as the short form leaves it."""
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for cidr, zone in (("10.0.1.0/24", "us-east-2a"), ("10.0.2.0/24", "us-east-2b"))
    ]
    arn = elbv2.create_load_balancer(Name="lb", Subnets=subnets)["LoadBalancers"][0]
    groups = {
        "aws": group(elbv2, Name="aws", TargetType="lambda"),
        "onprem": group(elbv2, Name="old", TargetType="ip", Protocol="HTTPS", Port=443, VpcId=vpc),
    }
    listener = elbv2.create_listener(
        LoadBalancerArn=arn["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": groups["onprem"]}],
    )["Listeners"][0]["ListenerArn"]
    rule = elbv2.create_rule(
        ListenerArn=listener,
        Priority=1,
        Conditions=[{"Field": "path-pattern", "Values": ["/*"]}],
        Actions=[{"Type": "forward", "TargetGroupArn": groups["onprem"]}],
    )["Rules"][0]["RuleArn"]
    return LoadBalancer(rule_arn=rule, target_groups=groups)


def group(elbv2, **arguments):
    return elbv2.create_target_group(**arguments)["TargetGroups"][0]["TargetGroupArn"]


def test_the_rule_forwards_what_is_asked(elbv2, load_balancer):
    rule = WeightedRule(elbv2, load_balancer)
    seen = []
    for percent in (0, 10, 50, 100, 0):
        rule.write(percent)
        seen.append(rule.read())

    assert seen == [0, 10, 50, 100, 0]


def test_a_shift_fails_when_the_load_balancer_keeps_other_weights(elbv2, load_balancer):
    rule = WeightedRule(elbv2, load_balancer)
    rule.write(0)
    faults.alter(elbv2, "DescribeRules", stuck)
    with pytest.raises(OperationError, match=r"it keeps .'aws': 3"):
        rule.write(10)


def stuck(parsed):
    for group_ in parsed["Rules"][0]["Actions"][0]["ForwardConfig"]["TargetGroups"]:
        group_["Weight"] = 3


def test_the_rule_keeps_its_other_actions(elbv2, load_balancer):
    login = {"Type": "authenticate-oidc", "Order": 1}
    faults.alter(
        elbv2, "DescribeRules", lambda parsed: parsed["Rules"][0]["Actions"].insert(0, login)
    )
    sent = []

    def keep(params, **_):
        sent.extend(params["Actions"])
        return {**params, "Actions": params["Actions"][1:]}

    elbv2.meta.events.register("provide-client-params.elastic-load-balancing-v2.ModifyRule", keep)
    WeightedRule(elbv2, load_balancer).write(10)

    assert sent[0] == login


def test_one_target_group_cannot_be_weighed(elbv2):
    with pytest.raises(RefusedError, match="no target group onprem"):
        WeightedRule(elbv2, LoadBalancer("rule", {"aws": "arn"}))
