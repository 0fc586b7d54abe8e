"""Settings, reads, wirings and rules as components declare them."""

import pytest
from pydantic import Field

from generator.components import REGISTRY
from generator.model.component import Component, Read, Wired, read, wired, wired_each
from generator.model.hcl import Identifier, Ref
from generator.model.rule import Finding, UnreadError, ask, rule
from generator.rules import every_rule


class Cache(Component):
    """A component that has one of everything."""

    encrypted: bool = Field(default=True, description="Encrypt.")
    clients: tuple[str, ...] = Field(default=("web", "off"), description="Who connects.")

    zones = read("net.zones")
    home = read("facts.home")
    vpc_id = wired("net.vpc_id", "string", "VPC.")
    key_arn = wired("keys.arn", "string", "Key.", when=lambda self: self.encrypted)
    client_ids = wired_each("clients", "{client}.group_id", "Clients.")

    @rule("X2", "second")
    def _second(self):
        yield Finding("encrypted", f"{len(self.zones)}")

    @rule("X1", "first", dated=True)
    def _first(self, today):
        yield Finding("", f"{today}")


class Net(Component):
    zones: tuple[str, ...] = Field(description="Zones.")


class Web(Component):
    pass


class Facts:
    home = "Ohio"


class Around:
    """An environment, as far as a component sees it."""

    def __init__(self, **components):
        self.components = components
        self.facts = Facts()
        self.prefix = Identifier("payments-prod")
        for component in components.values():
            component.place(self)


def test_read_is_the_other_components_setting():
    cache = Cache()
    Around(cache=cache, net=Net(zones=("a", "b")))

    assert cache.zones == ("a", "b")
    assert cache.home == "Ohio"
    assert cache.prefix == "payments-prod"


def test_read_of_what_is_not_there_says_so():
    cache = Cache()
    Around(cache=cache)

    with pytest.raises(UnreadError, match=r"net\.zones"):
        _ = cache.zones


def test_wiring_is_derived_and_sorted():
    cache = Cache()
    Around(cache=cache, net=Net(zones=()), web=Web())

    assert list(cache.wiring.items()) == [
        ("client_ids", {"web": Ref("module.web.group_id")}),
        ("key_arn", Ref("module.keys.arn")),
        ("vpc_id", Ref("module.net.vpc_id")),
    ]
    assert list(cache.variables) == list(cache.wiring)
    assert cache.needs == {"net", "keys", "facts"}


def test_condition_takes_the_variable_away():
    cache = Cache(encrypted=False)
    Around(cache=cache)

    assert "key_arn" not in cache.wiring
    assert "keys" not in cache.needs


def test_condition_on_what_is_off_leaves_the_needs_to_the_reads():
    class Conditional(Component):
        zones = read("net.zones")
        vpc_id = wired("net.vpc_id", "string", "VPC.", when=lambda self: len(self.zones) > 1)

    conditional = Conditional()
    Around(conditional=conditional)

    assert conditional.needs == {"net"}


def test_rules_come_by_id_and_dated_ones_need_a_day():
    cache = Cache()
    Around(cache=cache, net=Net(zones=("a",)))

    assert [r.id for r in Cache.rules()] == ["X1", "X2"]
    assert [f.message for _, f in ask(Cache.rules(), cache, None)] == ["1"]
    assert [f.message for _, f in ask(Cache.rules(), cache, "2026-11-23")] == ["2026-11-23", "1"]


def test_rule_that_reads_a_missing_component_says_nothing():
    cache = Cache()
    Around(cache=cache)

    assert list(ask(Cache.rules(), cache, None)) == []


def test_declarations_are_found_on_the_class():
    assert isinstance(Cache.zones, Read)
    assert list(Cache.declared(Wired)) == ["client_ids", "key_arn", "vpc_id"]


def test_every_rule_has_an_id_of_its_own_and_a_reason():
    rules = every_rule()

    assert len({r.id for r in rules}) == len(rules)
    assert all(r.reason.endswith(".") and r.id.startswith("TAP") for r in rules)


@pytest.mark.parametrize("name", REGISTRY)
def test_every_setting_and_wiring_is_described(name):
    component = REGISTRY[name]

    assert component.__doc__
    assert all(field.description.endswith(".") for field in component.model_fields.values())
    assert all(w.description.endswith(".") for w in component.declared(Wired).values())


def test_a_component_has_no_environment_before_it_is_placed():
    with pytest.raises(AttributeError, match="environment"):
        _ = Cache().environment
