"""Rollback: what it does by itself, what it leaves to people, and what it repeats."""

import datetime as dt

import pytest

from generator.errors import OperationError
from generator.ops.control import Control, Writer
from generator.ops.rollback import Rollback, World
from generator.ops.traffic import Traffic
from migration import faults
from migration.test_traffic import ROUTING, Weights

WHO = {"actor": "anna", "reason": "shifted"}


class Scene:
    """One environment: its state, its weights, and what its cutover function was asked for."""

    def __init__(self, control, weights, clock):
        self.control = control
        self.weights = weights
        self.clock = clock
        self.calls = []

    def rollback(self, switch="auto", *, rings=False, cutover=None):
        """Make a rollback in a world where switch, alarm and cutover are as said."""

        def act(action, reason):
            self.calls.append((action, reason))
            if cutover:
                cutover()

        since = self.clock.now() if rings else None
        world = World(lambda: switch, lambda: since, act, self.clock)
        traffic = Traffic(self.control, self.weights, ROUTING, self.clock)
        return Rollback(self.control, traffic, world)

    def at(self, traffic, writer=Writer.ONPREM, **changes):
        """Put traffic and writer where a test begins."""
        self.weights.write(traffic)
        return self.control.change(
            self.control.read(), **WHO, traffic=traffic, writer=writer, **changes
        )

    def moved(self):
        """Put the old writer back, as the cutover function does."""
        self.control.change(
            self.control.read(), actor="cutover", reason="", writer=Writer.ONPREM, step=None
        )


@pytest.fixture
def scene(dynamodb, clock):
    control = Control(dynamodb, "payments-test-control", clock.now)
    control.create(actor="schema", reason="first")
    return Scene(control, Weights(), clock)


@pytest.fixture
def dns(scene, records):
    """The same, with records at Route 53."""
    scene.weights = records
    return scene


def fail():
    raise OperationError("the drain did not end")


@pytest.mark.parametrize("switch", ["auto", None])
def test_before_the_cutover_an_alarm_sends_traffic_back(scene, switch):
    scene.at(50)
    outcome = scene.rollback(switch).on_alarm("roll-back")
    state = scene.control.read()

    assert outcome.document() == {
        "status": "done",
        "detail": "traffic is back",
        "traffic": 0,
        "writer": "onprem",
        "seconds": 0.0,
    }
    assert (state.traffic, state.latch, state.reason) == (0, True, "alarm roll-back")
    assert scene.weights.percent == 0


@pytest.mark.parametrize(
    ("switch", "writer", "status"),
    [
        ("off", Writer.ONPREM, "ignored"),
        ("off", Writer.AURORA, "ignored"),
        ("notify", Writer.ONPREM, "told"),
        ("notify", Writer.AURORA, "told"),
        (None, Writer.AURORA, "told"),
        (None, Writer.FENCED, "told"),
        ("auto", Writer.FENCED, "ignored"),
    ],
)
def test_otherwise_people_decide(scene, switch, writer, status):
    before = scene.at(100, writer)
    outcome = scene.rollback(switch).on_alarm("roll-back")

    assert outcome.status == status
    assert (scene.control.read(), scene.calls) == (before, [])


def test_after_the_cutover_the_writer_goes_back_before_the_traffic(scene):
    scene.at(100, Writer.AURORA)

    def hand_back():
        assert scene.control.read().latch
        assert scene.weights.percent == 100
        scene.moved()

    outcome = scene.rollback(cutover=hand_back).on_alarm("roll-back")

    assert (outcome.status, outcome.traffic, outcome.writer) == ("done", 0, "onprem")
    assert scene.calls == [("hand_back", "alarm roll-back")]


