"""Payments in the database: each write one statement, sent where the writer is."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from generator.ops.control import Writer
from generator.ops.postgres import Database, lost

from .problems import Problem, fenced, unavailable
from .writer import Chooser

# The newest migration that the statements below were written for.
NEEDS_SCHEMA = 4

ATTEMPTS = 3
# No new attempt after this: a failed connection takes 3 s, a statement 5, the function may take 10.
PATIENCE_SECONDS = 2.0

_PAY = "select * from payment_api.create_payment(%s" + ", %s" * 11 + ")"
_REFUND = "select * from payment_api.create_refund(%s" + ", %s" * 8 + ")"
_COLUMNS = "id, merchant, amount, currency, status, refunded, reference, created_at"
_ONE = f"select {_COLUMNS} from public.payments where id = %s"  # noqa: S608 - constants
_PAGE = (
    f"select {_COLUMNS} from public.payments"  # noqa: S608 - constants
    " where merchant = %s and (%s::uuid is null or id < %s) order by id desc limit %s"
)
_READY = (
    "select (select ssl from pg_stat_ssl where pid = pg_backend_pid()),"
    " (select max(version) from migration_control.migrations),"
    " (select open from migration_control.writer_epoch),"
    " (select epoch from migration_control.writer_epoch)"
)
_REFUSALS = {
    "TR404": (404, "not-found", "There is no such payment."),
    "TR409": (409, "refund-too-large", "More is asked back than is left of the payment."),
}
# Passing: too slow, too busy, or in each other's way. The client's next attempt may well succeed.
_PASSING = ("40", "53", "55P03", "57014")
_STALE = frozenset({"TW001", "TW002"})


@dataclass(frozen=True, slots=True)
class Request:
    """What makes a write the same one when it comes again, and what is answered to it."""

    key: str
    digest: str
    status: int
    response: str
    at: Any


@dataclass(frozen=True, slots=True)
class Answer:
    """What the database answered: `created`, `replayed` or `mismatch`; and where it was."""

    outcome: str
    status: int
    response: str
    side: Writer


class Ledger:
    """Both databases, and who knows which of them takes writes."""

    def __init__(
        self,
        databases: Mapping[Writer, Database],
        writer: Chooser,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.databases = databases
        self._writer = writer
        self._clock = clock
        self._last = Writer.AURORA  # who was read when there was last a writer

    def pay(self, request: Request, payment: Sequence[object]) -> Answer:
        """Write a payment, or find what was answered to its key."""
        return self._write(_PAY, request, payment)

    def refund(self, request: Request, refund: Sequence[object]) -> Answer:
        """Write a refund, or find what was answered to its key; raise `Problem` if it cannot be."""
        return self._write(_REFUND, request, refund)

    def payment(self, identifier: UUID) -> tuple[Any, ...] | None:
        """Return one payment's row; raise `Problem` where nobody can say that there is none."""
        rows, sure = self._read(_ONE, (identifier,))
        if not rows and not sure:
            raise fenced()
        return rows[0] if rows else None

    def payments(self, merchant: str, after: UUID | None, limit: int) -> list[tuple[Any, ...]]:
        return self._read(_PAGE, (merchant, after, after, limit))[0]

    def checks(self) -> tuple[Writer, dict[str, str]]:
        """Return the writer, and each thing that a write needs: `ok`, or what is wrong."""
        choice = self._writer.current()
        try:
            ((tls, version, open_, epoch),) = self._read(_READY, ())[0]
        except Problem:
            return choice.side, {"database": "does not answer"}
        right = choice.side is Writer.FENCED or (open_ and choice.epoch in (None, epoch))
        return choice.side, {
            "database": "ok",
            "tls": "ok" if tls else "in clear text",
            "schema": "ok" if version >= NEEDS_SCHEMA else f"is {version}, not {NEEDS_SCHEMA}",
            "writer": "ok" if right else "the database says otherwise",
        }

    def close(self) -> None:
        for database in self.databases.values():
            database.close()

    def _write(self, query: str, request: Request, values: Sequence[object]) -> Answer:
        """Write where the writer is; once more where that changed, or the connection broke.

        That is safe: if the first attempt did commit, its key answers the second.
        """
        problem = unavailable()
        start = self._clock()
        head = (request.key, request.digest, request.status, request.response, request.at)
        for _ in range(ATTEMPTS):
            choice = self._writer.current()
            if choice.side is Writer.FENCED:
                raise fenced()
            try:
                with self.databases[choice.side].connection() as connection:
                    row = (choice.epoch, *head, *values)
                    ((outcome, status, response),) = connection.execute(query.encode(), row)
                    self._last = choice.side
                    return Answer(outcome, status, response, choice.side)
            except psycopg.Error as error:
                problem = self._sort(error)
            if self._clock() - start > PATIENCE_SECONDS:
                break
        raise problem

    def _sort(self, error: psycopg.Error) -> Problem:
        """Return what to answer if no attempt follows; raise what no attempt would change."""
        state = error.sqlstate or ""
        if state in _STALE:
            self._writer.forget()
            return fenced()
        if state in _REFUSALS:
            raise Problem(*_REFUSALS[state]) from None
        if state.startswith(_PASSING):
            raise unavailable() from None
        if lost(error):
            return unavailable()
        raise error

    def _read(self, query: str, values: Sequence[object]) -> tuple[list[tuple[Any, ...]], bool]:
        """Return rows, and whether they are the last word: beside a fence they may lag behind."""
        start = self._clock()
        for side, sure in self._sides():
            try:
                with self.databases[side].connection() as connection:
                    return connection.execute(query.encode(), values).fetchall(), sure
            except psycopg.Error as error:
                if not lost(error) and not (error.sqlstate or "").startswith(_PASSING):
                    raise
            if self._clock() - start > PATIENCE_SECONDS:
                break
        raise unavailable()

    def _sides(self) -> Iterator[tuple[Writer, bool]]:
        """Yield who to read, and whether to take its word: the writer, or while fenced, anybody."""
        known = self._writer.current().side
        if known is not Writer.FENCED:
            self._last = known
            # A connection that broke while it was idle says so at its next use: so twice.
            yield known, True
            yield known, True
            self._writer.forget()
        if self._writer.current().side is Writer.FENCED:
            yield from ((side, False) for side in (self._last, self._last, *self.databases))
