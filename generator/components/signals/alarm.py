"""Alarms as data: what is watched, when it rings, and how soon after a fault."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from generator.components.signals.metric import Metric
from generator.model.hcl import Identifier, Ref

Missing = Literal["breaching", "ignore", "missing", "notBreaching"]
_OPERATORS = {
    ">": "GreaterThanThreshold",
    ">=": "GreaterThanOrEqualToThreshold",
    "<": "LessThanThreshold",
}
OFTEN, SELDOM = 10, 60
"""Seconds between two looks at an alarm whose period is shorter than a minute, and at others."""


class Alarm(NamedTuple):
    """An alarm on one metric, or on an *expression* over several.

    It rings when *datapoints* of the last *periods* are `limit[0] limit[1]`. *missing* says what
    no data means: nothing bad for what is only counted when it happens, the worst for a heartbeat.

    In an *expression*, a metric without data is 0 beside one that has some, and where none has any
    there is no value. `FILL` would give the newest period one, which has no data yet, and what it
    gives would be all that an alarm of one period ever sees.
    """

    name: Identifier
    summary: str
    metrics: Mapping[str, Metric]
    limit: tuple[Literal[">", ">=", "<"], float]
    periods: int = 1
    datapoints: int | None = None
    missing: Missing = "notBreaching"
    expression: str | None = None
    pages: bool = True
    """Whether people hear of it; otherwise it is part of an alarm that they hear of."""
    alias: Identifier | None = None
    """The provider of another region, where that is the only one with the metric."""

    @property
    def label(self) -> Identifier:
        """The name of the resource."""
        return Identifier(self.name.replace("-", "_"))

    @property
    def topic(self) -> Identifier:
        """The topic in the alarm's region, by its resource; an action crosses no border."""
        return self.alias or Identifier("this")

    @property
    def metric(self) -> Metric:
        """The metric that sets the pace: the first."""
        return next(iter(self.metrics.values()))

    @property
    def ringing(self) -> int:
        """The number of datapoints that have to be beyond the limit."""
        return self.datapoints or self.periods

    @property
    def delay(self) -> int:
        """Seconds until CloudWatch shows the slowest of its metrics."""
        return max(metric.delay for metric in self.metrics.values())

    @property
    def evaluation_seconds(self) -> int:
        """Seconds between two looks that CloudWatch takes at it."""
        return OFTEN if self.metric.period < SELDOM else SELDOM

    @property
    def detection_seconds(self) -> int:
        """Seconds from the first bad value to the alarm, at worst.

        A period that had begun counts for nothing, so there is what is left of one beside those
        that are bad; then the last has to be shown, and looked at.
        """
        spans = self.metric.period * (self.ringing + 1)
        return spans + self.delay + self.evaluation_seconds

    @property
    def condition(self) -> dict[str, object]:
        """When it rings, as arguments."""
        operator, threshold = self.limit
        return {
            "comparison_operator": _OPERATORS[operator],
            "threshold": threshold,
            "evaluation_periods": self.periods,
            "datapoints_to_alarm": self.ringing,
            "treat_missing_data": self.missing,
        }

    @property
    def measure(self) -> dict[str, object]:
        """The one metric, as arguments."""
        metric = self.metric
        return {
            "namespace": metric.namespace,
            "metric_name": metric.name,
            "period": metric.period,
            "statistic": metric.statistic,
        }


class Composite(NamedTuple):
    """An alarm on other alarms: on any of them, or on all at once."""

    name: Identifier
    summary: str
    members: tuple[Alarm, ...]
    joint: Literal["AND", "OR"]

    @property
    def label(self) -> Identifier:
        """The name of the resource."""
        return Identifier(self.name.replace("-", "_"))

    @property
    def rule(self) -> tuple[Ref, ...]:
        """The terms of the rule. Names stand in quotes: a hyphen would end one."""
        return tuple(
            Ref(f'"ALARM(\\"${{aws_cloudwatch_metric_alarm.{member.label}.alarm_name}}\\")"')
            for member in self.members
        )
