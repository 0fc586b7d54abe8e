"""The door of the Lambda function `rollback`: an alarm, {"action": "reconcile"} or "rollback"."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from generator.ops.environment import Environment
from generator.ops.metrics import Metrics
from generator.ops.returning import rollback
from generator.ops.rollback import Outcome

logger = Logger()


def lambda_handler(event: Mapping[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Go back where that is due; return what became of it, for machines. Safe to repeat."""
    begun = time.monotonic()
    # No database is asked here: the path needs neither a certificate nor the VPC.
    outcome = _outcome(Environment(os.environ["DESCRIBE_PATH"], Path(os.devnull)), event)
    metrics = Metrics({"Environment": os.environ["ENVIRONMENT"]})
    if outcome.status == "done":
        metrics.seconds("RollbackDurationSeconds", time.monotonic() - begun)
    if outcome.status == "failed":
        metrics.count("RollbacksFailed")
    if outcome.traffic is not None:
        metrics.count("TrafficWeightAws", outcome.traffic)
    metrics.flush()
    logger.info("rollback", extra={"outcome": outcome.document()})
    return outcome.document()


def _outcome(environment: Environment, event: Mapping[str, Any]) -> Outcome:
    if alarm := event.get("alarmData"):
        if alarm["state"]["value"] != "ALARM":
            return Outcome("ignored", f"{alarm['alarmName']} does not ring")
        return rollback(environment).on_alarm(alarm["alarmName"])
    if event.get("action") == "reconcile":
        return rollback(environment).reconcile()
    if event.get("action") == "rollback":
        return rollback(environment).by_person(
            actor=str(event.get("actor")),
            reason=str(event.get("reason")),
            dry_run=bool(event.get("dry_run")),
        )
    return Outcome("refused", f"{event.get('action')} is no action of this function")