def test_a_hand_back_that_fails_leaves_traffic_where_the_payments_are(scene):
    scene.at(100, Writer.AURORA)
    outcome = scene.rollback(cutover=fail).on_alarm("roll-back")
    state = scene.control.read()

    assert (outcome.status, outcome.detail) == ("failed", "the drain did not end")
    assert (state.writer, state.latch, scene.weights.percent) == (Writer.AURORA, True, 100)
    # Repeating it by the minute would fence payments by the minute.
    assert scene.rollback(cutover=fail).reconcile().detail == "after the cutover people decide"


def test_a_hand_back_that_outlasts_the_rollback_is_followed_by_the_reconciler(scene):
    scene.at(100, Writer.AURORA)
    scene.rollback(cutover=fail).on_alarm("roll-back")
    scene.moved()

    assert scene.rollback().reconcile().status == "done"
    assert (scene.control.read().traffic, scene.weights.percent) == (0, 0)
    assert scene.rollback().reconcile().status == "ignored"


@pytest.mark.parametrize("switch", ["auto", "notify", "off"])
def test_a_person_is_obeyed_whatever_the_switch_says(scene, switch):
    scene.at(50)
    outcome = scene.rollback(switch).by_person(actor="anna", reason="complaints")

    assert (outcome.status, scene.weights.percent) == ("done", 0)


@pytest.mark.parametrize(
    ("writer", "says"),
    [
        (Writer.ONPREM, "traffic 50 % -> 0 %, latched"),
        (Writer.AURORA, "the writer is handed back, then traffic 50 % -> 0 %, latched"),
    ],
)
def test_a_dry_run_says_what_would_be_and_does_nothing(scene, writer, says):
    before = scene.at(50, writer)
    outcome = scene.rollback().by_person(actor="anna", reason="game day", dry_run=True)

    assert (outcome.status, outcome.detail) == ("planned", says)
    assert (scene.control.read(), scene.calls) == (before, [])


def test_a_person_waits_for_the_end_of_a_fence(scene):
    scene.at(100, Writer.FENCED, step="cutover.drain")
    outcome = scene.rollback().by_person(actor="anna", reason="complaints")

    assert (outcome.status, outcome.detail) == (
        "refused",
        "cutover.drain is under way; finish or abort it first",
    )


def test_without_a_state_nothing_is_done(scene, dynamodb):
    dynamodb.delete_item(
        TableName="payments-test-control", Key={"id": {"S": "state"}, "at": {"S": "-"}}
    )

    assert scene.rollback().on_alarm("roll-back").status == "refused"


def test_the_reconciler_hears_an_alarm_that_nobody_answered(scene):
    scene.at(50)

    assert scene.rollback(rings=False).reconcile().status == "ignored"
    assert scene.rollback(rings=True).reconcile().status == "done"
    assert scene.weights.percent == 0


@pytest.mark.parametrize("switch", ["notify", "off"])
def test_the_reconciler_begins_nothing_that_the_switch_forbids(scene, switch):
    before = scene.at(50)

    assert scene.rollback(switch, rings=True).reconcile().detail == "the kill switch says so"
    assert scene.control.read() == before


@pytest.mark.parametrize("switch", ["auto", "notify", "off"])
def test_the_reconciler_finishes_what_a_person_began_whatever_the_switch_says(dns, route53, switch):
    dns.at(50)
    faults.refuse(route53, "ChangeResourceRecordSets")
    assert dns.rollback(switch).by_person(actor="anna", reason="complaints").status == "failed"

    assert dns.rollback(switch).reconcile().status == "done"
    assert (dns.control.read().traffic, dns.weights.read()) == (0, 0)


def test_the_reconciler_takes_back_a_shift_that_was_cut_off_under_an_alarm(scene):
    scene.at(0, step="shift.10")
    scene.weights.write(10)

    assert scene.rollback(rings=True).reconcile().status == "done"
    assert scene.weights.percent == 0


