"""The tables that move: each of them is fenced, open to replication, and quick to compare."""

import re

import psycopg
import pytest

from functions.schema.migrations import known
from functions.schema.replicated import secure
from functions.schema.replication import extend, furnish
from functions.schema.roles import AURORA
from generator.components.tables import PAYMENT_TABLES
from generator.ops import fences
from generator.ops.inventory import Table

from .fixtures import OWNERS, SECRET, TABLES

FEES = Table("public.fees", ("id",), ("amount",), "currency", "updated_at")
MAKE = """
    create table fees (id bigserial primary key, amount bigint, currency varchar(3),
                       updated_at timestamptz not null default now());
    create index on fees (updated_at);
"""
OTHER = """
    drop trigger writers_only on payments;
    create trigger writers_only before {} on payments
        for each statement execute function migration_control.refuse_when_closed()
"""
EVERY = (
    "insert into fees (amount) values (1)",
    "update fees set amount = 2",
    "delete from fees",
    "truncate fees",
)


@pytest.fixture(params=["onprem", "aurora"])
def side(request, databases):
    return getattr(databases, request.param)


@pytest.fixture
def owner(side):
    with side.connect(OWNERS[side.server.name], SECRET) as connection:
        yield connection


@pytest.fixture
def fees(owner):
    """A table of the old application that moves with the payments."""
    owner.execute(MAKE)
    return owner


def test_the_api_s_own_tables_are_those_that_the_first_migration_makes():
    made = re.findall(r"^create table public\.(\w+)", known()[0].text, re.MULTILINE)

    assert sorted(PAYMENT_TABLES) == sorted(f"public.{name}" for name in made)


def test_what_was_secured_once_is_left_alone(owner):
    assert secure(owner, TABLES) == []
    assert fences.missing(owner, fences.names(TABLES)) == []


def test_a_table_that_joins_the_others_is_shut_with_them(side, fees):
    side.run("select migration_control.close_writes(2)")
    side.run(EVERY[0])
    assert secure(fees, (*TABLES, FEES)) == []

    for statement in EVERY:
        with pytest.raises(psycopg.Error, match="takes no writes"):
            side.run(statement)
    with side.connect("dms_source" if side.server.name == "onprem" else "dms_target") as dms:
        dms.execute("insert into fees (id, amount) values (7, 1)")
        dms.execute("delete from fees where id = 7")


def test_a_table_that_joins_the_others_can_be_compared_and_carried_over(side, fees):
    secure(fees, (*TABLES, FEES))

    for user in ("payment_validation", "payment_operator"):
        with side.connect(user) as connection:
            connection.execute("select sum(amount) from fees")
            connection.execute("select last_value from fees_id_seq")
    with side.connect("payment_operator") as connection:
        connection.execute("select setval('fees_id_seq', 10)")


@pytest.mark.parametrize(
    "harm",
    [
        "alter table payments disable trigger writers_only",
        "alter table payments enable always trigger writers_only",
        "drop trigger writers_only on payments",
        OTHER.format("insert"),
        OTHER.format("insert or delete or truncate or update of amount"),
    ],
)
def test_a_fence_that_does_not_stand_is_set_up_again(side, owner, harm):
    side.run(harm)
    assert fences.missing(owner, fences.names(TABLES)) == ["public.payments"]
    assert secure(owner, TABLES) == []

    assert fences.missing(owner, fences.names(TABLES)) == []


def test_a_leaf_is_shut_from_both_ends(side, owner):
    owner.execute("""
        create table logs (id bigint, at date, primary key (id, at)) partition by range (at);
        create table logs_2026 partition of logs for values from ('2026-01-01') to ('2027-01-01');
    """)
    leaf = Table("public.logs_2026", ("id", "at"), partition_of="public.logs")
    secure(owner, (*TABLES, leaf))
    side.run("select migration_control.close_writes(2)")

    for name in ("logs", "logs_2026"):
        with pytest.raises(psycopg.Error, match="takes no writes"):
            side.run(f"insert into {name} values (1, '2026-11-25')")


def test_a_table_that_is_not_there_yet_is_asked_for(owner):
    assert secure(owner, (*TABLES, FEES)) == [
        "-- make public.fees as it is on the other side, and apply again"
    ]


