"""Dashboards as data: pages of graphs, laid out in rows."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from generator.components.signals.metric import Metric
from generator.model.hcl import Identifier

COLUMNS, HEIGHT = 24, 6
"""The width of a page, in CloudWatch's units, and the height of a row."""


class Graph(NamedTuple):
    """Metrics over time, by what they are called; each name of *limits* is drawn as a line."""

    title: str
    metrics: Mapping[str, Metric]
    limits: Mapping[str, float] = {}
    region: str | None = None
    """Where the metrics are, if not where the dashboard's other graphs find theirs."""
    shares: Mapping[str, tuple[str, str]] = {}
    """Percentages to draw instead: a name, and the two metrics it is made from."""

    def properties(self, region: str) -> dict[str, object]:
        """Return what CloudWatch draws it from."""
        drawn: dict[str, object] = {
            "title": self.title,
            "region": self.region or region,
            "view": "timeSeries",
            "period": 60,
            "metrics": [*self._rows(), *self._shares()],
        }
        if self.limits:
            lines = [{"label": name, "value": value} for name, value in self.limits.items()]
            drawn["annotations"] = {"horizontal": lines}
        return drawn

    def _rows(self) -> list[list[object]]:
        if not self.shares:
            return [metric.row(label=name) for name, metric in self.metrics.items()]
        return [metric.row(id=name, visible=False) for name, metric in self.metrics.items()]

    def _shares(self) -> list[list[object]]:
        return [
            [{"label": name, "expression": f"100 * FILL({part}, 0) / {whole}"}]
            for name, (part, whole) in self.shares.items()
        ]


Rows = list[list[Graph]]


class Dashboard(NamedTuple):
    """A page: rows of graphs, each as wide as its row allows."""

    name: Identifier
    region: Identifier
    rows: Sequence[Sequence[Graph]]

    @property
    def label(self) -> Identifier:
        """The name of the resource."""
        return self.name

    @property
    def body(self) -> dict[str, object]:
        """What CloudWatch takes, as JSON."""
        widgets = []
        for number, row in enumerate(self.rows):
            width = COLUMNS // len(row)
            for place, graph in enumerate(row):
                at = {"x": place * width, "y": number * HEIGHT, "width": width, "height": HEIGHT}
                drawn = graph.properties(self.region)
                widgets.append({"type": "metric", **at, "properties": drawn})
        return {"widgets": widgets}