@pytest.mark.parametrize("switch", ["auto", "notify", None])
def test_where_aws_is_asked_nothing_an_alarm_latches_nothing(scene, switch):
    before = scene.at(0)
    outcome = scene.rollback(switch).on_alarm("roll-back")

    assert outcome.status == ("told" if switch == "notify" else "ignored")
    assert (scene.control.read(), outcome.seconds) == (before, None)


def test_weights_that_somebody_wrote_by_hand_are_taken_back(scene):
    scene.at(0)
    scene.weights.write(50)

    assert scene.rollback().on_alarm("roll-back").status == "done"
    assert scene.weights.percent == 0


def test_a_rollback_in_several_runs_is_measured_whole(scene):
    scene.at(100, Writer.AURORA)
    rang = scene.clock.now()
    scene.clock.sleep(20)
    assert scene.rollback(cutover=fail).on_alarm("roll-back", rang).seconds is None
    scene.clock.sleep(60)
    scene.rollback(cutover=fail).on_alarm("roll-back", scene.clock.now())
    scene.moved()
    scene.clock.sleep(60)

    assert scene.rollback().reconcile().seconds == 140
    assert scene.control.read().since is None
    assert scene.rollback().reconcile().seconds is None


def test_what_the_reconciler_hears_is_measured_from_the_alarm(scene):
    scene.at(50)
    hears = scene.rollback(rings=True)
    scene.clock.sleep(45)

    assert hears.reconcile().seconds == 45


@pytest.mark.parametrize("switch", ["auto", "off"])
@pytest.mark.parametrize(
    ("step", "action"), [("cutover.drain", "abort"), ("hand_back.open", "hand_back")]
)
def test_a_fence_that_was_left_is_ended(scene, step, action, switch):
    scene.at(100, Writer.FENCED, step=step)
    assert scene.rollback(switch).reconcile().detail == f"{step} is under way"
    scene.clock.sleep(dt.timedelta(minutes=6).total_seconds())

    outcome = scene.rollback(switch, cutover=scene.moved).reconcile()

    assert (outcome.status, outcome.writer) == ("done", "onprem")
    assert scene.calls == [(action, f"{step} was left 360 s ago")]


@pytest.mark.parametrize(
    ("operation", "calls"),
    [("GetItem", 0), ("TransactWriteItems", 0), ("TransactWriteItems", 1)],
)
def test_an_outage_of_the_control_table_is_repaired_by_the_reconciler(
    scene, dynamodb, operation, calls
):
    scene.at(50)
    faults.refuse(dynamodb, operation, after=calls)

    assert scene.rollback().on_alarm("roll-back").status == "failed"
    assert scene.rollback(rings=True).reconcile().status == "done"
    state = scene.control.read()
    assert (state.traffic, state.latch, state.step) == (0, True, None)
    assert scene.weights.read() == 0


@pytest.mark.parametrize(
    "operation", ["ListResourceRecordSets", "ChangeResourceRecordSets", "GetChange"]
)
@pytest.mark.parametrize("fault", [faults.refuse, faults.lose_answer])
def test_a_bad_day_of_route53_is_repaired_by_the_reconciler(dns, route53, operation, fault):
    dns.at(50)
    fault(route53, operation)
    outcome = dns.rollback().on_alarm("roll-back")

    assert outcome.status == "failed"
    assert dns.control.read().latch
    assert dns.rollback().reconcile().status == "done"
    state = dns.control.read()
    assert (state.traffic, state.step, dns.weights.read()) == (0, None, 0)


def test_a_slow_route53_fails_in_time_and_is_awaited_by_the_reconciler(dns, route53):
    dns.at(50)
    left = [70]

    def pending(parsed):
        left[0] -= 1
        parsed["ChangeInfo"]["Status"] = "PENDING" if left[0] > 0 else "INSYNC"

    faults.alter(route53, "GetChange", pending)

    assert "INSYNC" in dns.rollback().on_alarm("roll-back").detail
    assert dns.rollback().reconcile().status == "done"
    assert dns.control.read().traffic == 0
