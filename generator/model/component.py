"""What a component is: settings, reads, wirings and rules, each declared once.

A *setting* is a pydantic field. A *read* is somebody else's setting, a literal at render time. A
*wiring* is what only Terraform will know: it becomes a variable of the component's module and an
argument of its call. A *rule* looks across settings and says what is wrong.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property
from types import FunctionType
from typing import Any, ClassVar, Literal, NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict, Field

from generator.model.hcl import Identifier, Ref
from generator.model.rule import Rule, UnreadError, rules_among


class Strict(BaseModel):
    """Something users write: no other keys, no conversions, no changes."""

    # Built when first used: `tapgen render` never needs half of the models.
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)


class Surroundings(Protocol):
    """The environment as a component sees it."""

    @property
    def name(self) -> Identifier: ...
    @property
    def project(self) -> Identifier: ...
    @property
    def region(self) -> Identifier: ...
    @property
    def account_id(self) -> Identifier: ...
    @property
    def components(self) -> "Mapping[str, Component]": ...
    @property
    def describe_path(self) -> str:
        """Where the descriptions of the components are, in SSM."""
        ...

    @property
    def prefix(self) -> Identifier:
        """`<project>-<environment>`, the start of every name in AWS."""
        ...


class Read(NamedTuple):
    """Another component's setting, or a fact of the document, as an attribute."""

    path: str

    @property
    def source(self) -> str:
        """The component, or the section of the document, that holds it."""
        return self.path.split(".")[0]

    def __get__(self, component: "Component | None", owner: type) -> Any:  # noqa: ANN401 - a setting of any type
        if component is None:
            return self
        head, *steps = self.path.split(".")
        surroundings = component.environment
        value: object = surroundings.components.get(head) or getattr(surroundings, head, None)
        if value is None:
            raise UnreadError(self.path)
        for step in steps:
            value = getattr(value, step)
        return value


class Wired(NamedTuple):
    """An output of another module that becomes a variable of this one.

    With *each*, it is one output per name in the setting *each*, and *target* holds `{client}`.
    """

    target: str
    type: str
    description: str
    when: Callable[[Any], bool] | None = None
    each: str | None = None

    def expression(self, component: "Component") -> Ref | dict[str, Ref] | None:
        """Return the argument of the call of *component*'s module, `None` if it is not wired."""
        if self.when is not None and not self.when(component):
            return None
        if self.each is None:
            return Ref(f"module.{self.target}")
        clients = clients_among(getattr(component, self.each), component.environment)
        return {client: Ref(f"module.{self.target.format(client=client)}") for client in clients}


def clients_among(names: Iterable[str], around: Surroundings) -> list[str]:
    """Return those of *names*, sorted, that are components here and have something to connect."""
    there = {name for name, component in around.components.items() if component.connects}
    return sorted(there.intersection(names))


def read(path: str) -> Any:  # noqa: ANN401 - a descriptor for a setting of any type
    """Declare a read of *path*, such as `network.availability_zones` or `on_premises.cidrs`."""
    return Read(path)


def wired(
    target: str,
    type: str,  # noqa: A002 - Terraform's word
    description: str,
    *,
    when: Callable[[Any], bool] | None = None,
) -> Wired:
    """Declare that Terraform passes `module.<target>` in, if *when* of the component holds."""
    return Wired(target, type, description, when)


def wired_each(
    setting: str, target: str, description: str, *, when: Callable[[Any], bool] | None = None
) -> Wired:
    """Declare a map: `module.<target>` for each component of *setting* that is there to connect."""
    return Wired(target, "map(string)", description, when, each=setting)


class Component(Strict):
    """A part of the system: one blueprint section, one module per environment."""

    model_config = ConfigDict(ignored_types=(Read, Wired))

    root: ClassVar[Literal["main", "bootstrap"]] = "main"
    enabled: bool = Field(default=True, description="Render this component for the environment.")

    def place(self, environment: Surroundings) -> None:
        """Tell the component which environment it belongs to; done once, by the loader."""
        self.__dict__["environment"] = environment  # frozen for everybody else

    @cached_property
    def environment(self) -> Surroundings:
        """The environment this component belongs to; there is none before it is placed."""
        raise AttributeError("environment")

    @property
    def prefix(self) -> Identifier:
        """`<project>-<environment>`."""
        return self.environment.prefix

    @property
    def regions(self) -> tuple[str, ...]:
        """Further regions that the module needs; each is passed in as a provider alias."""
        return ()

    @property
    def exports(self) -> Mapping[str, str]:
        """Outputs of the module that its root passes on to operators, with what they are."""
        return {}

    @property
    def imports(self) -> Mapping[str, str]:
        """Resources that exist before Terraform: their ids in AWS, by address in the module."""
        return {}

    @property
    def tight_names(self) -> Mapping[str, tuple[str, int]]:
        """Names in AWS that leave project and environment least room: what for, and the limit."""
        return {}

    @property
    def connects(self) -> bool:
        """Whether it has a security group with which it can be somebody's client."""
        return True

    @property
    def calls(self) -> frozenset[str]:
        """The AWS services that it calls from within the VPC, by the names of their endpoints."""
        return frozenset()

    @property
    def interfaces(self) -> int:
        """How many network interfaces it has, at most, in one private subnet."""
        return 0

    @property
    def description(self) -> Mapping[str, object]:
        """What operations need to know of it: names and ARNs, as JSON at most 4 KB, no secret."""
        return {}

    @classmethod
    def declared(cls, kind: type) -> dict[str, Any]:
        """Return the class's reads or wirings by name, sorted; *kind* is `Read` or `Wired`."""
        return _declared(cls, kind)

    @classmethod
    def rules(cls) -> tuple[Rule, ...]:
        """Return the rules of this component, by id."""
        return _rules(cls)

    @cached_property
    def wiring(self) -> dict[str, Ref | dict[str, Ref]]:
        """Return the arguments of the module's call, by name."""
        every = {name: w.expression(self) for name, w in self.declared(Wired).items()}
        return {name: value for name, value in every.items() if value is not None}

    @cached_property
    def variables(self) -> dict[str, Wired]:
        """Return the wirings that are in force, by name: the module's variables."""
        wiring = self.wiring
        return {name: w for name, w in self.declared(Wired).items() if name in wiring}

    @property
    def needs(self) -> frozenset[str]:
        """Return the components whose outputs or settings this one cannot do without."""
        read_from = {r.source for r in self.declared(Read).values()}
        try:
            variables = self.variables.values()
        except UnreadError:  # what decides on a wiring is missing, and that is among the reads
            return frozenset(read_from)
        return frozenset(read_from | {w.target.split(".")[0] for w in variables if w.each is None})


@cache
def _rules(cls: type) -> tuple[Rule, ...]:
    return rules_among(_declared(cls, FunctionType).values())


@cache
def _declared(cls: type, kind: type) -> dict[str, Any]:
    """Return the attributes of *cls* and its bases that are of the type *kind*, sorted by name."""
    found = {
        name: value
        for owner in reversed(cls.__mro__)
        for name, value in vars(owner).items()
        if isinstance(value, kind)
    }
    return dict(sorted(found.items()))
