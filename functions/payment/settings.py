"""What the environment of the function says, and what is built from it."""

import os
import sys
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, TextIO

from aws_lambda_powertools import Logger
from botocore.config import Config
from botocore.session import Session, get_session

from generator.ops import credentials
from generator.ops.control import Control, Writer
from generator.ops.description import parameter
from generator.ops.metrics import Metrics
from generator.ops.postgres import Database, Limits, Server, Timed, authority, connect

from .ledger import Ledger
from .outcome import Outcome
from .service import Service
from .writer import Always, Chooser, Controlled

# AWS answers in milliseconds. Who waits longer has no time left to tell the client so.
_HURRIED = Config(connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 2})
# Shorter than the API waits for an answer (ledger.py), so that what it gives up has ended.
_LIMITS = Limits(connect=2, statement=2, lock=1.5)


def build(environment: Mapping[str, str] = os.environ, log: TextIO | None = None) -> Service:
    """Return the API as *environment* wants it, saying all in *log*; it connects to nothing yet."""
    log = log or sys.stdout
    # Not boto3: what it adds to botocore, above all for S3, would be a tenth of every start.
    session = get_session()
    databases = {Writer.AURORA: _aurora(session, environment)}
    writer: Chooser = Always()
    if "CONTROL_TABLE" in environment:
        databases[Writer.ONPREM] = _onprem(session, environment)
        dynamodb: Any = session.create_client("dynamodb", config=_HURRIED)
        writer = Controlled(Control(dynamodb, environment["CONTROL_TABLE"]))
    metrics = Metrics({"Environment": environment["ENVIRONMENT"], "Side": "aws"}, log)
    outcome = Outcome(metrics, Logger(stream=log))
    return Service(Ledger(databases, writer), outcome)


def _aurora(session: Session, environment: Mapping[str, str]) -> Database:
    server = Server(
        host=environment["AURORA_HOST"],
        port=int(environment["AURORA_PORT"]),
        database=environment["AURORA_DATABASE"],
        user=environment["AURORA_USER"],
        ca=Path(environment["RDS_CA_FILE"]),
    )
    return Database(partial(connect, server, credentials.token(session, server), _LIMITS))


def _onprem(session: Session, environment: Mapping[str, str]) -> Database:
    ssm: Any = session.create_client("ssm", config=_HURRIED)
    secrets: Any = session.create_client("secretsmanager", config=_HURRIED)
    arn = environment["ONPREM_SECRET_ARN"]

    @cache
    def server() -> Server:
        described = parameter(ssm, environment["ONPREM_CA_PARAMETER"])
        return Server(
            host=environment["ONPREM_HOST"],
            port=int(environment["ONPREM_PORT"]),
            database=environment["ONPREM_DATABASE"],
            user="payment_app",
            ca=authority(described["ca"]),
        )

    def open_() -> Timed:
        # Nothing is asked of AWS before it is needed: a process starts whether it answers or not.
        return connect(server(), lambda: credentials.secret(secrets, arn)["password"], _LIMITS)

    return Database(open_)
