"""What the API does for those who ask it properly."""

import pytest

from .client import PAYMENT, recorded


def test_a_payment_is_written_where_the_writer_is(api, databases):
    answer = api.send(recorded("post_payment"))

    assert answer.status == 201
    assert answer.headers["Location"] == f"/payments/{answer.body['id']}"
    assert answer.body | {"id": 0, "created_at": 0} == {
        "id": 0, "merchant": "m-1", "amount": 1250, "currency": "EUR", "reference": "order 77",
        "status": "accepted", "refunded": 0, "created_at": 0,
    }  # fmt: skip
    rows = "select merchant, amount, payment_token, writer_epoch from payments"
    assert databases.onprem.rows(rows) == [("m-1", 1250, "tok_9GhT6wqLz0", 1)]
    assert databases.aurora.rows(rows) == []


def test_without_a_migration_a_payment_is_written_to_aurora(migrated, databases):
    assert migrated.pay().status == 201

    assert databases.aurora.rows("select count(*) from payments") == [(1,)]


def test_a_payment_reads_as_it_was_answered(api):
    made = api.pay(reference="order 1").body

    assert api.get(f"/payments/{made['id']}").status == 200
    shown = api.get(f"/payments/{made['id']}").body
    assert shown["created_at"].replace("Z", "+00:00") == made["created_at"]
    assert shown | {"created_at": 0} == made | {"created_at": 0}


def test_headers_may_come_one_value_each(api):
    answer = api.send(recorded("single_values"))

    assert (answer.status, answer.body["currency"]) == (201, "JPY")


def test_a_repeated_request_gets_the_same_answer_and_no_second_payment(api, databases):
    first, second = api.pay("key-1"), api.pay("key-1")

    assert (first.status, first.text) == (second.status, second.text)
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert databases.onprem.rows("select count(*) from payments") == [(1,)]


def test_a_key_is_not_for_two_requests(api, databases):
    paid = api.pay("key-1").body
    other = api.pay("key-1", amount=1)
    refund = api.post(f"/payments/{paid['id']}/refunds", {"amount": 1250}, "key-1")

    assert (other.status, other.body["type"]) == (422, "urn:payments:problem:key-reused")
    assert refund.status == 422
    assert databases.onprem.rows("select sum(amount - refunded) from payments") == [(1250,)]


def test_the_pages_of_a_merchant_hold_every_payment_once_newest_first(api):
    made = [api.pay(amount=amount).body["id"] for amount in range(1, 6)]
    api.pay(merchant="m-2")

    pages, after = [], None
    while after or not pages:
        query = {"merchant": "m-1", "limit": "2"} | ({"after": after} if after else {})
        page = api.get("/payments", **query).body
        pages.append([item["id"] for item in page["items"]])
        after = page["next"]

    assert [len(page) for page in pages] == [2, 2, 1]
    assert [each for page in pages for each in page] == made[::-1]


def test_a_recorded_list_is_answered(api):
    answer = api.send(recorded("get_payments"))

    assert (answer.status, answer.body) == (200, {"items": [], "next": None})


def test_refunds_add_up_to_the_payment_and_no_further(api, databases):
    path = f"/payments/{api.pay(amount=100).body['id']}"

    first = api.post(f"{path}/refunds", {"amount": 60}, "refund-1")
    again = api.post(f"{path}/refunds", {"amount": 60}, "refund-1")
    much = api.post(f"{path}/refunds", {"amount": 41})
    rest = api.post(f"{path}/refunds", {"amount": 40})

    assert [first.status, again.status, much.status, rest.status] == [201, 201, 409, 201]
    assert first.text == again.text
    assert first.body["currency"] == "EUR"
    assert much.body["type"] == "urn:payments:problem:refund-too-large"
    shown = api.get(path).body
    assert (shown["status"], shown["refunded"]) == ("refunded", 100)
    assert databases.onprem.rows("select amount from refunds order by amount") == [(40,), (60,)]


def test_a_refund_that_was_refused_did_not_use_up_its_key(api):
    path = f"/payments/{api.pay(amount=100).body['id']}/refunds"
    api.post(path, {"amount": 101}, "refund-1")

    assert api.post(path, {"amount": 100}, "refund-1").status == 201


def test_a_refund_of_part_says_so(api):
    path = f"/payments/{api.pay(amount=100).body['id']}"
    api.post(f"{path}/refunds", {"amount": 1})

    assert api.get(path).body["status"] == "partially_refunded"


def test_what_does_not_exist_is_not_found(api):
    nobody = "0198c5a0-0000-7000-8000-000000000000"

    for answer in (
        api.get(f"/payments/{nobody}"),
        api.get("/payments/none"),
        api.post(f"/payments/{nobody}/refunds", {"amount": 1}),
        api.get("/elsewhere"),
    ):
        assert (answer.status, answer.body["status"]) == (404, 404)
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_another_method_is_told_which_would_do(api):
    answer = api.request("DELETE", "/payments")

    assert (answer.status, answer.headers["Allow"]) == (405, "GET, POST")


def test_health_asks_no_database(api, databases):
    databases.onprem.server.stop()
    try:
        assert api.send(recorded("health_check")).body == {"status": "ok"}
    finally:
        databases.onprem.server.start()


@pytest.mark.parametrize(
    "change", [{}, {"amount": 10.0}, {"amount": 999_999_999_999}, {"reference": None}]
)
def test_what_is_allowed_is_accepted(api, change):
    assert api.pay(**change).status == 201


def test_events_are_written_beside_payments(api, databases):
    path = f"/payments/{api.pay().body['id']}/refunds"
    api.post(path, {"amount": PAYMENT["amount"]})

    assert databases.onprem.rows("select id, kind from payment_events order by id") == [
        (1, "accepted"),
        (2, "refunded"),
    ]
