"""Checks that ask AWS or a server alone, and what they make of odd answers."""

import datetime as dt
import socket
import threading
from dataclasses import replace

import pytest
import trustme
from botocore.stub import Stubber

from generator.errors import OperationError
from generator.ops import checks_aws, checks_servers, checks_sessions, tasks
from generator.ops.certificates import expiry
from generator.ops.clock import SystemClock, poll
from generator.ops.connections import connect
from generator.ops.control import Writer
from generator.ops.inventory import Database, Migration, Table, Task
from generator.ops.verdict import Check, Status, Verdict

FORWARD, REVERSE = (
    Task("arn:aws:dms:::task:to-aurora", "to"),
    Task("arn:aws:dms:::task:back", "back"),
)
TABLE = Table("public.payments", ("id",))


@pytest.fixture
def dms(aws):
    return aws("dms")


def task(status):
    return {"ReplicationTasks": [{"Status": status}] if status else []}


def statistics(**changes):
    usual = {"SchemaName": "public", "TableName": "payments", "TableState": "Table completed",
             "ValidationState": "Validated"}  # fmt: skip
    return {"TableStatistics": [usual | changes]}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "pass"),
        ({"TableState": "Full load", "ValidationState": "Not enabled"}, "inconclusive"),
        ({"ValidationState": "Pending records"}, "inconclusive"),
        ({"ValidationState": "Mismatched records"}, "fail"),
        ({"ValidationState": "Not enabled"}, "fail"),
        ({"TableState": "Table error"}, "fail"),
        ({"ValidationFailedRecords": 1}, "fail"),
        ({"ValidationSuspendedRecords": 1}, "fail"),
        ({"TableName": "refunds"}, "fail"),
    ],
)
def test_a_table_is_as_its_replication_says(dms, changes, status):
    with Stubber(dms) as stub:
        stub.add_response("describe_replication_tasks", task("running"))
        stub.add_response("describe_table_statistics", statistics(**changes))
        found = list(checks_aws.replication(dms, Migration(FORWARD, (TABLE,), 1, "none")))

    assert [(each.check, each.status) for each in found] == [
        ("replication_task", "pass"), ("replicated_table", status)
    ]  # fmt: skip


@pytest.mark.parametrize("status", ["stopped", "failed", None])
def test_both_tasks_run_where_both_are_armed(dms, status):
    armed = Migration(FORWARD, (), 1, "armed", REVERSE)
    with Stubber(dms) as stub:
        stub.add_response("describe_replication_tasks", task("running"))
        stub.add_response("describe_replication_tasks", task(status))
        stub.add_response("describe_table_statistics", statistics())
        found = list(checks_aws.replication(dms, armed))

    assert [(each.evidence["task"], each.status) for each in found] == [
        ("to", "pass"), ("back", "fail")
    ]  # fmt: skip


@pytest.mark.parametrize(("minutes", "status"), [(5, "pass"), (16, "fail"), (None, "inconclusive")])
def test_a_backup_is_no_older_than_a_quarter_of_an_hour(aws, clock, minutes, status):
    rds = aws("rds")
    age = None if minutes is None else dt.timedelta(minutes=minutes)
    cluster = {} if age is None else {"LatestRestorableTime": clock.now() - age}
    with Stubber(rds) as stub:
        stub.add_response("describe_db_clusters", {"DBClusters": [cluster]})
        (found,) = checks_aws.backups(rds, Database("payments", "host", 5432, "db", "arn"), clock)

    assert found.status == status


