"""Identifiers made here, so that no database's counter decides what a payment is called."""

import secrets
import time
import uuid
from collections.abc import Callable


def uuid7(nanoseconds: Callable[[], int] = time.time_ns) -> uuid.UUID:
    """Return an identifier that begins with its time (RFC 9562), so that newer ones sort later.

    The twelve bits behind the millisecond are its fraction: one process, one order.
    """
    milliseconds, rest = divmod(nanoseconds(), 1_000_000)
    fraction = rest * 4096 // 1_000_000
    head = milliseconds << 80 | 7 << 76 | fraction << 64
    return uuid.UUID(int=head | 2 << 62 | secrets.randbits(62))
