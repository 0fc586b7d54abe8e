"""What divides traffic in an environment's files, and a change of that without leave."""

import re
from collections.abc import Iterable, Iterator, Mapping

from generator.blueprint import Blueprint
from generator.render.disk import Plan

_STRATEGY = re.compile(rb'^ +strategy += "(\w+)"$', re.MULTILINE)


def diverted(blueprint: Blueprint, plans: Iterable[Plan]) -> Iterator[str]:
    """Say where traffic would be divided in another way without leave."""
    for each in plans:
        before, after = (_strategy(each.environment, files) for files in (each.old, each.new))
        if before is None or after in {None, before}:
            continue
        routing = blueprint.environments[each.environment].components["routing"]
        leaving = getattr(routing, "leaving", None)
        if leaving is None or leaving.strategy != before:
            everybody = "to AWS" if after == "aws_only" else "on premises at first"
            yield (
                f"modules/{each.environment}/routing: {before} divides traffic, and {after} would "
                f"send everybody {everybody}, whatever the weights are now; read "
                f"docs/operations.md, then say so in {blueprint.file}, routing.leaving: "
                f"{{strategy: {before}, reason: ..., approver: ...}}"
            )


def _strategy(environment: str, files: Mapping[str, bytes]) -> str | None:
    """Return the strategy that the description of the routing tells operations, if there is one."""
    found = _STRATEGY.search(files.get(f"modules/{environment}/routing/description.tf", b""))
    return found[1].decode() if found else None
