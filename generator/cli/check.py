"""`tapgen check`: whether the blueprint is right."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.project import chosen, complete_environment, find_root, load_blueprint

if TYPE_CHECKING:
    from generator.document import Environment


@click.command
@click.argument("environments", metavar="[ENV]...", nargs=-1, shell_complete=complete_environment)
@click.option("--verbose", is_flag=True, help="Show how the time that slo promises is spent.")
@click.pass_obj
def check(root: Path | None, *, environments: tuple[str, ...], verbose: bool) -> None:
    """Check the blueprint against its types and rules."""
    today = dt.datetime.now(tz=dt.UTC).date()
    blueprint = load_blueprint(find_root(root), today=today)
    names = chosen(blueprint, environments)
    # Rendering to find out would take half as long again.
    beyond = "tapgen render --check looks at what it renders"
    click.echo(f"{blueprint.file}: {', '.join(names)}: no problems; {beyond}")
    if verbose:
        for name in names:
            for line in _budgets(blueprint.environments[name]):
                click.echo(line)


def _budgets(environment: "Environment") -> Iterator[str]:
    from generator.budgets import budgets

    for budget in budgets(environment):
        first, *items = budget.lines()
        yield ""
        yield f"{environment.name}: {first}"
        yield from items
