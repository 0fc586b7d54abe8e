"""A blueprint read, checked and resolved: one `Environment` for each name.

Precedence: a component's default, then `components`, then `environments.<env>.overrides`.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from generator import rules
from generator.components import REGISTRY
from generator.document import Document, Environment, Whole
from generator.errors import BlueprintError, Problem
from generator.findings import Findings
from generator.model import source
from generator.model.hcl import Identifier
from generator.model.node import Loc, Node, dotted, merge
from generator.model.unread import Unread
from generator.model.validation import Mistake, listed, problem
from generator.sections import is_off, mapping, read_components, read_document

_NOTHING = Node({}, ("components",), 1, 1)

Found = Mapping[str, dict[str, Any]]
"""By environment, its components that are on; `Unread` where one is wrong."""


class Blueprint(NamedTuple):
    """What `blueprint.yaml` says, for every environment, with nothing left to go wrong."""

    file: str
    document: Document
    root: Node
    sections: Mapping[str, Node]
    """By environment: its components' sections, overrides laid on top."""
    environments: Mapping[str, Environment]
    warnings: tuple[Problem, ...]

    def problem(self, loc: Loc, message: str) -> Problem:
        """Place *message* at *loc* of the document."""
        return problem(self.file, self.root, loc, message)


def load(path: Path, name: str | None = None, *, today: dt.date | None = None) -> Blueprint:
    """Read and check the blueprint at *path*, called *name* in messages.

    Rules that depend on the date are asked only if *today* is given, so that an old commit still
    renders. Raises `BlueprintError` with every problem.
    """
    file = name or path.name
    return _Loader(file, source.read(path, file), today).blueprint()


class _Loader:
    def __init__(self, file: str, root: Node, today: dt.date | None) -> None:
        self.file = file
        self.root = root
        self.findings = Findings(file, root, today)
        self.errors: list[Problem] = []

    def blueprint(self) -> Blueprint:
        document, mistakes = read_document(self.root)
        self._note(self.root, mistakes)
        base = self._base()
        for each in read_components(base, partial=True)[1]:
            self._note(each.node, [each.mistake])
        names = mapping(self.root.child("environments"))
        sections = {name: merge(base, self._overrides(name)) for name in names}
        found = self._components(base, sections)
        if document is None:
            raise BlueprintError(self.errors)
        environments = {
            name: _environment(document, name, sections[name], found[name]) for name in names
        }
        self._rules(document, environments, sections)
        self.errors += self.findings.of("error")
        if self.errors:
            raise BlueprintError(self.errors)
        warnings = tuple(sorted(self.findings.of("warning")))
        return Blueprint(self.file, document, self.root, sections, environments, warnings)

    def _base(self) -> Node:
        """Return what every environment gets, nothing if that is no mapping."""
        node = self.root.child("components")
        return node if node is not None and isinstance(node.value, dict) else _NOTHING

    def _overrides(self, name: str) -> Node:
        node, rest = self.root.nearest(("environments", name, "overrides"))
        return _NOTHING if rest else node

    def _components(self, base: Node, sections: Mapping[str, Node]) -> Found:
        found: dict[str, dict[str, Any]] = {}
        lacking: dict[str, list[tuple[str, Mistake]]] = {}
        complete = {name for name, node in mapping(base).items() if node.value is not None}
        for name, section in sections.items():
            found[name], noted = read_components(section)
            for component, node, mistake in noted:
                if mistake.missing and component not in complete:
                    lacking.setdefault(component, []).append((name, mistake))
                else:
                    self._note(node, [mistake])
        for component, lacks in lacking.items():
            for components in found.values():
                components.setdefault(component, Unread(component))
            # That all is missing, or that it is empty, has been said.
            if base is not _NOTHING and component not in mapping(base):
                self._note(self.root, [_missing(component, lacks)])
        return found

    def _note(self, node: Node, mistakes: Iterable[Mistake]) -> None:
        self.errors += [problem(self.file, node, m.loc, m.message) for m in mistakes]

    def _rules(
        self,
        document: Document,
        environments: Mapping[str, Any],
        sections: Mapping[str, Node],
    ) -> None:
        there = {name: e for name, e in environments.items() if not isinstance(e, Unread)}
        for name, environment in there.items():
            self.findings.meet(environment, sections[name])
        for name, environment in there.items():
            self.findings.ask(rules.WITHIN, environment, name)
            for label, component in environment.components.items():
                if not isinstance(component, Unread):
                    self.findings.ask(component.rules(), component, name, (label,))
        self.findings.ask(rules.ACROSS, Whole(document, environments))


def _missing(component: str, lacks: Iterable[tuple[str, Mistake]]) -> Mistake:
    """Say once that *component* is missing, instead of all that its overrides lack without it."""
    names = listed(dict.fromkeys(name for name, _ in lacks), "and")
    keys = listed(sorted({dotted(mistake.loc) for _, mistake in lacks}), "and")
    message = f"is missing, and what {names} override of it lacks {keys}; add it"
    return Mistake(("components", component), message)


def _environment(document: Document, name: str, section: Node, found: Mapping[str, Any]) -> Any:  # noqa: ANN401 - see below
    """Return the environment *name*, `Unread` if it is wrong itself."""
    own: Any = document.environments[name]
    if isinstance(own, Unread):
        return own
    every = () if isinstance(document.exceptions, Unread) else document.exceptions
    environment = Environment(
        name=Identifier(name),
        project=Identifier(document.project),
        region=Identifier(document.region),
        account_id=Identifier(own.account_id),
        description=own.description,
        tags=document.tags,
        on_premises=own.on_premises or document.on_premises,
        slo=document.slo,
        retire=own.retire,
        exceptions=tuple(e for e in every if name in e.environments),
        components={key: found[key] for key in REGISTRY if key in found},
        off=frozenset(key for key, node in mapping(section).items() if is_off(node)),
    )
    for component in environment.components.values():
        if not isinstance(component, Unread):
            component.place(environment)
    return environment
