"""One account at moto, with DNS and a load balancer as Terraform leaves them."""

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from migration.clocks import Clock

REGION = "us-east-2"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def aws(monkeypatch):
    """Make clients of an empty account, with patience for two attempts."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        config = Config(retries={"mode": "standard", "max_attempts": 2})
        yield lambda service: boto3.client(service, REGION, config=config)
