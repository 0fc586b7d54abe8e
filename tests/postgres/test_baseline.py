"""Tables that the old database has already: taken over where they are right, refused where not."""

import re

import psycopg
import pytest

from functions.schema.baseline import remaining, statements
from functions.schema.migrations import known, migrate
from generator.errors import OperationError

from .fixtures import OWNERS, SECRET

FIRST = known()[0]
MADE = {"payments", "refunds", "idempotency_keys", "payment_events"}
PAYMENT = """
    insert into payments
        (id, merchant, amount, currency, payment_token, status, writer_epoch, created_at)
    values (gen_random_uuid(), 'm', 1, 'USD', 't', 'accepted', 1, now())
"""


@pytest.fixture
def old(empty_databases):
    """The old database, of which nobody has said that it has a schema."""
    return empty_databases.onprem


@pytest.fixture
def operator(old):
    """Who applies: no superuser."""
    with old.connect(OWNERS["onprem"], SECRET) as connection:
        yield connection


def tables(database):
    query = (
        "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
    )
    return {name for (name,) in database.rows(query)}


def differences(operator):
    with pytest.raises(
        OperationError, match=r"^0001_payments: what is there is not what"
    ) as caught:
        migrate(operator, known())
    return str(caught.value).split(": ", 2)[2].split("; ")


def test_tables_that_are_right_are_taken_over_with_what_is_in_them(old, operator):
    operator.execute(FIRST.text.encode())
    old.run(PAYMENT)
    done = migrate(operator, known())

    assert done == [each.name for each in known()]
    assert old.rows("select count(*) from payments") == [(1,)]
    assert migrate(operator, known()) == []
    with (
        old.connect("payment_app", SECRET) as app,
        pytest.raises(psycopg.Error, match="takes no writes"),
    ):
        app.execute(PAYMENT)


@pytest.mark.parametrize("missing", sorted(MADE - {"payments"}))
def test_tables_that_are_missing_are_made_beside_the_others(old, operator, missing):
    operator.execute(FIRST.text.encode())
    operator.execute(f"drop table {missing}")
    migrate(operator, known())

    assert tables(old) == MADE
    indexes = "select count(*) from pg_indexes where schemaname = 'public' and tablename = %s"
    assert old.rows(indexes, missing) > [(1,)]
    references = "select count(*) from pg_constraint where confrelid = 'payments'::regclass"
    assert old.rows(references) == [(1,)]


def test_an_index_more_or_a_name_of_ones_own_is_no_difference(operator):
    operator.execute(FIRST.text.encode())
    operator.execute("create index of_old on payments (created_at)")
    operator.execute("alter table payments rename constraint payments_pkey to pk_of_old")

    assert migrate(operator, known()) == [each.name for each in known()]


def test_every_difference_is_named_and_nothing_is_changed(old, operator):
    operator.execute(FIRST.text.encode())
    operator.execute("""
        alter table payments alter amount type numeric(12, 2), alter merchant drop not null,
            alter reference set not null, drop column refunded, add legacy integer;
        alter table payments alter updated_at drop default;
        alter table idempotency_keys drop constraint idempotency_keys_pkey,
            add id bigserial primary key;
        alter sequence payment_events_id_seq rename to events_seq;
    """)

    assert set(differences(operator)) == {
        "public.payments.amount is numeric(12,2), not bigint",
        "public.payments.merchant may be null",
        "public.payments.reference must not be null",
        "public.payments.refunded is missing",
        "public.payments.legacy is one too many",
        "public.payments.updated_at has no default",
        "public.idempotency_keys has the primary key (id), not (key)",
        "public.idempotency_keys.id is one too many",
        "public.payment_events.id draws from events_seq, not payment_events_id_seq",
    }
    assert old.rows(
        "select to_regnamespace('tapgen_baseline'), to_regnamespace('migration_control')"
    ) == [(None, None)]


def test_a_key_that_is_not_unique_is_refused(operator):
    operator.execute(FIRST.text.encode())
    operator.execute("alter table idempotency_keys drop constraint idempotency_keys_pkey")

    assert differences(operator) == ["public.idempotency_keys has the primary key (), not (key)"]


def test_a_view_of_that_name_is_no_table(operator):
    operator.execute("create view refunds as select 1 as id")

    assert differences(operator) == ["public.refunds is no table"]


def test_tables_of_somebody_else_are_taken_over_by_a_member(old, operator):
    old.run("create role old_owner nologin")
    try:
        operator.execute(FIRST.text.encode())
        old.run("alter table refunds owner to old_owner")
        assert differences(operator) == [
            "public.refunds belongs to old_owner, whose member we are not"
        ]
        old.run("grant old_owner to payment_operator")
        assert migrate(operator, known()) == [each.name for each in known()]
    finally:
        old.run("drop owned by old_owner")
        old.run("drop role old_owner")


def test_a_migration_that_makes_tables_is_all_statements():
    """Nothing of it is lost where it is taken apart."""
    for each in known():
        if re.search(r"^create table public\.", each.text, re.MULTILINE):
            assert "".join(statements(each.text)) == each.text


def test_without_such_tables_all_of_it_is_done(operator):
    assert remaining(operator, FIRST.text) == FIRST.text
