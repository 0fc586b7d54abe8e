"""Bootstrap: what has to exist before the first apply of everything else, in a root of its own."""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from generator.components import names
from generator.model.component import Component, Strict
from generator.model.fields import DomainName, matching
from generator.model.rule import Finding, rule

ImageName = Annotated[
    str,
    Field(max_length=64),
    *matching(
        r"[a-z][a-z0-9]*(-[a-z0-9]+)*", "lower-case words joined by hyphens, such as payment"
    ),
]
GitHubRepository = Annotated[
    str,
    Field(max_length=140),
    *matching(
        r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*/[A-Za-z0-9_-][A-Za-z0-9._-]*",
        "a GitHub repository such as example/payments",
    ),
]
BranchName = Annotated[
    str,
    Field(max_length=200),
    *matching(r"[A-Za-z0-9_][A-Za-z0-9._/-]*", "a branch such as main"),
]


class Ci(Strict):
    """The pipeline that plans and applies: GitHub Actions, which is given no key to keep."""

    repository: GitHubRepository = Field(description="GitHub repository that holds the Terraform.")
    branch: BranchName = Field(
        default="main", description="Branch that may plan, as every pull request may."
    )

    @property
    def plan_subjects(self) -> tuple[str, ...]:
        """Whom GitHub says a job is that may plan."""
        repository = f"repo:{self.repository}"
        return (f"{repository}:pull_request", f"{repository}:ref:refs/heads/{self.branch}")

    def apply_subject(self, environment: str) -> str:
        """Whom GitHub says a job is that may apply: one in its environment of the same name."""
        return f"repo:{self.repository}:environment:{environment}"


class HostedZone(Strict):
    """The DNS zone, where it is ours to make."""

    domain: DomainName = Field(description="Name of the zone.")

    @property
    def log_group(self) -> str:
        """The log group of the zone's queries."""
        return f"/aws/route53/{self.domain}"


class Bootstrap(Component):
    """What is applied once, before all else: homes for state, images, DNS, and CI's roles."""

    root: ClassVar = "bootstrap"

    account_owner: bool = Field(
        default=True,
        description="Make what an account has once: the roles of DMS, the identity of GitHub.",
    )
    ci: Ci | None = Field(default=None, description="Pipeline that plans and applies.")
    hosted_zone: HostedZone | None = Field(
        default=None, description="DNS zone, unless it is made elsewhere."
    )
    image_repositories: tuple[ImageName, ...] = Field(
        default=("cutover", "payment", "probe", "rollback", "rotation", "schema", "validation"),
        min_length=1,
        description="Container images; each gets a repository.",
    )
    state_history_days: int = Field(
        default=365, ge=30, le=3650, description="Days that a replaced state can be restored."
    )

    @property
    def exports(self) -> dict[str, str]:
        """What operators and the pipeline's settings need to know."""
        found = {
            "image_repository_urls": "Where images are pushed to, by image.",
            "state_bucket": "Bucket of the state.",
        }
        if self.hosted_zone:
            found["name_servers"] = "Servers that the parent domain has to name for the zone."
            found["zone_id"] = "The zone, as routing.zone_id of the blueprint names it."
        if self.ci:
            found["ci_apply_role_arn"] = "Role of jobs that apply."
            found["ci_plan_role_arn"] = "Role of jobs that plan."
        return found

    @property
    def regions(self) -> tuple[str, ...]:
        """Route 53 writes its query logs to this region only."""
        return ("us-east-1",) if self.hosted_zone else ()

    @property
    def regions_in_use(self) -> tuple[str, ...]:
        """Where requests of this environment are answered; global services answer in us-east-1."""
        return tuple(sorted({"us-east-1", self.environment.region}))

    @property
    def log_right_actions(self) -> tuple[str, ...]:
        """What changes who may write to log groups where Route 53 does.

        An environment there may not be kept from all of it: WAF asks for a right of its own.
        """
        shared = self.environment.region in self.regions
        return ("logs:DeleteResourcePolicy", *(() if shared else ("logs:PutResourcePolicy",)))

    @property
    def state_bucket(self) -> str:
        """The bucket of the state."""
        return f"{self.prefix}-state-{self.environment.account_id}"

    @property
    def access_log_bucket(self) -> str:
        """The bucket that records who touched the state: the longest name of a bucket."""
        return f"{self.prefix}-state-logs-{self.environment.account_id}"

    @property
    def tight_names(self) -> dict[str, names.Limit]:
        """Where there is no migration, that bucket leaves least room."""
        return {self.access_log_bucket: names.BUCKET}

    @property
    def state_key_alias_arn(self) -> str:
        """The key of the state by its alias, as the backend names it in every request."""
        of = self.environment
        return f"arn:aws:kms:{of.region}:{of.account_id}:alias/{self.prefix}-state"

    @property
    def images(self) -> tuple[str, ...]:
        """The names of the images, sorted."""
        return tuple(sorted(self.image_repositories))

    @rule("TAP401", "An image has one repository.")
    def _images_are_listed_once(self) -> Iterator[Finding]:
        for index, name in enumerate(self.image_repositories):
            if name in self.image_repositories[:index]:
                yield Finding(f"image_repositories.{index}", f"{name} is listed twice; keep one")