@pytest.mark.parametrize(
    ("before", "kind"), [("ready", "start-replication"), ("stopped", "resume-processing")]
)
def test_tasks_change_places(dms, clock, before, kind):
    with Stubber(dms) as stub:
        stub.add_response("describe_replication_tasks", task("running"))
        stub.add_response("stop_replication_task", {}, {"ReplicationTaskArn": FORWARD.arn})
        for status in ("stopping", "stopped", before):
            stub.add_response("describe_replication_tasks", task(status))
        stub.add_response(
            "start_replication_task",
            {},
            {"ReplicationTaskArn": REVERSE.arn, "StartReplicationTaskType": kind},
        )
        for status in ("starting", "running"):
            stub.add_response("describe_replication_tasks", task(status))
        tasks.turn(dms, FORWARD, REVERSE, clock)

    assert clock.slept == 10


def test_tasks_that_changed_places_stay_there(dms, clock):
    with Stubber(dms) as stub:
        for status in ("stopped", "stopped", "running", "running"):
            stub.add_response(
                "describe_replication_tasks",
                task(status),
            )
        tasks.turn(dms, FORWARD, REVERSE, clock)


def test_a_task_that_nobody_made_is_told(dms, clock):
    with Stubber(dms) as stub:
        stub.add_response("describe_replication_tasks", task(None))

        with pytest.raises(OperationError, match="there is no task to"):
            tasks.run(dms, FORWARD, clock)


def test_each_connection_is_tried_once_and_waited_for(dms, clock):
    ends = {"ReplicationInstanceArn": "instance"}
    one, other = (
        {"ReplicationTasks": [
            ends | {"SourceEndpointArn": "old", "TargetEndpointArn": target}
        ]} for target in ("new", "old")
    )  # fmt: skip
    with Stubber(dms) as stub:
        stub.add_response("describe_replication_tasks", one)
        stub.add_response("describe_replication_tasks", other)
        for end in ("new", "old"):
            stub.add_response("test_connection", {}, {**ends, "EndpointArn": end})
        for status in ("testing", "successful", "successful"):
            stub.add_response("describe_connections", {"Connections": [{"Status": status}]})
        connect(dms, (FORWARD, REVERSE), clock)

    assert clock.slept == 5


def test_a_connection_that_dms_does_not_know_of_yet_is_waited_for(dms, clock):
    ends = {"SourceEndpointArn": "old", "TargetEndpointArn": "old"}
    told = {"ReplicationTasks": [ends | {"ReplicationInstanceArn": "instance"}]}
    with Stubber(dms) as stub:
        stub.add_response("describe_replication_tasks", told)
        stub.add_response("test_connection", {})
        stub.add_response("describe_connections", {"Connections": []})
        stub.add_response("describe_connections", {"Connections": [{"Status": "successful"}]})
        connect(dms, (FORWARD,), clock)

    assert clock.slept == 5


@pytest.fixture
def operator(databases):
    with databases.onprem.connect("payment_operator") as connection:
        yield connection


def answers(connection, seconds=-1):
    found = checks_sessions.sessions(connection, "onprem", seconds)
    return {each.check: (each.status, each.evidence) for each in found}


def test_a_prepared_transaction_is_named_for_no_fence_ends_it(databases, operator):
    with databases.onprem.connect() as connection:
        connection.execute("begin")
        connection.execute(
            "insert into migration_control.marker values (gen_random_uuid(), 'onprem')"
        )
        connection.execute("prepare transaction 'left'")
    try:
        found = answers(operator)["prepared_transactions"]
    finally:
        databases.onprem.run("rollback prepared 'left'")

    assert found == ("fail", {"side": "onprem", "gids": ["left"]})
    assert answers(operator)["prepared_transactions"][0] == "pass"


def test_a_transaction_that_has_written_for_long_is_named(databases, operator):
    with databases.onprem.connect("payment_app") as connection:
        connection.execute("begin")
        connection.execute("select 1")
        assert answers(operator)["old_transactions"][0] == "pass"
        connection.execute("select pg_current_xact_id()")
        status, evidence = answers(operator)["old_transactions"]

        assert (status, evidence["hidden"]) == ("fail", 0)
        (named,) = evidence["open"]
        assert (named["pid"], named["user"]) == (connection.info.backend_pid, "payment_app")
        assert answers(operator, 300)["old_transactions"][0] == "pass"


