"""A client of the API, speaking as the load balancer does."""

import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from aws_lambda_powertools.utilities.typing import LambdaContext

EVENTS = Path(__file__).parents[1] / "functions" / "events"
PAYMENT = {"merchant": "m-1", "amount": 1250, "currency": "EUR", "payment_token": "tok_9GhT6wqLz0"}


def recorded(name):
    """Return an event as a load balancer sent it."""
    return json.loads((EVENTS / f"{name}.json").read_text())


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict
    text: str

    @property
    def body(self):
        return json.loads(self.text)


class Client:
    """Sends events to a handler and reads what it returns."""

    def __init__(self, handler):
        self._handler = handler

    def send(self, event):
        answer = self._handler(event, LambdaContext())
        assert answer["isBase64Encoded"] is False
        many = answer.get("multiValueHeaders")
        headers = {k: v[0] for k, v in many.items()} if many else answer["headers"]
        return Answer(answer["statusCode"], headers, answer["body"])

    def request(self, method, path, body="", query=None, **headers):
        event = recorded("get_payments") | {
            "httpMethod": method,
            "path": path,
            "multiValueQueryStringParameters": {k: [quote(v)] for k, v in (query or {}).items()},
            "multiValueHeaders": {k.replace("_", "-"): [v] for k, v in headers.items()},
            "body": body if isinstance(body, str) else json.dumps(body),
        }
        return self.send(event)

    def get(self, path, **query):
        return self.request("GET", path, query=query)

    def post(self, path, body, key=None, **headers):
        known = {"content_type": "application/json", "idempotency_key": key or str(uuid.uuid4())}
        return self.request("POST", path, body, **(known | headers))

    def pay(self, key=None, **changes):
        return self.post("/payments", PAYMENT | changes, key)
