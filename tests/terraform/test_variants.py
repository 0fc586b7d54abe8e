"""Blueprints other than the committed one: what they render is Terraform too, on both providers."""

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
    for path, text in render(load(CASES / "valid" / f"{name}.yaml"), ["prod"])["prod"].items():
        target = folder / "rendered" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return Tree(folder / "copy", "prod", source=folder / "rendered")


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
