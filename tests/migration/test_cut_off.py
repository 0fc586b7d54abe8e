"""A function that was cut off while the writer moved: who comes next loses nothing."""

import datetime as dt

import boto3
import pytest

from functions.cutover.handler import lambda_handler as cutover
from functions.rollback.handler import lambda_handler as rollback
from generator.ops.control import Control
from generator.ops.plan import STEPS
from migration import faults
from migration.cloud import CONTEXT, FORWARD, REVERSE, TABLE, WHO
from migration.rows import NOW, pay


@pytest.fixture
def cut_off(cloud):
    """Move the writer by a function that is cut off behind a step, ten minutes ago."""

    def move(action, behind):
        left = [STEPS.index(behind) + 1]

        def refuse(**_):
            left[0] -= 1
            return faults.refusal("ThrottlingException")() if left[0] < 0 else None

        faults.everywhere("before-call.dynamodb.TransactWriteItems", refuse)
        assert cutover({"action": action, **WHO}, CONTEXT)["status"] == "failed"
        left[0] = 1000
        before = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=10)
        control = Control(boto3.client("dynamodb"), TABLE, lambda: before)
        state = control.read()
        assert state.step == f"{action}.{behind}"
        control.change(state, **WHO, step=state.step)
        cloud.functions["called"] = lambda event: cutover(event, CONTEXT)

    return move


def test_the_reconciler_brings_back_what_was_taken_before_a_cutover_was_cut_off(cut_off, databases):
    cut_off("cutover", "open")
    pay(databases.aurora, 1, first=31, moment=NOW, user="payment_app")
    result = rollback({"action": "reconcile"}, CONTEXT)

    assert (result["status"], result["writer"]) == ("done", "onprem"), result
    assert databases.onprem.rows("select count(*) from payments") == [(31,)]


def test_the_reconciler_ends_a_hand_back_that_the_old_application_has_noticed(cut_off, databases):
    assert cutover({"action": "cutover", **WHO}, CONTEXT)["status"] == "done"
    cut_off("hand_back", "open")
    pay(databases.onprem, 1, first=31, moment=NOW, user="payment_app")
    result = rollback({"action": "reconcile"}, CONTEXT)

    assert (result["status"], result["writer"]) == ("done", "onprem"), result
    pay(databases.onprem, 1, first=32, moment=NOW, user="payment_app")


def test_a_hand_back_that_was_given_up_half_way_loses_nothing_either(cloud, cut_off, databases):
    assert cutover({"action": "cutover", **WHO}, CONTEXT)["status"] == "done"
    cut_off("hand_back", "open")
    pay(databases.onprem, 1, first=31, moment=NOW, user="payment_app")
    state = cloud.control.read()
    cloud.control.change(state, **WHO, step="hand_back.abort.open")
    result = cutover({"action": "hand_back", **WHO}, CONTEXT)

    assert (result["status"], result["state"]["writer"]) == ("done", "aurora"), result
    assert databases.aurora.rows("select count(*) from payments") == [(31,)]
    assert (cloud.tasks[FORWARD["arn"]], cloud.tasks[REVERSE["arn"]]) == ("stopped", "running")
