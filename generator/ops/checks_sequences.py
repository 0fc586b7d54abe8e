"""Checks of sequences, which no replication carries over: a move of the writer does."""

from collections.abc import Iterator, Mapping

from psycopg import Connection

from generator.ops.sequences import Sequence, sequences
from generator.ops.verdict import Check, Status


def room(source: Connection, replica: Connection, schemas: list[str], gap: int) -> Iterator[Check]:
    """Check that each sequence can be carried over: the replica has it, and room for the gap."""
    for here, there in _pairs(source, replica, schemas):
        goal = here.used(source) + gap
        good = there is not None and goal <= there.limit
        evidence = {"goal": goal, "limit": there.limit if there else None}
        yield _check("sequence", here, there, good=good, evidence=evidence)


def positions(source: Connection, replica: Connection, schemas: list[str]) -> Iterator[Check]:
    """Check that no sequence of the replica would give a value again, once they were carried over.

    Nothing but a move of the writer carries them, so at any other time all of them lag behind.
    """
    for here, there in _pairs(source, replica, schemas):
        used, given = here.used(source), there.given if there else None
        evidence = {"source": used, "replica": given}
        good = given is not None and given >= used
        yield _check("sequence_position", here, there, good=good, evidence=evidence)


def _pairs(
    source: Connection, replica: Connection, schemas: list[str]
) -> Iterator[tuple[Sequence, Sequence | None]]:
    theirs = sequences(replica, schemas)
    for name, here in sequences(source, schemas).items():
        yield here, theirs.get(name)


def _check(
    name: str, here: Sequence, there: Sequence | None, *, good: bool, evidence: Mapping[str, object]
) -> Check:
    status = Status.PASS if good else Status.FAIL
    if not here.readable or (there is not None and not there.readable):
        status = Status.INCONCLUSIVE
    return Check(name, status, evidence={"sequence": str(here), **evidence})
