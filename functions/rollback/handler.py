"""The door of the Lambda function `rollback`: an alarm, {"action": "reconcile"} or "rollback"."""

import datetime as dt
import os
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
    # No database is asked here: the path needs neither a certificate nor the VPC.
    outcome = _outcome(Environment(os.environ["DESCRIBE_PATH"], Path(os.devnull)), event)
    metrics = Metrics({"Environment": os.environ["ENVIRONMENT"]})
    if outcome.seconds is not None:
        metrics.seconds("RollbackDurationSeconds", outcome.seconds)
    # People were told by the same alarm that traffic goes back by itself.
    if outcome.status == "failed" or (outcome.status == "refused" and "alarmData" in event):
        metrics.count("RollbacksFailed")
    if outcome.traffic is not None:
        metrics.count("TrafficWeightAws", outcome.traffic)
    metrics.flush()
    logger.info("rollback", extra={"outcome": outcome.document()})
    return outcome.document()


def _outcome(environment: Environment, event: Mapping[str, Any]) -> Outcome:
    if alarm := event.get("alarmData"):
        name, state = alarm["alarmName"], alarm["state"]
        if state["value"] != "ALARM":
            return Outcome("ignored", f"{name} does not ring")
        return rollback(environment).on_alarm(name, _moment(state.get("timestamp")))
    if event.get("action") == "reconcile":
        return rollback(environment).reconcile()
    if event.get("action") == "rollback":
        return rollback(environment).by_person(
            actor=str(event.get("actor")),
            reason=str(event.get("reason")),
            dry_run=bool(event.get("dry_run")),
        )
    return Outcome("refused", f"{event.get('action')} is no action of this function")


def _moment(text: str | None) -> dt.datetime | None:
    """Return the time that an alarm says; None rather than to stop for it."""
    try:
        found = dt.datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else None
