"""The command `tapgen`: thin commands, one place where errors become messages.

Commands import what they need when they run, so that help and completion are quick.
"""

import importlib
import sys
from pathlib import Path
from types import ModuleType

import click

from generator.errors import TapgenError

# Nobody's plugin looks at a blueprint. To find that out, pydantic loads what reads the metadata of
# every installed package, a tenth of `tapgen check`; this stands in for that, with its answer.
_NO_PLUGINS = ModuleType("pydantic.plugin._loader")
_NO_PLUGINS.__dict__["get_plugins"] = tuple
sys.modules.setdefault(_NO_PLUGINS.__name__, _NO_PLUGINS)

_COMMANDS = ("check", "render", "explain", "rules", "schema")


class _Cli(click.Group):
    """Report every `TapgenError` as a message; let anything else be a traceback."""

    def list_commands(self, _: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module = importlib.import_module(f"generator.cli.{name}")
        command: click.Command = getattr(module, name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except TapgenError as error:
            click.echo(str(error), err=True)
            ctx.exit(1)


@click.group(cls=_Cli)
@click.option(
    "--root",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the blueprint; by default the nearest one upwards that holds blueprint.yaml.",
)
@click.version_option(package_name="tapgen")
@click.pass_context
def main(context: click.Context, *, root: Path | None) -> None:
    """Turn one blueprint into the Terraform of the payment platform."""
    context.obj = root
