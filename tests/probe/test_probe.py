"""The probe: what it takes for ready, what for wrong, and that it says so at once."""

import datetime as dt
import json
import socket
import ssl
import time
from types import SimpleNamespace

import pytest
import trustme

from functions.probe import handler
from functions.probe.entrance import Entrance
from functions.probe.watch import PAUSE, watch
from generator.components import probe
from generator.errors import OperationError
from migration.clocks import Clock
from probe.server import OK, SILENCE, entrance

NAME = "api.payments.example.com"


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def trust(authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture(scope="module")
def certificate(authority):
    return authority.issue_cert(NAME)


def asked(port, trust, **changes):
    return Entrance("127.0.0.1", NAME, port, **changes).ask(0, trust)


def test_what_answers_200_under_its_name_is_ready(certificate, trust):
    with entrance(certificate) as (port, requests):
        assert asked(port, trust) is None

    head = requests[0].split("\r\n")
    assert head[0] == "GET /ready HTTP/1.1"
    # Of no host header another site would answer, and of no agent the web ACL.
    assert {f"Host: {NAME}", "User-Agent: tapgen-probe"} <= set(head)


@pytest.mark.parametrize("status", ["500 Internal Server Error", "503 Service Unavailable"])
def test_what_answers_with_an_error_is_not_ready(certificate, trust, status):
    with entrance(certificate, f"HTTP/1.1 {status}\r\n\r\n".encode()) as (port, _):
        assert asked(port, trust) == f"answered HTTP/1.1 {status}"


def test_fence_is_no_error(certificate, trust):
    body = b'{"status": "ready", "checks": {}, "writer": "fenced"}'
    with entrance(certificate, OK[:-2] + b"\r\n" + body) as (port, _):
        assert asked(port, trust) is None


@pytest.mark.parametrize("tls", [True, False], ids=["after the request", "before TLS"])
def test_what_hangs_is_given_up_in_time(certificate, trust, tls):
    begun = time.monotonic()
    with entrance(certificate, SILENCE, tls=tls) as (port, _):
        assert "timed out" in asked(port, trust, patience=0.5)
        assert time.monotonic() - begun < 2


def test_what_answers_byte_by_byte_has_no_more_time(certificate, trust):
    with entrance(certificate, *[b"H"] * 40) as (port, _):
        assert asked(port, trust, patience=0.5).startswith("TimeoutError")


def test_without_any_time_nothing_is_asked(certificate, trust):
    with entrance(certificate) as (port, requests):
        assert asked(port, trust, patience=0) == "TimeoutError: there was no answer in time"
    assert requests == []


def test_what_hangs_up_is_not_ready(certificate, trust):
    with entrance(certificate, b"HTTP/1.1") as (port, _):
        assert asked(port, trust) == "answered HTTP/1.1"


def test_what_refuses_is_not_ready(trust):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    assert asked(port, trust).startswith("ConnectionRefusedError")


def test_name_that_leads_nowhere_is_not_ready(trust):
    assert Entrance("nowhere.invalid", NAME).ask(0, trust).startswith("gaierror")


def test_another_name_is_not_ready(authority, trust):
    with entrance(authority.issue_cert("other.example.com")) as (port, _):
        assert "CERTIFICATE_VERIFY_FAILED" in asked(port, trust)


def test_another_authority_is_not_ready(trust):
    with entrance(trustme.CA().issue_cert(NAME)) as (port, _):
        assert "CERTIFICATE_VERIFY_FAILED" in asked(port, trust)


def test_turns_go_round_the_addresses(trust, certificate):
    with entrance(certificate) as (one, first), entrance(certificate) as (other, second):
        addresses = [(0, 0, 0, "", ("127.0.0.1", port)) for port in (one, other)]
        here = Entrance("balancer", NAME, resolve=lambda *_, **__: addresses)

        assert [here.ask(turn, trust) for turn in range(3)] == [None] * 3
        assert (len(first), len(second)) == (2, 1)


def test_run_asks_at_its_pace_until_its_time_is_over():
    clock, turns = Clock(), []

    def ask(turn):
        turns.append((turn, clock.slept))
        clock.sleep(1)
        return "wrong" if turn == 2 else None

    told = []
    failed = watch(ask, told.append, clock, clock.now() + dt.timedelta(seconds=20))

    assert turns == [(0, 0), (1, 5), (2, 10), (3, 15)]
    assert (told, failed) == ([None, None, "wrong", None], 1)


def test_slow_answers_are_not_made_up_for():
    clock, begun = Clock(), []

    def ask(_):
        begun.append(clock.slept)
        clock.sleep(12 if len(begun) == 1 else 0)

    watch(ask, lambda _: None, clock, clock.now() + dt.timedelta(seconds=20))

    assert begun == [0, 12, 17]


@pytest.fixture
def door(monkeypatch, authority, tmp_path):
    """Return what calls the function with so many seconds left, of an entrance at a port."""

    def call(port, left, event=None):
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        for name, value in {
            "SSL_CERT_FILE": tmp_path / "ca.pem", "ENVIRONMENT": "test", "PROBE_HOST": "127.0.0.1",
            "PROBE_NAME": NAME, "PROBE_PORT": port,
        }.items():  # fmt: skip
            monkeypatch.setenv(name, str(value))
        context = SimpleNamespace(get_remaining_time_in_millis=lambda: left * 1000)
        return handler.lambda_handler(event or {"action": "probe"}, context)

    return call


def test_every_answer_is_a_metric_by_the_second(door, certificate, capsys, caplog):
    with entrance(certificate) as (port, _):
        assert door(port, 5) == {"failed": 0}
    with entrance(certificate, b"HTTP/1.1 503 Unavailable\r\n\r\n") as (port, _):
        assert door(port, 5) == {"failed": 1}

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    metrics = [line for line in lines if "_aws" in line]
    assert [(m["Environment"], m["Probes"], m["ProbesFailed"]) for m in metrics] == [
        ("test", [1.0], [0.0]), ("test", [1.0], [1.0])
    ]  # fmt: skip
    (declared,) = metrics[0]["_aws"]["CloudWatchMetrics"]
    assert declared["Dimensions"] == [["Environment"]]
    assert {each["StorageResolution"] for each in declared["Metrics"]} == {1}
    assert [record.wrong for record in caplog.records] == ["answered HTTP/1.1 503 Unavailable"]


def test_probe_knows_one_action(door):
    with pytest.raises(OperationError, match="the action is probe, not tidy"):
        door(1, 5, {"action": "tidy"})


def test_runs_are_as_long_as_the_budget_counts_on():
    shortest = probe.ProbeFunction.model_fields["timeout_seconds"].default
    asking = shortest - handler.SPARE.total_seconds()

    assert handler.SPARE.total_seconds() == probe.SPARE_SECONDS
    assert PAUSE.total_seconds() == probe.PAUSE_SECONDS
    assert Entrance("", "").patience == probe.ANSWER_SECONDS < probe.SPARE_SECONDS
    # The clock calls once in each minute, at any second: two calls are less than two apart.
    assert asking >= 2 * 60 + probe.START_SECONDS
