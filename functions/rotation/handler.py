"""The door of the Lambda function `rotation`: {"SecretId", "ClientRequestToken", "Step"}."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from psycopg import Connection

from generator.ops import inventory, postgres
from generator.ops.environment import PATIENCE, Environment
from generator.ops.postgres import Server
from generator.ops.rotation import Rotation
from generator.ops.secret import Secret, Secrets

logger = Logger()


def lambda_handler(event: Mapping[str, str], _context: LambdaContext) -> None:
    """Take one step; raise where it fails, for Secrets Manager takes that as its answer."""
    arn, step = event["SecretId"], event["Step"]
    secrets = Secrets(boto3.client("secretsmanager", config=PATIENCE))
    Rotation(secrets, connect, arn, event["ClientRequestToken"]).step(step)
    logger.info("rotated", extra={"secret": arn, "step": step})


def connect(secret: Secret) -> Connection[Any]:
    """Connect as *secret* says, over verified TLS, whatever it says of that."""
    ca = Path(os.environ["RDS_CA_FILE"])
    built = Environment(os.environ["DESCRIBE_PATH"], ca).inventory
    if built.has("on_premises"):
        old = built.read("on_premises", inventory.OnPremises)
        ca = postgres.authority(old.ca) if secret.host == old.host else ca
    server = Server(secret.host, secret.port, secret.dbname, secret.username, ca)
    return postgres.connect(server, lambda: secret.password)
