"""The pages that people look at: API, database, replication, business, and both sides at once."""

from collections.abc import Iterator

from generator.components.signals import edge, replication, sides
from generator.components.signals.dashboard import Dashboard, Graph, Rows
from generator.components.signals.metric import Metric
from generator.components.signals.watched import PAYMENT, Watched
from generator.model.hcl import Identifier


def pages(of: Watched) -> Iterator[Dashboard]:
    """Yield the dashboards of what the environment has."""
    found: dict[str, Rows] = {}
    if of.has("compute", "load_balancer"):
        found["api"] = _api(of)
    if of.has("compute"):
        found["business"] = _business(of)
    if of.has("database"):
        found["database"] = _database(of)
    if of.has("migration"):
        found["replication"] = _replication(of)
    if of.has("compute") and of.both_sides:
        found["sides"] = sides.rows(of)
    for name, rows in found.items():
        yield Dashboard(Identifier(name), of.environment.region, rows)


def _api(of: Watched) -> Rows:
    latency = {
        "half": of.payment("Latency", "p50"),
        "99 %": of.payment("Latency", "p99"),
    }
    errors = {
        "by the load balancer": of.balancer("HTTPCode_ELB_5XX_Count"),
        "by the function": of.target("HTTPCode_Target_5XX_Count"),
        "unusable answers": of.target("LambdaUserError"),
        "Lambda itself": of.target("LambdaInternalError"),
        "refused while fenced": of.payment("Fenced"),
    }
    concurrency = {
        "at once": of.function(PAYMENT, "ConcurrentExecutions", "Maximum"),
        "cold": of.live(PAYMENT, "ProvisionedConcurrencySpilloverInvocations"),
        "throttled": of.function(PAYMENT, "Throttles"),
    }
    warm = {"in use": of.live(PAYMENT, "ProvisionedConcurrencyUtilization", "Maximum")}
    refused = {
        "web ACL": _blocked(of),
        "no room": of.balancer("RejectedConnectionCount"),
        "TLS": of.balancer("ClientTLSNegotiationErrorCount"),
    }
    requests = {
        "payments": of.payment("Requests"),
        "all, checks too": of.balancer("RequestCount"),
    }
    rows = [
        [
            Graph("Requests", requests),
            Graph("Latency in ms", latency, {"promised": float(of.slo.latency_p99_ms)}),
        ],
        [Graph("Errors", errors), Graph("Refused", refused)],
        [Graph("Payment function", concurrency), Graph("Warm executions in use", warm)],
    ]
    if of.is_probed:
        probes = {
            "asked": of.operations("Probes", "Sum"),
            "failed": of.operations("ProbesFailed", "Sum"),
        }
        rows.append([Graph("Probe", probes)])
    return rows


def _blocked(of: Watched) -> Metric:
    (found,) = [alarm for alarm in edge.alarms(of) if alarm.name == "blocked-requests"]
    return found.metric


def _business(of: Watched) -> Rows:
    payments = {
        "accepted": of.payment("PaymentsAccepted"),
        "failed": of.payment("PaymentsFailed"),
    }
    repeated = {
        "answered again": of.payment("IdempotentReplay"),
        "duplicates found": of.payment("DuplicateDetected"),
    }
    writes = {"Aurora": of.payment("WritesToAurora")}
    if of.both_sides:
        writes["on premises"] = of.payment("WritesToOnprem")
    rows = [
        [Graph("Payments", payments), Graph("Repeated requests", repeated)],
        [Graph("Where payments are written", writes)],
    ]
    if of.has("validation", "migration"):
        delta = {"minor units": of.operations("ReconciliationDeltaMinorUnits")}
        rows[1].append(Graph("Difference of the sums on both sides", delta))
    return rows


def _database(of: Watched) -> Rows:
    load = {"writer": of.writer("CPUUtilization")}
    memory = {"writer": of.writer("FreeableMemory")}
    behind = {"slots, bytes": of.writer("OldestReplicationSlotLag", "Maximum")}
    if of.component("database").readers:
        load["readers"] = of.readers("CPUUtilization")
        memory["readers"] = of.readers("FreeableMemory")
        behind["readers, ms"] = of.cluster("AuroraReplicaLagMaximum", "Maximum")
    limits = of.thresholds
    connections = {"writer": of.writer("DatabaseConnections", "Maximum")}
    storage = {
        "data": of.cluster("VolumeBytesUsed", "Maximum", 3600),
        "slots": of.writer("ReplicationSlotDiskUsage", "Maximum"),
        "logs": of.writer("TransactionLogsDiskUsage", "Maximum"),
    }
    return [
        [
            Graph("Processor, percent", load, {"alarm": limits.database_cpu_percent}),
            Graph("Sessions at work", {"writer": of.writer("DBLoad")}),
        ],
        [
            Graph("Connections", connections, {"alarm": limits.database_connections}),
            Graph("Commit latency in ms", {"writer": of.writer("CommitLatency")}),
        ],
        [Graph("Free memory in bytes", memory), Graph("Storage in bytes", storage)],
        [
            Graph("Behind the writer", behind),
            Graph("Deadlocks", {"writer": of.writer("Deadlocks")}),
        ],
    ]


def _replication(of: Watched) -> Rows:
    rows = [row for task in replication.tasks(of) for row in _task(of, task)]
    host = [
        Graph("Instance: processor, percent", {"used": of.host("CPUUtilization")}),
        Graph("Instance: free memory in bytes", {"memory": of.host("FreeableMemory")}),
        Graph("Instance: free disk in bytes", {"disk": of.host("FreeStorageSpace")}),
    ]
    if of.has("validation"):
        age = {"seconds": of.operations("ReplicaMarkerAgeSeconds")}
        promised = {"promised": float(of.slo.rpo_seconds)}
        checks = {
            "failed": of.operations("ValidationChecksFailed"),
            "inconclusive": of.operations("ValidationChecksInconclusive"),
        }
        rows.append(
            [Graph("Markers: seconds that one is missing", age, promised), Graph("Checks", checks)]
        )
    return [*rows, host]


def _task(of: Watched, task: str) -> Rows:
    lag = {
        "reading": of.task(task, "CDCLatencySource"),
        "writing": of.task(task, "CDCLatencyTarget"),
    }
    changes = {
        "coming": of.task(task, "CDCIncomingChanges"),
        "in memory": of.task(task, "CDCChangesMemoryTarget"),
        "on disk": of.task(task, "CDCChangesDiskTarget"),
    }
    rows = {
        "full load": of.task(task, "FullLoadThroughputRowsTarget", "Average"),
        "changes": of.task(task, "CDCThroughputRowsTarget", "Average"),
    }
    compared = {
        "pending": of.task(task, "ValidationPendingOverallCount"),
        "differ": of.task(task, "ValidationFailedOverallCount"),
        "cannot be compared": of.task(task, "ValidationSuspendedOverallCount"),
    }
    alarm = {"alarm": float(replication.lag_limit(of))}
    title = task.capitalize()
    return [
        [Graph(f"{title}: lag in seconds", lag, alarm), Graph(f"{title}: changes", changes)],
        [Graph(f"{title}: rows a second", rows), Graph(f"{title}: rows compared", compared)],
    ]
