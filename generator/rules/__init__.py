"""Rules across components, and the list of all rules."""

from generator.components import REGISTRY
from generator.model.rule import Rule, rules_of
from generator.rules import (
    across,
    functions,
    names,
    outside,
    promises,
    register,
    within,
    writers,
)

_OF_ONE = (functions, outside, promises, within, writers)
_OF_ALL = (across, names, register)
WITHIN = tuple(sorted((r for m in _OF_ONE for r in rules_of(m)), key=lambda r: r.id))
"""Rules about one environment."""
ACROSS = tuple(sorted((r for m in _OF_ALL for r in rules_of(m)), key=lambda r: r.id))
"""Rules about the whole blueprint."""


def every_rule() -> tuple[Rule, ...]:
    """Return all rules, by id."""
    own = [each for component in REGISTRY.values() for each in component.rules()]
    return tuple(sorted([*WITHIN, *ACROSS, *own], key=lambda each: each.id))
