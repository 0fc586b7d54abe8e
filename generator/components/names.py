"""Names in AWS: how long they may be, and how one is made short."""

from hashlib import sha256
from typing import NamedTuple

from generator.model.hcl import Identifier


class Limit(NamedTuple):
    """How many characters the name of something may have."""

    kind: str
    characters: int


BUCKET = Limit("a bucket", 63)
DMS_TASK = Limit("a DMS task", 31)
"""The end of its ARN, which metrics name it by; its id alone might have 255."""
LOAD_BALANCER = 32
"""Characters that the name of a load balancer, or of a target group, may have."""
_DIGITS = 6


def clamped(name: str, limit: int = LOAD_BALANCER) -> Identifier:
    """Return *name*, or its beginning and a digest of all of it if *limit* characters are fewer.

    Two names that begin alike stay two.
    """
    if len(name) <= limit:
        return Identifier(name)
    digest = sha256(name.encode()).hexdigest()[:_DIGITS]
    return Identifier(f"{name[: limit - _DIGITS - 1].rstrip('-')}-{digest}")
