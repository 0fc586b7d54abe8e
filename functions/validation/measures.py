"""A verdict as metrics, on which alarms watch."""

from generator.ops.metrics import Metrics
from generator.ops.verdict import Check, Status, Verdict


def measure(metrics: Metrics, verdict: Verdict) -> None:
    """Write what *verdict* says; where no marker ever arrived there is no age, and alarms miss it.

    What is only inconclusive, or a warning, rings no alarm.
    """
    names = {each.check for each in verdict.checks}
    for each in verdict.checks:
        age = each.evidence.get("seconds")
        if each.check == "marker_age" and isinstance(age, float):
            metrics.seconds("ReplicaMarkerAgeSeconds", age)
    if names - {"marker_age"}:
        metrics.count("ValidationChecksFailed", len(_failed(verdict)))
        metrics.count("ValidationChecksInconclusive", len(verdict.having(Status.INCONCLUSIVE)))
    if "totals" in names:
        deltas = [each.evidence.get("delta_minor_units", 0) for each in _failed(verdict)]
        delta = sum(each for each in deltas if isinstance(each, int))
        metrics.count("ReconciliationDeltaMinorUnits", delta)
    metrics.flush()


def _failed(verdict: Verdict) -> list[Check]:
    return [each for each in verdict.having(Status.FAIL) if each.severity == "error"]
