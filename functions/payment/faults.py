"""What the errors of databases mean to a request, and those of AWS where it gives the password."""

from enum import Enum, auto

import psycopg
from botocore.exceptions import BotoCoreError, ClientError

from generator.ops.postgres import lost

from .problems import Problem

FAILURES = (psycopg.Error, BotoCoreError, ClientError)

_REFUSALS = {
    "TR404": (404, "not-found", "There is no such payment."),
    "TR409": (409, "refund-too-large", "More is asked back than is left of the payment."),
}
_STALE = frozenset({"TW001", "TW002"})
_PASSING = ("40", "53", "55P03", "57014")


class Fault(Enum):
    """A kind of error, by what can be done about it."""

    STALE = auto()
    """The database takes no writes, or those of another epoch: the writer may have moved."""
    PASSING = auto()
    """Too slow, too busy, or in each other's way: the client's next attempt may well succeed."""
    GONE = auto()
    """There is no connection, or no password for one: the next one may serve."""
    BUG = auto()


def fault(error: Exception) -> Fault:
    """Say what kind of error *error* is, if it is none of the client's."""
    if not isinstance(error, psycopg.Error):
        return Fault.GONE
    state = error.sqlstate or ""
    if state in _STALE:
        return Fault.STALE
    if state.startswith(_PASSING):
        return Fault.PASSING
    return Fault.GONE if lost(error) else Fault.BUG


def refusal(error: Exception) -> Problem | None:
    """Return what to tell a client whose mistake *error* is."""
    state = (error.sqlstate if isinstance(error, psycopg.Error) else None) or ""
    return Problem(*_REFUSALS[state]) if state in _REFUSALS else None
