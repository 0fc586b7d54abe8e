"""The API against the OpenAPI document that it serves, over HTTP."""

import json
import subprocess
import sys
import threading
import urllib.request

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from functions.payment.local import server
from functions.payment.settings import build

from .client import PAYMENT

EXAMPLES = 60
HANDLED = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large)


@pytest.fixture
def url(environment, log):
    """The address of the API, served as `python -m functions.payment` does."""
    service = build(environment, log)
    with server(service.answer, 0) as here:
        thread = threading.Thread(target=here.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{here.server_port}"
        here.shutdown()
        thread.join()
    service.close()


@pytest.fixture
def contract(url):
    return schemathesis.openapi.from_url(f"{url}/openapi.json")


schema = schemathesis.pytest.from_fixture("contract")


@pytest.mark.slow
@schema.parametrize()
@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
    suppress_health_check=HANDLED, phases=[Phase.explicit, Phase.generate],
)  # fmt: skip
def test_the_api_keeps_its_contract_whatever_is_sent(case):
    answer = case.call()
    # What no schema can say: a key is used once, and a card number is no reference.
    refused = any(kind in answer.text for kind in (":key-reused", ":card-number"))
    case.validate_response(answer, excluded_checks=[positive_data_acceptance] if refused else None)


def test_the_document_names_every_route(url):
    with urllib.request.urlopen(f"{url}/openapi.json") as answer:
        document = json.load(answer)

    assert {
        (method, path) for path, item in document["paths"].items() for method in item
    } == {
        ("post", "/payments"), ("get", "/payments"), ("get", "/payments/{payment_id}"),
        ("post", "/payments/{payment_id}/refunds"),
        ("get", "/health"), ("get", "/ready"), ("get", "/openapi.json"),
    }  # fmt: skip


def test_a_payment_is_made_over_http(url):
    request = urllib.request.Request(
        f"{url}/payments",
        json.dumps(PAYMENT).encode(),
        {"Content-Type": "application/json", "Idempotency-Key": "key-1"},
    )

    with urllib.request.urlopen(request) as answer:
        paid = json.load(answer)
    with urllib.request.urlopen(f"{url}/payments?merchant=m-1&limit=1") as answer:
        listed = json.load(answer)

    assert [item["id"] for item in listed["items"]] == [paid["id"]]


def test_a_head_of_something_is_answered_without_a_body(url):
    request = urllib.request.Request(f"{url}/health", method="HEAD")

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    with refused.value as answer:
        assert (answer.status, answer.headers["Allow"], answer.read()) == (405, "GET", b"")


def test_the_program_serves_and_says_where(environment):
    environment = {
        name: value
        for name, value in environment.items()
        if not name.startswith(("CONTROL", "ONPREM"))
    }
    command = [sys.executable, "-m", "functions.payment", "0"]
    keys = {
        "AWS_DEFAULT_REGION": "us-east-2",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }
    with subprocess.Popen(command, env=environment | keys, stderr=subprocess.PIPE, text=True) as it:
        try:
            where = it.stderr.readline().strip()
            with urllib.request.urlopen(f"{where}/health") as answer:
                assert json.load(answer) == {"status": "ok"}
        finally:
            it.terminate()
