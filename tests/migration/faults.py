"""AWS as it is on a bad day: answers that are late, refused, lost or changed on their way."""

from types import SimpleNamespace

import boto3
from botocore.exceptions import ConnectTimeoutError


def refuse(client, operation, *, code="ThrottlingException", times=1, after=0):
    """Refuse calls of *operation*, retries and all, before they reach the API."""
    calls = iter([False] * after + [True] * times)

    def answer(**_):
        return refusal(code)() if next(calls, False) else None

    _register(client, "before-call", operation, answer, unique_id=operation)


def refusal(code):
    """Return what refuses a call for *code*."""
    error = {"Error": {"Code": code, "Message": "not today"}, "ResponseMetadata": {}}
    return lambda **_: (SimpleNamespace(status_code=400), error)


def everywhere(event, handler):
    """Handle *event* of every client that is made from here on."""
    boto3.DEFAULT_SESSION._session.register(event, handler)  # noqa: SLF001 - there is no other way


def heal(client, operation):
    """Refuse *operation* no more."""
    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.unregister(f"before-call.{service}.{operation}", unique_id=operation)


def disconnect(client, operation, *, times=1):
    """Let no connection come about for the next *times* attempts of *operation*."""
    left = [times]

    def fail(request, **_):
        if left[0]:
            left[0] -= 1
            raise ConnectTimeoutError(endpoint_url=request.url)

    _register(client, "before-send", operation, fail)


def lose_answer(client, operation):
    """Let the next call of *operation* happen, but not its answer arrive."""
    left = [1]

    def lose(**_):
        if left[0]:
            left[0] = 0
            raise ConnectTimeoutError(endpoint_url="https://aws.example")

    _register(client, "after-call", operation, lose)


def alter(client, operation, change, *, last=False):
    """Pass every parsed answer of *operation* through *change*, which may edit it in place."""

    def edit(parsed, **_):
        change(parsed)

    _register(client, "after-call", operation, edit, last=last)


def _register(client, event, operation, handler, **options):
    service = client.meta.service_model.service_id.hyphenize()
    events = client.meta.events
    register = events.register_last if options.pop("last", False) else events.register_first
    register(f"{event}.{service}.{operation}", handler, **options)
