"""What each route may answer, as its part of the OpenAPI document says."""

from typing import Any

from .models import Health, Payment, Payments, ProblemDocument, Readiness, Refund
from .problems import CONTENT_TYPE

_PROBLEMS = {
    400: "The body is not JSON, or not UTF-8.",
    404: "There is no such payment.",
    405: "Another method is needed.",
    409: "More is asked back than is left.",
    413: "The body is too large.",
    415: "The body is not of type application/json.",
    422: "Something is missing, wrong, or looks like a card number; or the key was used before.",
    500: "It is our mistake.",
    503: "Writes are paused (`fenced`), or something is out of reach (`unavailable`): repeat after "
    "`Retry-After` seconds.",
}


def _answers(status: int, description: str, model: type, *problems: int) -> dict[int, Any]:
    """Return the answers of a route: one that is good, and what else can be."""
    good = {"description": description, "content": {"application/json": {"model": model}}}
    bad = {
        problem: {
            "description": _PROBLEMS[problem],
            "content": {CONTENT_TYPE: {"model": ProblemDocument}},
        }
        for problem in (*problems, 405, 422, 500)
    }
    return {status: good} | bad


CREATED = _answers(201, "The payment.", Payment, 400, 413, 415, 503)
LISTED = _answers(200, "A page of payments.", Payments, 503)
FOUND = _answers(200, "The payment.", Payment, 404, 503)
REFUNDED = _answers(201, "The refund.", Refund, 400, 404, 409, 413, 415, 503)
LIVES = _answers(200, "The process lives.", Health)
READY = _answers(200, "Writes are taken, or wait behind a fence for a moment.", Readiness)
READY[503] = {
    "description": "Writes would not be taken.",
    "content": {"application/json": {"model": Readiness}},
}
SPECIFIED = _answers(200, "This document.", dict[str, Any])
