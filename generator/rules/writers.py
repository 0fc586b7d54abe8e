"""Rules about who writes payments: one database at any instant, and a way between the two."""

from collections.abc import Iterator
from typing import Any

from generator.components.compute import Compute
from generator.components.routing import Routing
from generator.document import Environment
from generator.model.rule import Finding, rule
from generator.model.validation import listed

MOVING = ("migration", "rollback", "validation")
"""What copies payments, what remembers who writes them, and what a gate asks whether both sides
hold the same: without one of them neither traffic nor writer may move."""


@rule("TAP501", "Two databases that both take payments lose some of them.")
def _one_side_writes(environment: Environment) -> Iterator[Finding]:
    compute, routing = (environment.components.get(name) for name in ("compute", "routing"))
    if not (isinstance(compute, Compute) and isinstance(routing, Routing)):
        return
    if compute.writes_to == "aurora" and routing.strategy != "aws_only":
        migration: Any = environment.components.get("migration")
        both = getattr(migration, "reverse_replication", "none") == "armed"
        follows, skips, behind = (
            ("brings each over only afterwards", "either side", "behind what had not arrived")
            if both
            else (
                "goes one way, so what AWS took never gets back",
                "the old side",
                "every payment behind that AWS has taken",
            )
        )
        yield Finding(
            "compute.writes_to",
            f"loses payments: with {routing.strategy}, the old data centre writes those that it "
            f"answers to its database, and AWS writes its own to Aurora. Replication {follows}: a "
            "client whose next request goes to the other side does not find its payment and pays "
            f"twice; both sides draw the same numbers, so replication skips rows of {skips}; and "
            f"a rollback leaves {behind}. Write "
            '"writer": one database takes all payments until the cutover; or routing.strategy: '
            "aws_only, if the old side answers nobody",
        )


@rule("TAP502", "A writer moves between two databases that are copied, compared and remembered.")
def _writer_can_move(environment: Environment) -> Iterator[Finding]:
    compute = environment.components.get("compute")
    if not (isinstance(compute, Compute) and compute.writes_to == "writer"):
        return
    missing = [f"components.{name}" for name in MOVING if name not in environment.components]
    if environment.on_premises.database is None:
        missing.insert(0, "on_premises.database")
    network = environment.components.get("network")
    if getattr(network, "link", None) == "none":
        missing.append("network.link")
    if missing:
        yield Finding(
            "compute.writes_to",
            f"writer needs {listed(missing, 'and')}; add what is missing, or write aurora if the "
            "payments have moved",
        )
