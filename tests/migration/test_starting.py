"""Replication begins, by the door of the function `cutover`."""

import pytest

from functions.cutover.handler import lambda_handler as cutover
from generator.ops.control import Writer
from migration.cloud import CONTEXT, FORWARD, REVERSE, WHO


@pytest.fixture
def still(cloud):
    """An environment where no task has run yet."""
    cloud.tasks |= {FORWARD["arn"]: "ready", REVERSE["arn"]: "ready"}
    return cloud


def replicate():
    result = cutover({"action": "replicate", **WHO}, CONTEXT)
    return result["status"], result.get("detail", "")


def running(cloud):
    return [arn for arn, status in cloud.tasks.items() if status == "running"]


def test_the_way_there_begins_once_every_connection_stands(still):
    assert replicate() == ("done", "")
    assert running(still) == [FORWARD["arn"]]
    assert still.connections.keys() == {
        "onprem-source", "aurora-target", "aurora-source", "onprem-target"
    }  # fmt: skip
    assert replicate() == ("done", "")
    assert still.calls == ["start-replication"]


def test_where_aurora_writes_the_way_back_goes_on(still):
    still.control.change(still.control.read(), **WHO, writer=Writer.AURORA)

    assert replicate() == ("done", "")
    assert running(still) == [REVERSE["arn"]]


def test_the_way_back_is_armed_only_once_every_table_is_loaded(still):
    still.arm(reverse="ready")
    still.tables["public.refunds"] = ("Full load", "Not enabled")
    status, detail = replicate()

    assert (status, running(still)) == ("inconclusive", [FORWARD["arn"]])
    assert detail == "to runs; public.refunds: not loaded yet; repeat when they are"
    still.tables.clear()
    assert replicate() == ("done", "")
    assert running(still) == [FORWARD["arn"], REVERSE["arn"]]


def test_without_a_way_back_there_is_one_task(still):
    still.describe("migration", reverse=None, reverse_replication="none")

    assert replicate() == ("done", "")
    assert running(still) == [FORWARD["arn"]]


def test_no_task_starts_where_a_database_is_not_reached(still):
    still.connections["aurora-target"] = "failed"

    assert replicate() == ("refused", "no connection to aurora-target: no route")
    assert running(still) == []


def test_no_task_starts_while_the_writer_moves(still):
    still.control.change(still.control.read(), **WHO, writer=Writer.FENCED, step="cutover.close")

    assert replicate() == ("refused", "cutover.close is under way; finish or abort it first")


@pytest.mark.usefixtures("still")
def test_no_task_starts_into_a_table_without_a_fence(databases):
    databases.aurora.run("drop trigger writers_only on refunds")

    assert replicate() == ("refused", "aurora: no fence on public.refunds; apply schema first")


def test_no_task_starts_as_a_user_that_fires_triggers(still, databases):
    databases.onprem.run("create role dms_source_clone")
    try:
        status, detail = replicate()
    finally:
        databases.onprem.run("drop role dms_source_clone")

    assert (status, running(still)) == ("refused", [])
    assert "onprem: dms_source_clone would fire triggers" in detail
