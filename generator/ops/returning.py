"""The rollback of an environment: where it reads its switch and its alarm, whom it calls."""

import datetime as dt
import json
from functools import partial

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from generator.errors import OperationError
from generator.ops import inventory
from generator.ops.environment import PATIENCE, Environment
from generator.ops.rollback import Rollback, World
from generator.ops.sharing import traffic

# Beside what a hand-back waits for, its function may have to start.
_START_SECONDS = 10


def rollback(environment: Environment) -> Rollback:
    """Return the way back of *environment*."""
    built = environment.inventory.read("rollback", inventory.Rollback)
    world = World(
        switch=partial(_switch, built.kill_switch),
        rings=partial(_rings, environment),
        cutover=partial(_cutover, built),
        clock=environment.clock,
    )
    return Rollback(environment.control, traffic(environment), world)


def _switch(name: str) -> str | None:
    try:
        answer = boto3.client("ssm", config=PATIENCE).get_parameter(Name=name)
    except (BotoCoreError, ClientError):
        return None
    return answer["Parameter"]["Value"]


def _rings(environment: Environment) -> dt.datetime | None:
    name = environment.inventory.read("monitoring", inventory.Monitoring).rollback_alarm
    answer = boto3.client("cloudwatch", config=PATIENCE).describe_alarms(
        AlarmNames=[name], AlarmTypes=["CompositeAlarm"]
    )
    for each in answer["CompositeAlarms"]:
        # What holds its actions back, a fence, holds the reconciler back too.
        if each.get("StateValue") == "ALARM" and not each.get("ActionsSuppressedBy"):
            return each.get("StateTransitionedTimestamp") or environment.clock.now()
    return None


def _cutover(built: inventory.Rollback, action: str, reason: str) -> None:
    # Whoever calls it twice would only be turned away.
    patience = Config(
        connect_timeout=3,
        read_timeout=built.hand_back_seconds + _START_SECONDS,
        retries={"total_max_attempts": 1},
        tcp_keepalive=True,
    )
    answer = boto3.client("lambda", config=patience).invoke(
        FunctionName=built.cutover_function,
        Qualifier="live",
        Payload=json.dumps({"action": action, "actor": "rollback", "reason": reason}).encode(),
    )
    said = json.loads(answer["Payload"].read() or b"{}")
    if answer.get("FunctionError") or said.get("status") != "done":
        raise OperationError(f"{action}: {said.get('detail') or said.get('errorMessage')}")
