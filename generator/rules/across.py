"""Rules across environments: what they share, and must not."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from itertools import combinations
from typing import Any

from generator.components.bootstrap import Bootstrap
from generator.components.network import Network
from generator.components.routing import Routing
from generator.document import Whole
from generator.model.rule import Finding, rule


@rule("TAP004", "A singleton of an account is made by one environment, or the second apply fails.")
def _accounts_have_one_owner(whole: Whole) -> Iterator[Finding]:
    for account, sharing in _by_account(whole).items():
        owners = [name for name, bootstrap in sharing.items() if bootstrap.account_owner]
        if len(owners) != 1:
            named = " and ".join(owners) or "none"
            yield Finding(
                f"/environments.{list(sharing)[-1]}.account_id",
                f"account {account} belongs to {', '.join(sharing)}, owned by {named}; "
                "set bootstrap.account_owner to true in exactly one of them",
            )


@rule("TAP010", "Two zones of one name answer differently, and only one is ever asked.")
def _zones_differ(whole: Whole) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for name, bootstrap in _bootstraps(whole).items():
        domain = bootstrap.hosted_zone.domain if bootstrap.hosted_zone else None
        if domain and first.setdefault(domain, name) != name:
            yield Finding(
                f"/environments.{name}.overrides.bootstrap.hosted_zone",
                f"{domain} is the zone of {first[domain]} already; name another for {name}",
            )


@rule("TAP011", "CI's roles trust the identity of GitHub, which the account's owner makes.")
def _owner_makes_the_identity(whole: Whole) -> Iterator[Finding]:
    for sharing in _by_account(whole).values():
        owner = next((name for name, each in sharing.items() if each.account_owner), None)
        wanting = [name for name, each in sharing.items() if each.ci]
        if owner and wanting and not sharing[owner].ci:
            yield Finding(
                f"/environments.{owner}.overrides.bootstrap.ci",
                f"{owner} owns the account that {wanting[0]} uses CI in; set bootstrap.ci here too",
            )


@rule("TAP012", "One data centre can reach a range in one place only.")
def _linked_ranges_are_disjoint(whole: Whole) -> Iterator[Finding]:
    networks = {n: e.components.get("network") for n, e in whole.environments.items()}
    linked = {
        name: IPv4Network(network.cidr)
        for name, network in networks.items()
        if isinstance(network, Network) and network.link != "none"
    }
    for (one, first), (other, second) in combinations(linked.items(), 2):
        if first.overlaps(second):
            yield Finding(
                f"/environments.{other}.overrides.network.cidr",
                f"{other} has {second}, which overlaps {first} of {one}; both are linked "
                "to on_premises.cidrs, so take another range",
            )


@rule("TAP017", "What one environment rehearses must not shut out another one's payments.")
def _databases_are_moved_once(whole: Whole) -> Iterator[Finding]:
    first: dict[tuple[str, int, str], str] = {}
    for name, environment in whole.environments.items():
        old = environment.on_premises.database
        if old is None or "migration" not in environment.components:
            continue
        other = first.setdefault((old.host, old.port, old.name), name)
        if other != name:
            yield Finding(
                f"/environments.{name}.on_premises.database",
                f"{old.name} at {old.host}:{old.port} is what {other} moves too, and the cutover "
                f"of either would shut both out; give one of {other} and {name} on_premises of its "
                "own, or switch its migration off",
            )


@rule("TAP013", "A name leads to one environment, and two would write its records in turn.")
def _records_differ(whole: Whole) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for name, environment in whole.environments.items():
        routing = environment.components.get("routing")
        if isinstance(routing, Routing) and first.setdefault(routing.record, name) != name:
            yield Finding(
                f"/environments.{name}.overrides.routing.record",
                f"{routing.record} leads to {first[routing.record]} already; take another name "
                f"for {name}",
            )


def _bootstraps(whole: Whole) -> dict[str, Bootstrap]:
    found: dict[str, Any] = {
        name: each.components.get("bootstrap") for name, each in whole.environments.items()
    }
    return {name: bootstrap for name, bootstrap in found.items() if bootstrap is not None}


def _by_account(whole: Whole) -> dict[str, dict[str, Bootstrap]]:
    """Return the environments' bootstraps by account, in the blueprint's order."""
    found: dict[str, dict[str, Bootstrap]] = {}
    for name, bootstrap in _bootstraps(whole).items():
        found.setdefault(whole.environments[name].account_id, {})[name] = bootstrap
    return found
