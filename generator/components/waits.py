"""What the way back waits for, in seconds: the limits that `generator.ops` sets itself."""

from collections.abc import Iterator
from typing import NamedTuple

FOLLOWING = 30
"""Until the other database is seen to follow; if it does not, nothing is begun."""
FENCE = 5
"""Until every process knows of the fence."""
DRAIN, DRAIN_ONWARD = 30, 60
"""Until the last writes have arrived, on the way back and at the cutover."""
TURN = 240
"""Until a replication task has stopped, or runs."""
STEPS = 15
"""For locks, for the rows of the last hour, for sequences, to open: our own work."""
MARGIN = 120
"""For our own work at the cutover, when there is more to compare and nobody waits for the end of a
fault: with less left, nothing is begun."""
GATE = 115
"""For what is asked before a cutover begins."""
WEIGHTS = 120
"""Until Route 53's servers know the weights; if they do not, the reconciler goes on."""
SPARE = 20
"""For all that is not waiting, a start from cold among it."""


class Item(NamedTuple):
    """A part of a time."""

    seconds: int
    what: str


def hand_back(reverse_replication: str) -> Iterator[Item]:
    """Yield what the writer's way back is made of."""
    yield Item(FOLLOWING, "until the old database is seen to follow")
    yield Item(FENCE, "until every process knows of the fence")
    yield Item(DRAIN, "until the last payments have arrived there")
    yield Item(STEPS, "to compare, to carry sequences over, to open it")
    if reverse_replication == "at_cutover":
        yield Item(2 * TURN, "to stop one replication task and to start the other")


def cutover(reverse_replication: str) -> int:
    """Return how long the writer's way there may take."""
    turns = 2 * TURN if reverse_replication == "at_cutover" else 0
    return GATE + FENCE + DRAIN_ONWARD + MARGIN + turns


def seconds(items: Iterator[Item]) -> int:
    """Return the sum of *items*."""
    return sum(item.seconds for item in items)
