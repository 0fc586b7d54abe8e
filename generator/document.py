"""The types of the whole document: what stands around the components."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from generator.model.component import Component, Strict
from generator.model.fields import (
    AccountId,
    EnvironmentName,
    ProjectName,
    Region,
    TagKey,
    TagValue,
    Text,
    matching,
)
from generator.model.hcl import Identifier
from generator.premises import OnPremises, Slo

Sections = dict[str, Any]  # by component, whose own class checks them

CheckId = Annotated[str, *matching(r"CKV2?_[A-Z]+_[0-9]+", "a checkov id such as CKV_AWS_145")]
ResourceAddress = Annotated[
    str,
    *matching(
        r"module\.[a-z_]+\.[a-z0-9_]+\.[A-Za-z_][A-Za-z0-9_-]*",
        "an address such as module.network.aws_vpc.this",
    ),
]


class AcceptedFinding(Strict):
    """A scanner's finding that is accepted, where, why, by whom and until when."""

    check: CheckId = Field(description="The scanner's id of the check.")
    environments: tuple[str, ...] = Field(
        min_length=1, description="Environments in which it is accepted."
    )
    resource: ResourceAddress = Field(description="Address of the one resource it is accepted on.")
    reason: Text = Field(description="Why this is right; printed beside the resource.")
    owner: Text = Field(description="Who answers for it.")
    expires: dt.date = Field(description="Last day on which it is accepted.")


class Retirement(Strict):
    """Leave to give up a component that protects data, or the protection."""

    component: str = Field(description="The component that goes, or loses its protection.")
    reason: Text = Field(description="Why it may go.")
    approver: Text = Field(description="Who decided.")
    destroy: bool = Field(
        default=False,
        description="Let Terraform destroy the resources; otherwise it forgets them and they stay.",
    )


class EnvironmentSection(Strict):
    """One environment: where it lives, and what differs in it."""

    account_id: AccountId = Field(description="AWS account, quoted.")
    description: Text | None = Field(
        default=None, description="What it is for; printed above its Terraform."
    )
    on_premises: OnPremises | None = Field(
        default=None, description="Its own old data centre, instead of the document's."
    )
    overrides: Sections = Field(
        default_factory=dict, description="Settings of components that differ in this environment."
    )
    retire: tuple[Retirement, ...] = Field(
        default=(), description="Protected components that may go."
    )


class Document(Strict):
    """The whole of `blueprint.yaml`."""

    version: Literal[1] = Field(description="Version of the blueprint's form.")
    project: ProjectName = Field(description="Name of the system; every AWS name starts with it.")
    region: Region = Field(description="The region all environments live in.")
    tags: dict[TagKey, TagValue] = Field(
        default_factory=dict,
        max_length=40,
        description="Tags on everything, beside Project, Environment and ManagedBy.",
    )
    on_premises: OnPremises = Field(
        default_factory=OnPremises, description="Facts about the old data centre."
    )
    slo: Slo = Field(default_factory=Slo, description="What the service promises.")
    components: Sections = Field(description="What every environment gets.")
    exceptions: tuple[AcceptedFinding, ...] = Field(
        default=(), description="Scanner findings accepted, each with an end."
    )
    environments: dict[EnvironmentName, EnvironmentSection] = Field(
        min_length=1, description="The environments, by name."
    )


@dataclass(frozen=True)
class Environment:
    """One environment as it will be: its facts and its enabled components, in registry order."""

    name: Identifier
    project: Identifier
    region: Identifier
    account_id: Identifier
    description: str | None
    tags: dict[str, str]
    on_premises: OnPremises
    slo: Slo
    retire: tuple[Retirement, ...]
    exceptions: tuple[AcceptedFinding, ...]
    components: Mapping[str, Component]
    off: frozenset[str]
    """The components that are switched off here."""

    @cached_property
    def prefix(self) -> Identifier:
        """`<project>-<environment>`, the start of every name in AWS."""
        return Identifier(f"{self.project}-{self.name}")

    @property
    def describe_path(self) -> str:
        """Where the descriptions of the components are, in SSM."""
        return f"/{self.project}/{self.name}/describe"

    @property
    def all_tags(self) -> dict[str, str]:
        """Return what everything is tagged with."""
        own = {"Environment": self.name, "ManagedBy": "tapgen", "Project": self.project}
        return dict(sorted((own | self.tags).items()))

    def of_root(self, root: str) -> dict[str, Component]:
        """Return the components of the root module *root*: `main` or `bootstrap`."""
        return {name: c for name, c in self.components.items() if c.root == root}


class Whole(NamedTuple):
    """The blueprint as rules across environments see it."""

    document: Document
    environments: Mapping[str, Environment]
