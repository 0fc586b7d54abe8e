"""One environment as files: a module per component, and the roots that wire them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from generator.components import REGISTRY
from generator.document import Environment
from generator.model.component import Component
from generator.model.hcl import Hcl, Identifier, Ref
from generator.render.engine import Templates

_ENDING = ".j2"
_ROOTS = {"main": "envs/{}", "bootstrap": "envs/{}/bootstrap"}


class Alias(NamedTuple):
    """A provider for a further region, as in `aws.us_east_1`."""

    name: Identifier
    region: Identifier


class Variable(NamedTuple):
    """A `variable` block of a module."""

    name: Identifier
    type: Hcl
    description: str


class Call(NamedTuple):
    """A `module` block of a root: its label, where the module is, and what is passed in."""

    label: Identifier
    source: str
    aliases: tuple[Alias, ...]
    wiring: Mapping[str, object]

    @property
    def providers(self) -> dict[str, Ref]:
        """Return the `providers` argument; empty where the default one is inherited."""
        if not self.aliases:
            return {}
        names = ["aws", *(f"aws.{alias.name}" for alias in self.aliases)]
        return {Hcl(name): Ref(name) for name in names}  # references, so not quoted


class Output(NamedTuple):
    """An output of a module that its root passes on."""

    name: Identifier
    description: str
    value: Ref


class Import(NamedTuple):
    """An `import` block of a root: what exists already, and the resource that takes it over."""

    to: Ref
    id: str


def environment_files(environment: Environment, templates: Templates) -> dict[str, str]:
    """Return every file of *environment*, by path."""
    shared: dict[str, object] = {
        "environment": environment,
        "prefix": environment.prefix,
        "project": environment.project,
        "region": environment.region,
        "account_id": environment.account_id,
    }
    # Rendered once: every file begins with it.
    header = templates.text("_header.tf.j2", shared).rstrip()
    shared["header"] = Hcl(header)
    files: dict[str, str] = {}

    def add(folder: str, target: str, context: Mapping[str, object]) -> None:
        for name in templates.below(folder):
            text = templates.text(name, {**shared, **context})
            # Only a header: a file that is conditional as a whole, with its condition false.
            if text.rstrip() != header:
                files[f"{target}/{name.rsplit('/')[-1].removesuffix(_ENDING)}"] = text

    for name, component in environment.components.items():
        for folder in (f"modules/{name}", "module"):
            add(folder, f"modules/{environment.name}/{name}", _module(name, component))
    for root, pattern in _ROOTS.items():
        target = pattern.format(environment.name)
        add("env", target, _root(environment, root, target))
    return dict(sorted(files.items()))


def _module(name: str, component: Component) -> dict[str, object]:
    variables = [
        Variable(Identifier(name), Hcl(wired.type), wired.description)
        for name, wired in component.variables.items()
    ]
    return {
        "label": Identifier(name),
        "component": component,
        "variables": variables,
        "aliases": _aliases([component]),
    }


def _root(environment: Environment, root: str, target: str) -> dict[str, object]:
    components = environment.of_root(root)
    up = "../" * (target.count("/") + 1)
    calls = [
        Call(
            Identifier(name),
            f"{up}modules/{environment.name}/{name}",
            _aliases([component]),
            component.wiring,
        )
        for name, component in components.items()
    ]
    return {
        "root": Identifier(root),
        "calls": calls,
        "aliases": _aliases(components.values()),
        "outputs": list(_outputs(components)),
        "imports": list(_imports(components)),
        "forgotten": list(_forgotten(environment, root)),
    }


def _aliases(components: Iterable[Component]) -> tuple[Alias, ...]:
    regions = sorted({region for component in components for region in component.regions})
    return tuple(Alias(Identifier(r.replace("-", "_")), Identifier(r)) for r in regions)


def _outputs(components: Mapping[str, Component]) -> Iterator[Output]:
    for name, component in sorted(components.items()):
        for output, description in sorted(component.exports.items()):
            value = Ref(f"module.{name}.{output}")
            yield Output(Identifier(f"{name}_{output}"), description, value)


def _imports(components: Mapping[str, Component]) -> Iterator[Import]:
    for name, component in sorted(components.items()):
        for address, existing in sorted(component.imports.items()):
            yield Import(Ref(f"module.{name}.{address}"), existing)


def _forgotten(environment: Environment, root: str) -> Iterator[Identifier]:
    """Yield the retired components of *root* that Terraform is to forget, not to destroy."""
    for retired in environment.retire:
        gone = retired.component not in environment.components
        if gone and not retired.destroy and REGISTRY[retired.component].root == root:
            yield Identifier(retired.component)
