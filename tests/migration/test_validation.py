"""Validation of two real databases with replication between them."""

import datetime as dt

import pytest

from generator.errors import RefusedError
from generator.ops import checksums, sequences
from generator.ops.control import Writer
from generator.ops.inventory import Table
from generator.ops.validation import Databases, Resume
from migration.conftest import TABLES
from migration.rows import NOW, pay, replica

GAP = 1000
LATER = dt.datetime.max.replace(tzinfo=dt.UTC)
KEY = "c4ca4238-a0b9-2382-0dcc-509a6f75849b"  # of the first payment


@pytest.fixture
def replicated(databases, link):
    """Three hundred payments, the same on both sides, and sequences carried over."""
    link.forward()
    pay(databases.onprem, 300)
    link.caught_up()
    with databases.onprem.connect() as onprem, databases.aurora.connect() as aurora:
        sequences.advance(onprem, aurora, ["public"], GAP)
    return databases


@pytest.fixture
def pair(replicated, sides, hurried):  # noqa: ARG001 - a fixture takes no mark
    both = sides("payment_validation")
    return Databases(both[Writer.ONPREM], both[Writer.AURORA], TABLES, hurried)


@pytest.fixture
def found(pair):
    """Validate; return every check that did not pass, by its name and answer."""

    def checks(tables=TABLES):
        chosen = Databases(pair.source, pair.replica, tables, pair.clock, GAP)
        chosen.settle()
        made = [*chosen.quick(), *chosen.compare(None, LATER).verdict.checks]
        return {
            (each.check, str(each.status)): each.evidence for each in made if each.status != "pass"
        }

    return checks


def test_sides_that_agree_pass_every_check(found):
    assert found() == {}


def test_a_missing_row_is_found_and_named(found, replicated):
    replica(replicated.aurora, f"delete from payments where id = '{KEY}'")
    odd = found()

    assert odd.keys() == {("totals", "fail"), ("checksums", "fail")}
    (place,) = odd["checksums", "fail"]["differences"]
    assert (place["key"], place["kind"]) == ((KEY,), "missing")
    assert odd["checksums", "fail"]["table"] == "public.payments"
    (group,) = odd["totals", "fail"]["groups"]
    assert (group["day"], group["source"]["rows"] - group["replica"]["rows"]) == ("2026-01-01", 1)


def test_a_changed_amount_is_found_in_money_and_by_its_key(found, replicated):
    replica(replicated.aurora, f"update payments set amount = amount + 7 where id = '{KEY}'")
    odd = found()

    assert odd["totals", "fail"]["delta_minor_units"] == 7
    (place,) = odd["checksums", "fail"]["differences"]
    assert (place["key"], place["kind"]) == ((KEY,), "changed")


def test_amounts_that_cancel_each_other_are_found_by_their_keys(found, replicated):
    replica(
        replicated.aurora,
        "update payments set merchant = case merchant when 'm1' then 'm2' else 'm1' end"
        " where merchant in ('m1', 'm2')",
    )
    odd = found()

    assert odd.keys() == {("checksums", "fail")}
    assert len(odd["checksums", "fail"]["differences"]) == 20


def test_a_row_that_only_the_replica_has_is_found_behind_the_last_key(found, replicated):
    replica(
        replicated.aurora,
        "insert into payments select 'ffffffff-ffff-ffff-ffff-ffffffffffff', merchant, amount,"
        " currency, payment_token, reference, status, refunded, writer_epoch, created_at,"
        f" updated_at from payments where id = '{KEY}'",
    )
    (place,) = found()["checksums", "fail"]["differences"]

    assert place["kind"] == "unexpected"


def test_a_sequence_that_lags_fails_only_once_it_should_have_been_carried_over(
    found, pair, replicated
):
    assert {each.status for each in pair.carried()} == {"pass"}
    replicated.aurora.run("select setval('payment_events_id_seq', 17)")

    assert found() == {}
    (lags,) = [each for each in pair.carried() if each.status != "pass"]
    assert (lags.check, lags.status) == ("sequence_position", "fail")
    assert lags.evidence == {
        "sequence": "public.payment_events_id_seq", "source": 300, "replica": 17
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "limit"),
    [("maxvalue 1299", 1299), ("rename to odd", None)],
)
def test_a_sequence_that_could_not_be_carried_over_is_told_before(found, replicated, change, limit):
    replicated.aurora.run("select setval('payment_events_id_seq', 17)")
    replicated.aurora.run(f"alter sequence payment_events_id_seq {change}")

    assert found()["sequence", "fail"] == {
        "sequence": "public.payment_events_id_seq", "goal": 1300, "limit": limit
    }  # fmt: skip


