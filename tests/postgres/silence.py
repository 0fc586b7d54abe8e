"""A way to a server that goes silent: what is sent is taken, and nothing ever comes back."""

import socket
import threading
from contextlib import contextmanager


class Way:
    """Passes bytes on in both directions, for as long as nobody has silenced a connection."""

    def __init__(self, port):
        self._to = port
        self._door = socket.create_server(("127.0.0.1", 0))
        self._ends = []
        self._silenced = 0
        self.silences_new_ones = False

    @property
    def port(self):
        return self._door.getsockname()[1]

    @property
    def made(self):
        """How many connections there were."""
        return len(self._ends) // 2

    def silence(self, *, new_ones=False):
        """Swallow what is sent on every connection that there is; and on *new_ones*, if told so."""
        self._silenced = len(self._ends)
        self.silences_new_ones = new_ones

    def serve(self):
        """Take connections until the door is closed."""
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._to))
            number = len(self._ends)
            self._ends += [near, far]
            for source, target in ((near, far), (far, near)):
                threading.Thread(
                    target=self._pass, args=(source, target, number), daemon=True
                ).start()

    def close(self):
        # Closed alone, it would still be waited at.
        self._door.shutdown(socket.SHUT_RDWR)
        for each in (self._door, *self._ends):
            each.close()

    def _pass(self, source, target, number):
        try:
            while data := source.recv(65536):
                if number >= self._silenced and not self.silences_new_ones:
                    target.sendall(data)
            if number >= self._silenced:
                target.shutdown(socket.SHUT_WR)
        except OSError:
            return


@contextmanager
def way(port):
    """Yield a way to *port* of this machine."""
    here = Way(port)
    thread = threading.Thread(target=here.serve, daemon=True)
    thread.start()
    try:
        yield here
    finally:
        here.close()
        thread.join()
