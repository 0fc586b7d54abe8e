"""Metrics as CloudWatch takes them from a log: embedded metric format, namespace Payment/Migration.

For functions only: their images hold the library that this needs, the command does not.
"""

import json
import sys
from typing import TextIO

from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import (
    AmazonCloudWatchEMFProvider,
)

NAMESPACE = "Payment/Migration"


class Metrics:
    """Collects the metrics of one invocation, and writes them as one line of the log."""

    def __init__(self, dimensions: dict[str, str], log: TextIO | None = None) -> None:
        self._dimensions = dimensions
        self._log = log or sys.stdout
        self._clear()

    def count(self, name: str, value: float = 1, *, fast: bool = False) -> None:
        """Add to a number; *fast* keeps it by the second, for alarms of ten seconds."""
        self._emf.add_metric(name, "Count", value, 1 if fast else 60)

    def milliseconds(self, name: str, value: float, *, fast: bool = False) -> None:
        self._emf.add_metric(name, "Milliseconds", value, 1 if fast else 60)

    def seconds(self, name: str, value: float) -> None:
        self._emf.add_metric(name, "Seconds", value)

    def flush(self) -> None:
        """Write what was collected, if anything was."""
        if self._emf.metric_set:
            self._log.write(json.dumps(self._emf.serialize_metric_set()) + "\n")
            self._log.flush()
        self._clear()

    def _clear(self) -> None:
        # No service: it would be a dimension that no alarm names.
        self._emf = AmazonCloudWatchEMFProvider(
            namespace=NAMESPACE, service="", default_dimensions=self._dimensions
        )
