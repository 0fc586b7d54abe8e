"""One account at moto, and both databases with replication between them."""

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from generator.ops.control import Control, Writer
from generator.ops.side import Side
from migration.clocks import Clock, Hurried
from migration.links import Link
from migration.records import records, route53, routing, zone
from postgres.fixtures import TABLES

__all__ = ["TABLES", "records", "route53", "routing", "zone"]

REGION = "us-east-2"


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
