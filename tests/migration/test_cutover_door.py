"""The function `cutover` as it is called: descriptions, state and databases behind it real."""

import json
from types import SimpleNamespace

import pytest

from functions.cutover.handler import lambda_handler as cutover
from generator.ops.control import Writer
from migration.cloud import CONTEXT, FORWARD, READY, RINGS, WHO
from migration.rows import NOW, pay


def test_the_writer_moves_and_comes_back(cloud, databases):
    probed = []
    cloud.functions["called"] = lambda event: probed.append(event["path"]) or READY
    there = cutover({"action": "cutover", **WHO}, CONTEXT)

    assert (there["status"], there["state"]["writer"]) == ("done", "aurora"), there
    assert probed == ["/ready"]
    pay(databases.aurora, 1, first=31, moment=NOW)
    back = cutover({"action": "hand_back", **WHO}, CONTEXT)
    assert (back["status"], back["state"]["writer"]) == ("done", "onprem"), back
    assert databases.onprem.rows("select count(*) from payments") == [(31,)]
    assert cloud.calls == ["start-replication", "resume-processing"]
    json.dumps(back)


def test_where_both_directions_are_armed_no_task_is_turned(cloud):
    cloud.arm()

    assert cutover({"action": "cutover", **WHO}, CONTEXT)["status"] == "done"
    assert cloud.calls == []


def test_a_gate_that_is_not_proven_moves_nothing(cloud):
    cloud.tables["public.refunds"] = ("Full load", "Not enabled")
    result = cutover({"action": "cutover", **WHO}, CONTEXT)

    assert (result["status"], result["detail"]) == ("inconclusive", "not proven: replicated_table")


def test_a_gate_that_fails_moves_nothing(cloud):
    cloud.tables["public.refunds"] = ("Table error", "Validated")
    result = cutover({"action": "cutover", **WHO}, CONTEXT)

    assert (result["status"], result["detail"]) == (
        "refused",
        "these checks fail: replicated_table",
    )
    assert result["state"]["writer"] == "onprem"


@pytest.mark.parametrize(
    "said",
    [
        {"statusCode": 503, "body": READY["body"]},
        {"statusCode": 200, "body": json.dumps({"status": "ready", "writer": "onprem"})},
        {"statusCode": 200, "body": "ready"},
        {"statusCode": 200, "body": "null"},
        {"statusCode": 200},
    ],
)
def test_a_payment_function_that_does_not_write_to_the_winner_is_told(cloud, said):
    cloud.functions["called"] = lambda _: said
    result = cutover({"action": "cutover", **WHO}, CONTEXT)

    assert result["status"] == "failed"
    assert "payments-test-payment is not ready to write to aurora" in result["detail"]


def test_a_payment_function_that_has_not_noticed_yet_is_asked_again(cloud):
    late = json.dumps({"status": "ready", "writer": "onprem"})
    said = iter([{"statusCode": 200, "body": late}, {"statusCode": 503}])
    cloud.functions["called"] = lambda _: next(said, READY)

    assert cutover({"action": "cutover", **WHO}, CONTEXT)["status"] == "done"


@pytest.mark.parametrize(
    ("prevent", "check"),
    [
        (lambda cloud: cloud.alarms.update({"payments-test-latency": RINGS}), "alarms"),
        (lambda cloud: cloud.tasks.update({FORWARD["arn"]: "failed"}), "replication_task"),
    ],
)
def test_a_cutover_waits_until_all_is_well_around_it(cloud, prevent, check):
    prevent(cloud)
    result = cutover({"action": "cutover", **WHO}, CONTEXT)

    assert (result["status"], result["detail"]) == ("refused", f"these checks fail: {check}")


@pytest.mark.parametrize(
    ("name", "heard"), [("payments-other-latency", ["arn:topic"]), ("payments-test-part", [])]
)
def test_an_alarm_of_another_environment_or_that_nobody_hears_keeps_nobody(cloud, name, heard):
    cloud.alarms[name], cloud.heard = RINGS, heard

    assert cutover({"action": "cutover", **WHO}, CONTEXT)["status"] == "done"


def test_a_cutover_that_might_be_stopped_behind_its_fence_does_not_begin(cloud):
    left = SimpleNamespace(get_remaining_time_in_millis=lambda: 600_000)
    result = cutover({"action": "cutover", **WHO}, left)

    assert result["status"] == "refused"
    assert "the fence may last 665 s and the function has 600 s left" in result["detail"]
    assert result["state"]["writer"] == "onprem"
    cloud.arm()
    assert cutover({"action": "cutover", **WHO}, left)["status"] == "done"


def test_status_changes_nothing_and_unknown_actions_are_refused(cloud):
    before = cloud.control.read()

    assert cutover({"action": "status"}, CONTEXT)["status"] == "done"
    assert cutover({"action": "tidy", **WHO}, CONTEXT)["status"] == "refused"
    assert cloud.control.read() == before


def test_giving_up_puts_the_old_writer_back(cloud):
    state = cloud.control.read()
    cloud.control.change(state, **WHO, writer=Writer.FENCED, step="cutover.drain")
    result = cutover({"action": "abort", **WHO}, CONTEXT)

    assert (result["status"], result["state"]["writer"]) == ("done", "onprem")


def test_only_a_move_of_the_writer_is_given_up(cloud):
    cloud.control.change(cloud.control.read(), **WHO, step="shift.10")

    assert cutover({"action": "abort", **WHO}, CONTEXT)["status"] == "refused"


def test_without_a_way_back_for_the_data_the_writer_stays(cloud):
    cloud.describe("migration", reverse=None, reverse_replication="none")
    result = cutover({"action": "hand_back", **WHO}, CONTEXT)

    assert (result["status"], "nothing is replicated back" in result["detail"]) == ("refused", True)
