"""Rules across components, and the list of all rules."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from generator.components import REGISTRY
from generator.components.bootstrap import Bootstrap
from generator.document import AcceptedFinding, Document, Environment
from generator.model.component import Finding, Rule, UnreadError, Wired, rule
from generator.model.validation import suggestion

EXPIRY_NOTICE = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Whole:
    """The blueprint as rules across environments see it."""

    document: Document
    environments: Mapping[str, Environment]


def ask(
    rules: Iterable[Rule], subject: object, today: dt.date | None
) -> Iterator[tuple[Rule, Finding]]:
    """Yield what *rules* find in *subject*; dated ones are asked only if *today* is given.

    A rule that reads a component which did not validate has nothing to say.
    """
    for each in rules:
        try:
            if not each.dated:
                found = list(each.check(subject))
            else:
                found = list(each.check(subject, today)) if today else []
        except UnreadError:
            continue
        yield from ((each, finding) for finding in found)


def every_rule() -> tuple[Rule, ...]:
    """Return all rules, by id."""
    own = [each for component in REGISTRY.values() for each in component.rules()]
    return tuple(sorted([*ENVIRONMENT, *WHOLE, *own], key=lambda each: each.id))


@rule("TAP001", "A module cannot be wired to one that is not rendered.")
def _needs_are_enabled(environment: Environment) -> Iterator[Finding]:
    for name, component in environment.components.items():
        for need in sorted(component.needs & REGISTRY.keys()):
            if need not in environment.components:
                yield Finding(
                    f"{name}.enabled",
                    f"{name} needs {need}, which {environment.name} does not have; "
                    f"enable {need} or switch {name} off",
                )


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
    if "bootstrap" not in environment.components:
        yield Finding(
            "bootstrap.enabled",
            f"{environment.name} has no bootstrap, so its state has no home; enable it",
        )


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


def _bootstraps(whole: Whole) -> dict[str, Bootstrap]:
    found = {n: e.components.get("bootstrap") for n, e in whole.environments.items()}
    return {name: each for name, each in found.items() if isinstance(each, Bootstrap)}


def _by_account(whole: Whole) -> dict[str, dict[str, Bootstrap]]:
    """Return the environments' bootstraps by account, in the blueprint's order."""
    found: dict[str, dict[str, Bootstrap]] = {}
    for name, bootstrap in _bootstraps(whole).items():
        found.setdefault(whole.environments[name].account_id, {})[name] = bootstrap
    return found


@rule("TAP005", "An exception for an environment that does not exist accepts nothing.")
def _exceptions_name_environments(whole: Whole) -> Iterator[Finding]:
    for index, accepted in enumerate(whole.document.exceptions):
        for position, name in enumerate(accepted.environments):
            if name not in whole.document.environments:
                known = suggestion(name, whole.document.environments)
                yield Finding(
                    f"/exceptions.{index}.environments.{position}",
                    f'unknown environment "{name}"; {known}',
                )


@rule("TAP006", "An accepted finding has an end.", dated=True)
def _exceptions_are_current(whole: Whole, today: dt.date) -> Iterator[Finding]:
    for index, accepted in enumerate(whole.document.exceptions):
        if accepted.expires < today:
            yield Finding(
                f"/exceptions.{index}.expires",
                f"expired on {accepted.expires}; mend the finding, or decide on a later date",
            )


@rule(
    "TAP007", "The owner of an exception hears of its end in time.", severity="warning", dated=True
)
def _exceptions_end_soon(whole: Whole, today: dt.date) -> Iterator[Finding]:
    for index, accepted in enumerate(whole.document.exceptions):
        if today <= accepted.expires < today + EXPIRY_NOTICE:
            yield Finding(
                f"/exceptions.{index}.expires",
                f"expires on {accepted.expires}; {accepted.owner} should mend it or decide again",
            )


@rule("TAP008", "One finding is accepted once, so that its reason and end are clear.")
def _exceptions_are_single(whole: Whole) -> Iterator[Finding]:
    first: dict[tuple[str, str, str], int] = {}
    for index, accepted in enumerate(whole.document.exceptions):
        for position, key in enumerate(_keys(accepted)):
            if first.setdefault(key, index) != index:
                yield Finding(
                    f"/exceptions.{index}.environments.{position}",
                    f"{accepted.check} is accepted there by exceptions.{first[key]}; keep one",
                )


def _keys(accepted: AcceptedFinding) -> Iterator[tuple[str, str, str]]:
    return ((accepted.check, accepted.resource, name) for name in accepted.environments)


@rule("TAP009", "Only a component that exists can be retired.")
def _retired_components_exist(whole: Whole) -> Iterator[Finding]:
    for name, section in whole.document.environments.items():
        for index, retired in enumerate(section.retire):
            if retired.component not in REGISTRY:
                known = suggestion(retired.component, REGISTRY)
                yield Finding(
                    f"/environments.{name}.retire.{index}.component",
                    f'unknown component "{retired.component}"; {known}',
                )


def _marked(*checks: Callable[..., Iterator[Finding]]) -> tuple[Rule, ...]:
    return tuple(check.__rule__ for check in checks)  # type: ignore[attr-defined]


ENVIRONMENT = _marked(_needs_are_enabled, _clients_exist, _bootstrap_is_enabled)
WHOLE = _marked(
    _accounts_have_one_owner,
    _zones_differ,
    _owner_makes_the_identity,
    _exceptions_name_environments,
    _exceptions_are_current,
    _exceptions_end_soon,
    _exceptions_are_single,
    _retired_components_exist,
)
