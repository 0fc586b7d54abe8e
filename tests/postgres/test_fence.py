"""The fence inside the database: what no stale or old process gets past."""

import psycopg
import pytest

PAY = "insert into payment_events (payment_id, kind, amount, currency, created_at) values (gen_random_uuid(), 'accepted', 1, 'USD', now())"  # noqa: E501 - one statement


def test_the_side_that_is_not_the_writer_refuses_every_write(databases):
    with (
        databases.aurora.connect("payment_app") as aurora,
        pytest.raises(psycopg.Error) as refused,
    ):
        aurora.execute(PAY)

    assert refused.value.sqlstate == "TW001"


def test_the_owner_is_held_to_the_fence_too_and_a_replica_is_not(databases):
    with (
        databases.aurora.connect() as owner,
        pytest.raises(psycopg.Error, match="takes no writes"),
    ):
        owner.execute(PAY)
    with databases.aurora.connect("dms_target") as replica:
        replica.execute(
            "insert into payments (id, merchant, amount, currency, payment_token, status,"
            " writer_epoch, created_at)"
            " values (gen_random_uuid(), 'm', 1, 'USD', 't', 'accepted', 1, now())"
        )

    assert databases.aurora.rows("select count(*) from payments") == [(1,)]


def test_closing_waits_for_a_write_in_flight_and_stops_the_next(databases):
    writer, operator, late = (
        databases.onprem.connect(user)
        for user in ("payment_app", "payment_operator", "payment_app")
    )
    with writer, operator, late:
        writer.autocommit = False
        writer.execute(PAY)
        operator.execute("set lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            operator.execute("select migration_control.close_writes(2)")
        writer.commit()
        operator.execute("select migration_control.close_writes(2)")

        with pytest.raises(psycopg.Error, match="takes no writes"):
            late.execute(PAY)
    assert databases.onprem.rows("select epoch, open from migration_control.writer_epoch") == [
        (2, False)
    ]


def test_a_transaction_with_an_older_view_does_not_slip_through(databases):
    writer, operator = (
        databases.onprem.connect(user) for user in ("payment_app", "payment_operator")
    )
    with writer, operator:
        writer.autocommit = False
        writer.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        writer.execute("select 1 from payments")
        operator.execute("select migration_control.close_writes(2)")

        with pytest.raises(psycopg.errors.SerializationFailure):
            writer.execute(PAY)


def test_the_epoch_never_goes_back_and_every_change_is_kept(databases):
    databases.onprem.run("select migration_control.close_writes(3)")
    databases.onprem.run("select migration_control.open_writes(4)")
    databases.onprem.run("select migration_control.open_writes(4)")

    with pytest.raises(psycopg.Error, match="cannot go back"):
        databases.onprem.run("select migration_control.open_writes(2)")
    history = "select epoch, open from migration_control.writer_history order by changed_at"
    assert databases.onprem.rows(history) == [(1, True), (3, False), (4, True)]


@pytest.mark.parametrize("user", ["payment_app", "payment_validation", "dms_source"])
def test_only_the_operator_may_say_who_the_writer_is(databases, user):
    with (
        databases.onprem.connect(user) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("update migration_control.writer_epoch set open = false")
