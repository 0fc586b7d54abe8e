"""The door of the Lambda function `cutover`: {"action", "actor", "reason"}.

The action is replicate, cutover, hand_back, abort or status. The answer has a status: done, refused
(nothing was begun), inconclusive (a gate not proven, tables not loaded yet) or failed, with the
control state as it is now.
"""

import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from generator.errors import InconclusiveError, RefusedError
from generator.ops.environment import Environment
from generator.ops.moving import Caller, abort, move
from generator.ops.plan import FAILURES
from generator.ops.starting import replicate

logger = Logger()


def lambda_handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Act; return what became of it. Every action may be repeated."""
    environment = Environment(os.environ["DESCRIBE_PATH"], Path(os.environ["RDS_CA_FILE"]))
    caller = Caller(
        actor=str(event.get("actor")),
        reason=str(event.get("reason")),
        watch=logger.info,
        seconds_left=lambda: context.get_remaining_time_in_millis() / 1000,
    )
    result = _result(environment, event.get("action"), caller) | {"action": event.get("action")}
    state = environment.control.read()
    result["state"] = asdict(state) if state else None
    logger.info("moved", extra={"result": result})
    return result


def _result(environment: Environment, action: object, caller: Caller) -> dict[str, Any]:
    try:
        match action:
            case "replicate":
                replicate(environment)
            case "cutover" | "hand_back" as name:
                move(environment, name, caller)
            case "abort":
                abort(environment, caller)
            case "status":
                pass
            case _:
                raise RefusedError(f"{action} is no action of this function")
    except FAILURES as error:
        return {"status": _status(error), "detail": str(error)}
    return {"status": "done", "detail": ""}


def _status(error: Exception) -> str:
    match error:
        case InconclusiveError():
            return "inconclusive"
        case RefusedError():
            return "refused"
        case _:
            return "failed"
