"""Container images: a function's code, named by its digest and by nothing that can be moved."""

from typing import Annotated

from generator.model.fields import matching

Digest = Annotated[
    str, *matching(r"sha256:[0-9a-f]{64}", "a digest: sha256: and 64 lower-case hexadecimal digits")
]
