"""From a blueprint to files: pure, deterministic, nothing written here."""

import os
from collections.abc import Iterable, Sequence

from generator.blueprint import Blueprint
from generator.document import AcceptedFinding
from generator.errors import BlueprintError, Problem
from generator.model.validation import listed
from generator.render.engine import Templates
from generator.render.skips import insert_skips
from generator.render.tree import environment_files

Files = dict[str, str]

MANY = 12
"""Environments from which on a second process saves more than it takes."""


def render(blueprint: Blueprint, names: Iterable[str] | None = None) -> dict[str, Files]:
    """Return, for each environment of *names* (all by default), its files by path from the root.

    Raises `RenderError` where a template fails and `BlueprintError` where an exception in the
    blueprint names a resource that is not rendered.
    """
    chosen = list(blueprint.environments if names is None else names)
    rendered: dict[str, Files] = {}
    missing: dict[AcceptedFinding, list[str]] = {}
    for name, files in _rendered(blueprint, chosen).items():
        rendered[name], unmatched = insert_skips(files, blueprint.environments[name])
        for accepted in unmatched:
            missing.setdefault(accepted, []).append(name)
    if missing:
        raise BlueprintError(_unmatched(blueprint, *each) for each in missing.items())
    return rendered


def _rendered(blueprint: Blueprint, names: Sequence[str]) -> dict[str, Files]:
    templates = Templates()

    def work(name: str) -> Files:
        return environment_files(blueprint.environments[name], templates)

    if len(names) < MANY or (os.cpu_count() or 1) == 1:
        files = {name: work(name) for name in names}
    else:
        # Not needed, and so not loaded, for a few.
        from generator.render.together import together  # noqa: PLC0415 - see above

        files = together(work, names)
    templates.keep()
    return files


def _unmatched(blueprint: Blueprint, accepted: AcceptedFinding, names: list[str]) -> Problem:
    # Rules have seen to it that an exception stands in the register once.
    index = blueprint.document.exceptions.index(accepted)
    message = (
        f"{accepted.resource} is not rendered in {listed(names, 'and')}; mend the address, or "
        "take the exception out"
    )
    return blueprint.problem(("exceptions", index, "resource"), message)
