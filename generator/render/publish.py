"""A blueprint's files brought to disk, and every reason not to."""

from collections.abc import Iterable
from pathlib import Path

from generator.blueprint import Blueprint
from generator.errors import DiskError
from generator.model.validation import listed
from generator.render import render
from generator.render.disk import Plan, alone, environments_on_disk, plan, write
from generator.render.divided import diverted
from generator.render.manifest import REFERENCE
from generator.render.protection import unprotected


def publish(
    root: Path,
    blueprint: Blueprint,
    names: Iterable[str] | None = None,
    *,
    force: bool = False,
    check: bool = False,
) -> list[Plan]:
    """Write the environments *names* below *root* and return what that changed.

    Without *names* it is all of them and the reference, and what is left of an environment that
    is no longer in the blueprint is cleared away. With *check* nothing is written.

    Raises `DiskError`, having changed nothing, if a person edited a file (*force* gives the edit
    up), if a resource would lose its protection or traffic its way without leave, or if a file
    cannot be written.
    """
    rendered = render(blueprint, names)
    if names is None:
        # Not needed, and so not loaded, for environments by name.
        from generator.render.reference import reference_files  # noqa: PLC0415 - see above

        rendered[REFERENCE] = reference_files()
    with alone(root):
        if names is None:
            rendered |= {n: {} for n in environments_on_disk(root) if n not in rendered}
        plans = [plan(root, name, files) for name, files in rendered.items()]
        if not check:
            problems = refused(blueprint, plans, force=force)
            problems += [] if force else _foreign(plans)
            if problems:
                raise DiskError("\n".join(problems))
            write(root, plans)
    return plans


def refused(blueprint: Blueprint, plans: list[Plan], *, force: bool = False) -> list[str]:
    """Say what needs leave and has none: protection that is lost, traffic that is divided anew."""
    return [*_exposed(blueprint, plans, force=force), *diverted(blueprint, plans)]


def _exposed(blueprint: Blueprint, plans: Iterable[Plan], *, force: bool = False) -> list[str]:
    said = []
    for each in plans:
        lost = unprotected(each.old, each.new)
        environment = blueprint.environments.get(each.environment)
        if environment is None:  # it left the blueprint
            gone = [] if force else [address for group in lost.values() for address in group]
            said += [
                f"envs/{each.environment}: {address} is protected and {each.environment} is not in "
                f"{blueprint.file}; retire it there first, or give up its files with --force"
                for address in gone
            ]
            continue
        retired = {retirement.component for retirement in environment.retire}
        said += [
            f"modules/{each.environment}/{component}: {listed(addresses, 'and')} would lose "
            f"prevent_destroy; say so in {blueprint.file}, environments.{each.environment}.retire: "
            f"[{{component: {component}, reason: ..., approver: ...}}]"
            for component, addresses in lost.items()
            if component not in retired
        ]
    return said


def _foreign(plans: Iterable[Plan]) -> list[str]:
    lost = [
        f"{path}: {word}; keep the change in the blueprint or the template, or lose it with --force"
        for each in plans
        for state, word in (("edited", "edited by hand"), ("foreign", "not written by tapgen"))
        for path in each.of(state)  # type: ignore[arg-type]  # both are states
        if path in each.new or path in each.removed
    ]
    return sorted(lost)
