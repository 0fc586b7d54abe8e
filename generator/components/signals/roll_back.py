"""The alarms that take traffic back: AWS's own errors and slowness, and nothing else.

Replication, markers, databases and the old side page people; none of them moves a request. At fifty
thousand requests a day ten seconds hold six of them, and at a tenth of the traffic less than one.
So the alarms count periods of ten seconds in which requests failed, however many there were, over
two minutes that roll on with every period: one failure moves nothing, nor do a few among thousands,
and periods without a request say nothing. Where there is no request, the probe asks.
"""

from typing import NamedTuple

from generator.components.probe import ANSWER_SECONDS, PAUSE_SECONDS
from generator.components.signals.alarm import Alarm, Composite
from generator.components.signals.metric import Metric
from generator.components.signals.watched import Watched
from generator.model.hcl import Identifier

PERIOD, WINDOW = 10, 12
"""Seconds that a datapoint spans, and how many of them are looked at."""
WAIT_SECONDS = 10
"""How long the fence's alarm is waited for before traffic moves."""
EXTENSION_SECONDS = 60
"""How long traffic stays where it is after a fence has opened; its last failures still show."""
PROBES_PERCENT = 50
"""Share of probes that fail; one of three zones is for people to see to."""
UNANSWERED = 3
"""Requests of a minute that Lambda left unanswered."""


class Fault(NamedTuple):
    """A kind of fault: the alarm that sees it, and what passes before there is something to see."""

    alarm: Alarm
    seconds: int
    until: str

    @property
    def detection_seconds(self) -> int:
        """Seconds from the fault to the alarm, at worst."""
        return self.seconds + self.alarm.detection_seconds


def members(of: Watched) -> tuple[Alarm, ...]:
    """Return the alarms that each take traffic back."""
    if not of.has("compute", "load_balancer"):
        return ()
    probe = (_probe(of),) if of.is_probed else ()
    return _failing(of), _slow(of), *probe, _unanswered(of)


def faults(of: Watched) -> tuple[Fault, ...]:
    """Return the kinds of faults for which a time is promised.

    Not among them: requests that Lambda leaves unanswered now and then, while the probe's get
    through. The load balancer counts those by the minute, and late; it still takes traffic back.
    """
    given_up: int = of.component("compute").payment_function.timeout_seconds
    answered = given_up, "until requests that fail or are slow are answered"
    if of.is_probed:
        nothing = Fault(
            _probe(of), PAUSE_SECONDS + ANSWER_SECONDS, "until the probe asks, and gives up"
        )
    else:
        late = "until Lambda gives up; rollback.probe_function would see it sooner"
        nothing = Fault(_unanswered(of), given_up, late)
    return Fault(_failing(of), *answered), Fault(_slow(of), *answered), nothing


def slowest(of: Watched) -> Fault:
    """Return the kind of fault that is seen last."""
    return max(faults(of), key=lambda fault: fault.detection_seconds)


def composite(of: Watched) -> Composite | None:
    """Return the alarm that means: roll back."""
    alarms = members(of)
    if not alarms:
        return None
    what_follows = (
        "Traffic goes back by itself; then find out why."
        if of.has("rollback")
        else "There is no side to go back to: find out why."
    )
    summary = f"AWS fails or is slow. {what_follows}"
    return Composite(Identifier("roll-back"), summary, alarms, "OR")


def suppressor(of: Watched) -> Alarm | None:
    """Return the alarm that keeps traffic where it is while a cutover has writes fenced off."""
    if not of.has("compute", "load_balancer"):
        return None
    return Alarm(
        Identifier("fenced"),
        "Writes are fenced off, as a cutover does for seconds; nothing rolls back meanwhile.",
        {"fenced": of.payment("Fenced", period=PERIOD)},
        (">", 0),
        pages=False,
    )


def _failing(of: Watched) -> Alarm:
    metrics = {
        "bad": of.payment("Errors", period=PERIOD),
        "total": of.payment("Requests", period=PERIOD),
    }
    summary = "The payment API fails on AWS."
    return _rolling(of, "roll-back-errors", summary, metrics, of.roll_back.failed_percent)


def _slow(of: Watched) -> Alarm:
    over = of.roll_back.slow_ms
    metrics = {
        "bad": of.payment("Latency", f"TC({over}:)", PERIOD),
        "total": of.payment("Latency", "SampleCount", PERIOD),
    }
    summary = f"The payment API takes more than {over} ms on AWS."
    return _rolling(of, "roll-back-latency", summary, metrics, of.roll_back.slow_percent)


def _probe(of: Watched) -> Alarm:
    # What never ran measures nothing of itself, and what AWS measures of it comes too late.
    metrics = {
        "bad": of.operations("ProbesFailed", "Sum", PERIOD),
        "total": of.operations("Probes", "Sum", PERIOD),
    }
    summary = "The payment function is not ready, or answers nobody: seen from outside."
    return _rolling(of, "roll-back-probe", summary, metrics, PROBES_PERCENT)


def _rolling(
    of: Watched, name: str, summary: str, metrics: dict[str, Metric], share: float
) -> Alarm:
    return Alarm(
        Identifier(name),
        summary,
        metrics,
        (">=", 1),
        periods=WINDOW,
        datapoints=of.roll_back.periods,
        expression=_many_and_a_lot("bad", 1, share),
        pages=False,
    )


def _unanswered(of: Watched) -> Alarm:
    metrics = {
        "user": of.target("LambdaUserError"),
        "internal": of.target("LambdaInternalError"),
        "total": of.target("RequestCount"),
    }
    return Alarm(
        Identifier("roll-back-unanswered"),
        "The payment function does not answer: it crashes, times out, is throttled or not let in.",
        metrics,
        (">=", 1),
        # The newest minutes fill up late, and may show requests before they show what became of
        # them.
        periods=3,
        datapoints=1,
        expression=_many_and_a_lot("(user + internal)", UNANSWERED, of.roll_back.failed_percent),
        pages=False,
    )


def _many_and_a_lot(bad: str, count: int, percent: float) -> str:
    # Multiplied, not divided: a period without a request has no share.
    return f"IF({bad} >= {count} AND {bad} * 100 >= {percent:g} * total, 1, 0)"