def test_what_may_not_be_seen_proves_nothing(databases, operator):
    with databases.onprem.connect("payment_validation") as connection:
        assert operator.execute("select 1").fetchone() == (1,)
        status, evidence = answers(connection)["old_transactions"]

    assert (status, evidence["hidden"] > 0) == ("inconclusive", True)


def test_a_server_is_asked_what_it_shows_and_whom_it_turns_away(databases):
    found = list(
        checks_servers.servers(
            databases.aurora.target("payment_validation"), Writer.AURORA, SystemClock()
        )
    )

    assert {each.check: (each.status, each.severity) for each in found} == {
        "tls_required": ("pass", "error"), "certificate": ("pass", "warning")
    }  # fmt: skip


@pytest.mark.parametrize(
    ("days", "status", "severity"),
    [(31, "pass", "warning"), (20, "fail", "warning"), (5, "fail", "error")],
)
def test_a_certificate_that_ends_soon_is_told_before_it_is_urgent(
    databases, clock, days, status, severity
):
    target = databases.aurora.target("payment_validation")
    end = expiry(target.host, target.port, target.ca.read_text())
    clock.sleep((end - clock.now()).total_seconds() - days * 86400)
    *_, found = checks_servers.servers(target, Writer.AURORA, clock)

    assert (found.status, found.severity, found.evidence["days_left"]) == (status, severity, days)


def test_a_certificate_of_another_authority_is_none(databases):
    target = databases.aurora.target("payment_validation")
    pem = trustme.CA().cert_pem.bytes().decode()

    with pytest.raises(OperationError, match="CERTIFICATE_VERIFY_FAILED"):
        expiry(target.host, target.port, pem)


@pytest.fixture
def talker():
    """A server that answers whatever it is asked with one byte."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer():
            with listening.accept()[0] as connection:
                connection.recv(8)
                connection.sendall(b"N")

        thread = threading.Thread(target=answer)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


def test_a_server_without_tls_has_no_certificate(talker, databases):
    pem = databases.aurora.server.ca.read_text()

    with pytest.raises(OperationError, match="does not speak TLS"):
        expiry("127.0.0.1", talker, pem)


def test_a_server_that_cannot_be_reached_proves_nothing_of_tls(databases, clock):
    target = replace(databases.aurora.target("payment_validation"), host="unknown.invalid")
    first = next(checks_servers.servers(target, Writer.AURORA, clock))

    assert (first.check, first.status) == ("tls_required", "inconclusive")


def test_a_server_that_lets_clear_text_in_fails(databases, clock):
    target = databases.aurora.target("payment_validation")
    rules = databases.aurora.server.data / "pg_hba.conf"
    before = rules.read_text()
    try:
        rules.write_text("host all all 127.0.0.1/32 trust\n" + before)
        databases.aurora.run("select pg_reload_conf()")
        poll(
            lambda: databases.aurora.rows(
                "select count(*) from pg_hba_file_rules where type = 'host'"
            ) == [(1,)],
            SystemClock(), every=0.02, within=10, awaited="the new rules",
        )  # fmt: skip
        first = next(checks_servers.servers(target, Writer.AURORA, clock))
    finally:
        rules.write_text(before)
        databases.aurora.run("select pg_reload_conf()")

    assert first.status == "fail"


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ([], "inconclusive"),
        ([("pass", "error")], "pass"),
        ([("pass", "error"), ("fail", "warning")], "pass"),
        ([("fail", "warning")], "inconclusive"),
        ([("pass", "error"), ("inconclusive", "error")], "inconclusive"),
        ([("inconclusive", "error"), ("fail", "error")], "fail"),
    ],
)
def test_a_gate_opens_on_proof_alone(answers, status):
    checks = tuple(Check("any", Status(answer), severity) for answer, severity in answers)

    assert Verdict(checks).status == status
