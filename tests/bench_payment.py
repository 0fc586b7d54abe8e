"""Time the payment API against a PostgreSQL server of its own; print the figures as JSON.

`tests/bench.py` runs it. The writer is Aurora, so nothing is asked of AWS: what is measured is the
handler and the database. A start is a whole process: interpreter, imports, connection, payment.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path
from tempfile import NamedTemporaryFile

import trustme

from functions.payment.settings import build
from generator.ops.control import Writer
from payment.client import Client, recorded
from payment.conftest import settings
from postgres.fixtures import TEMPLATE, Database, Databases, equip
from postgres.server import running

PAYMENTS = 2000
WARM_UP = 100
AWS = {
    "AWS_DEFAULT_REGION": "us-east-2",
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
}
FIRST = """
import json, sys, uuid
from aws_lambda_powertools.utilities.typing import LambdaContext
from functions.payment.handler import lambda_handler
event = json.loads(sys.argv[1])
event["multiValueHeaders"]["idempotency-key"] = [str(uuid.uuid4())]
sys.exit(lambda_handler(event, LambdaContext())["statusCode"] != 201)
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=11, help="measured starts")
    options = parser.parse_args()
    with running("aurora", trustme.CA()) as server:
        equip(server)
        database = Database(server, TEMPLATE)
        database.run("select migration_control.open_writes(1)")
        os.environ |= settings(Databases(database, database)) | AWS
        service = build(os.environ, StringIO())
        figures = {"p99": warm(Client(service.answer)), "trips": trips(service)}
        service.close()
        figures["start"] = start(options.runs)
    print(json.dumps(figures))


def warm(client):
    """Return how long all but one payment in a hundred take at most, in milliseconds."""
    for _ in range(WARM_UP):
        client.pay()
    times = []
    for _ in range(PAYMENTS):
        begin = time.perf_counter()
        assert client.pay().status == 201
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.quantiles(times, n=100)[98]


def trips(service):
    """Return how often a payment waits for the database: each Sync or Query of the protocol."""
    database = service.ledger.databases[Writer.AURORA]
    with database.connection() as connection, NamedTemporaryFile() as file:
        connection.pgconn.trace(file.fileno())
        assert Client(service.answer).pay().status == 201
        connection.pgconn.untrace()
        lines = Path(file.name).read_text(encoding="utf-8", errors="replace").splitlines()
    return sum(line.split("\t")[3] in ("Sync", "Query") for line in lines)


def start(runs):
    """Return the median seconds from nothing to the first payment."""
    command = [sys.executable, "-c", FIRST, json.dumps(recorded("post_payment"))]
    times = []
    for _ in range(runs + 1):
        begin = time.perf_counter()
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[1]
        )
        times.append(time.perf_counter() - begin)
    return statistics.median(times[1:])


if __name__ == "__main__":
    main()
