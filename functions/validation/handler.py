"""The door of the Lambda function `validation`: {"action": "marker"} or {"action": "validate"}."""

import datetime as dt
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from generator.errors import OperationError
from generator.ops.checking import beat, validate
from generator.ops.environment import Environment
from generator.ops.metrics import Metrics

from .measures import measure

logger = Logger()

# What is left of the function's time when the comparison stops: a range takes seconds.
SPARE = dt.timedelta(seconds=60)


def lambda_handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Check; return the verdict, and what to send again where time was too short (`resume`)."""
    environment = Environment(os.environ["DESCRIBE_PATH"], Path(os.environ["RDS_CA_FILE"]))
    metrics = Metrics({"Environment": os.environ["ENVIRONMENT"]})
    match event.get("action"):
        case "marker":
            verdict = beat(environment)
            result = verdict.document()
        case "validate":
            left = dt.timedelta(milliseconds=context.get_remaining_time_in_millis())
            until = environment.clock.now() + left - SPARE
            compared = validate(environment, event.get("resume"), until)
            verdict, result = compared.verdict, compared.document()
        case action:
            raise OperationError(f"the action is marker or validate, not {action}")
    measure(metrics, verdict)
    logger.info("validated", extra={"verdict": result})
    return result
