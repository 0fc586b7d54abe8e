"""The alarms that take traffic back: AWS's own errors and slowness, and nothing else.

Replication, markers, databases and the old side page people; none of them moves a request. A share
alone would do it for one failure of a night, a count alone for a thousandth of a busy minute, so
each asks for both. At fifty thousand requests a day ten seconds hold six of them, and at a tenth of
the traffic less than one: what is too sparse for the quick alarms is counted over two minutes.
"""

from generator.components.signals.alarm import Alarm, Composite
from generator.components.signals.metric import Metric
from generator.components.signals.watched import Watched
from generator.model.hcl import Identifier

QUICK, SPARSE = 10, 120
"""Seconds that a datapoint spans: three of the quick ones in a row, or one of the sparse."""
WAIT_SECONDS = 10
"""How long the fence's alarm is waited for before traffic moves."""
EXTENSION_SECONDS = 60
"""How long traffic stays where it is after a fence has opened; its last failures still show."""


def members(of: Watched) -> tuple[Alarm, ...]:
    """Return the alarms that each take traffic back."""
    if not of.has("compute", "load_balancer"):
        return ()
    few = -(-of.roll_back.requests // 3)
    return (
        _failing(of, "roll-back-errors", QUICK, few),
        _failing(of, "roll-back-errors-sparse", SPARSE, of.roll_back.requests),
        _slow(of, "roll-back-latency", QUICK, few),
        _slow(of, "roll-back-latency-sparse", SPARSE, of.roll_back.requests),
        _unanswered(of),
    )


def composite(of: Watched) -> Composite | None:
    """Return the alarm that means: roll back."""
    alarms = members(of)
    if not alarms:
        return None
    summary = "AWS fails or is slow. Traffic goes back by itself; then find out why."
    return Composite(Identifier("roll-back"), summary, alarms, "OR")


def suppressor(of: Watched) -> Alarm | None:
    """Return the alarm that keeps traffic where it is while a cutover has writes fenced off."""
    if not of.has("compute", "load_balancer"):
        return None
    return Alarm(
        Identifier("fenced"),
        "Writes are fenced off, as a cutover does for seconds; nothing rolls back meanwhile.",
        {"fenced": of.payment("Fenced", period=QUICK)},
        (">", 0),
        pages=False,
    )


def _failing(of: Watched, name: str, period: int, count: int) -> Alarm:
    metrics = {
        "bad": of.payment("Errors", period=period),
        "total": of.payment("Requests", period=period),
    }
    return _alarm(
        name, "The payment API fails on AWS.", metrics, count, of.roll_back.failed_percent
    )


def _slow(of: Watched, name: str, period: int, count: int) -> Alarm:
    over = of.roll_back.slow_ms
    metrics = {
        "bad": of.payment("Latency", f"TC({over}:)", period),
        "total": of.payment("Latency", "SampleCount", period),
    }
    summary = f"The payment API takes more than {over} ms on AWS."
    return _alarm(name, summary, metrics, count, of.roll_back.slow_percent)


def _alarm(name: str, summary: str, metrics: dict[str, Metric], count: int, share: float) -> Alarm:
    quick = metrics["bad"].period == QUICK
    return Alarm(
        Identifier(name),
        summary,
        metrics,
        (">=", 1),
        periods=3 if quick else 1,
        expression=_many_and_a_lot("FILL(bad, 0)", "FILL(total, 0)", count, share),
        pages=False,
    )


def _unanswered(of: Watched) -> Alarm:
    # What never ran measured nothing of itself, so the load balancer is asked.
    metrics = {
        "user": of.target("LambdaUserError"),
        "internal": of.target("LambdaInternalError"),
        "total": of.target("RequestCount"),
    }
    bad = "(FILL(user, 0) + FILL(internal, 0))"
    roll_back = of.roll_back
    return Alarm(
        Identifier("roll-back-unanswered"),
        "The payment function does not answer: it crashes, times out, is throttled or not let in.",
        metrics,
        (">=", 1),
        expression=_many_and_a_lot(
            bad, "FILL(total, 0)", roll_back.requests, roll_back.failed_percent
        ),
        pages=False,
    )


def _many_and_a_lot(bad: str, every: str, count: int, percent: float) -> str:
    # Multiplied, not divided: a period without a request has no share.
    return f"IF({bad} >= {count} AND {bad} * 100 >= {percent:g} * {every}, 1, 0)"
