"""`tapgen rules`: what is checked beyond the types."""

import click


@click.command
def rules() -> None:
    """List the rules that a blueprint is held to."""
    from generator.rules import every_rule

    for each in every_rule():
        when = " (by date)" if each.dated else ""
        click.echo(f"{each.id}  {each.severity:<7}  {each.reason}{when}")
