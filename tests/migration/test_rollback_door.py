"""The function `rollback` as it is called: descriptions, state and databases behind it real."""

import datetime as dt

import pytest

from functions.cutover.handler import lambda_handler as cutover
from functions.rollback.handler import lambda_handler as rollback
from generator.ops.control import Writer
from migration import faults
from migration.cloud import CONTEXT, RINGS, ROLL_BACK, WHO, Cloud
from migration.rows import NOW, pay


def ringing(timestamp=None):
    """Return what an alarm calls with that rings since *timestamp*."""
    state = {"value": "ALARM"} | ({"timestamp": timestamp} if timestamp else {})
    return {"alarmData": {"alarmName": "roll-back", "state": state}}


ALARM = ringing()


@pytest.mark.usefixtures("cloud")
def test_an_alarm_sends_traffic_back(records, metrics):
    result = rollback(ALARM, CONTEXT)

    assert (result["status"], records.read()) == ("done", 0)
    assert metrics()["TrafficWeightAws"] == 0


@pytest.mark.usefixtures("cloud")
def test_a_rollback_is_measured_from_the_moment_at_which_the_alarm_rang(metrics):
    rang = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=100)
    rollback(ringing(rang.strftime("%Y-%m-%dT%H:%M:%S.000+0000")), CONTEXT)

    assert 100 <= metrics()["RollbackDurationSeconds"] < 130


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("odd", [None, "yesterday", "2026-11-24T12:00:00"])
def test_an_alarm_that_does_not_say_since_when_it_rings_is_answered(metrics, odd):
    assert rollback(ringing(odd), CONTEXT)["status"] == "done"
    assert metrics()["RollbackDurationSeconds"] < 30


@pytest.mark.usefixtures("dynamodb", "door", "records")
def test_a_rollback_that_is_refused_is_told_if_an_alarm_asked_for_it(
    databases, link, routing, metrics
):
    Cloud(databases, link, routing)

    assert rollback({"action": "reconcile"}, CONTEXT)["status"] == "refused"
    assert "RollbacksFailed" not in metrics()
    assert rollback(ALARM, CONTEXT)["status"] == "refused"
    assert metrics()["RollbacksFailed"] == 1


@pytest.mark.usefixtures("cloud")
def test_an_alarm_that_does_not_ring_is_none(records):
    quiet = {"alarmData": {"alarmName": "roll-back", "state": {"value": "INSUFFICIENT_DATA"}}}

    assert rollback(quiet, CONTEXT)["status"] == "ignored"
    assert records.read() == 100


def test_after_the_cutover_the_cutover_function_is_called_first(cloud, databases, records):
    cutover({"action": "cutover", **WHO}, CONTEXT)
    pay(databases.aurora, 1, first=31, moment=NOW)
    cloud.functions["called"] = lambda event: cutover(event, CONTEXT)
    result = rollback(ALARM, CONTEXT)

    assert (result["status"], result["writer"], records.read()) == ("done", "onprem", 0), result
    assert databases.onprem.rows("select count(*) from payments") == [(31,)]


def test_a_hand_back_that_does_not_answer_is_a_failure(cloud, metrics):
    cloud.control.change(cloud.control.read(), **WHO, writer=Writer.AURORA)
    cloud.functions["called"] = lambda _: {"errorMessage": "Task timed out"}
    result = rollback({"action": "rollback", **WHO}, CONTEXT)

    assert (result["status"], result["detail"]) == ("failed", "hand_back: Task timed out")
    assert metrics()["RollbacksFailed"] == 1


def test_the_reconciler_asks_the_alarm(cloud, records):
    assert rollback({"action": "reconcile"}, CONTEXT)["status"] == "ignored"
    cloud.alarms[ROLL_BACK] = RINGS
    assert rollback({"action": "reconcile"}, CONTEXT)["status"] == "done"
    assert records.read() == 0


@pytest.mark.parametrize("by", ["Alarm", "WaitPeriod", "ExtensionPeriod"])
def test_what_holds_the_alarm_back_holds_the_reconciler_back(cloud, records, by):
    cloud.alarms[ROLL_BACK] = RINGS | {"ActionsSuppressedBy": by}

    assert rollback({"action": "reconcile"}, CONTEXT)["status"] == "ignored"
    assert records.read() == 100


@pytest.mark.usefixtures("cloud")
def test_a_game_day_changes_nothing(records):
    result = rollback({"action": "rollback", **WHO, "dry_run": True}, CONTEXT)

    assert (result["status"], records.read()) == ("planned", 100)


@pytest.mark.usefixtures("cloud")
def test_rollback_knows_its_actions():
    assert rollback({"action": "tidy"}, CONTEXT)["status"] == "refused"


@pytest.mark.usefixtures("cloud")
def test_an_outage_of_ssm_stops_no_rollback_that_was_described_before(records):
    rollback({"action": "reconcile"}, CONTEXT)
    faults.everywhere("before-call.ssm", faults.refusal("ThrottlingException"))
    result = rollback(ALARM, CONTEXT)

    assert (result["status"], records.read()) == ("done", 0)
