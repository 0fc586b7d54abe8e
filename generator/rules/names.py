"""Rules about the names that a blueprint gives: to the project, its environments and its tags."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from generator.document import Environment, Whole
from generator.model.rule import Finding, rule
from generator.model.text import shown

RESERVED: Mapping[str, str] = {
    "amzn-s3-demo-": "bucket",
    "aws": "SSM parameter",
    "internal-": "load balancer",
    "sg-": "security group",
    "ssm": "SSM parameter",
    "sthree-": "bucket",
}
"""Beginnings of names that AWS keeps for itself, with what it would not make by such a name."""


class _Name(NamedTuple):
    """A name in AWS: by how much it is too long, and for what."""

    excess: int
    text: str
    kind: str

    def said_of(self, environment: Environment) -> str:
        """Return what is wrong with it, and how long the names may be that it is made of."""
        given = len(environment.project) + len(environment.name)
        return (
            f"{shown(self.text)} has {len(self.text)} characters, {self.excess} more than the "
            f"name of {self.kind} may have; use at most {given - self.excess} for project and "
            f"environment, not {given}"
        )


@rule("TAP014", "AWS refuses a name that is longer than its kind of name may be.")
def _names_fit(whole: Whole) -> Iterator[Finding]:
    longest = {name: _longest(each) for name, each in whole.environments.items()}
    over = {name: found for name, found in longest.items() if found.excess > 0}
    if over and len(over) == len(longest):
        # Too long with every environment: then it is the project's name, and said once.
        worst = max(over, key=lambda name: over[name])
        yield Finding("/project", over[worst].said_of(whole.environments[worst]))
        return
    for name, found in over.items():
        yield Finding(f"/environments.{name}", found.said_of(whole.environments[name]))


@rule("TAP015", "Names that begin as AWS's own do are refused.")
def _names_are_free(whole: Whole) -> Iterator[Finding]:
    project = whole.document.project
    for beginning, kind in RESERVED.items():
        if f"{project}-".startswith(beginning):  # what is behind it in every name but paths
            yield Finding(
                "/project",
                f"the name of no {kind} may begin with {beginning}; call the project otherwise",
            )


@rule("TAP016", "To IAM two tags that differ in upper and lower case are one, given twice.")
def _tags_differ(whole: Whole) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for tag in whole.document.tags:
        other = first.setdefault(tag.lower(), tag)
        if other != tag:
            yield Finding("/tags", f"{tag} and {other} are one tag to IAM; keep one")


def _longest(environment: Environment) -> _Name:
    return max(
        (
            _Name(len(text) - limit, text, kind)
            for component in environment.components.values()
            for text, (kind, limit) in component.tight_names.items()
        ),
        default=_Name(0, "", ""),
    )
