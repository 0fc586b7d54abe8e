"""The small parts of the function, and its door."""

import importlib
import json
import random
import runpy
import uuid
from dataclasses import replace
from urllib.parse import parse_qsl

import boto3
import psycopg
import pytest
import trustme
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import NoCredentialsError
from botocore.session import get_session

from functions.payment import handler, local
from functions.payment.cards import holds_card
from functions.payment.currencies import CURRENCIES
from functions.payment.identifiers import uuid7
from generator.ops import credentials
from generator.ops.metrics import Metrics
from generator.ops.postgres import Database, Limits, authority, connect, lost

from .client import recorded
from .conftest import settings


def test_identifiers_sort_by_their_time_and_are_of_version_7():
    made = [uuid7(lambda at=at: int(at * 1_000_000)) for at in (1, 1.001, 2, 10**12)]

    assert made == sorted(made)
    assert {(each.version, each.variant) for each in made} == {(7, uuid.RFC_4122)}
    assert len({uuid7() for _ in range(1000)}) == 1000


def test_currencies_are_codes_of_three_letters():
    assert {"EUR", "USD", "JPY"} < CURRENCIES
    assert all(len(code) == 3 and code.isupper() for code in CURRENCIES)


def test_random_identifiers_are_not_taken_for_cards():
    chance = random.Random(3)
    made = [uuid.UUID(int=chance.getrandbits(128), version=4) for _ in range(20_000)]

    assert not any(holds_card(str(each)) or holds_card(f"tok_{each.hex}") for each in made)


@pytest.mark.parametrize("value", [None, True, [], {}, [None, {"a": [1.5]}], "", "x" * 50])
def test_what_holds_no_digits_holds_no_card(value):
    assert not holds_card(value)


def test_the_door_answers_an_event(aws, databases, monkeypatch):  # noqa: ARG001 - has to be there
    for name, value in settings(databases).items():
        monkeypatch.setenv(name, value)
    # As in Lambda, where the service is built before the first event.
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "payments-prod-payment")
    importlib.reload(handler)

    answer = handler.lambda_handler(recorded("health_check"), LambdaContext())

    assert handler.service.cache_info().misses == 1
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"status": "ok"})
    handler.service.cache_clear()


def test_the_program_serves_on_the_port_that_it_is_told(monkeypatch, capsys):
    served = []

    class Here:
        server_port = 1234

        def __init__(self, _handler, port):
            self.port = port

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def serve_forever(self):
            served.append(self.port)

    monkeypatch.setattr(local, "server", Here)
    for arguments in ([], ["9000"]):
        monkeypatch.setattr("sys.argv", ["payment", *arguments])
        runpy.run_module("functions.payment", run_name="__main__")

    assert served == [8080, 9000]
    assert capsys.readouterr().err == "http://127.0.0.1:1234\n" * 2


def test_only_methods_of_http_are_served():
    with local.server(lambda *_: {}, 0) as here:
        door = here.RequestHandlerClass.__new__(here.RequestHandlerClass)

    with pytest.raises(AttributeError):
        _ = door.nothing


def test_a_token_is_signed_for_its_server(aws, databases):  # noqa: ARG001 - has to be there
    target = databases.aurora.target("payment_app")

    theirs = boto3.client("rds").generate_db_auth_token("localhost", target.port, "payment_app")

    ours = credentials.token(get_session(), target)()

    # The same but for the second in which it was signed, where that passed in between.
    where, _, what = theirs.partition("?")
    assert ours.startswith(f"{where}?")
    names = {name: value for name, value in parse_qsl(what) if "Date" not in name}
    mine = {name: value for name, value in parse_qsl(ours.partition("?")[2]) if name in names}
    names.pop("X-Amz-Signature"), mine.pop("X-Amz-Signature")
    assert mine == names


def test_without_credentials_there_is_no_token(monkeypatch, databases, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    with pytest.raises(NoCredentialsError):
        credentials.token(get_session(), databases.aurora.target("payment_app"))()


def test_metrics_of_nothing_are_not_written(log):
    metrics = Metrics({"Environment": "prod"}, log)
    metrics.flush()
    assert log.getvalue() == ""

    metrics.seconds("RollbackDurationSeconds", 12)
    metrics.flush()
    said = json.loads(log.getvalue())
    (directive,) = said["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["Environment"]]
    assert (said["RollbackDurationSeconds"], directive["Metrics"][0]["Unit"]) == ([12.0], "Seconds")


def test_a_certificate_of_another_authority_is_refused(databases, tmp_path):
    stranger = authority(trustme.CA().cert_pem.bytes().decode(), tmp_path)
    target = replace(databases.onprem.target("payment_app"), ca=stranger)

    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        connect(target, lambda: "a-password")


def test_limits_hold_in_the_session_and_may_be_lifted(databases):
    target = databases.onprem.target("payment_app")
    for limits, shown in (
        (None, ("5s", "3s", "10s")),
        (Limits(statement=None, lock=1.5, idle=None), ("0", "1500ms", "0")),
    ):
        with connect(target, lambda: "a-password", limits) as connection:
            assert (
                tuple(
                    connection.execute(f"show {name}").fetchone()[0]
                    for name in (
                        "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"
                    )
                )
                == shown
            )  # fmt: skip


def test_a_connection_is_kept_until_it_breaks(databases):
    asked = []
    target = databases.onprem.target("payment_app")
    database = Database(lambda: connect(target, lambda: asked.append(1) or "a-password"))
    for _ in range(2):
        with database.connection() as connection:
            connection.execute("select 1")
    with pytest.raises(psycopg.errors.DivisionByZero), database.connection() as connection:
        connection.execute("select 1 / 0")
    assert len(asked) == 1

    with pytest.raises(psycopg.OperationalError), database.connection() as connection:
        connection.execute("select pg_terminate_backend(pg_backend_pid())")
    with database.connection() as connection:
        connection.execute("select 1")
    assert len(asked) == 2
    database.close()
    database.close()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (psycopg.OperationalError(), True),
        (psycopg.InterfaceError(), False),
        (psycopg.errors.AdminShutdown(), True),
        (psycopg.errors.ReadOnlySqlTransaction(), True),
        (psycopg.errors.ConnectionFailure(), True),
        (psycopg.errors.InvalidPassword(), True),
        (psycopg.errors.QueryCanceled(), False),
        (psycopg.errors.UniqueViolation(), False),
    ],
)
def test_an_error_is_told_from_a_lost_connection(error, expected):
    assert lost(error) is expected