def test_a_sequence_that_may_not_be_read_proves_nothing(found, replicated):
    replicated.aurora.run("revoke select on payment_events_id_seq from payment_validation")

    assert found().keys() == {("sequence", "inconclusive")}


def test_a_table_without_a_key_is_named(found, replicated):
    replicated.onprem.run("create table orphans (amount numeric)")

    assert found()["primary_keys", "fail"] == {"found": ["orphans"], "count": 1}


def test_money_without_a_precision_is_named(found, replicated):
    for database in (replicated.onprem, replicated.aurora):
        database.run("alter table refunds add fee numeric")

    assert found()["unconstrained_numerics", "fail"]["found"] == ["refunds.fee"]


def test_a_constraint_that_was_never_checked_is_named(found, replicated):
    replicated.aurora.run("alter table refunds add constraint odd check (amount <> 7) not valid")

    assert found()["validated_constraints", "fail"]["found"] == ["refunds.odd"]


@pytest.mark.parametrize("side", ["onprem", "aurora"])
def test_a_table_that_a_fence_would_leave_open_is_named(found, replicated, side):
    getattr(replicated, side).run("alter table refunds disable trigger writers_only")

    assert found() == {("fence", "fail"): {"side": side, "open": ["public.refunds"]}}


def test_a_duplicate_idempotency_key_is_found_on_its_side(found, replicated, link):
    link.pause()
    replicated.onprem.run("alter table idempotency_keys drop constraint idempotency_keys_pkey")
    replicated.onprem.run(
        f"insert into idempotency_keys select * from idempotency_keys where key = '{KEY}'"
    )
    odd = found()

    assert odd["duplicate_idempotency_keys", "fail"] == {
        "side": "onprem",
        "keys": [{"key": KEY, "rows": 2}],
    }
    assert ("primary_keys", "fail") in odd


def test_a_recent_row_that_is_still_on_its_way_proves_nothing(found, replicated, link):
    link.pause()
    pay(replicated.onprem, 1, first=301, moment=NOW)
    odd = found()

    assert {status for _, status in odd} == {"inconclusive"}
    assert odd["checksums", "inconclusive"]["recent"] == 1


def test_an_old_row_is_missed_though_newer_ones_are_on_their_way(found, pair, replicated, link):
    assert pair.settle()
    replica(replicated.aurora, f"delete from payments where id = '{KEY}'")
    link.pause()
    pay(replicated.onprem, 1, first=301, moment=NOW)
    odd = found()

    assert [place["key"] for place in odd["checksums", "fail"]["differences"]] == [(KEY,)]


def test_without_a_marker_nothing_is_proven(found, replicated, link):
    link.pause()
    replicated.aurora.run("delete from migration_control.marker")
    replica(replicated.aurora, f"delete from payments where id = '{KEY}'")
    odd = found()

    assert ("marker_age", "inconclusive") in odd
    assert ("checksums", "inconclusive") in odd


UNTIMED = (Table("public.payments", ("id",)),)


def test_without_a_column_of_change_what_stays_different_is_wrong(found, replicated):
    replica(replicated.aurora, f"delete from payments where id = '{KEY}'")
    odd = found(UNTIMED)

    assert odd["checksums", "fail"]["differences"][0]["key"] == (KEY,)
    assert ("totals", "inconclusive") in odd


def test_without_a_column_of_change_a_replica_that_hangs_proves_nothing(found, replicated, link):
    replica(replicated.aurora, f"delete from payments where id = '{KEY}'")
    link.pause()
    odd = found(UNTIMED)

    assert odd["checksums", "inconclusive"]["recent"] == 1


def test_columns_that_differ_are_named(found, replicated):
    replicated.onprem.run("alter table refunds add fee bigint")

    assert "differ in column fee" in found()["checksums", "inconclusive"]["error"]


def test_a_key_that_is_no_column_is_named(found):
    wrong = (Table("public.payments", ("number",)),)

    assert "has no column number" in found(wrong)["checksums", "inconclusive"]["error"]


