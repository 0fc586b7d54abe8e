"""Where the blueprint is, and how it is loaded for a command."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.errors import BlueprintError, Problem, TapgenError

if TYPE_CHECKING:
    import datetime as dt

    from generator.blueprint import Blueprint

BLUEPRINT = "blueprint.yaml"


def find_root(named: Path | None) -> Path:
    """Return the folder *named*, or the nearest one upwards that holds a blueprint."""
    if named is not None:
        return named.absolute()
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / BLUEPRINT).is_file():
            return folder
    return here  # the loader says what is missing


def load_blueprint(root: Path, *, today: "dt.date | None" = None) -> "Blueprint":
    """Load the blueprint below *root* and print its warnings."""
    from generator.blueprint import load

    path = root / BLUEPRINT
    blueprint = load(path, os.path.relpath(path), today=today)
    for warning in blueprint.warnings:
        click.echo(f"{click.style('warning', fg='yellow')}: {warning}", err=True)
    return blueprint


def chosen(blueprint: "Blueprint", names: Iterable[str]) -> list[str]:
    """Return *names* without repeats, all environments if there are none.

    Raises `BlueprintError` for a name that the blueprint does not have.
    """
    from generator.model.validation import suggestion

    known = blueprint.environments
    wrong = [name for name in names if name not in known]
    if wrong:
        raise BlueprintError(
            Problem(blueprint.file, 0, 0, "", f'unknown environment "{n}"; {suggestion(n, known)}')
            for n in wrong
        )
    return list(dict.fromkeys(names)) or list(known)


def complete_environment(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Offer the environments of the blueprint to the shell; nothing if it cannot be read."""
    from generator.model import source

    named = context.find_root().params.get("root")
    try:
        root = source.read(find_root(named) / BLUEPRINT, BLUEPRINT)
    except TapgenError:
        return []
    environments = root.child("environments")
    names = environments.value if environments and isinstance(environments.value, dict) else {}
    return [name for name in names if name.startswith(incomplete)]
