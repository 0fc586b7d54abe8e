"""Rules about what is accepted and given up: exceptions and retirements."""

import datetime as dt
from collections.abc import Iterator

from generator.components import REGISTRY
from generator.document import AcceptedFinding, Whole
from generator.model.rule import Finding, rule
from generator.model.validation import listed, suggestion

EXPIRY_NOTICE = dt.timedelta(days=30)


@rule("TAP005", "An exception for an environment that does not exist accepts nothing.")
def _exceptions_name_environments(whole: Whole) -> Iterator[Finding]:
    names = {str(environment.name) for environment in whole.environments.values()}
    for index, accepted in enumerate(whole.document.exceptions):
        for position, name in enumerate(accepted.environments):
            if name not in names:
                known = suggestion(name, names)
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


@rule("TAP018", "An exception for a component that is off accepts nothing.")
def _exceptions_name_components(whole: Whole) -> Iterator[Finding]:
    for index, accepted in enumerate(whole.document.exceptions):
        component = accepted.resource.split(".")[1]
        if component not in REGISTRY:
            message = f'unknown component "{component}"; {suggestion(component, REGISTRY)}'
            yield Finding(f"/exceptions.{index}.resource", message)
            continue
        around = {name: whole.environments.get(name) for name in accepted.environments}
        without = [name for name, of in around.items() if of and component in of.off]
        if without:
            yield Finding(
                f"/exceptions.{index}.environments",
                f"{component} is off in {listed(without, 'and')}; take that out, or remove the "
                "exception",
            )


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
