"""Rules about what is promised: whether the times, and the shares, can be kept at all."""

from collections.abc import Iterator
from typing import Any

from generator.budgets import recovery
from generator.components.signals.api import BURNS
from generator.document import Environment
from generator.model.rule import Finding, rule

MONTH = 30 * 86400
"""Seconds."""


@rule("TAP020", "The way back is promised in seconds, and AWS needs some of them.")
def _way_back_is_fast_enough(environment: Environment) -> Iterator[Finding]:
    for each in recovery(environment):
        if each.spent > each.allowed:
            items = " + ".join(f"{item.seconds} ({item.what})" for item in each.items)
            yield Finding(
                f"/{each.setting}",
                f"{each.name}: going back takes {each.spent} s, and {each.allowed} are promised: "
                f"{items}; shorten one, or promise less",
            )
            # After the cutover it is the same, and more.
            return


@rule("TAP021", "A loss has to page before it is more than what is promised.")
def _loss_pages_in_time(environment: Environment) -> Iterator[Finding]:
    monitoring: Any = environment.components.get("monitoring")
    promised = environment.slo.rpo_seconds
    if monitoring and (monitoring.thresholds.replication_lag_seconds or 0) > promised:
        yield Finding(
            "monitoring.thresholds.replication_lag_seconds",
            f"must be at most slo.rpo_seconds, {promised}",
        )


@rule("TAP022", "An alarm on more than every request never rings.")
def _burn_rates_can_be_reached(environment: Environment) -> Iterator[Finding]:
    rate = max(burn.rate for burn in BURNS)
    if "monitoring" in environment.components and environment.slo.error_rate * rate >= 1:
        yield Finding(
            "/slo.error_rate",
            f"{rate:g} times {environment.slo.error_rate:g} is more than all requests, so nobody "
            f"would be paged; write less than {1 / rate:.3f}",
        )


@rule("TAP023", "A request that is cut off is never seen to be slow.")
def _slowness_is_seen(environment: Environment) -> Iterator[Finding]:
    monitoring: Any = environment.components.get("monitoring")
    compute: Any = environment.components.get("compute")
    if monitoring is None or compute is None:
        return
    timeout = compute.payment_function.timeout_seconds * 1000
    for slow, path in (
        (environment.slo.latency_p99_ms, "/slo.latency_p99_ms"),
        (monitoring.roll_back.slow_ms, "monitoring.roll_back.slow_ms"),
    ):
        if slow >= timeout:
            yield Finding(
                path,
                f"must be less than compute.payment_function.timeout_seconds, {timeout} ms",
            )


@rule("TAP024", "A month's promise and one rollback have to fit together.", severity="warning")
def _availability_survives_a_rollback(environment: Environment) -> Iterator[Finding]:
    slo = environment.slo
    outage = round((1 - slo.availability) * MONTH)
    if "rollback" in environment.components and outage < slo.rto_seconds:
        yield Finding(
            "/slo.availability",
            f"allows an outage of {outage} s a month, and one rollback may take {slo.rto_seconds} "
            "s; after a full outage both cannot be kept",
        )
