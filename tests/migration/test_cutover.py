"""The writer moves between two real databases: without a second writer, whatever happens."""

import psycopg
import pytest

from generator.errors import InconclusiveError, OperationError, RefusedError
from generator.ops.control import ConflictError, Control, Writer
from generator.ops.plan import STEPS
from generator.ops.state import current
from generator.ops.verdict import Check, Status, Verdict
from migration import faults
from migration.cloud import WHO
from migration.moves import MOMENTS, CrashError, dies_at, doors
from migration.rows import NOW, pay, replica


def test_the_writer_moves_with_all_that_was_written(procedure, databases, hurried):
    state = procedure().run(**WHO)

    assert (state.writer, state.epoch, state.step) == (Writer.AURORA, 2, None)
    assert doors(databases) == {"onprem": (2, False), "aurora": (2, True)}
    assert hurried.slept >= 5
    assert databases.aurora.rows("select nextval('payment_events_id_seq') > 1000") == [(True,)]
    pay(databases.aurora, 1, first=31, moment=NOW)
    with pytest.raises(psycopg.Error, match="takes no writes"):
        pay(databases.onprem, 1, first=32, moment=NOW)


def test_what_was_paid_after_the_cutover_comes_back_with_the_writer(procedure, databases):
    procedure().run(**WHO)
    pay(databases.aurora, 5, first=31, moment=NOW)
    state = procedure("hand_back").run(**WHO)

    assert (state.writer, state.epoch) == (Writer.ONPREM, 3)
    assert doors(databases) == {"onprem": (3, True), "aurora": (3, False)}
    assert databases.onprem.rows("select count(*) from payments") == [(35,)]
    pay(databases.onprem, 1, first=36, moment=NOW)


def test_once_done_it_is_done(procedure):
    first = procedure().run(**WHO)

    assert procedure().run(**WHO) == first


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_whoever_comes_after_a_crash_goes_on(procedure, databases, step):
    for count, (name, moment) in enumerate(
        (name, moment) for moment in MOMENTS for name in ("cutover", "hand_back")
    ):
        with pytest.raises(CrashError):
            procedure(name, dies_at(f"{name}.{step} {moment}")).run(**WHO)
        assert sum(is_open for _, is_open in doors(databases).values()) <= 1

        state = procedure(name).run(**WHO)
        assert (state.step, state.epoch) == (None, count + 2)
        assert doors(databases)[state.writer.value] == (state.epoch, True)
        assert sum(is_open for _, is_open in doors(databases).values()) == 1
        pay(getattr(databases, state.writer.value), 1, first=1000 + count, moment=NOW)


def test_a_replica_that_does_not_follow_puts_the_old_writer_back(procedure, databases, link):
    link.caught_up()
    link.pause()
    with pytest.raises(OperationError, match=r"drain: .* within 5 s; onprem takes writes again"):
        procedure().run(**WHO)

    assert doors(databases) == {"onprem": (3, True), "aurora": (3, False)}
    link.go_on()
    assert procedure().run(**WHO).writer is Writer.AURORA


def test_sides_that_differ_put_the_old_writer_back(procedure, databases, link):
    link.caught_up()
    replica(databases.aurora, "update payments set amount = amount + 1, updated_at = now()")
    with pytest.raises(OperationError, match="recent_rows; onprem takes writes again"):
        procedure().run(**WHO)


def test_a_hand_back_that_cannot_drain_leaves_aurora_writing(procedure, databases, link):
    procedure().run(**WHO)
    link.caught_up()
    link.pause()
    pay(databases.aurora, 1, first=31, moment=NOW)
    with pytest.raises(OperationError, match="aurora takes writes again"):
        procedure("hand_back").run(**WHO)

    assert doors(databases)["aurora"] == (4, True)
    pay(databases.aurora, 1, first=32, moment=NOW)


