"""A move of the writer is given up: what the new one took comes back before the old one writes."""

import psycopg
import pytest

from generator.errors import OperationError, RefusedError
from generator.ops.control import Writer
from generator.ops.plan import STEPS
from migration import faults
from migration.cloud import WHO
from migration.moves import MOMENTS, CrashError, dies_at, doors
from migration.rows import NOW, pay, replica


def take_payment(database):
    """Write a payment as the old application does: it asks nobody, and names no epoch."""
    pay(database, 1, first=31, moment=NOW, user="payment_app")


def opened(procedure, databases):
    """Hand back until the old database is open, and let it take a payment before anybody knows."""
    procedure().run(**WHO)
    with pytest.raises(CrashError):
        procedure("hand_back", dies_at("hand_back.open is done")).run(**WHO)
    take_payment(databases.onprem)


def payments(database):
    return database.rows("select count(*) from payments")[0][0]


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("step", STEPS[: STEPS.index("reverse")])
def test_whoever_comes_after_a_crash_can_give_up(procedure, databases, control, step, moment):
    with pytest.raises(CrashError):
        procedure(watch=dies_at(f"cutover.{step} {moment}")).run(**WHO)
    procedure().abort(**WHO)
    state = control.read()

    assert (state.writer, state.step) == (Writer.ONPREM, None)
    assert doors(databases)["onprem"] == (state.epoch, True)
    assert not doors(databases)["aurora"][1]
    pay(databases.onprem, 1, first=31, moment=NOW)
    assert procedure().run(**WHO).writer is Writer.AURORA


@pytest.mark.parametrize("moment", ["begins", "is done"])
def test_giving_up_can_be_cut_off_too(procedure, databases, moment):
    with pytest.raises(CrashError):
        procedure(watch=dies_at("cutover.open is done")).run(**WHO)
    with pytest.raises(CrashError):
        procedure(watch=dies_at(f"cutover.abort {moment}")).abort(**WHO)
    state = procedure().run(**WHO)

    assert (state.writer, state.epoch) == (Writer.ONPREM, 3)
    assert doors(databases) == {"onprem": (3, True), "aurora": (3, False)}


def test_a_run_that_was_given_up_cannot_open_its_side_any_more(procedure, databases):
    late = procedure(watch=dies_at("cutover.open begins"))
    with pytest.raises(CrashError):
        late.run(**WHO)
    procedure().abort(**WHO)

    with pytest.raises(psycopg.Error, match="cannot go back"):
        late.winner.open(2)
    assert doors(databases) == {"onprem": (3, True), "aurora": (3, False)}


def test_a_cutover_that_was_given_up_under_way_stops(procedure, databases):
    def overtaken(told):
        if told == "cutover.open is to be recorded":
            procedure().abort(**WHO)

    with pytest.raises(OperationError, match="somebody else goes on with it"):
        procedure(watch=overtaken).run(**WHO)

    assert doors(databases) == {"onprem": (3, True), "aurora": (3, False)}


def test_a_person_who_gives_up_brings_back_what_was_taken_meanwhile(procedure, databases, link):
    opened(procedure, databases)
    state = procedure("hand_back").abort(**WHO)

    assert (state.writer, state.step) == (Writer.AURORA, None)
    assert doors(databases) == {"onprem": (4, False), "aurora": (4, True)}
    assert payments(databases.aurora) == 31
    pay(databases.aurora, 1, first=32, moment=NOW)
    link.caught_up()
    assert payments(databases.onprem) == 32
    given = "select last_value from payment_events_id_seq"
    assert databases.aurora.rows(given)[0][0] > databases.onprem.rows(given)[0][0] + 900


def test_a_failure_behind_the_opening_brings_back_what_was_taken(procedure, databases, dynamodb):
    procedure().run(**WHO)

    def watch(told):
        if told == "hand_back.flip begins":
            take_payment(databases.onprem)
            faults.refuse(dynamodb, "TransactWriteItems")

    with pytest.raises(OperationError, match=r"failed at flip: .*; aurora takes writes again"):
        procedure("hand_back", watch).run(**WHO)
    assert doors(databases) == {"onprem": (4, False), "aurora": (4, True)}
    assert payments(databases.aurora) == 31


def test_what_cannot_be_brought_back_keeps_both_sides_shut(procedure, databases, control, link):
    opened(procedure, databases)
    link.pause()
    take = "onprem may have taken payments that have to come back first, so nobody takes writes"
    for _ in range(2):
        with pytest.raises(OperationError, match=rf"has not arrived at aurora.*{take}"):
            procedure("hand_back").abort(**WHO)

    assert doors(databases) == {"onprem": (4, False), "aurora": (3, False)}
    assert (control.read().writer, control.read().step) == (Writer.FENCED, "hand_back.abort.open")
    link.go_on()
    # The reconciler goes on with a hand-back, and this one goes back.
    assert procedure("hand_back").run(**WHO).writer is Writer.AURORA
    assert payments(databases.aurora) == 31


def test_what_arrived_otherwise_than_it_was_taken_keeps_both_sides_shut(procedure, databases):
    opened(procedure, databases)
    replica(databases.aurora, "update payments set amount = amount + 1, updated_at = now()")

    with pytest.raises(OperationError, match="recent_rows; onprem may have taken"):
        procedure("hand_back").abort(**WHO)
    assert doors(databases)["aurora"] == (3, False)


def test_a_side_that_was_open_in_an_earlier_attempt_has_nothing_to_bring_back(
    procedure, databases, link
):
    opened(procedure, databases)
    procedure("hand_back").abort(**WHO)
    with pytest.raises(CrashError):
        procedure("hand_back", dies_at("hand_back.fence is done")).run(**WHO)
    link.caught_up()
    link.pause()

    assert procedure("hand_back").abort(**WHO).epoch == 6


@pytest.mark.parametrize("moment", ["reverse begins", "open begins"])
def test_replication_that_was_turned_is_turned_back(procedure, databases, link, moment):
    with pytest.raises(CrashError):
        procedure(watch=dies_at(f"cutover.{moment}")).run(**WHO)
    procedure().abort(**WHO)
    pay(databases.onprem, 1, first=31, moment=NOW)
    link.caught_up()

    assert payments(databases.aurora) == 31


def test_replication_that_does_not_turn_back_keeps_nobody_from_writing(
    procedure, databases, control
):
    def refuse(_):
        raise OperationError("the task is gone")

    why = "onprem takes writes again, but what it writes is not replicated: the task is gone"
    with pytest.raises(OperationError, match=f"failed at reverse: the task is gone; {why}"):
        procedure(replicate=refuse).run(**WHO)
    assert doors(databases) == {"onprem": (3, True), "aurora": (3, False)}

    with pytest.raises(CrashError):
        procedure(watch=dies_at("cutover.open begins")).run(**WHO)
    with pytest.raises(OperationError, match=f"^{why}"):
        procedure(replicate=refuse).abort(**WHO)
    assert control.read().writer is Writer.ONPREM


def test_replication_that_was_not_turned_is_not_asked_for(procedure, control):
    def refuse(_):
        raise OperationError("DMS does not answer")

    with pytest.raises(CrashError):
        procedure(watch=dies_at("cutover.verify is done")).run(**WHO)

    assert procedure(replicate=refuse).abort(**WHO) == control.read()


def test_nothing_is_given_up_once_the_winner_writes(procedure):
    procedure().run(**WHO)

    with pytest.raises(RefusedError, match="aurora takes writes already"):
        procedure().abort(**WHO)


def test_giving_up_nothing_changes_nothing(procedure, ready):
    assert procedure().abort(**WHO) == ready
