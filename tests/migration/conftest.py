"""One account at moto, and both databases with replication between them."""

import json
from dataclasses import replace

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from generator.ops import environment, sequences
from generator.ops.control import Control, Writer
from generator.ops.cutover import Procedure
from generator.ops.plan import Plan
from generator.ops.side import Side
from generator.ops.validation import Databases
from generator.ops.verdict import Check, Status, Verdict
from migration.clocks import Clock, Hurried
from migration.cloud import PATH, READY, WHO, Cloud
from migration.links import Link
from migration.records import records, route53, routing, zone
from migration.rows import pay
from postgres.fixtures import TABLES

__all__ = ["TABLES", "records", "route53", "routing", "zone"]

REGION = "us-east-2"
SAYS_YES = Verdict((Check("all", Status.PASS),))


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def hurried():
    return Hurried()


@pytest.fixture
def aws(monkeypatch):
    """Make clients of an empty account, with patience for two attempts."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        config = Config(retries={"mode": "standard", "max_attempts": 2})
        yield lambda service: boto3.client(service, REGION, config=config)


@pytest.fixture
def link(databases):
    """Replication that does not run yet."""
    found = Link(databases)
    yield found
    found.stop()


@pytest.fixture
def sides(databases):
    """Both sides, by their names in the control state, each lent to a user."""
    lent = []

    def lend(user):
        found = {}
        for writer in (Writer.ONPREM, Writer.AURORA):
            connection = getattr(databases, writer.value).connect(user)
            lent.append(connection)
            found[writer] = Side(writer, connection)
        return found

    yield lend
    for connection in lent:
        connection.close()


@pytest.fixture
def dynamodb(aws):
    """DynamoDB with a control table, still empty."""
    client = aws("dynamodb")
    client.create_table(
        TableName="payments-test-control",
        KeySchema=[
            {"AttributeName": "id", "KeyType": "HASH"},
            {"AttributeName": "at", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("id", "at")
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    return client


@pytest.fixture
def control(dynamodb, hurried):
    """The control state as the schema function leaves it."""
    found = Control(dynamodb, "payments-test-control", hurried.now)
    found.create(actor="schema", reason="first")
    return found


@pytest.fixture
def door(monkeypatch, databases, dynamodb):  # noqa: ARG001 - a fixture takes no mark
    """The environment variables of every function, none of which was called before."""
    monkeypatch.setattr(environment, "_described", {})
    monkeypatch.setenv("PROJECT", "payments")
    monkeypatch.setenv("ENVIRONMENT", "test")
    monkeypatch.setenv("DESCRIBE_PATH", PATH)
    monkeypatch.setenv("RDS_CA_FILE", str(databases.aurora.server.ca))


@pytest.fixture
def cloud(door, databases, link, records, routing):  # noqa: ARG001 - a fixture takes no mark
    """Payments on premises, all traffic at AWS, and a payment function that is ready."""
    found = Cloud(databases, link, routing)
    state = found.control.create(actor="schema", reason="first")
    found.control.change(state, **WHO, traffic=100)
    records.write(100)
    link.forward()
    pay(databases.onprem, 30)
    link.caught_up()
    found.functions["called"] = lambda _: READY
    return found


@pytest.fixture
def metrics(capsys):
    """Return the metrics that were written since the last time: names and values."""

    def written():
        found = {}
        for line in map(json.loads, capsys.readouterr().out.splitlines()):
            for metric in line.get("_aws", {}).get("CloudWatchMetrics", []):
                assert line["Environment"] == "test"
                found |= {each["Name"]: line[each["Name"]][0] for each in metric["Metrics"]}
        return found

    return written


@pytest.fixture
def ready(control, databases, link):
    """All traffic at AWS, and replication that follows."""
    link.forward()
    pay(databases.onprem, 30)
    return control.change(control.read(), actor="anna", reason="shifted", traffic=100)


@pytest.fixture
def procedure(ready, control, sides, link, hurried):  # noqa: ARG001 - a fixture takes no mark
    """Make cutovers and hand-backs, by a process of its own each."""

    def make(name="cutover", watch=lambda _: None, **plan):
        both = sides("payment_operator")
        order = (
            (Writer.ONPREM, Writer.AURORA) if name == "cutover" else (Writer.AURORA, Writer.ONPREM)
        )
        loser, winner = (both[writer] for writer in order)
        pair = Databases(loser, winner, TABLES, hurried)
        usual = Plan(
            gate=lambda: SAYS_YES,
            verify=pair.settled,
            sequences=lambda source, target: sequences.advance(
                source.connection, target.connection, ["public"], 1000
            ),
            replicate=link.follow,
            probe=lambda: None,
            clock=hurried,
            drain_seconds=5,
            watch=watch,
        )
        return Procedure(name, control, loser, winner, replace(usual, **plan))

    return make
