"""Budgets of time: how long the way back takes at worst, and how much a disaster can cost.

Seconds are those of AWS's documentation and of the settings; nothing here is measured.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from generator.components import waits
from generator.components.monitoring import Monitoring
from generator.components.signals import replication, roll_back
from generator.components.waits import Item
from generator.document import Environment
from generator.model.rule import UnreadError

WORK = 10
"""Seconds from the alarm to the changed weights, for the functions and the API they call."""
PROPAGATION = 60
"""Seconds in which Route 53's name servers learn of a change."""
BALANCER = 10
"""Seconds in which a load balancer's nodes learn of one."""


class Budget(NamedTuple):
    """What is promised in *setting*, and what is spent on it, one after the other."""

    name: str
    setting: str
    allowed: int
    items: tuple[Item, ...]

    @property
    def spent(self) -> int:
        """The sum of the items."""
        return sum(item.seconds for item in self.items)

    def lines(self) -> Iterator[str]:
        """Yield the budget as people read it."""
        yield f"{self.name}, {self.setting} = {self.allowed} s"
        for item in self.items:
            yield f"{item.seconds:>7} s  {item.what}"
        yield f"{self.spent:>7} s  in all; {self.allowed - self.spent} s are left"


def budgets(environment: Environment) -> Iterator[Budget]:
    """Yield the budgets of what *environment* has; raise `UnreadError` without its routing."""
    yield from recovery(environment)
    if {"monitoring", "migration"} <= environment.components.keys():
        items = tuple(_loss(environment))
        yield Budget("recovery point", "slo.rpo_seconds", environment.slo.rpo_seconds, items)


def recovery(environment: Environment) -> Iterator[Budget]:
    """Yield how long it takes to go back: before the cutover, and after it, the writer first."""
    monitoring: Any = environment.components.get("monitoring")
    migration: Any = environment.components.get("migration")
    if not (monitoring and monitoring.roll_back_alarm and "rollback" in environment.components):
        return
    detection, way_back = tuple(_detection(monitoring)), tuple(_way_back(environment))
    allowed = environment.slo.rto_seconds
    yield Budget("recovery time", "slo.rto_seconds", allowed, (*detection, *way_back))
    if migration and migration.has_way_back:
        writer = waits.hand_back(migration.reverse_replication)
        items = (*detection, *writer, *way_back)
        yield Budget("recovery time after the cutover", "slo.rto_seconds", allowed, items)


def _loss(environment: Environment) -> Iterator[Item]:
    monitoring: Any = environment.components["monitoring"]
    validation: Any = environment.components.get("validation")
    if validation is None:
        # DMS's own word, which is 0 as well where nothing comes any more.
        yield Item(replication.lag_limit(monitoring.watched), "replication lag that pages")
        return
    interval = validation.marker_interval_minutes * 60
    whole = environment.slo.rpo_seconds // interval * interval
    yield Item(whole - interval, "that a marker may be missing before somebody is paged")
    yield Item(interval, "between two markers, within which nothing shows")


def _detection(monitoring: Monitoring) -> Iterator[Item]:
    fault = monitoring.slowest_fault
    alarm = fault.alarm
    spans = alarm.metric.period * (alarm.ringing + 1)
    what = f"{alarm.ringing} x {alarm.metric.period} s and the rest of one"
    yield Item(fault.seconds, fault.until)
    yield Item(spans, f"{alarm.name}, the slowest alarm: {what}")
    yield Item(alarm.delay, "until CloudWatch shows its metric")
    yield Item(alarm.evaluation_seconds, "until CloudWatch looks at it")
    yield Item(roll_back.WAIT_SECONDS, "for the alarm of a fence, which would hold it back")


def _way_back(environment: Environment) -> Iterator[Item]:
    yield Item(WORK, "our own work")
    routing: Any = environment.components.get("routing")
    if routing is None:
        raise UnreadError("routing")
    if routing.strategy == "alb_weighted":
        yield Item(BALANCER, "until the load balancer's nodes know the weights")
    else:
        yield Item(PROPAGATION, "until Route 53's name servers know the weights")
        yield Item(routing.ttl_seconds, "until resolvers ask again")
