"""Rules about who asks from outside: whoever is shut out finds everything shut."""

from collections.abc import Iterator
from typing import Any

from generator.document import Environment
from generator.model.rule import Finding, rule

EVERYBODY = "0.0.0.0/0"


@rule("TAP025", "A probe that is shut out takes traffic back, and keeps it there.")
def _probe_is_let_in(environment: Environment) -> Iterator[Finding]:
    rollback: Any = environment.components.get("rollback")
    if rollback and rollback.probe_function and not _is_open(environment):
        yield Finding(
            "load_balancer.client_cidrs",
            "shuts out rollback.probe_function, which asks from addresses that Lambda lends it; "
            f"add {EVERYBODY}, or leave the probe out and promise a longer slo.rto_seconds",
        )


@rule("TAP026", "An alarm that rings for ever is heard by nobody.", severity="warning")
def _checkers_are_let_in(environment: Environment) -> Iterator[Finding]:
    monitoring: Any = environment.components.get("monitoring")
    if monitoring and monitoring.health_checks and not _is_open(environment):
        yield Finding(
            "load_balancer.client_cidrs",
            "have to hold the ranges that Route 53 checks health from (ROUTE53_HEALTHCHECKS), or "
            f"the alarm {environment.prefix}-health-service rings for ever",
        )


def _is_open(environment: Environment) -> bool:
    balancer: Any = environment.components.get("load_balancer")
    return balancer is None or EVERYBODY in balancer.client_cidrs
