"""`tapgen render`: write the Terraform."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from generator.cli.project import chosen, complete_environment, find_root, load_blueprint

if TYPE_CHECKING:
    from generator.render.disk import Plan


@click.command
@click.argument("environments", metavar="[ENV]...", nargs=-1, shell_complete=complete_environment)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if files are not what renders.")
@click.option("--diff", is_flag=True, help="Show how files change.")
@click.option("--force", is_flag=True, help="Give up what people edited in generated files.")
@click.pass_context
def render(
    context: click.Context, *, environments: tuple[str, ...], check: bool, diff: bool, force: bool
) -> None:
    """Write modules/ and envs/ for some environments, or for all."""
    from generator.render.publish import publish, refused

    root = find_root(context.obj)
    blueprint = load_blueprint(root)
    names = chosen(blueprint, environments) if environments else None
    plans = publish(root, blueprint, names, force=force, check=check)
    if diff:
        click.echo("".join(_differences(plans)), nl=False)
    for plan in plans:
        for line in _report(plan) if check else [_summary(plan)]:
            click.echo(line)
    if check and any(plan.changes for plan in plans):
        for line in refused(blueprint, plans, force=force):
            click.echo(line, err=True)
        context.exit(1)


def _summary(plan: "Plan") -> str:
    written, removed = len(plan.replaced), len(plan.removed)
    kept = len(plan.new) - written
    return f"{plan.environment}: {written} written, {removed} removed, {kept} unchanged"


def _report(plan: "Plan") -> Iterator[str]:
    if not plan.changes:
        yield f"{plan.environment}: up to date"
    for change in plan.changes:
        yield f"{change.path}: {change.state}"


def _differences(plans: Iterable["Plan"]) -> Iterator[str]:
    import difflib

    from generator.render.manifest import manifest_path

    for plan in plans:
        for path in sorted({*plan.replaced, *plan.removed} - {manifest_path(plan.environment)}):
            old, new = (
                tree.get(path, b"").decode(errors="replace") for tree in (plan.old, plan.new)
            )
            yield from difflib.unified_diff(
                old.splitlines(keepends=True),
                new.splitlines(keepends=True),
                f"a/{path}" if path in plan.old else "/dev/null",
                f"b/{path}" if path in plan.new else "/dev/null",
            )
