"""`tapgen explain`: which value is in force, and who set it."""

from pathlib import Path

import click

from generator.cli.project import chosen, complete_environment, find_root, load_blueprint


@click.command
@click.argument("environment", metavar="ENV", shell_complete=complete_environment)
@click.argument("path", metavar="[PATH]", default="")
@click.pass_obj
def explain(root: Path | None, *, environment: str, path: str) -> None:
    """Show the effective values of an environment and who set them."""
    from generator.explain import explain as explained

    blueprint = load_blueprint(find_root(root))
    [name] = chosen(blueprint, [environment])
    rows = explained(blueprint, name, path)
    width = max(len(f"{row.path} = {row.value}") for row in rows)
    for row in rows:
        setting = f"{row.path} = {row.value}"
        click.echo(f"{setting:<{min(width, 72)}}  # {row.origin}")
