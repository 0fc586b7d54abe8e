"""Blueprints other than the committed one: what they render is Terraform too, on both providers."""

import shutil

import pytest

from conftest import CASES
from generator.blueprint import load
from generator.render import render
from terraform.conftest import provider
from terraform.reachability import Estate, Place
from terraform.roots import Tree

BALANCER = "load_balancer.aws_lb.this"
NAMES = ("routing-alb-weighted", "routing-taken-over")

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("variants")]


def tree_of(name, folder):
    """Render prod of the case *name* below *folder*; return a copy to work in."""
    put(load(CASES / "valid" / f"{name}.yaml"), folder / "rendered")
    return Tree(folder / "copy", "prod", source=folder / "rendered")


def put(blueprint, folder):
    """Write what prod of a blueprint renders below *folder*."""
    for path, text in render(blueprint, ["prod"])["prod"].items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("which", ["real", "schema"])
def test_variant_is_valid(tmp_path, name, which):
    root = tree_of(name, tmp_path).open("main", provider(which))

    assert "Warning" not in root.terraform("validate")


@pytest.fixture(scope="module")
def alb_weighted(offline, tmp_path_factory):
    """A load balancer in front of both sides, applied without AWS."""
    tree = tree_of("routing-alb-weighted", tmp_path_factory.mktemp("variant"))
    root = tree.open("main", offline)
    root.apply()
    return root


def test_load_balancer_reaches_the_old_api_and_no_more_over_there(alb_weighted):
    estate = Estate(alb_weighted.resources())
    balancer = estate.hosts()[BALANCER]
    api = Place("api", ("192.168.10.10", "192.168.10.11"), side="on_premises")
    others = Place("others", ("192.168.10.12",), side="on_premises")

    assert estate.opens(balancer, api, (8443, "tcp")) == {True}
    assert estate.opens(balancer, api, (5432, "tcp")) == {False}
    assert estate.opens(balancer, others, (8443, "tcp")) == {False}


def test_names_are_asked_over_any_link_and_of_name_servers_alone(alb_weighted):
    estate = Estate(alb_weighted.resources())
    resolver = estate.hosts()["network.aws_route53_resolver_endpoint.on_premises"]
    server = Place("server", ("192.168.0.53",), side="on_premises")
    others = Place("others", ("192.168.0.54",), side="on_premises")
    rules = estate.of("aws_route53_resolver_rule")

    for protocol in ("tcp", "udp"):
        assert estate.opens(resolver, server, (53, protocol)) == {True}
        assert estate.opens(resolver, others, (53, protocol)) == {False}
    assert {rule["domain_name"] for rule in rules} == {"dc.example.com", "example.net"}


def test_second_plan_is_clean(alb_weighted):
    assert alb_weighted.is_settled()


def test_existing_records_are_imported_not_made(offline, tmp_path):
    root = tree_of("routing-taken-over", tmp_path).open("main", offline)

    changes = {
        change["address"]: change["change"]
        for change in root.plan()["resource_changes"]
        if change["address"].startswith("module.routing.aws_route53_record")
    }

    assert {address.rsplit(".", 1)[1] for address in changes} == {"aws", "onprem"}
    for change in changes.values():
        assert change["importing"]["id"].startswith("Z0123456789ABCDEFGHIJ_api.example.com_A_")


class Change:
    """An environment whose traffic is divided in one way, and then in another."""

    TEXT = (CASES / "valid" / "routing-alb-weighted.yaml").read_text()
    SAID = "leaving: {strategy: %s, reason: faster, approver: cto}, "
    RECORDS = "module.routing.aws_route53_record."
    RULES = "module.load_balancer.aws_lb_listener_rule."

    def __init__(self, folder, offline, before):
        self.folder = folder
        put(self.blueprint(before), folder / "rendered")
        self.tree = Tree(folder / "copy", "prod", source=folder / "rendered")
        self.root = self.tree.open("main", offline)
        self.root.apply()

    def blueprint(self, strategy, said=""):
        path = self.folder / "blueprint.yaml"
        path.write_text(
            self.TEXT.replace("strategy: alb_weighted, ", f"{said}strategy: {strategy}, ")
        )
        return load(path)

    def to(self, after, leaving=None):
        """Render another strategy over what is applied; return what a plan would change."""
        shutil.rmtree(self.tree.folder / "modules")  # as a render clears what no longer renders
        put(self.blueprint(after, self.SAID % leaving if leaving else ""), self.tree.folder)
        return {
            change["address"]: change["change"]["actions"]
            for change in self.root.plan()["resource_changes"]
            if change["change"]["actions"] != ["no-op"]
        }


def moment(said, address, word):
    """Return when *word* was said of a resource, as a place among the lines."""
    (found,) = [
        number
        for number, line in enumerate(said.splitlines())
        if line.startswith(f"{address}: {word}")
    ]
    return found


@pytest.fixture(scope="module")
def to_the_balancer(offline, tmp_path_factory):
    """From weights in DNS to weights in the load balancer: each step's plan, and the log."""
    change = Change(tmp_path_factory.mktemp("to"), offline, "route53_weighted")
    first = change.to("alb_weighted", leaving="route53_weighted")
    said = change.root.apply()
    return first, said, change.to("alb_weighted")


def test_no_record_leads_to_the_balancer_before_its_rule_divides(to_the_balancer):
    first, said, _ = to_the_balancer

    assert first[Change.RULES + "weighted"] == ["create"]
    assert first[Change.RECORDS + "onprem"] == ["update"]
    assert moment(said, Change.RULES + "weighted", "Creation complete") < moment(
        said, Change.RECORDS + "onprem", "Modifying"
    )


def test_on_the_way_to_the_balancer_nothing_that_answers_is_destroyed(to_the_balancer):
    first, _, last = to_the_balancer

    assert Change.RULES + "payments" not in first
    assert {address for address, actions in first.items() if "delete" in actions} == set()
    assert Change.RECORDS + "aws" not in first
    assert last == {Change.RECORDS + "onprem": ["delete"]}


@pytest.fixture(scope="module")
def from_the_balancer(offline, tmp_path_factory):
    """And back."""
    change = Change(tmp_path_factory.mktemp("from"), offline, "alb_weighted")
    first = change.to("route53_weighted", leaving="alb_weighted")
    change.root.apply()
    return first, change.to("route53_weighted")


def test_the_balancer_divides_until_resolvers_know_of_the_weights_in_dns(from_the_balancer):
    first, last = from_the_balancer
    routing = {address: actions for address, actions in first.items() if "record" in address}

    assert routing == {Change.RECORDS + "onprem": ["create"]}
    assert {address for address, actions in first.items() if "delete" in actions} == set()
    assert last[Change.RULES + "weighted"] == ["delete"]
    assert Change.RECORDS + "aws" not in last
