"""Checks that ask AWS: the replication's own view of its tables, and the backups."""

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.ops import tasks
from generator.ops.clock import Clock
from generator.ops.inventory import Database, Migration, Task
from generator.ops.verdict import Check, Status

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dms import DatabaseMigrationServiceClient
    from mypy_boto3_dms.type_defs import TableStatisticsTypeDef
    from mypy_boto3_rds import RDSClient

# Aurora backs up continuously; its latest moment is a few minutes old as a rule.
BACKUP_AGE = dt.timedelta(minutes=15)

_LOADED = {"Table completed"}
_LOADING = {"Before load", "Full load", "Table is being reloaded"}
_VALIDATED = {"Validated"}
_VALIDATING = {"Pending records", "Pending validation", "Preparing table", "Pending revalidation"}


def replication(dms: "DatabaseMigrationServiceClient", migration: Migration) -> Iterator[Check]:
    """Check that the tasks run, and that the forward one loaded and validated each table."""
    yield _task(dms, migration.forward)
    # One that is started at the cutover does not run before.
    if migration.reverse and migration.armed:
        yield _task(dms, migration.reverse)
    found = _statistics(dms, migration.forward)
    for table in migration.tables:
        yield _table(table.name, found.get(table.name))


def unloaded(dms: "DatabaseMigrationServiceClient", migration: Migration) -> list[str]:
    """Return the tables that the forward task has not loaded yet."""
    found = _statistics(dms, migration.forward)
    states = {name: each.get("TableState") for name, each in found.items()}
    return [table.name for table in migration.tables if states.get(table.name) not in _LOADED]


def backups(rds: "RDSClient", database: Database, clock: Clock) -> Iterator[Check]:
    """Check that the cluster can be restored to a moment that is not long ago."""
    identifier = database.cluster_identifier
    cluster = rds.describe_db_clusters(DBClusterIdentifier=identifier)["DBClusters"][0]
    latest = cluster.get("LatestRestorableTime")
    evidence = {"cluster": identifier, "latest_restorable": latest.isoformat() if latest else None}
    if latest is None:
        yield Check("backups", Status.INCONCLUSIVE, evidence=evidence)
    else:
        status = Status.PASS if clock.now() - latest <= BACKUP_AGE else Status.FAIL
        yield Check("backups", status, evidence=evidence)


def alarms(cloudwatch: "CloudWatchClient", prefix: str) -> Iterator[Check]:
    """Check that no alarm rings whose name begins with *prefix*, of those that somebody hears.

    The others are parts of these; one that looks back for days says nothing of now.
    """
    pages = cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=prefix, AlarmTypes=["CompositeAlarm", "MetricAlarm"], StateValue="ALARM"
    )
    ringing = sorted(
        each.get("AlarmName", "")
        for page in pages
        for each in (*page["CompositeAlarms"], *page["MetricAlarms"])
        if each.get("AlarmActions")
    )
    status = Status.FAIL if ringing else Status.PASS
    yield Check("alarms", status, evidence={"ringing": ringing})


def _statistics(
    dms: "DatabaseMigrationServiceClient", task: Task
) -> "dict[str, TableStatisticsTypeDef]":
    pages = dms.get_paginator("describe_table_statistics").paginate(ReplicationTaskArn=task.arn)
    return {
        f"{each.get('SchemaName')}.{each.get('TableName')}": each
        for page in pages
        for each in page["TableStatistics"]
    }


def _task(dms: "DatabaseMigrationServiceClient", task: Task) -> Check:
    found = tasks.find(dms, task)
    state = found.get("Status") if found else None
    status = Status.PASS if state == "running" else Status.FAIL
    return Check("replication_task", status, evidence={"task": task.id, "state": state})


def _table(name: str, statistics: "TableStatisticsTypeDef | None") -> Check:
    if statistics is None:
        return Check("replicated_table", Status.FAIL, evidence={"table": name, "state": None})
    state, validation = statistics.get("TableState", ""), statistics.get("ValidationState", "")
    bad = {
        key: statistics.get(key, 0)
        for key in ("ValidationFailedRecords", "ValidationSuspendedRecords")
    }
    status = Status.FAIL
    if not any(bad.values()) and state in _LOADED | _LOADING:
        if state in _LOADED and validation in _VALIDATED:
            status = Status.PASS
        elif validation in _VALIDATED | _VALIDATING or state in _LOADING:
            status = Status.INCONCLUSIVE
    evidence = {"table": name, "state": state, "validation": validation, **bad}
    return Check("replicated_table", status, evidence=evidence)
