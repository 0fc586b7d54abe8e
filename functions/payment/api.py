"""The routes of the API, and the OpenAPI document that they make."""

import datetime as dt
import hashlib
import json
import re
from typing import Annotated, Any
from uuid import UUID

from aws_lambda_powertools.event_handler import ALBResolver, Response
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Body, Header, Path, Query

from .documents import CREATED, FOUND, LISTED, LIVES, READY, REFUNDED, SPECIFIED
from .identifiers import uuid7
from .ledger import Answer, Ledger, Request
from .models import Merchant, NewPayment, NewRefund, Payment, Payments
from .outcome import Outcome
from .problems import Problem

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{1,255}$",
        description="Yours to choose, once for each payment; repeat a request with its key.",
    ),
]
Identifier = Annotated[UUID, Path(description="What the API called it.")]
_JSON = "application/json"
_NO_STORE = {"Cache-Control": "no-store"}
_METHODS = ("GET", "POST")


class Api:
    """The payment API over a ledger."""

    def __init__(self, ledger: Ledger, outcome: Outcome) -> None:
        self._ledger = ledger
        self._outcome = outcome
        self._document = ""
        self.resolver = ALBResolver(enable_validation=True, decode_query_parameters=True)
        self._route()

    def create_payment(self, key: Key, payment: Annotated[NewPayment, Body()]) -> Response[str]:
        """Make a payment, once for each key."""
        identifier, at = uuid7(), _now()
        shown = payment.model_dump(exclude={"payment_token"}) | {
            "id": str(identifier), "status": "accepted", "refunded": 0, "created_at": at.isoformat()
        }  # fmt: skip
        row = (
            identifier, payment.merchant, payment.amount, payment.currency,
            payment.payment_token, payment.reference,
        )  # fmt: skip
        digest = _digest("POST /payments", payment.model_dump_json())
        answer = self._ledger.pay(Request(key, digest, 201, json.dumps(shown), at), row)
        self._outcome.written(answer, payment=True)
        return _written(answer, "/payments/")

    def create_refund(
        self, payment_id: Identifier, key: Key, refund: Annotated[NewRefund, Body()]
    ) -> Response[str]:
        """Give money of a payment back, once for each key."""
        paid = self._found(payment_id)
        identifier, at = uuid7(), _now()
        shown = {
            "id": str(identifier), "payment_id": str(payment_id), "amount": refund.amount,
            "currency": paid.currency, "created_at": at.isoformat(),
        }  # fmt: skip
        digest = _digest(f"POST /payments/{payment_id}/refunds", refund.model_dump_json())
        request = Request(key, digest, 201, json.dumps(shown), at)
        answer = self._ledger.refund(request, (identifier, payment_id, refund.amount))
        self._outcome.written(answer, payment=False)
        return _written(answer)

    def read_payment(self, payment_id: Identifier) -> Response[str]:
        """Show one payment."""
        return _response(200, self._found(payment_id).model_dump_json())

    def list_payments(
        self,
        merchant: Annotated[Merchant, Query()],
        limit: Annotated[int, Query(ge=1, le=100)] = 50,
        after: Annotated[UUID | None, Query(description="The `next` of the page before.")] = None,
    ) -> Response[str]:
        """List a merchant's payments, newest first."""
        rows = self._ledger.payments(merchant, after, limit + 1)
        items = [_payment(row) for row in rows[:limit]]
        more = items[-1].id if len(rows) > limit else None
        return _response(200, Payments(items=items, next=more).model_dump_json())

    def health(self) -> Response[str]:
        """Say that the process lives."""
        return _response(200, '{"status": "ok"}')

    def ready(self) -> Response[str]:
        """Say who takes writes, and whether they would be taken: database, TLS, schema, writer."""
        writer, checks = self._ledger.checks()
        good = all(check == "ok" for check in checks.values())
        status = "ready" if good else "not ready"
        body = json.dumps({"status": status, "checks": checks, "writer": writer})
        return _response(200 if good else 503, body)

    def openapi(self) -> Response[str]:
        """Show this document."""
        self._document = self._document or self.resolver.get_openapi_json_schema(
            title="Payments", version="1", description="Payments, each made once."
        )
        return _response(200, self._document)

    def _found(self, identifier: UUID) -> Payment:
        row = self._ledger.payment(identifier)
        if row is None:
            raise Problem(404, "not-found", "There is no such payment.")
        return _payment(row)

    def _route(self) -> None:
        app = self.resolver
        app.post("/payments", responses=CREATED)(self.create_payment)
        app.get("/payments", responses=LISTED)(self.list_payments)
        app.get("/payments/<payment_id>", responses=FOUND)(self.read_payment)
        app.post("/payments/<payment_id>/refunds", responses=REFUNDED)(self.create_refund)
        app.get("/health", responses=LIVES)(self.health)
        app.get("/ready", responses=READY)(self.ready)
        app.get("/openapi.json", responses=SPECIFIED)(self.openapi)
        app.not_found(self._nowhere)
        app.exception_handler(RequestValidationError)(_invalid)
        app.exception_handler(Problem)(self._refused)
        app.exception_handler(Exception)(self._broken)

    def _nowhere(self, _error: Exception) -> Response[str]:
        """Answer where no route is: 405 where another method would have found one."""
        path = self.resolver.current_event.path
        allowed = [
            route.method
            for route in (*self.resolver._static_routes, *self.resolver._dynamic_routes)  # noqa: SLF001 - it offers no other way
            if re.match(route.rule, path)
        ]
        if not allowed:
            return Problem(404, "not-found", "There is nothing here.").response()
        problem = Problem(405, "method", "This is not done here with this method.")
        problem.headers["Allow"] = ", ".join(sorted(allowed))
        return problem.response()

    def _refused(self, problem: Problem) -> Response[str]:
        self._outcome.refused(problem)
        return problem.response()

    def _broken(self, error: Exception) -> Response[str]:
        self._outcome.broken(error)
        return Problem(500, "internal", "Something is wrong here; it was recorded.").response()


def _invalid(error: RequestValidationError) -> Response[str]:
    """Answer what is wrong with a request, never what was in it."""
    mistakes = [
        {"place": ".".join(map(str, mistake["loc"])), "detail": mistake["msg"]}
        for mistake in error.errors()
    ]
    if any(mistake["place"].startswith("path.") for mistake in mistakes):
        return Problem(404, "not-found", "There is no such payment.").response()
    detail = "The request is not as it has to be."
    return Problem(422, "invalid", detail, errors=mistakes).response()


def _written(answer: Answer, place: str = "") -> Response[str]:
    if answer.outcome == "mismatch":
        detail = "This key was used before, for another request."
        raise Problem(422, "key-reused", detail)
    more = {"Idempotent-Replayed": "true"} if answer.outcome == "replayed" else {}
    if place:
        more["Location"] = place + json.loads(answer.response)["id"]
    return _response(answer.status, answer.response, more)


def _response(status: int, body: str, headers: dict[str, str] | None = None) -> Response[str]:
    return Response(status, _JSON, body, _NO_STORE | (headers or {}))


def _payment(row: tuple[Any, ...]) -> Payment:
    return Payment(**dict(zip(Payment.model_fields, row, strict=True)))


def _digest(operation: str, body: str) -> str:
    return hashlib.sha256(f"{operation}\n{body}".encode()).hexdigest()


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
