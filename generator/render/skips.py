"""Accepted findings, written as skips where the scanner looks for them: inside the resource."""

from generator.document import AcceptedFinding, Environment
from generator.model.hcl import comment


def insert_skips(
    files: dict[str, str], environment: Environment
) -> tuple[dict[str, str], list[AcceptedFinding]]:
    """Return *files* with the skips of *environment*, and the exceptions that match no resource."""
    skipped = dict(files)
    unmatched = []
    # The last is inserted first, directly below the opening line, so that they end up in order.
    for accepted in reversed(environment.exceptions):
        path = _insert(skipped, environment, accepted)
        if path is None:
            unmatched.append(accepted)
    return skipped, unmatched


def _insert(
    files: dict[str, str], environment: Environment, accepted: AcceptedFinding
) -> str | None:
    """Insert one skip; return the path of the file that holds the resource, or `None`."""
    _, component, kind, name = accepted.resource.split(".")
    opening = f'resource "{kind}" "{name}" {{\n'
    folder = f"modules/{environment.name}/{component}/"
    for path, text in files.items():
        start = text.find(opening) if path.startswith(folder) else -1
        if start >= 0:
            end = start + len(opening)
            line = f"  # checkov:skip={accepted.check}:{comment(accepted.reason)}\n"
            files[path] = text[:end] + line + text[end:]
            return path
    return None
