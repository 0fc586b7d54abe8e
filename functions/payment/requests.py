"""What is let in: a request is looked at whole before anything of it is routed, kept or logged."""

import base64
import binascii
import json
import re
from typing import Any
from urllib.parse import unquote

from .cards import holds_card
from .problems import Problem

# A payment is a few hundred bytes; the load balancer would let a megabyte through.
LARGEST_BODY = 16 * 1024
DEEPEST = 8
_TAKES_BODY = re.compile(r"POST /payments(/[^/]+/refunds)?")

Event = dict[str, Any]


def admit(event: Event) -> Event:
    """Return *event* with its body as text; raise `Problem` for what no route should see."""
    parameters = [_decoded(value) for value in _values(event, "queryStringParameters")]
    key = header(event, "idempotency-key") or ""
    if holds_card([_decoded(event["path"]), key, *parameters]):
        raise _card()
    if not _TAKES_BODY.fullmatch(f"{event['httpMethod']} {event['path']}"):
        return event | {"body": "", "isBase64Encoded": False}
    text = _text(event)
    if holds_card(_document(text)):
        raise _card()
    return event | {"body": text, "isBase64Encoded": False}


def header(event: Event, name: str) -> str | None:
    """Return the last value of a header, however the target group was told to send it."""
    for field in ("multiValueHeaders", "headers"):
        for given, value in (event.get(field) or {}).items():
            if given.lower() == name:
                return str(value[-1] if isinstance(value, list) else value)
    return None


def _values(event: Event, field: str) -> list[str]:
    """Return names and values of a query, from both of the shapes that it comes in."""
    many = event.get(f"multiValue{field[0].upper()}{field[1:]}") or {}
    single = event.get(field) or {}
    return [*many, *single, *single.values(), *(value for each in many.values() for value in each)]


def _decoded(text: str) -> str:
    return unquote(text.replace("+", " "))


def _text(event: Event) -> str:
    kind = (header(event, "content-type") or "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(415, "content-type", "The content type must be application/json.")
    if header(event, "content-encoding") not in (None, "", "identity"):
        raise Problem(415, "content-encoding", "The body must not be compressed.")
    return _utf8(_bytes(event))


def _bytes(event: Event) -> bytes:
    body = event.get("body") or ""
    try:
        data = (
            base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
        )
    except (binascii.Error, UnicodeEncodeError):
        raise Problem(400, "encoding", "The body must be UTF-8.") from None
    if len(data) > LARGEST_BODY:
        raise Problem(413, "too-large", f"The body must be at most {LARGEST_BODY} bytes.")
    return data


def _utf8(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Problem(400, "encoding", "The body must be UTF-8.") from None


def _document(text: str) -> object:
    """Decode a body; raise `Problem` for what is no JSON, or reads differently to two readers."""
    try:
        document = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)
    # A ValueError of its own: a number of thousands of digits.
    except (ValueError, RecursionError):
        raise Problem(400, "json", "The body must be JSON, each name once in an object.") from None
    if _depth(document) > DEEPEST:
        raise Problem(400, "json", f"The body must be nested at most {DEEPEST} deep.")
    return document


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(found := dict(pairs)) < len(pairs):
        raise ValueError("a name comes twice")
    return found


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


def _depth(value: object) -> int:
    """Return how deep *value* is nested; level by level, as it may be deeper than calls go."""
    level, depth = [value], 0
    while level := [
        inner
        for each in level
        if isinstance(each, dict | list)
        for inner in (each.values() if isinstance(each, dict) else each)
    ]:
        depth += 1
    return depth


def _card() -> Problem:
    return Problem(422, "card-number", "This looks like a card number; send a token instead.")
