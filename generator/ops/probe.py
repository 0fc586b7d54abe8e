"""The payment function, asked as the load balancer would whether it can take payments."""

import json

import boto3

from generator.ops import inventory
from generator.ops.clock import poll
from generator.ops.control import CACHE_SECONDS, Writer
from generator.ops.environment import PATIENCE, Environment

READY = {
    "requestContext": {"elb": {"targetGroupArn": ""}},
    "httpMethod": "GET",
    "path": "/ready",
    "queryStringParameters": {},
    "headers": {"accept": "application/json"},
    "body": "",
    "isBase64Encoded": False,
}
WITHIN = 5 * CACHE_SECONDS
"""Seconds after which nobody acts any more on what was true before."""


def ready(environment: Environment, winner: Writer) -> None:
    """Return once the payment function says that it writes to *winner*.

    On the way back nobody is asked: that it is not ready may be the reason for going.
    """
    if winner is Writer.ONPREM:
        return
    compute = environment.inventory.read("compute", inventory.Compute)
    awaited = f"{compute.payment_function} is not ready to write to {winner}"
    poll(
        lambda: _writer(compute) == winner,
        environment.clock,
        every=CACHE_SECONDS / 2,
        within=WITHIN,
        awaited=awaited,
    )


def _writer(compute: inventory.Compute) -> object:
    """Return which side the function says it writes to; None where it says that it cannot."""
    answer = boto3.client("lambda", config=PATIENCE).invoke(
        FunctionName=compute.payment_function,
        Qualifier=compute.alias,
        Payload=json.dumps(READY).encode(),
    )
    said = json.loads(answer["Payload"].read() or b"{}")
    if answer.get("FunctionError") or said.get("statusCode") != 200:  # noqa: PLR2004 - HTTP
        return None
    try:
        found: object = json.loads(said["body"])["writer"]
    except (KeyError, TypeError, ValueError):
        return None
    return found
