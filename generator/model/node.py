"""A value that knows where it was written."""

from typing import NamedTuple

from generator.model.scalar import Scalar
from generator.model.text import SHOWN, shown

Loc = tuple[str | int, ...]


class Node(NamedTuple):
    """A value, the path and place of its key (of itself in a list), and its size in nodes.

    Of a number, a truth value or a date, *text* is what was written: 14.20 is 14.2 as a value.
    """

    value: "Scalar | tuple[Node, ...] | dict[str, Node]"
    path: Loc
    line: int
    column: int
    size: int = 1
    text: str = ""

    def plain(self) -> object:
        """Return the value without positions; lists become tuples."""
        match self.value:
            case dict() as mapping:
                return {key: child.plain() for key, child in mapping.items()}
            case tuple() as items:
                return tuple(child.plain() for child in items)
            case scalar:
                return scalar

    def child(self, step: str | int) -> "Node | None":
        """Return the value under the key or index *step*, if there is one."""
        if isinstance(self.value, dict) and isinstance(step, str):
            return self.value.get(step)
        if isinstance(self.value, tuple) and isinstance(step, int):
            return self.value[step] if step < len(self.value) else None
        return None

    def nearest(self, loc: Loc) -> "tuple[Node, Loc]":
        """Return the node at *loc*, or the last one on the way, and what of *loc* is missing."""
        node = self
        for depth, step in enumerate(loc):
            child = node.child(step)
            if child is None:
                return node, loc[depth:]
            node = child
        return node, ()


def merge(base: Node, over: Node) -> Node:
    """Return *base* with *over* laid on top: mappings merge key by key, all else is replaced."""
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return over
    merged = dict(base.value)
    for key, child in over.value.items():
        merged[key] = merge(merged[key], child) if key in merged else child
    return Node(merged, base.path, base.line, base.column, base.size + over.size)


def dotted(loc: Loc) -> str:
    """Return *loc* as `a.b.0`, fit for one line of a message."""
    steps = map(str, loc)
    return ".".join(
        step if step.isprintable() and len(step) <= SHOWN else shown(step) for step in steps
    )
