"""The door of the Lambda function `probe`: {"action": "probe"}, called by the clock."""

import datetime as dt
import os
import ssl
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from generator.errors import OperationError
from generator.ops.clock import SystemClock
from generator.ops.metrics import Metrics

from .entrance import Entrance
from .watch import watch

logger = Logger()

# What is left of the function's time when it begins no question more; one takes four seconds.
SPARE = dt.timedelta(seconds=10)


def lambda_handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, int]:
    """Ask for as long as the function may run, longer than until the next run asks too."""
    if event.get("action") != "probe":
        raise OperationError(f"the action is probe, not {event.get('action')}")
    here = Entrance(
        os.environ["PROBE_HOST"], os.environ["PROBE_NAME"], int(os.environ["PROBE_PORT"])
    )
    metrics = Metrics({"Environment": os.environ["ENVIRONMENT"]})
    trust = ssl.create_default_context()
    clock = SystemClock()

    def tell(wrong: str | None) -> None:
        # At once: an alarm waits for it.
        metrics.count("Probes", fast=True)
        metrics.count("ProbesFailed", int(wrong is not None), fast=True)
        metrics.flush()
        if wrong:
            logger.error("not ready", extra={"wrong": wrong})

    left = dt.timedelta(milliseconds=context.get_remaining_time_in_millis())
    failed = watch(lambda turn: here.ask(turn, trust), tell, clock, clock.now() + left - SPARE)
    return {"failed": failed}
