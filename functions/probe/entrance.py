"""The entrance of the system on AWS, as a client meets it: an address, TLS, a name, an answer."""

import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# No group of the web ACL lets a request in that does not say who asks.
_REQUEST = (
    "GET /ready HTTP/1.1\r\nHost: {}\r\nUser-Agent: tapgen-probe\r\n"
    "Accept: application/json\r\nConnection: close\r\n\r\n"
)
_READY = b"200"


@dataclass(frozen=True, slots=True)
class Entrance:
    """A load balancer, by the *host* that no weight moves, and the *name* that clients call it."""

    host: str
    name: str
    port: int = 443
    patience: float = 4.0
    """Seconds in which an answer has to come."""
    resolve: Callable[..., list[Any]] = socket.getaddrinfo

    def ask(self, turn: int, trust: ssl.SSLContext) -> str | None:
        """Return None if payments would be taken, or what is wrong; soon, whatever the other does.

        Each *turn* asks another of the load balancer's addresses: one for each zone.
        """
        until = time.monotonic() + self.patience
        try:
            found = self.resolve(self.host, self.port, type=socket.SOCK_STREAM)
            address = found[turn % len(found)][4][:2]
            with socket.create_connection(address, _left(until)) as connection:
                connection.settimeout(_left(until))
                with trust.wrap_socket(connection, server_hostname=self.name) as tls:
                    return self._judge(tls, until)
        except OSError as error:
            return f"{type(error).__name__}: {error}"

    def _judge(self, tls: ssl.SSLSocket, until: float) -> str | None:
        tls.settimeout(_left(until))
        tls.sendall(_REQUEST.format(self.name).encode())
        line = b""
        # The first line is enough; one that comes byte by byte has no more time than another.
        while b"\n" not in line:
            tls.settimeout(_left(until))
            part = tls.recv(4096)
            if not part:
                break
            line += part
        line = line.partition(b"\r\n")[0]
        said = line.split(b" ")
        return None if said[1:2] == [_READY] else f"answered {line[:80].decode('ascii', 'replace')}"


def _left(until: float) -> float:
    """Return the seconds that are left; raise `TimeoutError` if there are none."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("there was no answer in time")
    return left
