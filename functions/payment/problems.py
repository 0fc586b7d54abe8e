"""Errors as clients see them: problem documents of RFC 9457."""

import json
from typing import Any

from aws_lambda_powertools.event_handler import Response

CONTENT_TYPE = "application/problem+json"
RETRY_SECONDS = 5

_TITLES = {
    400: "Bad request",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Content too large",
    415: "Unsupported media type",
    422: "Unprocessable content",
    500: "Internal error",
    503: "Service unavailable",
}


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it a problem
    """An answer that is an error: a status, a kind that programs read, a sentence for people."""

    def __init__(self, status: int, kind: str, detail: str, **more: object) -> None:
        super().__init__(kind)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.more = more
        self.headers = {"Cache-Control": "no-store"}
        if status == 503:  # noqa: PLR2004 - the only one that passes by itself
            self.headers["Retry-After"] = str(RETRY_SECONDS)

    def response(self) -> Response[str]:
        return Response(self.status, CONTENT_TYPE, json.dumps(self._document()), self.headers)

    def event(self, *, many: bool) -> dict[str, Any]:
        """Return the answer as the load balancer takes it, with *many* values per header or one."""
        headers = self.headers | {"Content-Type": CONTENT_TYPE}
        shown: dict[str, Any] = (
            {"multiValueHeaders": {name: [value] for name, value in headers.items()}}
            if many
            else {"headers": headers}
        )
        body = json.dumps(self._document())
        return {"statusCode": self.status, "body": body, "isBase64Encoded": False} | shown

    def _document(self) -> dict[str, object]:
        return {
            "type": f"urn:payments:problem:{self.kind}",
            "title": _TITLES[self.status],
            "status": self.status,
            "detail": self.detail,
        } | self.more


def fenced() -> Problem:
    return Problem(503, "fenced", "Writes are paused for a moment; repeat with the same key.")


def unavailable() -> Problem:
    return Problem(503, "unavailable", "This cannot be done just now; repeat with the same key.")
