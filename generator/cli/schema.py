"""`tapgen schema`: the blueprint's form, for editors."""

import json

import click


@click.command
def schema() -> None:
    """Print the JSON Schema of blueprint.yaml."""
    from generator.schema import json_schema

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
