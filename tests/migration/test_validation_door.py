"""The function `validation` as it is called: descriptions, state and databases behind it real."""

import json
from types import SimpleNamespace

import pytest
from botocore.exceptions import ReadTimeoutError

from functions.validation.handler import lambda_handler as validation
from functions.validation.measures import measure
from generator.ops.metrics import Metrics
from generator.ops.verdict import Check, Status, Verdict
from migration import faults
from migration.cloud import CONTEXT
from migration.rows import replica


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
