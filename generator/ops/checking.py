"""Validation of an environment: the databases, the replication, the servers, the backups."""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import boto3

from generator.ops import checks_aws, checks_servers, inventory
from generator.ops.control import Writer
from generator.ops.decode import decode
from generator.ops.environment import PATIENCE, Environment
from generator.ops.validation import Compared, Databases, Resume, guarded
from generator.ops.verdict import Check, Verdict

ROLE = "payment_validation"


@contextmanager
def databases(environment: Environment) -> Iterator[Databases]:
    """Lend both databases, the one that is written as the source."""
    migration = environment.inventory.read("migration", inventory.Migration)
    state = environment.control.read()
    moved = state is not None and state.writer is Writer.AURORA
    with environment.sides(ROLE) as sides:
        order = [sides[Writer.ONPREM], sides[Writer.AURORA]]
        source, replica = reversed(order) if moved else order
        gap = migration.sequences_gap
        yield Databases(source, replica, migration.tables, environment.clock, gap)


def beat(environment: Environment) -> Verdict:
    """Check for how long a marker has been missing, and write another."""
    with databases(environment) as found:
        return Verdict((found.beat(),))


def validate(
    environment: Environment, resume: Mapping[str, Any] | None, until: dt.datetime
) -> Compared:
    """Check everything, or what *resume* left over; rows are compared while there is time."""
    with databases(environment) as found:
        left = decode(Resume, resume, "resume") if resume else None
        first = [] if left else [*found.quick(), *around(environment)]
        compared = found.compare(left, until)
        return Compared(Verdict((*first, *compared.verdict.checks)), compared.resume)


def around(environment: Environment) -> Iterator[Check]:
    """Check what lies around the databases."""
    migration = environment.inventory.read("migration", inventory.Migration)
    database = environment.inventory.read("database", inventory.Database)
    dms = boto3.client("dms", config=PATIENCE)
    rds = boto3.client("rds", config=PATIENCE)
    yield from guarded("replication", partial(checks_aws.replication, dms, migration))
    yield from guarded("backups", partial(checks_aws.backups, rds, database, environment.clock))
    for writer in (Writer.ONPREM, Writer.AURORA):
        server, _ = environment.server(writer, ROLE)
        yield from guarded(
            "servers", partial(checks_servers.servers, server, writer, environment.clock)
        )
