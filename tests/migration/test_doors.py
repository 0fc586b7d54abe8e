"""The Lambda functions as they are called: descriptions, state and databases behind them real."""

import datetime as dt
import json
from types import SimpleNamespace

import boto3
import psycopg
import pytest
from botocore.exceptions import ReadTimeoutError

from functions.cutover.handler import lambda_handler as cutover
from functions.rollback.handler import lambda_handler as rollback
from functions.rotation.handler import connect
from functions.rotation.handler import lambda_handler as rotation
from functions.validation.handler import lambda_handler as validation
from functions.validation.measures import measure
from generator.ops.control import Control, Writer
from generator.ops.metrics import Metrics
from generator.ops.plan import STEPS
from generator.ops.secret import Secret
from generator.ops.verdict import Check, Status, Verdict
from migration import faults
from migration.cloud import (
    CONTEXT,
    FORWARD,
    PATH,
    READY,
    REVERSE,
    RINGS,
    ROLL_BACK,
    TABLE,
    WHO,
    Cloud,
)
from migration.rows import NOW, pay, replica
from postgres.fixtures import SECRET


@pytest.fixture
def metrics(capsys):
    """Return the metrics that were written since the last time: names and values."""

    def written():
        found = {}
        for line in map(json.loads, capsys.readouterr().out.splitlines()):
            for metric in line.get("_aws", {}).get("CloudWatchMetrics", []):
                assert line["Environment"] == "test"
                found |= {each["Name"]: line[each["Name"]][0] for each in metric["Metrics"]}
        return found

    return written


@pytest.mark.usefixtures("cloud")
def test_validation_answers_for_machines_and_measures(link, metrics):
    assert validation({"action": "marker"}, CONTEXT)["status"] in {"inconclusive", "pass"}
    link.caught_up()
    result = validation({"action": "validate"}, CONTEXT)

    json.dumps(result)
    assert [each for each in result["checks"] if each["status"] != "pass"] == []
    assert {each["check"] for each in result["checks"]} >= {
        "marker_age", "primary_keys", "unconstrained_numerics", "validated_constraints",
        "duplicate_idempotency_keys", "fence", "sequence", "totals", "checksums",
        "replication_task", "replicated_table", "backups", "certificate", "tls_required",
    }  # fmt: skip
    assert (result["status"], result["resume"]) == ("pass", None)
    found = metrics()
    assert found["ValidationChecksFailed"] == found["ReconciliationDeltaMinorUnits"] == 0
    assert 0 <= found["ReplicaMarkerAgeSeconds"] < 60


@pytest.mark.usefixtures("cloud")
def test_validation_measures_what_is_wrong(databases, metrics, link):
    validation({"action": "marker"}, CONTEXT)
    link.caught_up()
    replica(databases.aurora, "update payments set amount = amount + 5")
    result = validation({"action": "validate"}, CONTEXT)

    found = metrics()
    assert result["status"] == "fail"
    assert found["ReconciliationDeltaMinorUnits"] == 150
    failed = [each for each in result["checks"] if each["status"] == "fail"]
    assert found["ValidationChecksFailed"] == len(failed) > 0


def test_only_what_is_proven_wrong_rings(metrics):
    money = {"delta_minor_units": 5}
    measure(
        Metrics({"Environment": "test"}),
        Verdict((
            Check("totals", Status.INCONCLUSIVE, evidence=money),
            Check("totals", Status.FAIL, evidence=money),
            Check("certificate", Status.FAIL, "warning", money),
        )),
    )  # fmt: skip

    assert metrics() == {
        "ValidationChecksFailed": 1, "ValidationChecksInconclusive": 1,
        "ReconciliationDeltaMinorUnits": 5,
    }  # fmt: skip


@pytest.mark.usefixtures("cloud")
def test_what_cannot_be_asked_is_inconclusive_and_keeps_nothing_else_from_it():
    def hang(**_):
        raise ReadTimeoutError(endpoint_url="https://rds.example")

    faults.everywhere("provide-client-params.rds", hang)
    checks = validation({"action": "validate"}, CONTEXT)["checks"]

    (backups,) = [each for each in checks if each["check"] == "backups"]
    assert (backups["status"], "timeout" in backups["evidence"]["error"]) == (
        "inconclusive", True
    )  # fmt: skip
    assert checks[-1]["check"] == "checksums"


@pytest.mark.usefixtures("cloud")
def test_a_validation_that_is_short_of_time_goes_on_where_it_was():
    hurried = SimpleNamespace(get_remaining_time_in_millis=lambda: 0)
    turns, event = [], {"action": "validate"}
    while len(turns) < 9 and (not turns or turns[-1]["resume"]):
        turns.append(validation(event, hurried))
        event = {"action": "validate", "resume": json.loads(json.dumps(turns[-1]["resume"]))}

    assert [turn["resume"] and turn["resume"]["table"] for turn in turns] == [
        "public.refunds", "public.idempotency_keys", None
    ]  # fmt: skip


@pytest.mark.usefixtures("cloud")
def test_validation_knows_two_actions():
    with pytest.raises(Exception, match="marker or validate, not tidy"):
        validation({"action": "tidy"}, CONTEXT)


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


def test_only_a_move_of_the_writer_is_given_up(cloud):
    cloud.control.change(cloud.control.read(), **WHO, step="shift.10")

    assert cutover({"action": "abort", **WHO}, CONTEXT)["status"] == "refused"


def test_without_a_way_back_for_the_data_the_writer_stays(cloud):
    cloud.describe("migration", reverse=None, reverse_replication="none")
    result = cutover({"action": "hand_back", **WHO}, CONTEXT)

    assert (result["status"], "nothing is replicated back" in result["detail"]) == ("refused", True)


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


@pytest.fixture
def secret(cloud, databases):  # noqa: ARG001 - a fixture takes no mark
    """A secret of the old database whose rotation is finished, and its login."""
    target = databases.onprem.target("payment_validation")
    login = Secret(target.host, target.port, target.user, SECRET, target.database)
    faults.everywhere(
        "after-call.secrets-manager.DescribeSecret",
        lambda parsed, **_: parsed.update(RotationEnabled=True),
    )
    client = boto3.client("secretsmanager")
    arn = client.create_secret(Name="rotated", SecretString=login.document())["ARN"]
    (version,) = client.describe_secret(SecretId=arn)["VersionIdsToStages"]
    return {"SecretId": arn, "ClientRequestToken": version, "Step": "createSecret"}, login


def test_a_rotation_that_is_finished_takes_no_step_more(secret):
    event, _ = secret

    assert rotation(event, CONTEXT) is None


def test_a_login_is_verified_against_the_authority_of_its_side(secret, monkeypatch):
    _, login = secret
    monkeypatch.setenv("RDS_CA_FILE", "/nowhere")
    with connect(login) as connection:
        shown = connection.execute("select ssl from pg_stat_ssl where pid = pg_backend_pid()")
        assert shown.fetchone() == (True,)

    boto3.client("ssm").delete_parameter(Name=f"{PATH}/on_premises")
    with pytest.raises(psycopg.OperationalError, match="/nowhere"):
        connect(login)
