"""What is told of a request, as metrics and one line of the log: never what was in it."""

import re
import traceback
from pathlib import Path

import psycopg
from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from generator.ops.control import Writer
from generator.ops.metrics import Metrics

from .ledger import Answer
from .problems import Problem

# Counted apart: the load balancer asks for the first every few seconds, and would thin out errors.
_ASIDE = frozenset({"/health", "/ready", "/openapi.json"})
_PAYMENT = re.compile(r"/payments/[^/]+")
_ROUTES = _ASIDE | {"/payments", "/payments/{id}", "/payments/{id}/refunds"}
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_WROTE = {Writer.ONPREM: "WritesToOnprem", Writer.AURORA: "WritesToAurora"}
_ERROR = 500


class Outcome:
    """What came of the request that is under way; a process has one at a time."""

    def __init__(self, metrics: Metrics, logger: Logger) -> None:
        self._metrics = metrics
        self._logger = logger
        self._problem: str | None = None
        self._fault: dict[str, object] = {}

    def written(self, answer: Answer, *, payment: bool) -> None:
        """Count a write, or what became of it."""
        match answer.outcome:
            case "replayed":
                self._metrics.count("IdempotentReplay")
            case "mismatch":
                self._metrics.count("DuplicateDetected")
            case _:
                self._metrics.count(_WROTE[answer.side])
                if payment:
                    self._metrics.count("PaymentsAccepted")

    def refused(self, problem: Problem) -> None:
        """Keep what was answered instead, and what stood behind it, if that was no client."""
        self._problem = problem.kind
        if problem.__cause__ is not None:
            self._fault = _named(problem.__cause__)

    def broken(self, error: Exception) -> None:
        """Keep what a person needs to find a bug."""
        frames = traceback.extract_tb(error.__traceback__)
        self._fault = _named(error) | {
            "frames": [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames]
        }

    def tell(self, method: str, path: str, status: int, milliseconds: float) -> None:
        """Write metrics and the log of a request that was answered; begin anew."""
        route = _PAYMENT.sub("/payments/{id}", path, count=1)
        route = route if route in _ROUTES else "other"
        fenced = self._problem == "fenced"
        failed = status >= _ERROR and not fenced
        if route not in _ASIDE:
            self._count(milliseconds, failed=failed, fenced=fenced)
            if failed and (method, route) == ("POST", "/payments"):
                self._metrics.count("PaymentsFailed")
        self._metrics.flush()
        said = {
            "method": method if method in _METHODS else "other",
            "route": route,
            "status": status,
            "milliseconds": round(milliseconds, 1),
            "problem": self._problem,
        } | self._fault
        (self._logger.error if failed else self._logger.info)("request", extra=said)
        self._problem, self._fault = None, {}

    def _count(self, milliseconds: float, *, failed: bool, fenced: bool) -> None:
        self._metrics.count("Requests", fast=True)
        self._metrics.count("Errors", int(failed), fast=True)
        self._metrics.count("Fenced", int(fenced), fast=True)
        self._metrics.milliseconds("Latency", milliseconds, fast=True)


def _named(error: BaseException) -> dict[str, object]:
    """Return what an error is called; never its message, which may quote a row."""
    name = type(error).__name__
    if isinstance(error, ClientError):
        name = error.response["Error"]["Code"]
    return {"error": name, "sqlstate": error.sqlstate if isinstance(error, psycopg.Error) else None}
