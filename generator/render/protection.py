"""Which resources Terraform refuses to destroy, and which are about to lose that."""

import re
from collections.abc import Mapping

_RESOURCE = re.compile(r'^resource "([^"]+)" "([^"]+)" \{$(.*?)^\}$', re.MULTILINE | re.DOTALL)
_PROTECTED = re.compile(r"^ +prevent_destroy = true$", re.MULTILINE)


def unprotected(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Return the addresses protected in the files *old* and not in *new*, by component."""
    lost: dict[str, list[str]] = {}
    # A file that stays as it is takes no protection away, and most stay.
    changed = [path for path, content in old.items() if new.get(path) != content]
    before = _protected({path: old[path] for path in changed})
    if before:
        for component, address in sorted(before - _protected(new)):
            lost.setdefault(component, []).append(address)
    return lost


def _protected(files: Mapping[str, bytes]) -> set[tuple[str, str]]:
    found = set()
    for path, content in files.items():
        tree, _, component, *_ = f"{path}//".split("/")
        if tree != "modules" or b"prevent_destroy" not in content:
            continue
        for kind, name, body in _RESOURCE.findall(content.decode(errors="replace")):
            if _PROTECTED.search(body):
                found.add((component, f"module.{component}.{kind}.{name}"))
    return found
