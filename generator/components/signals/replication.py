"""Alarms on the replication between the old database and Aurora, and on what it is checked with."""

from collections.abc import Iterator

from generator.components.signals.alarm import Alarm
from generator.components.signals.watched import Watched
from generator.model.hcl import Identifier

GIBIBYTE = 1024**3


def tasks(of: Watched) -> tuple[str, ...]:
    """Return the replication tasks that there are."""
    if not of.has("migration"):
        return ()
    reverse = of.component("migration").reverse_replication != "none"
    return ("forward", "reverse") if reverse else ("forward",)


def lag_limit(of: Watched) -> int:
    """Return the seconds of replication lag that page."""
    limit: int = of.thresholds.replication_lag_seconds or of.slo.rpo_seconds
    return limit


def alarms(of: Watched) -> Iterator[Alarm]:
    """Yield the alarms on replication. None of them moves traffic: AWS is not at fault."""
    for task in tasks(of):
        yield from _task(of, task)
    if of.has("migration"):
        yield from _host(of)
    if of.has("validation", "migration"):
        yield from _checks(of)
    if of.has("rollback"):
        yield from _operations(of)


def _task(of: Watched, task: str) -> Iterator[Alarm]:
    yield Alarm(
        Identifier(f"replication-{task}-lag"),
        f"The {task} replication is behind: what it has not copied would be lost with its source.",
        {
            "source": of.task(task, "CDCLatencySource"),
            "target": of.task(task, "CDCLatencyTarget"),
        },
        (">", lag_limit(of)),
        periods=3,
        # No task, no data: whether it should run is for the marker to say.
        missing="missing",
        expression="source + target",
    )
    yield Alarm(
        Identifier(f"replication-{task}-mismatches"),
        f"The {task} replication found rows that differ, or tables that it cannot compare.",
        {
            "failed": of.task(task, "ValidationFailedOverallCount"),
            "suspended": of.task(task, "ValidationSuspendedOverallCount"),
        },
        (">", 0),
        expression="FILL(failed, 0) + FILL(suspended, 0)",
    )


def _host(of: Watched) -> Iterator[Alarm]:
    yield Alarm(
        Identifier("replication-cpu"),
        "The replication instance has hardly any processor left.",
        {"cpu": of.host("CPUUtilization")},
        (">", 80),
        periods=10,
    )
    yield Alarm(
        Identifier("replication-memory"),
        "The replication instance runs out of memory, and then spools to disk.",
        {"memory": of.host("FreeableMemory")},
        ("<", GIBIBYTE),
        periods=5,
    )
    yield Alarm(
        Identifier("replication-storage"),
        "Changes that wait fill the replication instance's disk; full, it stops.",
        {"storage": of.host("FreeStorageSpace", "Minimum", 300)},
        ("<", 50 * GIBIBYTE),
    )


def _checks(of: Watched) -> Iterator[Alarm]:
    yield Alarm(
        Identifier("replication-marker"),
        "A row written every minute has not arrived, or nobody writes it: is replication alive?",
        {"age": of.operations("ReplicaMarkerAgeSeconds")},
        (">", of.slo.rpo_seconds),
        periods=3,
        missing="breaching",
    )
    yield Alarm(
        Identifier("reconciliation"),
        "The sums of money on the two sides differ.",
        {"delta": of.operations("ReconciliationDeltaMinorUnits", period=300)},
        (">", 0),
        expression="ABS(delta)",
    )
    yield Alarm(
        Identifier("validation"),
        "A check of the migration failed; its gate stays shut.",
        {"failed": of.operations("ValidationChecksFailed", period=300)},
        (">", 0),
    )


def _operations(of: Watched) -> Iterator[Alarm]:
    yield Alarm(
        Identifier("rollback-failed"),
        "A rollback did not get through; it is tried again each minute. See where traffic is.",
        {"failed": of.operations("RollbacksFailed", "Sum")},
        (">", 0),
    )
    yield Alarm(
        Identifier("rollback-slow"),
        f"A rollback took longer than the {of.slo.rto_seconds} seconds that are promised.",
        {"duration": of.operations("RollbackDurationSeconds")},
        (">", of.slo.rto_seconds),
    )
