"""Payments in the database: each write one statement, sent where the writer is."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from generator.ops.control import Writer
from generator.ops.postgres import Database

from .faults import FAILURES, Fault, fault, refusal
from .problems import Problem, unavailable
from .writer import Chooser

# The newest migration that the statements below were written for.
NEEDS_SCHEMA = 5

ATTEMPTS = 3
# From when a request came. A connection that nobody answers any more costs an attempt its answer;
# another may begin then, ask for its password (3 s at worst) and connect (2 s). Lambda ends a
# function after nine seconds at the earliest, and that would count as a crash.
ANSWER_SECONDS = 2.5
PATIENCE_SECONDS = 3.0
REQUEST_SECONDS = 8.0

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
        self._start = 0.0
        self.begin()

    def begin(self) -> None:
        """Count from here: all that a request asks has to be answered in its time."""
        self._start = self._clock()

    def pay(self, request: Request, payment: Sequence[object]) -> Answer:
        """Write a payment, or find what was answered to its key."""
        return self._write(_PAY, request, payment)

    def refund(self, request: Request, refund: Sequence[object]) -> Answer:
        """Write a refund, or find what was answered to its key; raise `Problem` if it cannot be."""
        return self._write(_REFUND, request, refund)

    def payment(self, identifier: UUID) -> tuple[Any, ...] | None:
        """Return one payment's row; raise `Problem` where nobody can say that there is none."""
        rows, doubt = self._read(_ONE, (identifier,))
        if not rows and doubt:
            raise doubt
        return rows[0] if rows else None

    def payments(self, merchant: str, after: UUID | None, limit: int) -> list[tuple[Any, ...]]:
        return self._read(_PAGE, (merchant, after, after, limit))[0]

    def checks(self) -> tuple[str, dict[str, str]]:
        """Return the writer, and each thing that a write needs: `ok`, or what is wrong."""
        choice = self._writer.current()
        try:
            ((tls, version, open_, epoch),) = self._read(_READY, ())[0]
        except Problem:
            return choice.name, {"database": "does not answer"}
        return choice.name, {
            "database": "ok",
            "tls": "ok" if tls else "in clear text",
            "schema": "ok" if version >= NEEDS_SCHEMA else f"is {version}, not {NEEDS_SCHEMA}",
            "writer": choice.compared(open_=open_, epoch=epoch),
        }

    def close(self) -> None:
        for database in self.databases.values():
            database.close()

    def _write(self, query: str, request: Request, values: Sequence[object]) -> Answer:
        """Write where the writer is; once more where that changed, or the connection broke.

        That is safe: if the first attempt did commit, its key answers the second. A database that
        still refuses what the control state has just said again is no fence: somebody is wrong.
        """
        failed: Exception | None = None
        head = (request.key, request.digest, request.status, request.response, request.at)
        for _ in range(ATTEMPTS):
            choice = self._writer.current()
            if (side := choice.open_side) is None:
                raise choice.refusal()
            if self._is_late():
                break
            try:
                row = (choice.epoch, *head, *values)
                ((outcome, status, response),) = self._ask(side, query, row)
            except FAILURES as error:
                self._retry_after(error)
                failed = error
            else:
                self._last = side
                return Answer(outcome, status, response, side)
        raise unavailable() from failed

    def _retry_after(self, error: Exception) -> None:
        """Return where another attempt may do better; raise what to answer where none would."""
        if problem := refusal(error):
            raise problem from None
        match fault(error):
            case Fault.STALE:
                self._writer.forget()
            case Fault.GONE:
                pass
            case Fault.PASSING:
                raise unavailable() from error
            case _:
                raise error

    def _read(
        self, query: str, values: Sequence[object]
    ) -> tuple[list[tuple[Any, ...]], Problem | None]:
        """Return rows, and what to answer if none are no proof: beside a fence they may lag."""
        failed: Exception | None = None
        for side, doubt in self._sides():
            if self._is_late():
                break
            try:
                return self._ask(side, query, values), doubt
            except FAILURES as error:
                if fault(error) not in {Fault.GONE, Fault.PASSING}:
                    raise
                failed = error
        raise unavailable() from failed

    def _sides(self) -> Iterator[tuple[Writer, Problem | None]]:
        """Yield who to read, and what its silence is worth.

        That is the writer, or while nobody is or nobody knows, anybody.
        """
        choice = self._writer.current()
        if side := choice.open_side:
            self._last = side
            # A connection that broke while it was idle says so at its next use: so twice.
            yield side, None
            yield side, None
            self._writer.forget()
            choice = self._writer.current()
        if choice.open_side is None:
            doubt = choice.refusal()
            yield from ((side, doubt) for side in (self._last, self._last, *self.databases))

    def _ask(self, side: Writer, query: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        with self.databases[side].connection() as connection:
            connection.until = min(self._clock() + ANSWER_SECONDS, self._start + REQUEST_SECONDS)
            return connection.execute(query.encode(), values).fetchall()

    def _is_late(self) -> bool:
        return self._clock() - self._start > PATIENCE_SECONDS
