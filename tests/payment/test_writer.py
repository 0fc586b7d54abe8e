"""Where a write goes, and what happens while it may go nowhere."""

import json

import boto3
import psycopg
import pytest
from botocore.exceptions import EndpointConnectionError

from functions.payment.ledger import NEEDS_SCHEMA, Ledger, Request
from functions.payment.problems import Problem
from functions.payment.settings import build
from functions.payment.writer import Always, Controlled
from functions.schema.migrations import known
from generator.ops.control import CACHE_SECONDS, FENCE_SECONDS, Writer
from generator.ops.postgres import Database

from .client import Client
from .conftest import TABLE


def metrics(log):
    """Return the sums of every metric that was written, by name."""
    sums = {}
    for line in log.getvalue().splitlines():
        said = json.loads(line)
        for directive in said.get("_aws", {}).get("CloudWatchMetrics", []):
            assert directive["Namespace"] == "Payment/Migration"
            assert directive["Dimensions"] == [["Environment", "Side"]]
            assert (said["Environment"], said["Side"]) == ("prod", "aws")
            for metric in directive["Metrics"]:
                sums[metric["Name"]] = sums.get(metric["Name"], 0) + sum(said[metric["Name"]])
                fast = metric["Name"] in ("Requests", "Errors", "Latency", "Fenced")
                assert metric.get("StorageResolution") == (1 if fast else None)
    sums.pop("Latency", None)
    return sums


def move(control, databases, writer, epoch):
    """Let the writer be another, as a cutover does: closed here, then said, then open there."""
    for side in ("onprem", "aurora"):
        getattr(databases, side).run("select migration_control.close_writes(%s)", epoch)
    control.change(control.read(), actor="test", reason="move", writer=writer, epoch=epoch)
    if writer is not Writer.FENCED:
        getattr(databases, writer.value).run("select migration_control.open_writes(%s)", epoch)


def test_a_fence_outlasts_what_a_process_may_remember():
    assert CACHE_SECONDS < FENCE_SECONDS


def test_while_fenced_writes_wait_and_reads_go_on(api, control, databases, log):
    made = api.pay().body
    move(control, databases, Writer.FENCED, 2)

    paid, read = api.pay(), api.get(f"/payments/{made['id']}")

    assert (paid.status, paid.headers["Retry-After"]) == (503, "5")
    assert paid.body["type"] == "urn:payments:problem:fenced"
    assert (read.status, read.body["id"]) == (200, made["id"])
    said = metrics(log)
    assert said == {
        "Requests": 3, "Errors": 0, "Fenced": 1, "PaymentsAccepted": 1, "WritesToOnprem": 1,
    }  # fmt: skip


def test_while_fenced_nobody_says_that_a_payment_does_not_exist(api, control, databases):
    move(control, databases, Writer.FENCED, 2)
    api.pay()

    answer = api.get("/payments/0198c5a0-0000-7000-8000-000000000000")

    assert answer.body["type"] == "urn:payments:problem:fenced"


def test_while_fenced_reads_find_the_side_that_lets_them_in(api, control, databases):
    made = api.pay().body
    move(control, databases, Writer.FENCED, 2)
    databases.onprem.run("alter role payment_app nologin")
    try:
        databases.onprem.run(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'payment_app'"
        )
        answer = api.get("/payments", merchant="m-1")
    finally:
        databases.onprem.run("alter role payment_app login")

    assert (answer.status, answer.body["items"], made["status"]) == (200, [], "accepted")


def test_a_process_that_has_not_heard_of_the_move_writes_where_the_writer_is(
    api, control, databases
):
    api.pay("before")
    move(control, databases, Writer.AURORA, 2)

    assert api.pay("after").status == 201
    assert databases.aurora.rows("select writer_epoch from payments") == [(2,)]


def test_a_process_of_an_older_epoch_does_not_write_to_the_side_it_knows(api, control, databases):
    api.pay("before")
    move(control, databases, Writer.ONPREM, 3)

    assert api.pay("after").status == 201
    assert databases.onprem.rows("select writer_epoch from payments order by id") == [(1,), (3,)]


@pytest.mark.parametrize(
    ("statement", "state"),
    [
        ("select migration_control.close_writes(1)", "TW001"),
        ("select migration_control.open_writes(2)", "TW002"),
    ],
)
def test_a_database_that_goes_on_refusing_whom_the_table_names_is_an_error(
    api, databases, log, statement, state
):
    databases.onprem.run(statement)

    assert problem(api.pay()) == (503, "unavailable")
    assert (metrics(log)["Errors"], metrics(log)["Fenced"]) == (1, 0)
    assert said(log)["sqlstate"] == state
    assert api.get("/ready").body["checks"]["writer"] == "the database says otherwise"


