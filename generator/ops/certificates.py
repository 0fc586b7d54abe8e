"""The certificate that a PostgreSQL server shows, read as a client would and before logging in."""

import datetime as dt
import socket
import ssl
import struct

from generator.errors import OperationError

# The code by which a client asks for TLS before it says anything else.
_TLS_REQUEST = struct.pack("!ii", 8, 80877103)


def expiry(host: str, port: int, ca: str, *, address: str | None = None) -> dt.datetime:
    """Return when the certificate of *host* ends; raise `OperationError` if *ca* does not vouch.

    *ca* is PEM text. *address* is where to connect, if not where the name leads.
    """
    context = ssl.create_default_context(cadata=ca)
    try:
        with socket.create_connection((address or host, port), timeout=5) as plain:
            plain.sendall(_TLS_REQUEST)
            if plain.recv(1) != b"S":
                raise OperationError(f"{host}:{port}: does not speak TLS")
            with context.wrap_socket(plain, server_hostname=host) as encrypted:
                shown = encrypted.getpeercert() or {}
    except OSError as error:
        raise OperationError(f"{host}:{port}: {error}") from error
    return dt.datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), dt.UTC)
