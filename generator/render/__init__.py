"""From a blueprint to files: pure, deterministic, nothing written here."""

from collections.abc import Iterable

from generator.blueprint import Blueprint
from generator.document import AcceptedFinding
from generator.errors import BlueprintError, Problem
from generator.render.engine import Templates
from generator.render.skips import insert_skips
from generator.render.tree import environment_files

Files = dict[str, str]


def render(blueprint: Blueprint, names: Iterable[str] | None = None) -> dict[str, Files]:
    """Return, for each environment of *names* (all by default), its files by path from the root.

    Raises `RenderError` where a template fails and `BlueprintError` where an exception in the
    blueprint names a resource that is not rendered.
    """
    templates = Templates()
    rendered: dict[str, Files] = {}
    problems: list[Problem] = []
    for name in names if names is not None else blueprint.environments:
        environment = blueprint.environments[name]
        files = environment_files(environment, templates)
        rendered[name], unmatched = insert_skips(files, environment)
        problems += [_unmatched(blueprint, accepted, name) for accepted in unmatched]
    if problems:
        raise BlueprintError(problems)
    return rendered


def _unmatched(blueprint: Blueprint, accepted: AcceptedFinding, name: str) -> Problem:
    # Rules have seen to it that an exception stands in the register once.
    index = blueprint.document.exceptions.index(accepted)
    message = f"{name} renders no {accepted.resource}; remove the exception or mend the address"
    return blueprint.problem(("exceptions", index, "resource"), message)