def said(log):
    """Return what was said last of a request."""
    return [json.loads(each) for each in log.getvalue().splitlines() if '"request"' in each][-1]


def test_without_a_control_state_nobody_writes(api, control, log):  # noqa: ARG001 - has to be there
    state = {"id": {"S": "state"}, "at": {"S": "-"}}
    boto3.client("dynamodb").delete_item(TableName=TABLE, Key=state)

    assert problem(api.pay()) == (503, "unavailable")
    assert said(log)["error"] == "AbsentError"


def test_a_writer_that_nobody_can_name_is_an_error_and_no_fence(api, log):
    boto3.client("dynamodb").delete_table(TableName=TABLE)

    paid, ready = api.pay(), api.get("/ready")

    assert (problem(paid), paid.headers["Retry-After"]) == ((503, "unavailable"), "5")
    assert '"error":"ResourceNotFoundException"' in log.getvalue()
    assert metrics(log) == {"Requests": 1, "Errors": 1, "Fenced": 0, "PaymentsFailed": 1}
    assert (ready.status, ready.body["writer"]) == (503, "unknown")
    assert ready.body["checks"]["writer"] == "cannot be told"


def test_while_nobody_can_name_the_writer_reads_go_on(api, environment, databases):
    made = api.pay().body
    boto3.client("dynamodb").delete_table(TableName=TABLE)
    databases.onprem.run("select migration_control.close_writes(1)")  # so that it asks again

    refused, read = api.pay(), api.get(f"/payments/{made['id']}")

    assert (problem(refused), read.status) == ((503, "unavailable"), 200)
    # Who never knew the writer reads what there is, and takes no silence for an answer.
    service = build(environment)
    untold = Client(service.answer)
    assert untold.get("/payments", merchant="m-1").status == 200
    assert problem(untold.get(f"/payments/{made['id']}")) == (503, "unavailable")
    service.close()


class Table:
    """A control table that does not answer for a while."""

    def __init__(self, control):
        self.control = control
        self.down = False
        self.asked = 0

    def read(self):
        self.asked += 1
        if self.down:
            raise EndpointConnectionError(endpoint_url="dynamodb")
        return self.control.read()


def test_the_writer_is_remembered_for_a_moment_and_no_longer(control):
    table, now = Table(control), [100.0]
    writer = Controlled(table, lambda: now[0])

    assert [writer.current().side for _ in range(3)] == [Writer.ONPREM] * 3
    assert table.asked == 1
    table.down = True
    now[0] += CACHE_SECONDS
    assert (writer.current().side, writer.current().name) == (None, "unknown")
    table.down = False
    writer.forget()
    assert writer.current().side is Writer.ONPREM


def test_a_connection_that_broke_is_replaced_and_the_payment_made_once(api, databases):
    api.pay()
    kill = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'payment_app'"
    databases.onprem.run(kill)
    assert api.pay("key-1").status == 201
    databases.onprem.run(kill)

    assert api.get("/payments", merchant="m-1").status == 200
    assert databases.onprem.rows("select count(*) from payments") == [(2,)]


def test_a_failover_that_left_a_reader_behind_is_noticed(api, databases):
    api.pay()
    name = databases.onprem.name
    databases.onprem.run(f"alter database {name} set default_transaction_read_only = on")
    databases.onprem.run(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'payment_app'"
    )

    assert problem(api.pay()) == (503, "unavailable")
    databases.onprem.run(f"set transaction_read_only = off; alter database {name} reset all")
    assert api.pay().status == 201


def problem(answer):
    return answer.status, answer.body["type"].rpartition(":")[2]


def test_a_database_that_is_gone_is_our_error_and_the_fence_is_not(api, databases, log):
    databases.onprem.server.stop()
    try:
        paid, read, ready = api.pay(), api.get("/payments", merchant="m-1"), api.get("/ready")
    finally:
        databases.onprem.server.start()

    assert [problem(paid), problem(read)] == [(503, "unavailable")] * 2
    assert paid.headers["Retry-After"] == "5"
    assert (ready.status, ready.body["checks"]) == (503, {"database": "does not answer"})
    said = metrics(log)
    assert said == {"Requests": 2, "Errors": 2, "Fenced": 0, "PaymentsFailed": 1}