def test_a_table_that_does_not_move_any_more_is_told(fees):
    secure(fees, (*TABLES, FEES))

    assert secure(fees, TABLES) == [
        "drop trigger writers_only on public.fees;  -- it does not move any more"
    ]


def test_what_belongs_to_somebody_else_is_left_to_them(side, owner):
    side.run(MAKE)
    said = secure(owner, (*TABLES, FEES))

    assert len(said) == 5
    assert said[0].startswith(
        'drop trigger if exists "writers_only" on "public"."fees"; create trig'
    )
    for statement in said:
        side.run(statement)
    assert secure(owner, (*TABLES, FEES)) == []


def test_a_comparison_that_no_index_serves_is_told(side, owner):
    side.run("drop index payments_by_change")
    side.run('alter table idempotency_keys alter key type varchar(255) collate "default"')

    assert secure(owner, TABLES) == [
        "create index concurrently on public.payments (updated_at)",
        'create index concurrently on public.idempotency_keys (key collate "C")',
    ]
    for statement in secure(owner, TABLES):
        side.run(statement)
    assert secure(owner, TABLES) == []


def test_users_of_replication_share_what_either_of_them_makes(databases):
    for schema in ("awsdms_control", "dms_heartbeat", "dms_loop_aws"):
        with (
            databases.aurora.connect("dms_target") as one,
            databases.aurora.connect("dms_reverse") as other,
        ):
            one.execute(f"create table {schema}.state (id integer primary key)")
            other.execute(f"insert into {schema}.state values (1)")
            assert one.execute(f"select * from {schema}.state").fetchall() == [(1,)]
    with databases.onprem.connect("dms_source") as one:
        for schema in ("awsdms_control", "dms_heartbeat", "dms_loop_onprem"):
            one.execute(f"create table {schema}.state (id integer primary key)")


def test_what_replication_keeps_is_said_where_it_may_not_be_made(empty_databases):
    aurora = empty_databases.aurora
    with aurora.connect("payment_app") as connection:
        first = list(furnish(connection, "aurora", AURORA))
        for statement in first:
            aurora.run(statement)
        (shared,) = furnish(connection, "aurora", AURORA)

    assert [statement.partition(";")[0] for statement in first] == [
        f'create schema if not exists "{name}"'
        for name in ("awsdms_control", "dms_heartbeat", "dms_loop_aws")
    ]
    assert "alter default privileges for role" in shared


def test_whoever_may_make_extensions_does(empty_databases):
    with empty_databases.aurora.connect() as superuser:
        assert list(extend(superuser)) == []
        assert list(extend(superuser)) == []

    query = "select count(*) from pg_extension where extname = 'pg_stat_statements'"
    assert empty_databases.aurora.rows(query) == [(1,)]


def test_each_side_has_the_mark_of_its_own_alone(databases):
    query = "select nspname from pg_namespace where nspname ~ 'dms_' order by 1"

    assert [name for (name,) in databases.onprem.rows(query)] == [
        "awsdms_control", "dms_heartbeat", "dms_loop_onprem"
    ]  # fmt: skip
    assert [name for (name,) in databases.aurora.rows(query)] == [
        "awsdms_control", "dms_heartbeat", "dms_loop_aws"
    ]  # fmt: skip


def test_keys_of_an_empty_table_are_ordered_by_their_bytes(side):
    query = "select attcollation::regcollation::text from pg_attribute where attname = 'key'"

    assert side.rows(f"{query} and attrelid = 'idempotency_keys'::regclass") == [('"C"',)]


def test_keys_of_a_table_in_use_stay_as_they_are(empty_databases):
    first, *others = known()
    (order,) = [each for each in others if each.name == "0005_key_order"]
    empty_databases.onprem.run(first.text.encode())
    empty_databases.onprem.run(
        "insert into idempotency_keys values ('key', 'hash', 201, '{}', now(), now())"
    )
    before = empty_databases.onprem.rows("select pg_relation_filenode('idempotency_keys')")
    empty_databases.onprem.run(order.text.encode())

    assert empty_databases.onprem.rows("select pg_relation_filenode('idempotency_keys')") == before
