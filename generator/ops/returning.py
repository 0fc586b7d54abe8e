"""The rollback of an environment: where it reads its switch and its alarm, whom it calls."""

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

# A hand-back waits for a fence and a drain; whoever calls it twice would only be turned away.
_UNTIL_DONE = Config(connect_timeout=3, read_timeout=130, retries={"total_max_attempts": 1})


def rollback(environment: Environment) -> Rollback:
    """Return the way back of *environment*."""
    built = environment.inventory.read("rollback", inventory.Rollback)
    world = World(
        switch=partial(_switch, built.kill_switch),
        rings=partial(_rings, environment),
        cutover=partial(_cutover, built.cutover_function),
        clock=environment.clock,
    )
    return Rollback(environment.control, traffic(environment), world)


def _switch(name: str) -> str | None:
    try:
        answer = boto3.client("ssm", config=PATIENCE).get_parameter(Name=name)
    except (BotoCoreError, ClientError):
        return None
    return answer["Parameter"]["Value"]


def _rings(environment: Environment) -> bool:
    name = environment.inventory.read("monitoring", inventory.Monitoring).rollback_alarm
    answer = boto3.client("cloudwatch", config=PATIENCE).describe_alarms(
        AlarmNames=[name], AlarmTypes=["CompositeAlarm", "MetricAlarm"]
    )
    found = [*answer["CompositeAlarms"], *answer["MetricAlarms"]]
    return any(each.get("StateValue") == "ALARM" for each in found)


def _cutover(function: str, action: str, reason: str) -> None:
    answer = boto3.client("lambda", config=_UNTIL_DONE).invoke(
        FunctionName=function,
        Qualifier="live",
        Payload=json.dumps({"action": action, "actor": "rollback", "reason": reason}).encode(),
    )
    said = json.loads(answer["Payload"].read() or b"{}")
    if answer.get("FunctionError") or said.get("status") != "done":
        raise OperationError(f"{action}: {said.get('detail') or said.get('errorMessage')}")
