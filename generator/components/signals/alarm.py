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


class Alarm(NamedTuple):
    """An alarm on one metric, or on an *expression* over several.

    It rings when *datapoints* of the last *periods* are `limit[0] limit[1]`. *missing* says what
    no data means: nothing bad for what is only counted when it happens, the worst for a heartbeat.
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
    def detection_seconds(self) -> int:
        """Seconds from a fault to the alarm, at worst."""
        delay = max(metric.delay for metric in self.metrics.values())
        return self.metric.period * self.ringing + delay

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
        plain = metric.statistic.isalpha()
        return {
            "namespace": metric.namespace,
            "metric_name": metric.name,
            "period": metric.period,
            "statistic" if plain else "extended_statistic": metric.statistic,
        }

    @property
    def is_percentile(self) -> bool:
        """Tell whether too few samples would make it ring for one slow request."""
        return self.expression is None and self.metric.statistic.startswith("p")


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
