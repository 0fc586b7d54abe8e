"""The DMS tasks at the moment at which the direction of the replication turns."""

from typing import TYPE_CHECKING

from generator.ops.clock import Clock, poll
from generator.ops.inventory import Task

if TYPE_CHECKING:
    from mypy_boto3_dms import DatabaseMigrationServiceClient

# DMS takes a minute or two to start a task; payments wait for it.
WITHIN = 240.0


def turn(dms: "DatabaseMigrationServiceClient", stop: Task, start: Task, clock: Clock) -> None:
    """Stop one task and start the other; return when it runs. Done twice, it is done once.

    Only between a drained marker and the opening of the other side, when nothing is written.
    """
    if _status(dms, stop) in {"running", "starting"}:
        dms.stop_replication_task(ReplicationTaskArn=stop.arn)
    _await(dms, stop, {"stopped", "ready", "failed"}, clock)
    status = _status(dms, start)
    if status not in {"running", "starting"}:
        fresh = status in {"ready", None}
        dms.start_replication_task(
            ReplicationTaskArn=start.arn,
            StartReplicationTaskType="start-replication" if fresh else "resume-processing",
        )
    _await(dms, start, {"running"}, clock)


def _await(
    dms: "DatabaseMigrationServiceClient", task: Task, wanted: set[str], clock: Clock
) -> None:
    names = " or ".join(sorted(wanted))
    poll(
        lambda: _status(dms, task) in wanted,
        clock,
        every=5,
        within=WITHIN,
        awaited=f"task {task.id} is not {names}",
    )


def _status(dms: "DatabaseMigrationServiceClient", task: Task) -> str | None:
    answer = dms.describe_replication_tasks(
        Filters=[{"Name": "replication-task-arn", "Values": [task.arn]}], WithoutSettings=True
    )
    return next((each.get("Status") for each in answer["ReplicationTasks"]), None)