def test_a_lock_that_another_holds_is_not_waited_for_for_ever(api, databases):
    with databases.onprem.connect() as other:
        other.autocommit = False
        other.execute("lock table payments")

        assert problem(api.pay()) == (503, "unavailable")
        assert problem(api.get("/payments", merchant="m-1")) == (503, "unavailable")
        other.rollback()


def test_a_bug_is_recorded_without_the_row_that_it_met(api, databases, log):
    databases.onprem.run("alter table payments add check (amount <> 13)")

    answer = api.pay(amount=13)

    assert problem(answer) == (500, "internal")
    said = log.getvalue()
    (line,) = [json.loads(each) for each in said.splitlines() if '"request"' in each]
    assert (line["level"], line["error"], line["sqlstate"]) == ("ERROR", "CheckViolation", "23514")
    assert any(frame.startswith("ledger.py:") for frame in line["frames"])
    assert "tok_" not in said


def test_a_bug_in_a_read_is_recorded_too(api, databases, log):
    databases.onprem.run("alter table payments rename to other")

    assert problem(api.get("/payments", merchant="m-1")) == (500, "internal")
    assert '"sqlstate":"42P01"' in log.getvalue()


def test_ready_says_what_a_write_would_need(api, control, databases):
    good = api.get("/ready")
    databases.onprem.run("select migration_control.close_writes(1)")
    closed = api.get("/ready")
    move(control, databases, Writer.FENCED, 2)
    databases.onprem.run("delete from migration_control.migrations where version > 1")

    assert (good.status, good.body) == (200, {
        "status": "ready", "writer": "onprem",
        "checks": {"database": "ok", "tls": "ok", "schema": "ok", "writer": "ok"},
    })  # fmt: skip
    assert (closed.status, closed.body["checks"]["writer"]) == (503, "the database says otherwise")
    assert api.get("/ready").body["checks"]["schema"] == f"is 1, not {NEEDS_SCHEMA}"


def test_a_fence_is_ready_so_that_the_probe_takes_nothing_back(api, control, databases):
    move(control, databases, Writer.FENCED, 2)
    fenced = api.get("/ready")

    assert (fenced.status, fenced.body["writer"]) == (200, "fenced")


def test_the_api_knows_the_newest_schema():
    assert known()[-1].version == NEEDS_SCHEMA


def test_a_write_gives_up_before_the_function_does():
    """Three attempts of three seconds each would outlive the ten that the function has."""
    ticks = iter([0.0, 0.0, 60.0])
    tries = []

    def refuse(*_):
        tries.append(1)
        raise psycopg.OperationalError

    ledger = Ledger({Writer.AURORA: Database(refuse)}, Always(), lambda: next(ticks))

    with pytest.raises(Problem, match="unavailable"):
        ledger.pay(Request("k", "d", 201, "{}", None), ())
    assert len(tries) == 1


def test_a_replay_and_a_mismatch_are_counted_apart(api, log):
    api.pay("key-1")
    api.pay("key-1")
    api.pay("key-1", amount=1)
    api.get("/health")

    assert metrics(log) == {
        "Requests": 3, "Errors": 0, "Fenced": 0, "PaymentsAccepted": 1, "WritesToOnprem": 1,
        "IdempotentReplay": 1, "DuplicateDetected": 1,
    }  # fmt: skip


def test_a_payment_takes_at_most_three_round_trips(environment, tmp_path):
    """Counted in the protocol: a client waits for an answer after a Sync or a simple Query."""
    service = build(environment)
    api = Client(service.answer)
    path = f"/payments/{api.pay().body['id']}"
    trips = {}
    database = service.ledger.databases[Writer.ONPREM]
    for name, ask in {
        "pay": api.pay,
        "refund": lambda: api.post(f"{path}/refunds", {"amount": 1}),
        "read": lambda: api.get(path),
        "list": lambda: api.get("/payments", merchant="m-1"),
    }.items():
        with database.connection() as connection, (tmp_path / name).open("wb") as file:
            connection.pgconn.trace(file.fileno())
            assert ask().status < 300
            connection.pgconn.untrace()
        lines = (tmp_path / name).read_text().splitlines()
        trips[name] = sum(line.split("\t")[3] in ("Sync", "Query") for line in lines)
    service.close()

    assert trips == {"pay": 1, "refund": 2, "read": 1, "list": 1}
    assert max(trips.values()) <= 3
