"""Connections between the replication instance and the databases: DMS starts no task untried."""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from generator.errors import RefusedError
from generator.ops import tasks
from generator.ops.clock import Clock, poll
from generator.ops.inventory import Task

if TYPE_CHECKING:
    from mypy_boto3_dms import DatabaseMigrationServiceClient

# DMS takes half a minute for one, and tries all at the same time.
WITHIN = 180.0


class Connection(NamedTuple):
    """The way from an instance to a database."""

    instance: str
    endpoint: str


def connect(dms: "DatabaseMigrationServiceClient", moved: Iterable[Task], clock: Clock) -> None:
    """Try both ends of each task; raise `RefusedError` with what DMS says where one fails."""
    found = sorted({each for task in moved for each in _ends(dms, task)})
    for each in found:
        dms.test_connection(ReplicationInstanceArn=each.instance, EndpointArn=each.endpoint)
    for each in found:
        awaited = f"the connection to {each.endpoint} is being tried"
        poll(partial(_stands, dms, each), clock, every=5, within=WITHIN, awaited=awaited)


def _ends(dms: "DatabaseMigrationServiceClient", task: Task) -> list[Connection]:
    found = tasks.described(dms, task)
    instance = found["ReplicationInstanceArn"]
    return [Connection(instance, found["SourceEndpointArn"]),
            Connection(instance, found["TargetEndpointArn"])]  # fmt: skip


def _stands(dms: "DatabaseMigrationServiceClient", connection: Connection) -> bool:
    answer = dms.describe_connections(
        Filters=[
            {"Name": "endpoint-arn", "Values": [connection.endpoint]},
            {"Name": "replication-instance-arn", "Values": [connection.instance]},
        ]
    )
    for each in answer["Connections"]:
        if each.get("Status") == "failed":
            name = each.get("EndpointIdentifier", connection.endpoint)
            raise RefusedError(f"no connection to {name}: {each.get('LastFailureMessage')}")
        return each.get("Status") == "successful"
    return False
