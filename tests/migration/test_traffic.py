"""Traffic goes along its phases, and back at once."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.errors import InconclusiveError, OperationError, RefusedError
from generator.ops.control import Control, Writer
from generator.ops.inventory import Routing
from generator.ops.traffic import Traffic
from generator.ops.verdict import Check, Status, Verdict

WHO = {"actor": "anna", "reason": "next phase"}
SINCE = "2026-11-24T12:00:00+00:00"
ROUTING = Routing("route53_weighted", phases=(0, 10, 50, 100), bake_minutes=30)


def says(status):
    return lambda: Verdict((Check("totals", status),))


YES = says(Status.PASS)


class Weights:
    """Weights that are kept, unless *then* does something else first."""

    def __init__(self):
        self.percent = 0
        self.then = lambda: None

    def read(self):
        return self.percent

    def write(self, percent):
        then, self.then = self.then, lambda: None
        then()
        self.percent = percent


class DiedError(Exception):
    pass


def die():
    raise DiedError


@pytest.fixture
def weights():
    return Weights()


@pytest.fixture
def control(dynamodb, clock):
    found = Control(dynamodb, "payments-test-control", clock.now)
    found.create(actor="schema", reason="first")
    clock.sleep(3600)
    return found


@pytest.fixture
def traffic(control, weights, clock):
    return Traffic(control, weights, ROUTING, clock)


def test_traffic_goes_from_phase_to_phase_and_is_remembered(traffic, weights, control, clock):
    for phase in (10, 50, 100):
        state = traffic.shift(phase, **WHO, gate=YES)
        clock.sleep(1800)

        assert (state.traffic, state.step, weights.percent) == (phase, None, phase)
    assert [entry.state.traffic for entry in control.audit()][:3] == [100, 50, 50]


@pytest.mark.parametrize(
    ("to", "why"),
    [(20, "20 % is no phase; the phases are 0, 10, 50, 100"), (50, "10 % comes before 50 %")],
)
def test_no_phase_is_left_out(traffic, weights, to, why):
    with pytest.raises(RefusedError, match=why):
        traffic.shift(to, **WHO, gate=YES)

    assert weights.percent == 0


def test_a_phase_bakes_before_the_next(traffic, clock):
    traffic.shift(10, **WHO, gate=YES)
    clock.sleep(600)
    with pytest.raises(RefusedError, match="10 % bakes for 20 min more"):
        traffic.shift(50, **WHO, gate=YES)


def test_the_way_down_waits_for_nothing(traffic, clock):
    traffic.shift(10, **WHO, gate=YES)
    clock.sleep(1800)
    traffic.shift(50, **WHO, gate=YES)

    assert traffic.shift(0, **WHO, gate=says(Status.FAIL)).traffic == 0


@pytest.mark.parametrize(
    ("status", "error"),
    [(Status.FAIL, RefusedError), (Status.INCONCLUSIVE, InconclusiveError)],
)
def test_a_gate_that_does_not_pass_holds_traffic_back(traffic, weights, status, error):
    with pytest.raises(error, match="totals"):
        traffic.shift(10, **WHO, gate=says(status))

    assert weights.percent == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"writer": Writer.FENCED},
        {"writer": Writer.AURORA},
        {"step": "cutover.drain"},
        {"latch": True},
    ],
)
def test_traffic_waits_while_something_else_is_under_way(traffic, control, clock, changes):
    control.change(control.read(), **WHO, **changes)
    clock.sleep(3600)

    with pytest.raises(RefusedError):
        traffic.shift(10, **WHO, gate=YES)


def test_where_aws_answers_alone_nothing_moves(control, weights, clock):
    with pytest.raises(RefusedError, match="aws_only"):
        Traffic(control, weights, Routing("aws_only"), clock)


def test_a_shift_that_was_cut_off_is_finished_by_the_next(traffic, weights, control):
    weights.then = die
    with pytest.raises(DiedError):
        traffic.shift(10, **WHO, gate=YES)
    assert (control.read().step, control.read().traffic) == ("shift.10", 0)

    assert traffic.shift(10, **WHO, gate=YES).traffic == 10
    assert weights.percent == 10


def test_a_rollback_latches_until_a_person_releases_it(traffic, weights, clock):
    traffic.shift(10, **WHO, gate=YES)
    state = traffic.back(**WHO, since=SINCE)
    clock.sleep(3600)

    assert (state.traffic, state.latch, weights.percent) == (0, True, 0)
    with pytest.raises(RefusedError, match="a person has to release it"):
        traffic.shift(10, **WHO, gate=YES)
    assert not traffic.release(**WHO).latch
    clock.sleep(3600)
    assert traffic.shift(10, **WHO, gate=YES).traffic == 10


def test_a_rollback_sends_nobody_to_a_side_that_takes_no_writes(traffic, control, weights):
    weights.percent = 100
    control.change(control.read(), **WHO, writer=Writer.AURORA, traffic=100)
    with pytest.raises(RefusedError, match="the writer is aurora"):
        traffic.back(**WHO, since=SINCE)

    assert weights.percent == 100


def test_a_second_rollback_changes_nothing(traffic):
    first = traffic.back(**WHO, since=SINCE)

    assert traffic.back(**WHO, since=SINCE) == first


def test_a_rollback_puts_weights_right_that_strayed(traffic, weights):
    traffic.back(**WHO, since=SINCE)
    weights.percent = 50
    traffic.back(**WHO, since=SINCE)

    assert weights.percent == 0


def test_a_shift_that_a_rollback_overtakes_leaves_nothing_behind(traffic, weights):
    weights.then = lambda: traffic.back(actor="alarm", reason="errors", since=SINCE)
    with pytest.raises(OperationError, match="overtaken"):
        traffic.shift(10, **WHO, gate=YES)

    assert weights.percent == 0


def test_a_shift_that_another_shift_overtakes_leaves_the_weights_to_it(traffic, weights, control):
    weights.then = lambda: control.change(control.read(), **WHO, step=None)
    with pytest.raises(OperationError, match="overtaken"):
        traffic.shift(10, **WHO, gate=YES)

    assert weights.percent == 10


class Busy(Control):
    """A table whose state somebody changes after every read."""

    def read(self):
        state = super().read()
        super().change(state, actor="other", reason="busy")
        return state


@pytest.mark.usefixtures("control")
def test_a_rollback_that_never_gets_its_turn_says_so(dynamodb, weights, clock):
    busy = Busy(dynamodb, "payments-test-control", clock.now)
    with pytest.raises(OperationError, match="keeps changing"):
        Traffic(busy, weights, ROUTING, clock).back(**WHO, since=SINCE)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["shift", "back", "release", "die"]),
            st.sampled_from([0, 10, 20, 50, 100]),
            st.sampled_from(list(Status)),
            st.integers(0, 60),
        ),
        max_size=12,
    )
)
def test_whatever_is_asked_traffic_climbs_by_one_phase_and_never_when_latched(
    traffic, weights, control, clock, steps
):
    for action, to, status, minutes in steps:
        before, was = control.read(), weights.percent
        try:
            match action:
                case "shift":
                    traffic.shift(to, **WHO, gate=says(status))
                case "die":
                    weights.then = die
                    traffic.shift(to, **WHO, gate=says(status))
                case "back":
                    traffic.back(**WHO, since=SINCE)
                case _:
                    traffic.release(**WHO)
        except (RefusedError, DiedError):
            weights.then = lambda: None
        if weights.percent > was:
            assert not before.latch
            assert status is Status.PASS
            assert ROUTING.phases.index(weights.percent) <= ROUTING.phases.index(before.traffic) + 1
        if control.read().step is None:
            assert control.read().traffic == weights.percent
        clock.sleep(dt.timedelta(minutes=minutes).total_seconds())
