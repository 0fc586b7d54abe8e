"""Alarms on the payment API as clients meet it: its latency, its errors, and how fast they come."""

from collections.abc import Iterator
from typing import NamedTuple

from generator.components.signals.alarm import Alarm, Composite
from generator.components.signals.metric import Metric
from generator.components.signals.watched import Watched
from generator.model.hcl import Identifier


class Burn(NamedTuple):
    """How fast a month's allowance of errors is used up, seen in a long and in a short window."""

    name: str
    rate: float
    long: int
    short: int


FAILED, EVERY = "(failed + unanswered)", "(answered + unanswered)"
"""What failed and all there was, as expressions over `_failures`."""
QUARTER = 900
"""Seconds in which a tenth of fifty thousand requests a day are enough for a share."""
BURNS = (Burn("fast", 14.4, 3600, 300), Burn("slow", 6, 21600, 1800))
"""At the first rate a month's allowance is gone in two days, at the second in five."""


def alarms(of: Watched) -> Iterator[Alarm]:
    """Yield the alarms on the API; the load balancer is where clients meet it."""
    if not of.has("compute", "load_balancer"):
        return
    yield _latency(of)
    yield Alarm(
        Identifier("errors"),
        f"At most {of.slo.error_rate:.4%} of requests should fail.",
        _failures(of, QUARTER),
        (">", _percent(of)),
        periods=2,
        expression=_share(FAILED, EVERY, of.thresholds.minimum_requests),
    )
    for burn in BURNS:
        yield from _windows(of, burn)
    yield from _balancer(of)


def composites(of: Watched) -> Iterator[Composite]:
    """Yield the alarms that ring when errors use up the SLO: for long, and still."""
    if not of.has("compute", "load_balancer"):
        return
    for burn in BURNS:
        yield Composite(
            Identifier(f"burn-{burn.name}"),
            f"Errors come {burn.rate:g} times as fast as the SLO allows, and still do.",
            tuple(_windows(of, burn)),
            "AND",
        )


def _latency(of: Watched) -> Alarm:
    # As the API measures itself, /health left out. CloudWatch evaluates no percentile of fewer than
    # a thousand requests, which are half an hour of a busy day.
    slow = f"TC({of.slo.latency_p99_ms}:)"
    return Alarm(
        Identifier("latency"),
        f"99 % of requests should take at most {of.slo.latency_p99_ms} ms.",
        {
            "slow": of.payment("Latency", slow, QUARTER),
            "every": of.payment("Latency", "SampleCount", QUARTER),
        },
        (">", 1),
        periods=2,
        expression=_share("slow", "every", of.thresholds.minimum_requests),
    )


def _windows(of: Watched, burn: Burn) -> Iterator[Alarm]:
    # The long window has to be sure. The short one says only whether it still goes on, and of few
    # requests too.
    for window, seconds, enough in (
        ("long", burn.long, of.thresholds.minimum_requests),
        ("short", burn.short, 1),
    ):
        yield Alarm(
            Identifier(f"burn-{burn.name}-{window}"),
            f"Errors of {seconds // 60} minutes, {burn.rate:g} times what the SLO allows.",
            _failures(of, seconds),
            (">", round(burn.rate * _percent(of), 6)),
            expression=_share(FAILED, EVERY, enough),
            pages=False,
        )


def _balancer(of: Watched) -> Iterator[Alarm]:
    yield Alarm(
        Identifier("balancer-errors"),
        "The load balancer answers with errors of its own: nothing behind it did.",
        {"errors": of.balancer("HTTPCode_ELB_5XX_Count", period=300)},
        (">=", 5),
    )
    yield Alarm(
        Identifier("function-errors"),
        "The load balancer cannot use what the payment function answers, or may not call it.",
        {"user": of.target("LambdaUserError"), "internal": of.target("LambdaInternalError")},
        (">=", 1),
        periods=5,
        datapoints=3,
        expression="user + internal",
    )
    yield Alarm(
        Identifier("balancer-rejections"),
        "The load balancer has as many connections as it can take, and refuses more.",
        {"rejected": of.balancer("RejectedConnectionCount")},
        (">", 0),
    )
    yield Alarm(
        Identifier("unhealthy"),
        "The health check of the payment function fails.",
        {"healthy": of.target("HealthyHostCount", "Minimum")},
        ("<", 1),
        periods=3,
        missing="breaching",
    )


def _failures(of: Watched, period: int) -> dict[str, Metric]:
    """Return what failed, for either reason, and what was answered.

    The API does not count the refusals of a fence, nor what asks for its health. What the function
    never answered, the load balancer has.
    """
    return {
        "failed": of.payment("Errors", period=period),
        "unanswered": of.balancer("HTTPCode_ELB_5XX_Count", period=period),
        "answered": of.payment("Requests", period=period),
    }


def _share(part: str, whole: str, enough: int) -> str:
    return f"IF({whole} >= {enough}, 100 * {part} / {whole}, 0)"


def _percent(of: Watched) -> float:
    percent: float = round(of.slo.error_rate * 100, 6)
    return percent
