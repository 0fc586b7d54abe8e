"""A Lambda function: what the blueprint says of one, and what its Terraform is made from."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import Field

from generator.components.images import Digest
from generator.components.logs import Retention
from generator.model.component import Component, Strict, wired
from generator.model.hcl import Hcl, Identifier, Ref

NAMESPACE = "Payment/Migration"
"""The CloudWatch namespace of everything that functions measure themselves."""


class FunctionSettings(Strict):
    """A function: its image, its size, and how often it may run at once."""

    digest: Digest = Field(description="Image that runs; its address follows from the account.")
    previous_digest: Digest | None = Field(
        default=None, description="Image that ran before, for the way back."
    )
    memory_mb: int = Field(
        default=512, ge=128, le=10240, description="Memory in MB; processor time grows with it."
    )
    timeout_seconds: int = Field(
        default=60, ge=1, le=900, description="Seconds after which an execution is stopped."
    )
    reserved_concurrency: int = Field(
        default=1, ge=1, le=1000, description="Executions at once, taken from the account's pool."
    )
    log_retention_days: Retention = Field(
        default=365, description="Days that the function's log is kept."
    )


class Keys(NamedTuple):
    """The keys that a module's functions use, as its expressions name them."""

    variables: Ref = Ref("var.lambda_key_arn")
    logs: Ref = Ref("var.logs_key_arn")
    notifications: Ref = Ref("var.notifications_key_arn")


class Function(NamedTuple):
    """One function of a component, as `templates/_function.tf.j2` renders it.

    *name* is at once its image, the label of its resources and the end of its name in AWS.
    *statements* are what its role may do beyond writing its own log and traces. *calls* are the AWS
    services that its code calls: in the VPC each needs an endpoint, and a test reads the code. An
    *asynchronous* one is called by nobody who waits, so what it could not do goes to a queue.
    """

    name: Identifier
    summary: str
    settings: FunctionSettings
    variables: Mapping[str, object]
    statements: tuple[Mapping[str, object], ...]
    calls: tuple[str, ...]
    in_vpc: bool = True
    asynchronous: bool = False

    @property
    def digest(self) -> Hcl:
        """The image's digest, which its type has checked to be one."""
        return Hcl(self.settings.digest)

    @property
    def environment(self) -> dict[str, object]:
        """The environment variables, sorted; none is a secret."""
        own = {"POWERTOOLS_METRICS_NAMESPACE": NAMESPACE, "POWERTOOLS_SERVICE_NAME": self.name}
        return dict(sorted((own | dict(self.variables)).items()))


def _runs_in_vpc(component: Any) -> bool:  # noqa: ANN401 - a component with functions
    return any(function.in_vpc for function in component.functions)


def _has_dead_letters(component: Any) -> bool:  # noqa: ANN401 - the same
    return any(function.asynchronous for function in component.functions)


class Functions(Component):
    """A component that runs functions: what their modules are given by others."""

    lambda_key_arn = wired(
        "security.lambda_key_arn", "string", "Key that encrypts environment variables."
    )
    logs_key_arn = wired("security.logs_key_arn", "string", "Key that encrypts the log groups.")
    notifications_key_arn = wired(
        "security.notifications_key_arn",
        "string",
        "Key that encrypts what could not be done.",
        when=_has_dead_letters,
    )
    private_subnet_ids = wired(
        "network.private_subnet_ids",
        "list(string)",
        "Private subnets that functions run in.",
        when=_runs_in_vpc,
    )
    vpc_id = wired("network.vpc_id", "string", "VPC that functions run in.", when=_runs_in_vpc)

    @property
    @abstractmethod
    def functions(self) -> tuple[Function, ...]:
        """The functions, in the order in which they are written."""

    @property
    def calls(self) -> frozenset[str]:
        """What its functions call, those in the VPC."""
        inside = (function for function in self.functions if function.in_vpc)
        return frozenset(service for function in inside for service in function.calls)

    @property
    def interfaces(self) -> int:
        """One that all executions in a subnet share, as they share their security group."""
        return int(_runs_in_vpc(self))

    @property
    def keys(self) -> Keys:
        """The keys of the functions."""
        return Keys()

    @property
    def operations_variables(self) -> dict[str, object]:
        """The environment variables of every function that operates the migration."""
        of = self.environment
        return {"PROJECT": of.project, "ENVIRONMENT": of.name, "DESCRIBE_PATH": of.describe_path}
