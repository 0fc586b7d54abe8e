"""Container images: a function's code, named by its digest and by nothing that can be moved."""

from typing import Annotated

from generator.model.fields import matching

Digest = Annotated[
    str, *matching(r"sha256:[0-9a-f]{64}", "a digest: sha256: and 64 lower-case hexadecimal digits")
]


def is_example(digest: str) -> bool:
    """Tell whether *digest* is made up: a part of at most half its digits, over and over.

    No image has such a digest, or one in 2^128 at most.
    """
    return _repeats(digest.removeprefix("sha256:"))


def is_example_account(account_id: str) -> bool:
    """Tell whether *account_id* is made up: one digit, twelve times."""
    return len(set(account_id)) == 1


def _repeats(digits: str) -> bool:
    # A text is made of repeated parts if it stands in its own double other than at its two ends.
    return (digits + digits).find(digits, 1) < len(digits)
