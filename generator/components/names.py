"""Names in AWS that are shorter than what they are made from."""

from hashlib import sha256

from generator.model.hcl import Identifier

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
