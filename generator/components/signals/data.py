"""Alarms on the Aurora cluster."""

from collections.abc import Iterator

from generator.components import aurora
from generator.components.signals.alarm import Alarm
from generator.components.signals.watched import Watched
from generator.model.hcl import Identifier

MEBIBYTE = 1024**2
MEMORY_PER_CPU = 8 * 1024 * MEBIBYTE
"""Bytes of memory for each virtual CPU of the memory-optimised families."""


def alarms(of: Watched) -> Iterator[Alarm]:
    """Yield the alarms on the cluster; its roles, not its instances, for those change places."""
    if not of.has("database"):
        return
    yield from _load(of)
    yield from _room(of)
    yield from _upkeep(of)


def _load(of: Watched) -> Iterator[Alarm]:
    limits = of.thresholds
    yield Alarm(
        Identifier("database-cpu"),
        "The writer has hardly any processor left.",
        {"cpu": of.writer("CPUUtilization")},
        (">", limits.database_cpu_percent),
        periods=5,
    )
    yield Alarm(
        Identifier("database-connections"),
        "More connections than the functions can need: something does not close them.",
        {"connections": of.writer("DatabaseConnections", "Maximum")},
        (">", limits.database_connections),
        periods=3,
    )
    yield Alarm(
        Identifier("database-deadlocks"),
        "Transactions wait for each other again and again.",
        {"deadlocks": of.writer("Deadlocks", "Maximum")},
        (">", 0),
        periods=5,
        datapoints=3,
    )


def _room(of: Watched) -> Iterator[Alarm]:
    database = of.component("database")
    classes = [database.instance_class]
    if database.readers:
        classes.append(database.reader_instance_class)  # the one that takes over
    memory = min(map(aurora.virtual_cpus, classes)) * MEMORY_PER_CPU
    yield Alarm(
        Identifier("database-memory"),
        "The writer has less than a tenth of its memory left.",
        {"memory": of.writer("FreeableMemory")},
        ("<", memory // 10),
        periods=5,
    )
    yield Alarm(
        Identifier("database-local-storage"),
        "Logs and temporary files fill the writer's own disk.",
        {"storage": of.writer("FreeLocalStorage", "Minimum", 300)},
        ("<", 4096 * MEBIBYTE),
        periods=3,
    )


def _upkeep(of: Watched) -> Iterator[Alarm]:
    limits = of.thresholds
    if of.component("database").readers:
        yield Alarm(
            Identifier("database-replica-lag"),
            "Aurora's readers are behind, so reads are old and a failover takes longer.",
            {"lag": of.cluster("AuroraReplicaLagMaximum", "Maximum")},
            (">", limits.replica_lag_ms),
            periods=5,
        )
    yield Alarm(
        Identifier("database-slot-lag"),
        "A replication slot holds changes back: its reader is slow, or was forgotten.",
        {"lag": of.writer("OldestReplicationSlotLag", "Maximum", 300)},
        (">", limits.slot_lag_mb * MEBIBYTE),
        periods=3,
    )
    yield Alarm(
        Identifier("database-transaction-ids"),
        "Vacuum does not keep up; before the ids run out, PostgreSQL stops writing.",
        {"ids": of.cluster("MaximumUsedTransactionIDs", "Maximum", 300)},
        (">", limits.transaction_ids),
    )
