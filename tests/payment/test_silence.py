"""A database that is not heard of any more: the client is told in time, and the function lives."""

import json
import socket
import time

import boto3
import pytest

from functions.payment.ledger import ANSWER_SECONDS, REQUEST_SECONDS
from functions.payment.settings import build
from generator.components.payment import PaymentSettings
from generator.ops.control import Writer
from generator.ops.postgres import KEPT_SECONDS, Database, connect
from postgres.silence import way

from .client import Client
from .test_writer import metrics, move, problem, said


@pytest.fixture
def link(databases):
    """The link to the old database, which can go silent."""
    with way(databases.onprem.server.port) as link:
        yield link


@pytest.fixture
def api(environment, link, log):
    """The API of an environment that migrates, behind the link."""
    service = build(environment | {"ONPREM_PORT": str(link.port)}, log)
    yield Client(service.answer)
    service.close()


def timed(ask):
    start = time.monotonic()
    answer = ask()
    return answer, time.monotonic() - start


def test_lambda_waits_for_longer_than_a_request_may_take():
    (shortest,) = [
        each.ge for each in PaymentSettings.model_fields["timeout_seconds"].metadata
        if hasattr(each, "ge")
    ]  # fmt: skip

    assert shortest > REQUEST_SECONDS


def test_a_payment_on_a_connection_that_went_silent_is_made_once_on_another(
    api, link, databases, log
):
    api.pay("before")
    link.silence()

    paid, seconds = timed(lambda: api.pay("key-1"))

    assert (paid.status, link.made) == (201, 2)
    assert seconds < ANSWER_SECONDS + 1
    assert api.pay("key-1").headers["Idempotent-Replayed"] == "true"
    assert databases.onprem.rows("select count(*) from payments") == [(2,)]
    assert metrics(log)["Errors"] == 0


def test_a_read_on_a_connection_that_went_silent_is_answered_on_another(api, link):
    path = f"/payments/{api.pay().body['id']}"
    link.silence()

    read, seconds = timed(lambda: api.get(path))

    assert (read.status, link.made) == (200, 2)
    assert seconds < ANSWER_SECONDS + 1


@pytest.mark.parametrize("ask", ["pay", "refund", "read", "list"])
def test_a_link_that_is_down_is_told_of_in_time(api, link, log, ask):
    path = f"/payments/{api.pay().body['id']}"
    link.silence(new_ones=True)

    answer, seconds = timed(
        {
            "pay": api.pay,
            "refund": lambda: api.post(f"{path}/refunds", {"amount": 1}),
            "read": lambda: api.get(path),
            "list": lambda: api.get("/payments", merchant="m-1"),
        }[ask]
    )

    assert problem(answer) == (503, "unavailable")
    assert seconds < REQUEST_SECONDS
    assert (metrics(log)["Errors"], metrics(log)["Fenced"]) == (1, 0)
    assert said(log)["error"] in {"ConnectionTimeout", "_WaitTimeout"}


def test_while_fenced_a_link_that_is_down_is_told_of_in_time(api, link, control, databases):
    api.pay()
    move(control, databases, Writer.FENCED, 2)
    api.pay()
    link.silence(new_ones=True)

    answer, seconds = timed(lambda: api.get("/payments", merchant="m-1"))

    assert problem(answer) == (503, "unavailable")
    assert seconds < REQUEST_SECONDS


def test_what_lay_idle_is_replaced_before_anybody_waits_for_it(databases):
    target = databases.onprem.target("payment_app")
    now = [1000.0]
    database = Database(lambda: connect(target, lambda: "a-password"), lambda: now[0])
    pids = []
    for seconds in (KEPT_SECONDS, KEPT_SECONDS + 1, 0):
        with database.connection() as connection:
            pids.append(connection.info.backend_pid)
        now[0] += seconds
    database.close()

    assert pids[0] == pids[1] != pids[2]


def test_a_password_that_nobody_gives_out_is_an_error_of_ours_that_passes(api, environment, log):
    secret = environment["ONPREM_SECRET_ARN"]
    boto3.client("secretsmanager").delete_secret(SecretId=secret)
    answers = [api.pay(), api.get("/payments", merchant="m-1"), api.get("/ready")]

    assert [problem(each) for each in answers[:2]] == [(503, "unavailable")] * 2
    assert answers[2].body["checks"] == {"database": "does not answer"}
    assert '"error":"InvalidRequestException"' in log.getvalue()
    assert metrics(log)["Errors"] == 2
    boto3.client("secretsmanager").restore_secret(SecretId=secret)
    assert api.pay().status == 201


@pytest.mark.parametrize("service", ["DYNAMODB", "SECRETS_MANAGER", "SSM"])
def test_a_part_of_aws_that_is_silent_is_told_of_in_time(environment, log, monkeypatch, service):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", f"http://127.0.0.1:{port}")
        built = build(environment, log)

        answer, seconds = timed(Client(built.answer).pay)

    assert problem(answer) == (503, "unavailable")
    assert said(log)["error"] == "ReadTimeoutError"
    assert seconds < REQUEST_SECONDS
    built.close()


def test_a_process_starts_while_ssm_does_not_answer(environment, log):
    """Its caller may ask for what needs no old database; and later, for the rest."""
    name = environment["ONPREM_CA_PARAMETER"]
    held = boto3.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    boto3.client("ssm").delete_parameter(Name=name)

    service = build(environment, log)
    api = Client(service.answer)
    assert api.get("/health").status == 200
    assert problem(api.pay()) == (503, "unavailable")
    boto3.client("ssm").put_parameter(Name=name, Type="String", Value=held)
    assert api.pay().status == 201
    service.close()


def test_the_authority_is_asked_for_once(environment, databases, log):
    service = build(environment, log)
    api = Client(service.answer)
    api.pay()
    boto3.client("ssm").delete_parameter(Name=environment["ONPREM_CA_PARAMETER"])
    databases.onprem.run(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'payment_app'"
    )

    assert api.pay().status == 201
    assert json.loads(api.get("/ready").text)["status"] == "ready"
    service.close()
