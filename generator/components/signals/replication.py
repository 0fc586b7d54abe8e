"""Alarms on the replication between the old database and Aurora, and on what it is checked with."""

from collections.abc import Iterator

from generator.components.signals import roll_back
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


def marker_limit(of: Watched) -> float:
    """Return the seconds that a marker may be missing.

    It is measured when the next is written, so one that is missing has been for a whole interval,
    or for several. Half of one lies between, for a clock that is not exact.
    """
    interval = _interval(of)
    whole: int = of.slo.rpo_seconds // interval * interval
    return whole - interval / 2


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


def _interval(of: Watched) -> int:
    minutes: int = of.component("validation").marker_interval_minutes
    return minutes * 60


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
        expression="failed + suspended",
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
    interval = _interval(of)
    yield Alarm(
        Identifier("replication-marker"),
        "A row that is written again and again did not arrive in time, or nobody writes it.",
        {"age": of.operations("ReplicaMarkerAgeSeconds", period=interval)},
        (">", marker_limit(of)),
        periods=3,
        missing="breaching",
    )
    # Found once an hour or so, and true until the next time.
    yield Alarm(
        Identifier("reconciliation"),
        "The sums of money on the two sides differ.",
        {"delta": of.operations("ReconciliationDeltaMinorUnits", period=300)},
        (">", 0),
        missing="ignore",
    )
    yield Alarm(
        Identifier("validation"),
        "A check of the migration failed; its gate stays shut.",
        {"failed": of.operations("ValidationChecksFailed", period=300)},
        (">", 0),
        missing="ignore",
    )


def _operations(of: Watched) -> Iterator[Alarm]:
    yield Alarm(
        Identifier("fence"),
        "Writes are refused for minutes: a fence that nobody ends, or no control state.",
        {"fenced": of.payment("Fenced")},
        (">", 0),
        periods=5,
        datapoints=3,
    )
    yield Alarm(
        Identifier("rollback-failed"),
        "A rollback did not get through; it is tried again each minute. See where traffic is.",
        {"failed": of.operations("RollbacksFailed", "Sum")},
        (">", 0),
    )
    yield Alarm(
        Identifier("rollback-slow"),
        f"A rollback took longer than it may if {of.slo.rto_seconds} seconds are to be enough.",
        {"duration": of.operations("RollbackDurationSeconds")},
        (">", _rollback_limit(of)),
    )


def _rollback_limit(of: Watched) -> int:
    """Return what is left between the alarm that was seen last and resolvers that ask again."""
    routing = of.component("routing")
    resolvers = routing.ttl_seconds if routing.is_weighted else 0
    limit: int = of.slo.rto_seconds - roll_back.slowest(of).detection_seconds - resolvers
    return limit
