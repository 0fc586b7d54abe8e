"""The payment API as it runs in production, but for where AWS and the databases are."""

import json
from io import StringIO
from itertools import count

import boto3
import pytest
from moto import mock_aws

from functions.payment.settings import build
from generator.ops.control import Control

from .client import Client

REGION = "us-east-2"
TABLE = "payments-prod-control"
_numbers = count(1)


@pytest.fixture
def log(monkeypatch):
    """What the API says of itself. Loggers of one name share the output of the first."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", f"payment-{next(_numbers)}")
    return StringIO()


@pytest.fixture
def aws(monkeypatch):
    """An AWS account in this process, which nothing leaves."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield


@pytest.fixture
def control(aws):  # noqa: ARG001 - has to be there
    """The control state of an environment that begins."""
    dynamodb = boto3.client("dynamodb")
    make_table(dynamodb)
    control = Control(dynamodb, TABLE)
    control.create(actor="test", reason="begin")
    return control


def make_table(dynamodb):
    """Make the control table as Terraform does."""
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "id", "KeyType": "HASH"},
            {"AttributeName": "at", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("id", "at")
        ],
    )


@pytest.fixture
def environment(control, databases):  # noqa: ARG001 - has to be there
    """What Terraform gives the function while both databases are there."""
    return settings(databases) | migrating(databases)


def settings(databases):
    """Return the environment of a function whose writer is Aurora for ever."""
    aurora = databases.aurora
    return {
        "PROJECT": "payments",
        "ENVIRONMENT": "prod",
        "AURORA_HOST": "localhost",
        "AURORA_PORT": str(aurora.server.port),
        "AURORA_DATABASE": aurora.name,
        "AURORA_USER": "payment_app",
        "RDS_CA_FILE": str(aurora.server.ca),
    }


def migrating(databases):
    """Return what a function knows besides while the old database is there, and put it into AWS."""
    onprem = databases.onprem
    secret = boto3.client("secretsmanager").create_secret(
        Name="payment_source",
        SecretString=json.dumps({"username": "payment_app", "password": "a-password"}),
    )
    name = "/payments/prod/describe/on_premises"
    boto3.client("ssm").put_parameter(
        Name=name, Type="String", Value=json.dumps({"ca": onprem.server.ca.read_text()})
    )
    return {
        "CONTROL_TABLE": TABLE,
        "ONPREM_HOST": "localhost",
        "ONPREM_PORT": str(onprem.server.port),
        "ONPREM_DATABASE": onprem.name,
        "ONPREM_SECRET_ARN": secret["ARN"],
        "ONPREM_CA_PARAMETER": name,
    }


@pytest.fixture
def api(environment, log):
    """The API of an environment that migrates; on premises takes the writes."""
    service = build(environment, log)
    yield Client(service.answer)
    service.close()


@pytest.fixture
def migrated(aws, databases, log):  # noqa: ARG001 - has to be there
    """The API of an environment that has only Aurora."""
    databases.aurora.run("select migration_control.open_writes(1)")
    service = build(settings(databases), log)
    yield Client(service.answer)
    service.close()
