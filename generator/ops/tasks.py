"""The DMS tasks: run, and turned at the moment at which the replication changes its direction."""

from typing import TYPE_CHECKING

from generator.errors import OperationError
from generator.ops.clock import Clock, poll
from generator.ops.inventory import Task

if TYPE_CHECKING:
    from mypy_boto3_dms import DatabaseMigrationServiceClient
    from mypy_boto3_dms.type_defs import ReplicationTaskTypeDef

# DMS takes a minute or two to start a task; payments wait for it.
WITHIN = 240.0
_ON = {"running", "starting"}


def turn(dms: "DatabaseMigrationServiceClient", stop: Task, start: Task, clock: Clock) -> None:
    """Stop one task and start the other; return when it runs. Done twice, it is done once.

    Only between a drained marker and the opening of the other side, when nothing is written.
    """
    if _status(dms, stop) in _ON:
        dms.stop_replication_task(ReplicationTaskArn=stop.arn)
    _await(dms, stop, {"stopped", "ready", "failed"}, clock)
    run(dms, start, clock)


def run(dms: "DatabaseMigrationServiceClient", task: Task, clock: Clock) -> None:
    """Start *task* where it never ran, let it go on where it did; return when it runs."""
    status = _status(dms, task)
    if status not in _ON:
        dms.start_replication_task(
            ReplicationTaskArn=task.arn,
            StartReplicationTaskType="start-replication"
            if status == "ready"
            else "resume-processing",
        )
    _await(dms, task, {"running"}, clock)


def find(dms: "DatabaseMigrationServiceClient", task: Task) -> "ReplicationTaskTypeDef | None":
    """Return what DMS knows of *task*; None where there is no such task."""
    answer = dms.describe_replication_tasks(
        Filters=[{"Name": "replication-task-arn", "Values": [task.arn]}], WithoutSettings=True
    )
    return next(iter(answer["ReplicationTasks"]), None)


def described(dms: "DatabaseMigrationServiceClient", task: Task) -> "ReplicationTaskTypeDef":
    """Return what DMS knows of *task*; raise `OperationError` where there is no such task."""
    found = find(dms, task)
    if found is None:
        raise OperationError(f"there is no task {task.id}")
    return found


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


def _status(dms: "DatabaseMigrationServiceClient", task: Task) -> str:
    return described(dms, task).get("Status", "")
