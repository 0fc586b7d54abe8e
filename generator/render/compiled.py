"""Compiled templates, kept from one process to the next in one file of the user's cache folder.

One file, because opening a hundred takes longer than reading all that is in them.
"""

import hashlib
import marshal
import os
import sys
from contextlib import suppress
from pathlib import Path
from types import CodeType

import jinja2
from jinja2.bccache import Bucket, BytecodeCache

_DIGEST = hashlib.sha256


class Compiled(BytecodeCache):
    """The templates of a folder; where the cache cannot be read or written, they are compiled."""

    def __init__(self, folder: Path) -> None:
        home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
        # Compiled code is for one Python and one Jinja; each checkout has templates of its own.
        version = f"{sys.implementation.cache_tag}-jinja-{jinja2.__version__}"
        self._path = Path(home, "tapgen", version, _DIGEST(os.fsencode(folder)).hexdigest()[:16])
        self._kept = _read(self._path)
        self._changed = False

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give *bucket* the code that is kept of its very text."""
        checksum, code = self._kept.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Note the code of *bucket*, in place of that of an older text."""
        self._kept[bucket.key] = bucket.checksum, bucket.code
        self._changed = True

    def keep(self) -> None:
        """Write what was compiled, if anything was; in one step, for others read meanwhile."""
        if not self._changed:
            return
        content = marshal.dumps(self._kept)
        coming = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            coming.write_bytes(_DIGEST(content).digest() + content)
            coming.replace(self._path)


def _read(path: Path) -> dict[str, tuple[str, CodeType | None]]:
    """Return what is kept at *path*: checksum and code by key; nothing if missing or damaged."""
    try:
        content = path.read_bytes()
    except OSError:
        return {}
    size = _DIGEST().digest_size
    # Unmarshalling what is damaged may crash Python, so it is never tried.
    if _DIGEST(content[size:]).digest() != content[:size]:
        return {}
    kept: dict[str, tuple[str, CodeType | None]] = marshal.loads(content[size:])  # noqa: S302 - ours alone
    return kept
