"""The handler over plain HTTP, on this host alone, for people and load tests."""

import base64
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from aws_lambda_powertools.utilities.typing import LambdaContext

from .handler import lambda_handler

Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]


def server(handler: Handler, port: int) -> ThreadingHTTPServer:
    """Return a server on *port*, any free one for 0, that hands requests over one by one."""
    one = threading.Lock()  # a Lambda process has one request at a time; so does this

    def in_turn(event: dict[str, Any]) -> dict[str, Any]:
        with one:
            return handler(event, LambdaContext())

    class Door(_Door):
        answer = staticmethod(in_turn)

    return ThreadingHTTPServer(("127.0.0.1", port), Door)


def main() -> None:
    """Serve the API on the port that is told, or 8080, until interrupted; say where."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8080
    with server(lambda_handler, port) as here:
        print(f"http://127.0.0.1:{here.server_port}", file=sys.stderr, flush=True)  # noqa: T201 - a program
        here.serve_forever()


class _Door(BaseHTTPRequestHandler):
    """Turns a request into the load balancer's event, and its answer back."""

    protocol_version = "HTTP/1.1"
    # Lines and headers go out at once: waiting for more would cost 40 ms.
    wbufsize = -1
    disable_nagle_algorithm = True

    answer: Callable[[dict[str, Any]], dict[str, Any]]

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        answer = self.answer(self._event())
        body = answer["body"].encode()
        self.send_response(answer["statusCode"])
        for name, values in answer["multiValueHeaders"].items():
            for value in values:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _event(self) -> dict[str, Any]:
        target = urlsplit(self.path)
        query: dict[str, list[str]] = {}
        for pair in filter(None, target.query.split("&")):
            name, _, value = pair.partition("=")
            query.setdefault(name, []).append(value)
        headers: dict[str, list[str]] = {"host": ["localhost"]}
        for name, value in self.headers.items():
            headers.setdefault(name.lower(), []).append(value)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return {
            "requestContext": {"elb": {"targetGroupArn": "local"}},
            "httpMethod": self.command,
            "path": target.path,
            "multiValueQueryStringParameters": query,
            "multiValueHeaders": headers,
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
        }

    def log_message(self, *_: object) -> None:
        """Say nothing: a line of http.server holds the path, and the handler logs already."""
