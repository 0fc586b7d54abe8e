"""What the environment of the function says, and what is built from it."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

import boto3
from aws_lambda_powertools import Logger
from botocore.config import Config

from generator.ops import credentials
from generator.ops.control import Control, Writer
from generator.ops.description import parameter
from generator.ops.metrics import Metrics
from generator.ops.postgres import Database, Server, authority

from .ledger import Ledger
from .outcome import Outcome
from .service import Service
from .writer import Always, Chooser, Controlled

# The control table answers in milliseconds; who waits longer is better off fenced.
_HURRIED = Config(connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 2})


def build(environment: Mapping[str, str] = os.environ, log: TextIO | None = None) -> Service:
    """Return the API as *environment* wants it, saying all in *log*; it connects to nothing yet."""
    log = log or sys.stdout
    databases = {Writer.AURORA: _aurora(environment)}
    writer: Chooser = Always()
    if "CONTROL_TABLE" in environment:
        databases[Writer.ONPREM] = _onprem(environment)
        dynamodb = boto3.client("dynamodb", config=_HURRIED)
        writer = Controlled(Control(dynamodb, environment["CONTROL_TABLE"]))
    metrics = Metrics({"Environment": environment["ENVIRONMENT"], "Side": "aws"}, log)
    outcome = Outcome(metrics, Logger(stream=log))
    return Service(Ledger(databases, writer), outcome)


def _aurora(environment: Mapping[str, str]) -> Database:
    server = Server(
        host=environment["AURORA_HOST"],
        port=int(environment["AURORA_PORT"]),
        database=environment["AURORA_DATABASE"],
        user=environment["AURORA_USER"],
        ca=Path(environment["RDS_CA_FILE"]),
    )
    return Database(server, credentials.token(boto3.client("rds"), server))


def _onprem(environment: Mapping[str, str]) -> Database:
    described = parameter(boto3.client("ssm"), environment["ONPREM_CA_PARAMETER"])
    secrets, arn = boto3.client("secretsmanager"), environment["ONPREM_SECRET_ARN"]
    server = Server(
        host=environment["ONPREM_HOST"],
        port=int(environment["ONPREM_PORT"]),
        database=environment["ONPREM_DATABASE"],
        user="payment_app",
        ca=authority(described["ca"]),
    )
    return Database(server, lambda: credentials.secret(secrets, arn)["password"])
