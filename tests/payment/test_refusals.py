"""What a client may send: whatever it is, the answer is the client's problem and quotes nothing."""

import base64
import json

import pytest

from .client import PAYMENT

CARD = "4111111111111111"
# What has broken others: quotes, comments, control characters, half of a character, other scripts.
HOSTILE = (
    "'; drop table payments; --", '" or 1=1 --', "$(reboot)", "%s%s%s", "{{7*7}}", "\x00",
    "\ud800", "\u202e", "\U0001d4b3" * 50, "a" * 10_000, "../../etc/passwd", "<script>",
    "\r\nSet-Cookie: a=b", "", "m-1\n",
)  # fmt: skip


def problem(answer):
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body["status"] == answer.status
    return answer.status, answer.body["type"].rpartition(":")[2]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", (400, "json")),
        ("{", (400, "json")),
        ("null", (422, "invalid")),
        ("[]", (422, "invalid")),
        ('"text"', (422, "invalid")),
        ("1" * 5000, (400, "json")),
        ("[" * 5000, (400, "json")),
        ("[" * 20 + "]" * 20, (400, "json")),
        ('{"amount": NaN}', (400, "json")),
        ('{"amount": 1, "amount": 2}', (400, "json")),
        ('{"amount": 1e400}', (422, "invalid")),
        ('{"a": "' + "x" * 20_000 + '"}', (413, "too-large")),
        ("\ud800", (400, "encoding")),
    ],
)  # fmt: skip
def test_a_body_that_is_no_payment_is_refused(api, body, expected):
    assert problem(api.post("/payments", body)) == expected


@pytest.mark.parametrize("data", [b"\xff\xfe{}", "{}".encode("utf-16"), b"\x80"])
def test_a_body_in_another_encoding_is_refused(api, data):
    event = {"body": base64.b64encode(data).decode(), "isBase64Encoded": True}

    assert problem(send(api, event)) == (400, "encoding")


def test_a_body_that_only_says_it_is_base64_is_refused(api):
    assert problem(send(api, {"body": "{not base64}", "isBase64Encoded": True})) == (
        400,
        "encoding",
    )


def send(api, changes):
    event = {
        "requestContext": {"elb": {"targetGroupArn": "arn"}},
        "httpMethod": "POST",
        "path": "/payments",
        "multiValueQueryStringParameters": {},
        "multiValueHeaders": {"content-type": ["application/json"], "idempotency-key": ["k"]},
        "isBase64Encoded": False,
    }
    return api.send(event | changes)


@pytest.mark.parametrize(
    "headers",
    [
        {"content_type": "text/plain"},
        {"content_type": "application/x-www-form-urlencoded"},
        {"content_type": "multipart/form-data; boundary=x"},
        {"content_type": ""},
        {"content_encoding": "gzip"},
    ],
)
def test_another_content_type_is_refused(api, headers):
    answer = api.post("/payments", PAYMENT, **headers)

    assert answer.status == 415


def test_a_body_that_is_missing_is_refused(api):
    assert problem(send(api, {})) == (400, "json")


@pytest.mark.parametrize("field", ["merchant", "currency", "payment_token", "reference"])
def test_hostile_text_in_any_field_is_refused(api, databases, field):
    assert {problem(api.pay(**{field: text}))[0] for text in HOSTILE} <= {400, 422}

    assert databases.onprem.rows("select count(*) from payments") == [(0,)]


@pytest.mark.parametrize("amount", [0, -1, 1.5, 0.0, "10", True, None, 10**12, 10**40, [1], {}])
def test_an_amount_is_a_whole_positive_number(api, amount):
    assert problem(api.pay(amount=amount))[0] == 422


def test_every_mistake_is_named_at_once(api):
    answer = api.post("/payments", {"amount": 0, "currency": "XXX", "more": 1})

    assert [mistake["place"] for mistake in answer.body["errors"]] == [
        "body.merchant", "body.amount", "body.currency", "body.payment_token", "body.more",
    ]  # fmt: skip


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 256, "a\nb"])
def test_a_key_is_required_and_plain(api, key):
    assert problem(api.post("/payments", PAYMENT, key, idempotency_key=key)) == (422, "invalid")


def test_a_write_without_a_key_is_refused(api):
    answer = api.request("POST", "/payments", PAYMENT, content_type="application/json")

    assert [mistake["place"] for mistake in answer.body["errors"]] == ["header.idempotency-key"]


@pytest.mark.parametrize(
    "query",
    [{}, {"merchant": ""}, {"merchant": "'--"}, {"merchant": "m", "limit": "0"},
     {"merchant": "m", "limit": "101"}, {"merchant": "m", "limit": "x"},
     {"merchant": "m", "after": "x"}, {"merchant": "\x00"}],
)  # fmt: skip
def test_a_query_that_makes_no_sense_is_refused(api, query):
    assert problem(api.get("/payments", **query)) == (422, "invalid")


@pytest.mark.parametrize(
    "path", ["//", "/payments/", "/payments/%00", "/payments/a/b/c", "", "/%ff"]
)
def test_a_path_that_leads_nowhere_is_not_found(api, path):
    assert problem(api.get(path)) == (404, "not-found")


@pytest.mark.parametrize(
    "shown",
    [CARD, "4111 1111 1111 1111", "4111-1111-1111-1111", "tok_" + CARD, "card:" + CARD + ";",
     "378282246310005", "6304000000000000", "pan" + CARD],
)  # fmt: skip
@pytest.mark.parametrize("place", ["payment_token", "reference", "unknown"])
def test_a_card_number_is_refused_wherever_it_is_and_never_repeated(api, log, place, shown):
    answer = api.pay(**{place: shown})

    assert problem(answer) == (422, "card-number")
    assert CARD not in answer.text + log.getvalue()


def test_a_card_number_is_found_in_numbers_names_keys_queries_and_paths(api, log):
    answers = [
        api.pay(amount=int(CARD)),
        api.pay(**{CARD: 1}),
        api.pay(reference=[{"deep": CARD}]),
        api.post("/payments", PAYMENT, CARD),
        api.get("/payments", merchant=CARD),
        api.get("/payments", **{CARD: "1"}),
        api.get(f"/payments/{CARD}"),
    ]

    assert {problem(answer) for answer in answers} == {(422, "card-number")}
    assert CARD not in "".join(answer.text for answer in answers) + log.getvalue()


@pytest.mark.parametrize(
    "reference", ["4111111111111112", "0b6c1f0e-1111-4111-8111-111111111111", "20261124"]
)
def test_what_only_resembles_a_card_number_is_accepted(api, reference):
    assert api.pay(reference=reference).status == 201


def test_identifiers_in_hexadecimal_are_not_taken_for_card_numbers(api):
    token = "tok_4111111111111111abcdef0123456789"

    assert api.pay(payment_token=token).status == 201


def test_a_log_says_what_happened_and_nothing_about_whom(api, log):
    api.pay("key-1", reference="order 77")
    api.get("/payments", merchant="m-1")

    said = log.getvalue()
    lines = [json.loads(line) for line in said.splitlines()]
    requests = [line for line in lines if line.get("message") == "request"]
    assert [(line["method"], line["route"], line["status"]) for line in requests] == [
        ("POST", "/payments", 201),
        ("GET", "/payments", 200),
    ]
    for private in ("tok_", "m-1", "order", "key-1", "1250", "203.0.113.7"):
        assert private not in said
