"""The writer moves between two real databases: without a second writer, whatever happens."""

from dataclasses import replace

import psycopg
import pytest

from generator.errors import InconclusiveError, OperationError, RefusedError
from generator.ops import sequences
from generator.ops.control import ConflictError, Control, Writer
from generator.ops.cutover import Procedure
from generator.ops.plan import STEPS, Plan
from generator.ops.state import current
from generator.ops.validation import Databases
from generator.ops.verdict import Check, Status, Verdict
from migration import faults
from migration.conftest import TABLES
from migration.rows import NOW, pay, replica

MOMENTS = ("begins", "is to be recorded", "is done")
WHO = {"actor": "anna", "reason": "tonight"}
SAYS_YES = Verdict((Check("all", Status.PASS),))
OPEN = "select epoch, open from migration_control.writer_epoch"


class CrashError(Exception):
    """A process that is no more."""


@pytest.fixture
def ready(control, databases, link):
    """All traffic at AWS, and replication that follows."""
    link.forward()
    pay(databases.onprem, 30)
    return control.change(control.read(), actor="anna", reason="shifted", traffic=100)


@pytest.fixture
def procedure(ready, control, sides, link, hurried):  # noqa: ARG001 - a fixture takes no mark
    """Make cutovers and hand-backs, by a process of its own each."""

    def make(name="cutover", watch=lambda _: None, **plan):
        both = sides("payment_operator")
        order = (
            (Writer.ONPREM, Writer.AURORA) if name == "cutover" else (Writer.AURORA, Writer.ONPREM)
        )
        loser, winner = (both[writer] for writer in order)
        pair = Databases(loser, winner, TABLES, hurried)
        usual = Plan(
            gate=lambda: SAYS_YES,
            verify=pair.settled,
            sequences=lambda source, target: sequences.advance(
                source.connection, target.connection, ["public"], 1000
            ),
            replicate=link.follow,
            probe=lambda: None,
            clock=hurried,
            drain_seconds=5,
            watch=watch,
        )
        return Procedure(name, control, loser, winner, replace(usual, **plan))

    return make


def dies_at(moment):
    def watch(told):
        if told == moment:
            raise CrashError(moment)

    return watch


def doors(databases):
    """Return which epoch each side knows, and whether it is open."""
    return {side.server.name: side.rows(OPEN)[0] for side in (databases.onprem, databases.aurora)}


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
