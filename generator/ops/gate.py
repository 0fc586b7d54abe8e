"""What has to be proven before the writer moves, of an environment."""

from collections.abc import Iterator
from functools import partial

import boto3

from generator.ops import checks_aws, inventory
from generator.ops.checks_sessions import sessions
from generator.ops.environment import PATIENCE, Environment
from generator.ops.validation import Databases, guarded
from generator.ops.verdict import Check, Verdict

LAG_SECONDS = 5.0
"""In which what was just written has to arrive: what would not drain is not fenced for nothing."""


def of_cutover(environment: Environment, found: Databases) -> Verdict:
    """Prove that the replica follows and is whole, and that there is nothing to wait for."""
    return Verdict((found.follows(LAG_SECONDS), *_databases(found), *_around(environment)))


def of_hand_back(_: Environment, found: Databases) -> Verdict:
    """Prove that the replica follows; on the way back no more is asked."""
    return Verdict((found.follows(),))


def _databases(found: Databases) -> Iterator[Check]:
    yield from found.quick()
    yield from found.carried()
    source = found.source
    yield from guarded("sessions", partial(sessions, source.connection, source.writer.value))


def _around(environment: Environment) -> Iterator[Check]:
    migration = environment.inventory.read("migration", inventory.Migration)
    database = environment.inventory.read("database", inventory.Database)
    name = environment.inventory.read("monitoring", inventory.Monitoring).rollback_alarm
    dms = boto3.client("dms", config=PATIENCE)
    rds = boto3.client("rds", config=PATIENCE)
    cloudwatch = boto3.client("cloudwatch", config=PATIENCE)
    yield from guarded("replication", partial(checks_aws.replication, dms, migration))
    yield from guarded("backups", partial(checks_aws.backups, rds, database, environment.clock))
    # Every alarm of an environment begins like the one that is described.
    prefix = name.removesuffix("roll-back")
    yield from guarded("alarms", partial(checks_aws.alarms, cloudwatch, prefix))
