"""`tapgen check`: whether the blueprint is right."""

import datetime as dt
from pathlib import Path

import click

from generator.cli.project import chosen, complete_environment, find_root, load_blueprint


@click.command
@click.argument("environments", metavar="[ENV]...", nargs=-1, shell_complete=complete_environment)
@click.pass_obj
def check(root: Path | None, *, environments: tuple[str, ...]) -> None:
    """Check the blueprint against its types and rules."""
    today = dt.datetime.now(tz=dt.UTC).date()
    blueprint = load_blueprint(find_root(root), today=today)
    names = chosen(blueprint, environments)
    click.echo(f"{blueprint.file}: {', '.join(names)}: no problems")