def test_a_writer_that_never_ends_is_ended(procedure, databases):
    stuck = databases.onprem.connect("payment_app")
    stuck.autocommit = False
    stuck.execute("select migration_control.require_writer(1)")
    name = databases.onprem.name
    databases.onprem.run(
        f"alter role payment_operator in database {name} set lock_timeout = '100ms'"
    )
    state = procedure().run(**WHO)

    assert state.writer is Writer.AURORA
    with pytest.raises(psycopg.OperationalError):
        stuck.execute("select 1")


def test_a_gate_that_is_not_passed_changes_nothing(procedure, ready, control):
    for status, error in ((Status.FAIL, RefusedError), (Status.INCONCLUSIVE, InconclusiveError)):
        verdict = Verdict((Check("totals", status),))
        with pytest.raises(error, match="totals"):
            procedure(gate=lambda found=verdict: found).run(**WHO)

    assert control.read() == ready


def test_an_empty_gate_proves_nothing(procedure):
    with pytest.raises(InconclusiveError, match="nothing was checked"):
        procedure(gate=lambda: Verdict(())).run(**WHO)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"latch": True}, "a person has to release it"),
        ({"traffic": 50}, "AWS answers 50 %"),
        ({"step": "shift.10"}, r"shift\.10 is under way"),
    ],
)
def test_a_cutover_waits_for_what_comes_before_it(procedure, control, changes, why):
    control.change(control.read(), **WHO, **changes)

    with pytest.raises(RefusedError, match=why):
        procedure().run(**WHO)


def test_one_procedure_does_not_go_on_with_another(procedure):
    with pytest.raises(CrashError):
        procedure(watch=dies_at("cutover.fence begins")).run(**WHO)

    with pytest.raises(RefusedError, match=r"cutover\.close is under way"):
        procedure("hand_back").run(**WHO)


def test_a_probe_that_fails_says_so_and_is_repeated(procedure, control):
    def refuse():
        raise OperationError("503")

    with pytest.raises(OperationError, match="aurora takes writes: look, then repeat"):
        procedure(probe=refuse).run(**WHO)
    assert control.read().step == "cutover.flip"
    assert procedure().run(**WHO).step is None


def test_a_writer_that_was_never_probed_can_go_back(procedure):
    with pytest.raises(CrashError):
        procedure(watch=dies_at("cutover.probe begins")).run(**WHO)

    assert procedure("hand_back").run(**WHO).writer is Writer.ONPREM


def test_without_a_control_state_nothing_moves(dynamodb):
    with pytest.raises(RefusedError, match="schema function writes the first"):
        current(Control(dynamodb, "payments-test-control"))


@pytest.mark.parametrize("calls", range(len(STEPS)))
def test_a_refusal_of_the_control_table_ends_in_one_writer(
    procedure, control, databases, dynamodb, calls
):
    faults.refuse(dynamodb, "TransactWriteItems", after=calls)
    with pytest.raises(OperationError):
        procedure().run(**WHO)

    state = control.read()
    assert [side for side, (_, is_open) in doors(databases).items() if is_open] == [state.writer]


@pytest.mark.parametrize("calls", range(len(STEPS)))
def test_an_outage_of_the_control_table_is_survived(procedure, databases, dynamodb, calls):
    faults.refuse(dynamodb, "TransactWriteItems", after=calls, times=100)
    with pytest.raises(OperationError):
        procedure().run(**WHO)
    assert sum(is_open for _, is_open in doors(databases).values()) <= 1
    faults.heal(dynamodb, "TransactWriteItems")

    assert procedure().run(**WHO).writer in {Writer.AURORA, Writer.ONPREM}
    assert procedure().run(**WHO).writer is Writer.AURORA


def test_an_answer_that_was_lost_is_asked_for_again(procedure, dynamodb):
    faults.lose_answer(dynamodb, "TransactWriteItems")
    with pytest.raises((OperationError, ConflictError)):
        procedure().run(**WHO)

    assert procedure().run(**WHO).writer is Writer.AURORA
