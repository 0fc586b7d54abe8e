"""What tapgen wrote: a line `<sha256>  <path>` per file, as `sha256sum --check` reads it.

There is one per environment, `envs/<env>/.tapgen.sha256`, and one for the reference. While files
are written the coming manifest lies beside it: after a kill it tells which new files are tapgen's.
A manifest with a merge conflict heals: the lines of both sides count, all others are ignored.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping

REFERENCE = "reference of the blueprint"  # no environment can have this name

_LINE = re.compile(r"([0-9a-f]{64})  (\S+)")


def manifest_path(environment: str) -> str:
    """Return the path of *environment*'s manifest."""
    if environment == REFERENCE:
        return "docs/.tapgen.sha256"
    return f"envs/{environment}/.tapgen.sha256"


def coming_path(environment: str) -> str:
    """Return the path of the manifest that a render under way is about to make current."""
    return f"{manifest_path(environment)}.next"


def digest(content: bytes) -> str:
    """Return the SHA-256 of *content*, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def manifest(files: Mapping[str, bytes]) -> str:
    """Return the manifest of *files*."""
    return "".join(f"{digest(content)}  {path}\n" for path, content in sorted(files.items()))


def known(texts: Iterable[str], environment: str) -> dict[str, set[str]]:
    """Return the digests that the manifests *texts* list, by path; foreign paths are ignored."""
    found: dict[str, set[str]] = {}
    for text in texts:
        for line in text.splitlines():
            match = _LINE.fullmatch(line)
            if match and owns(environment, match[2]):
                found.setdefault(match[2], set()).add(match[1])
    return found


def owns(environment: str, path: str) -> bool:
    """Tell whether *path* lies where *environment*'s files do; a manifest is not to be trusted."""
    parts = path.split("/")
    if environment == REFERENCE:
        return path in ("blueprint.schema.json", "docs/settings.md")
    return parts[0] in ("modules", "envs") and parts[1:2] == [environment] and ".." not in parts
