"""Rules about one environment: its components among each other."""

from collections.abc import Iterator

from generator.components import REGISTRY
from generator.document import Environment
from generator.model.component import Wired
from generator.model.rule import Finding, rule
from generator.model.validation import listed, suggestion


@rule("TAP001", "A module cannot be wired to one that is not rendered.")
def _needs_are_enabled(environment: Environment) -> Iterator[Finding]:
    wanting: dict[str, list[str]] = {}
    for name, component in environment.components.items():
        for need in sorted(component.needs & REGISTRY.keys()):
            if need not in environment.components:
                wanting.setdefault(need, []).append(name)
    for need, names in wanting.items():
        wanted = f"{listed(names, 'and')} {'need it' if len(names) > 1 else 'needs it'}"
        if need in environment.off:
            message = f"is off, and {wanted}; enable it, or switch off what needs it"
            yield Finding(f"{need}.enabled", message)
        else:
            yield Finding(need, f"is missing, and {wanted}; add it, or switch off what needs it")


@rule("TAP002", "A client is a component, by its name.")
def _clients_exist(environment: Environment) -> Iterator[Finding]:
    for name, component in environment.components.items():
        for setting in {w.each for w in component.declared(Wired).values() if w.each}:
            for index, client in enumerate(getattr(component, setting)):
                message = None
                if client not in REGISTRY:
                    message = f'unknown component "{client}"; {suggestion(client, REGISTRY)}'
                elif client == name:
                    message = f"{name} cannot be its own client"
                if message:
                    yield Finding(f"{name}.{setting}.{index}", message)


@rule("TAP003", "Every root keeps its state in the bucket that bootstrap makes.")
def _bootstrap_is_enabled(environment: Environment) -> Iterator[Finding]:
    if "bootstrap" in environment.off:
        yield Finding("bootstrap.enabled", "is off, so the state has no home; enable it")
    elif "bootstrap" not in environment.components:
        yield Finding("bootstrap", "is missing, so the state has no home; add it")
