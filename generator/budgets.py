"""Budgets of time: how long the way back takes at worst, and how much a disaster can cost.

Seconds are those of AWS's documentation and of the settings; nothing here is measured.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from generator.components.monitoring import Monitoring
from generator.components.signals import replication, roll_back
from generator.components.signals.alarm import Alarm
from generator.document import Environment
from generator.model.rule import UnreadError

WORK = 10
"""Seconds from the alarm to the changed weights, for the function and the API it calls."""
PROPAGATION = 60
"""Seconds in which Route 53's name servers learn of a change."""
BALANCER = 10
"""Seconds in which a load balancer's nodes learn of one."""


class Item(NamedTuple):
    """A part of a budget."""

    seconds: int
    what: str


class Budget(NamedTuple):
    """What is promised in *setting*, and what is spent on it: one after the other, or at once."""

    name: str
    setting: str
    allowed: int
    items: tuple[Item, ...]
    together: bool

    @property
    def spent(self) -> int:
        """The sum of the items, or the largest where they run side by side."""
        seconds = [item.seconds for item in self.items]
        return sum(seconds) if self.together else max(seconds)

    def lines(self) -> Iterator[str]:
        """Yield the budget as people read it."""
        yield f"{self.name}, {self.setting} = {self.allowed} s"
        for item in self.items:
            yield f"{item.seconds:>7} s  {item.what}"
        verdict = "in all" if self.together else "at worst"
        left = self.allowed - self.spent
        yield f"{self.spent:>7} s  {verdict}; {left} s are left"


def budgets(environment: Environment) -> Iterator[Budget]:
    """Yield the budgets of what *environment* has; raise `UnreadError` without its routing."""
    monitoring: Any = environment.components.get("monitoring")
    if monitoring is None:
        return
    if "rollback" in environment.components and monitoring.roll_back_alarm:
        slowest = max(monitoring.roll_back_alarm.members, key=lambda a: a.detection_seconds)
        items = (*_detection(slowest), *_way_back(environment))
        allowed = environment.slo.rto_seconds
        yield Budget("recovery time", "slo.rto_seconds", allowed, items, together=True)
    if "migration" in environment.components:
        items = tuple(_loss(environment, monitoring))
        allowed = environment.slo.rpo_seconds
        yield Budget("recovery point", "slo.rpo_seconds", allowed, items, together=False)


def _loss(environment: Environment, monitoring: Monitoring) -> Iterator[Item]:
    yield Item(replication.lag_limit(monitoring.watched), "replication lag that pages")
    validation: Any = environment.components.get("validation")
    if validation:
        yield Item(validation.marker_interval_minutes * 60, "between two markers")


def _detection(alarm: Alarm) -> Iterator[Item]:
    spans = alarm.metric.period * alarm.ringing
    yield Item(spans, f"{alarm.name}, the slowest alarm: {alarm.ringing} x {alarm.metric.period} s")
    yield Item(alarm.detection_seconds - spans, "until CloudWatch shows its metric")
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
