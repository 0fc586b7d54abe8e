"""A blueprint read, checked and resolved: one `Environment` for each name.

Precedence: a component's default, then `components`, then `environments.<env>.overrides`.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from generator import rules
from generator.components import REGISTRY
from generator.document import Document, Environment, EnvironmentSection, Whole
from generator.errors import BlueprintError, Problem
from generator.model import source
from generator.model.component import Component
from generator.model.hcl import Identifier
from generator.model.node import Loc, Node, merge
from generator.model.rule import Finding, Rule, ask
from generator.model.validation import Mistake, problem, suggestion, validate

_NOTHING = Node({}, ("components",), 1, 1)


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
        self.today = today
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []

    def blueprint(self) -> Blueprint:
        document = self._document()
        base = self.root.child("components") or _NOTHING
        self._components(base, partial=True)
        names = document.environments if document else _mapping(self.root.child("environments"))
        sections = {name: merge(base, self._overrides(name)) for name in names}
        found = {name: self._components(section) for name, section in sections.items()}
        if document is None:
            raise BlueprintError(self.errors)
        environments = {
            name: _environment(document, name, section, found[name])
            for name, section in document.environments.items()
        }
        self._rules(document, environments, sections, found)
        if self.errors:
            raise BlueprintError(self.errors)
        warnings = tuple(sorted(set(self.warnings)))
        return Blueprint(self.file, document, self.root, sections, environments, warnings)

    def _document(self) -> Document | None:
        """Return the document; if parts of it are wrong, what is left without them."""
        document, mistakes = validate(Document, self.root)
        self._note(self.root, mistakes)
        if document is None:
            document, _ = validate(Document, _without(self.root, mistakes))
        return document

    def _overrides(self, name: str) -> Node:
        node, rest = self.root.nearest(("environments", name, "overrides"))
        return _NOTHING if rest else node

    def _components(self, section: Node, *, partial: bool = False) -> dict[str, Component]:
        """Validate every component of *section* by itself; *partial*: settings may be missing."""
        found = {}
        for name, node in _mapping(section).items():
            if name not in REGISTRY:
                self._note(node, [Mistake((), f"unknown component; {suggestion(name, REGISTRY)}")])
            elif node.value is None:
                message = "is empty; write {} for its defaults, or enabled: false to leave it out"
                self._note(node, [Mistake((), message)])
            else:
                component, mistakes = validate(REGISTRY[name], node)
                if partial or _is_off(node):
                    mistakes = [mistake for mistake in mistakes if not mistake.missing]
                self._note(node, mistakes)
                if component is not None:
                    found[name] = component
        return found

    def _note(self, node: Node, mistakes: Iterable[Mistake]) -> None:
        self.errors += [problem(self.file, node, m.loc, m.message) for m in mistakes]

    def _rules(
        self,
        document: Document,
        environments: Mapping[str, Environment],
        sections: Mapping[str, Node],
        found: Mapping[str, Mapping[str, Component]],
    ) -> None:
        for name, environment in environments.items():
            section = sections[name]
            # With a component missing because it is wrong, these would only echo that.
            if all(_is_off(node) or key in found[name] for key, node in _mapping(section).items()):
                self._ask(rules.WITHIN, environment, section, ())
            for label, component in environment.components.items():
                self._ask(component.rules(), component, section, (label,))
        self._ask(rules.ACROSS, Whole(document, environments), self.root, ())

    def _ask(self, asked: Iterable[Rule], subject: object, node: Node, at: Loc) -> None:
        for rule, finding in ask(asked, subject, self.today):
            place = self._place(finding, node, at)
            (self.errors if rule.severity == "error" else self.warnings).append(
                problem(self.file, *place, f"{finding.message} [{rule.id}]")
            )

    def _place(self, finding: Finding, node: Node, at: Loc) -> tuple[Node, Loc]:
        if finding.path.startswith("/"):
            return self.root, _loc(finding.path[1:])
        return node, (*at, *_loc(finding.path))


def _environment(
    document: Document, name: str, section: EnvironmentSection, found: Mapping[str, Component]
) -> Environment:
    enabled = {key: found[key] for key in REGISTRY if key in found and found[key].enabled}
    environment = Environment(
        name=Identifier(name),
        project=Identifier(document.project),
        region=Identifier(document.region),
        account_id=Identifier(section.account_id),
        description=section.description,
        tags=document.tags,
        on_premises=section.on_premises or document.on_premises,
        slo=document.slo,
        retire=section.retire,
        exceptions=tuple(e for e in document.exceptions if name in e.environments),
        components=enabled,
    )
    for component in enabled.values():
        component.place(environment)
    return environment


def _is_off(node: Node) -> bool:
    enabled = node.child("enabled")
    return enabled is not None and enabled.value is False


def _without(root: Node, wrong: Iterable[Mistake]) -> Node:
    """Return *root* without the top-level entries, or the environments, that hold a mistake."""
    children = dict(_mapping(root))
    for loc in (mistake.loc for mistake in wrong):
        if loc[:1] == ("environments",) and len(loc) > 1 and "environments" in children:
            kept = {k: v for k, v in _mapping(children["environments"]).items() if k != loc[1]}
            children["environments"] = Node(kept, ("environments",), root.line, root.column)
        elif loc:
            children.pop(str(loc[0]), None)
    return Node(children, root.path, root.line, root.column)


def _mapping(node: Node | None) -> dict[str, Node]:
    return node.value if node is not None and isinstance(node.value, dict) else {}


def _loc(path: str) -> Loc:
    return tuple(int(step) if step.isdigit() else step for step in path.split(".") if step)
