"""What rules find in a blueprint: each thing once, with the environments where it holds."""

import datetime as dt
from collections.abc import Iterable, Iterator

from generator.document import Environment
from generator.errors import Problem
from generator.model.node import Loc, Node
from generator.model.rule import Finding, Rule, Severity, ask
from generator.model.validation import listed, problem


class Findings:
    """The findings of rules that are asked about one environment after the other."""

    def __init__(self, file: str, root: Node, today: dt.date | None) -> None:
        self._file = file
        self._root = root
        self._today = today
        self._sections: dict[str, Node] = {}
        self._there: dict[str, Environment] = {}
        self._found: dict[tuple[Rule, Loc, Problem], list[str]] = {}
        """Environments, if more than one could be meant, by what was found there and its place."""

    def meet(self, environment: Environment, section: Node) -> None:
        """Take note of an *environment* and its components' *section*."""
        self._there[environment.name] = environment
        self._sections[environment.name] = section

    def ask(
        self, rules: Iterable[Rule], subject: object, name: str | None = None, at: Loc = ()
    ) -> None:
        """Ask *rules* about *subject*, at *at* of the environment *name*, or the whole document."""
        for rule, finding in ask(rules, subject, self._today):
            node, loc = self._place(finding, name, at)
            near, _ = node.nearest(loc)
            found = (rule, loc, problem(self._file, node, loc, finding.message))
            names = self._found.setdefault(found, [])
            # What an environment says itself is its own.
            if name and near.path[:1] != ("environments",):
                names.append(name)

    def of(self, severity: Severity) -> Iterator[Problem]:
        """Yield what rules of that *severity* found."""
        for (rule, loc, found), names in self._found.items():
            if rule.severity == severity:
                message = found.message
                if names and not self._agree(names, loc):
                    message += f" (in {listed(names, 'and')})"
                yield found._replace(message=f"{message} [{rule.id}]")

    def _agree(self, names: list[str], loc: Loc) -> bool:
        """Tell whether *names* are all the environments that have the value at *loc*."""
        some = names[0]
        value, _ = self._sections[some].nearest(loc)
        component = loc[0] if loc[0] in self._there[some].components else None
        return all(
            name in names
            or (component is not None and component not in environment.components)
            or self._sections[name].nearest(loc)[0].path != value.path
            for name, environment in self._there.items()
        )

    def _place(self, finding: Finding, name: str | None, at: Loc) -> tuple[Node, Loc]:
        loc = _loc(finding.path.removeprefix("/"))
        if name is None:
            return self._root, loc
        if not finding.path.startswith("/"):
            return self._sections[name], (*at, *loc)
        # An environment may have an old data centre of its own.
        own = ("environments", name, *loc)
        _, rest = self._root.nearest(own[:3])
        return self._root, loc if rest else own


def _loc(path: str) -> Loc:
    return tuple(int(step) if step.isdigit() else step for step in path.split(".") if step)