AGES = "update migration_control.marker set written_at = written_at - interval '{} s'"


def test_where_nothing_lags_no_marker_is_missing_however_old_it_is(pair, link, replicated):
    assert pair.settle()
    replicated.onprem.run(AGES.format(59))
    link.caught_up()
    first = pair.beat()
    link.caught_up()
    replicated.onprem.run(AGES.format(59))
    link.caught_up()

    assert (first.status, first.evidence["seconds"]) == ("pass", 0.0)
    assert pair.beat().evidence["seconds"] == 0.0


def test_the_oldest_marker_that_is_missing_says_how_far_the_replica_is_behind(
    pair, link, replicated
):
    assert pair.settle()
    link.pause()
    for _ in range(3):
        beat = pair.beat()
        for database in (replicated.onprem, replicated.aurora):
            database.run(AGES.format(40))

    assert (beat.status, pair.beat().status) == ("fail", "fail")
    assert 80 <= beat.evidence["seconds"] < 110


def test_a_marker_that_is_on_its_way_for_a_while_passes(pair, link):
    assert pair.settle()
    link.pause()
    pair.beat()
    beat = pair.beat()

    assert beat.status == "pass"
    assert 0 < beat.evidence["seconds"] < 30


def test_where_no_marker_ever_arrived_nothing_is_proven(pair, link):
    link.pause()

    assert [pair.beat().evidence["seconds"] for _ in range(2)] == [None, None]
    assert pair.beat().status == "inconclusive"


def test_markers_of_other_days_are_forgotten(pair, replicated):
    replicated.onprem.run(
        "insert into migration_control.marker (id, origin, written_at)"
        " values (gen_random_uuid(), 'onprem', now() - interval '2 days')"
    )
    pair.beat()

    assert replicated.onprem.rows("select count(*) from migration_control.marker") == [(1,)]


@pytest.fixture
def small(monkeypatch):
    """Ranges of 32 rows, so that 300 are many."""
    monkeypatch.setattr(checksums, "CHUNK", 32)


@pytest.mark.usefixtures("small")
def test_a_comparison_goes_on_where_it_was_left(pair, replicated):
    replica(replicated.aurora, f"delete from payments where id = '{KEY}'")
    pair.settle()
    resume, turns, checks = None, 0, []
    while turns == 0 or resume:
        # Time is up at once: one range a turn.
        part = pair.compare(resume, pair.clock.now())
        resume, turns = part.resume, turns + 1
        checks += part.verdict.checks

    lost = [each for each in checks if each.status == "fail"]
    assert turns > 30
    assert [each.evidence["differences"][0]["key"] for each in lost] == [(KEY,)]
    assert sum(each.evidence["rows"] for each in checks) == 900


def test_a_comparison_cannot_go_on_in_a_table_that_is_none(pair):
    with pytest.raises(RefusedError, match=r"public\.gone is no table"):
        pair.compare(Resume("public.gone", None), LATER)


@pytest.mark.usefixtures("small")
def test_differences_in_many_ranges_are_counted_past_those_that_are_named(found, replicated):
    replica(replicated.aurora, "update payments set merchant = 'x'")
    odd = found()["checksums", "fail"]

    assert len(odd["differences"]) == 20
    assert odd["recent"] == 9


@pytest.mark.usefixtures("small")
def test_texts_are_ordered_alike_where_the_servers_would_not(found, replicated):
    replicated.aurora.run(
        'alter table idempotency_keys alter key type varchar(255) collate "en-x-icu"'
    )
    replicated.onprem.run(
        "insert into idempotency_keys select upper(left(key, 1)) || key, '', 0, '', created_at,"
        " updated_at from idempotency_keys"
    )

    assert found() == {}


def test_a_table_that_does_not_say_when_it_changed_has_nothing_recent(pair):
    chosen = Databases(pair.source, pair.replica, UNTIMED, pair.clock)

    assert [each.evidence["source"] for each in chosen.settled().checks] == [0]


def test_once_nobody_writes_every_difference_counts(pair, replicated, link):
    assert pair.settle()
    assert pair.settled().status == "pass"
    link.pause()
    pay(replicated.onprem, 1, first=301, moment=NOW)

    verdict = pair.settled()
    assert {each.evidence["table"] for each in verdict.having("fail")} == {
        "public.payments",
        "public.idempotency_keys",
        "public.payment_events",
    }
