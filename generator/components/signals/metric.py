"""Metrics as CloudWatch knows them; a name or a dimension that is not there is never heard of."""

from collections.abc import Mapping
from typing import NamedTuple

from generator.components.function import NAMESPACE
from generator.model.hcl import Ref

Dimensions = Mapping[str, "str | Ref"]

CUSTOM_DELAY = 10
"""Seconds until CloudWatch shows what a function has written into its log."""
VENDED_DELAY = 90
"""Seconds until CloudWatch shows what AWS measures itself, at worst."""


class Metric(NamedTuple):
    """A metric, and how it is summed up: *statistic* over *period* seconds."""

    namespace: str
    name: str
    dimensions: Dimensions
    statistic: str = "Sum"
    period: int = 60

    @property
    def delay(self) -> int:
        """Seconds until a value can be seen."""
        return CUSTOM_DELAY if self.namespace == NAMESPACE else VENDED_DELAY

    @property
    def query(self) -> dict[str, object]:
        """The arguments of the block `metric` in an alarm that computes."""
        return {
            "namespace": self.namespace,
            "metric_name": self.name,
            "period": self.period,
            "stat": self.statistic,
        }

    def row(self, **options: object) -> list[object]:
        """Return the metric as dashboards write it, drawn with *options*."""
        named = [part for pair in self.dimensions.items() for part in pair]
        return [self.namespace, self.name, *named, {"stat": self.statistic, **options}]
