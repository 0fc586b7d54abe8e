"""An entrance that behaves, or misbehaves, as a test says: TLS on this host, one answer each."""

import socketserver
import ssl
import threading
from contextlib import contextmanager

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
SILENCE = b""


class Door(socketserver.BaseRequestHandler):
    """One connection: a request is kept, and answered in the parts that the server has."""

    def handle(self):
        if self.server.context is None:
            self.server.over.wait(10)
            return
        try:
            with self.server.context.wrap_socket(self.request, server_side=True) as tls:
                self.server.asked.append(tls.recv(4096).decode())
                self._answer(tls)
        except OSError:
            """Whoever asked has gone."""

    def _answer(self, tls):
        for part in self.server.parts:
            if part == SILENCE:
                self.server.over.wait(10)
            tls.sendall(part)
            self.server.over.wait(0.05 if len(self.server.parts) > 1 else 0)


@contextmanager
def entrance(certificate, *parts, tls=True):
    """Serve *parts* to every request, or 200; yield the port, and what was asked for."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Door) as server:
        server.parts, server.asked, server.over = parts or (OK,), [], threading.Event()
        server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if tls else None
        if tls:
            certificate.configure_cert(server.context)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server.server_address[1], server.asked
        server.over.set()
        server.shutdown()
        thread.join()
