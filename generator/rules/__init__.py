"""Rules across components, and the list of all rules."""

from generator.components import REGISTRY
from generator.model.rule import Rule, rules_of
from generator.rules import across, promises, register, within

WITHIN = tuple(each for module in (promises, within) for each in rules_of(module))
"""Rules about one environment."""
ACROSS = tuple(sorted((*rules_of(across), *rules_of(register)), key=lambda r: r.id))
"""Rules about the whole blueprint."""


def every_rule() -> tuple[Rule, ...]:
    """Return all rules, by id."""
    own = [each for component in REGISTRY.values() for each in component.rules()]
    return tuple(sorted([*WITHIN, *ACROSS, *own], key=lambda each: each.id))
