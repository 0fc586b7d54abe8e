"""Identifiers made here, so that no database's counter decides what a payment is called."""

import secrets
import time
import uuid
from collections.abc import Callable


def uuid7(nanoseconds: Callable[[], int] = time.time_ns) -> uuid.UUID:
    """Return an identifier that begins with its time (RFC 9562), so that newer ones sort later."""
    value = (nanoseconds() // 1_000_000) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(0x3 << 62) | 2 << 62
    return uuid.UUID(int=value)
