"""Secrets, and the function that gives their users new passwords."""

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated

from pydantic import Field

from generator.components.access import (
    Statement,
    read_descriptions,
    read_secrets,
    statement,
    use_secrets_key,
)
from generator.components.clients import unnamed
from generator.components.function import Function, Functions, FunctionSettings, Keys
from generator.model.component import Strict, wired
from generator.model.fields import Text, matching
from generator.model.hcl import Identifier, Ref
from generator.model.rule import Finding, rule

# An underscore, for Secrets Manager takes a hyphen and six characters at a name's end for its own.
SecretName = Annotated[
    str,
    Field(max_length=64),
    *matching(
        r"[a-z][a-z0-9]*(_[a-z0-9]+)*", "lower-case words joined by underscores, such as acquirer"
    ),
]


class Secret(Strict):
    """A container for one secret, whose value is written by a function, never here."""

    description: Text = Field(description="What it holds, and for whom.")


ROTATED = {
    "dms_reverse": Secret(description="User with which DMS reads Aurora for the way back."),
    "dms_source": Secret(description="User with which DMS reads the on-premises database."),
    "dms_target": Secret(description="User with which DMS writes to Aurora."),
    "validation_source": Secret(description="User that compares the on-premises database."),
}
"""Users whose passwords the function changes, by taking turns with a second user."""
KEPT = {
    "operator_source": Secret(description="User that opens and shuts the on-premises database."),
    "payment_source": Secret(description="User with which payments are written on premises."),
}
"""Users whose passwords stay: the function signs in as one, the old API as the other."""


def _never(_: object) -> bool:
    return False


class Secrets(Functions):
    """Containers for credentials, and their rotation."""

    secret_recovery_days: int = Field(
        default=30,
        ge=0,
        le=30,
        description="Days in which a deleted secret can be restored: 7 to 30, or 0 for none.",
    )
    secrets: dict[SecretName, Secret] = Field(
        default={}, description="Containers for further secrets, by name."
    )
    secret_rotation_days: int = Field(
        default=30,
        ge=1,
        le=1000,
        description="Days after which the passwords of replication and validation change.",
    )
    rotation_function: FunctionSettings | None = Field(
        default=None, description="The function that changes passwords."
    )

    # What other modules with functions are given is made in this one.
    lambda_key_arn = wired("security.lambda_key_arn", "string", "Own.", when=_never)
    logs_key_arn = wired("security.logs_key_arn", "string", "Own.", when=_never)
    notifications_key_arn = wired("security.notifications_key_arn", "string", "Own.", when=_never)
    master_user_secret_arn = wired(
        "database.master_user_secret_arn",
        "string",
        "First user of Aurora, who may change the passwords of others.",
        when=lambda self: self.migrates,
    )

    @property
    def migrates(self) -> bool:
        """Whether there is a migration, whose users these secrets are for."""
        return "migration" in self.environment.components

    @property
    def connects(self) -> bool:
        """Whether it is anybody's client: its function is."""
        return bool(self.functions)

    @property
    def keys(self) -> Keys:
        """The keys of the function, which are made beside it."""
        of = ("lambda", "logs", "notifications")
        return Keys(*(Ref(f"aws_kms_key.{name}.arn") for name in of))

    @property
    def containers(self) -> dict[Identifier, Secret]:
        """The secrets, sorted; a name is the label of its resource."""
        every = {**self.secrets, **(ROTATED | KEPT if self.migrates else {})}
        return {Identifier(name): secret for name, secret in sorted(every.items())}

    @property
    def rotated(self) -> tuple[Identifier, ...]:
        """The secrets that the function rotates."""
        return tuple(map(Identifier, ROTATED)) if self.migrates else ()

    @cached_property
    def secret_arns(self) -> dict[str, Ref]:
        """What Terraform will know of each secret, by name."""
        return {name: Ref(f"aws_secretsmanager_secret.{name}.arn") for name in self.containers}

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """The function that rotates, where there is something to rotate."""
        if not self.migrates or self.rotation_function is None:
            return ()
        return (
            Function(
                name=Identifier("rotation"),
                summary="Changes the passwords of the users of replication and validation.",
                settings=self.rotation_function,
                variables=self.operations_variables,
                statements=self._rotation_statements(),
                calls=("secretsmanager", "ssm"),
                asynchronous=True,
            ),
        )

    def _rotation_statements(self) -> tuple[Statement, ...]:
        of, arns = self.environment, self.secret_arns
        alias = f"arn:aws:lambda:{of.region}:{of.account_id}:function:{self.prefix}-rotation:live"
        key = Ref("aws_kms_key.secrets.arn")
        return (
            statement(
                "RotateSecrets",
                (
                    "secretsmanager:DescribeSecret",
                    "secretsmanager:GetSecretValue",
                    "secretsmanager:PutSecretValue",
                    "secretsmanager:UpdateSecretVersionStage",
                ),
                [arns[name] for name in self.rotated],
                {"StringEquals": {"secretsmanager:resource/AllowRotationLambdaArn": alias}},
            ),
            # A password of anybody's making is nobody's: the action knows no resource.
            statement("MakePasswords", ("secretsmanager:GetRandomPassword",), ("*",)),
            read_secrets(arns["operator_source"], Ref("var.master_user_secret_arn")),
            use_secrets_key(of, key, "kms:Decrypt", "kms:GenerateDataKey"),
            read_descriptions(of),
        )

    @rule("TAP220", "The migration brings its own secrets.")
    def _names_are_free(self) -> Iterator[Finding]:
        for name in sorted(self.secrets.keys() & (ROTATED | KEPT).keys()):
            message = f"{name} comes with the migration; leave it out, or choose another name"
            yield Finding(f"secrets.{name}", message)

    @rule("TAP221", "Passwords of the migration's users are changed by a function.")
    def _migration_has_rotation(self) -> Iterator[Finding]:
        if self.migrates and self.rotation_function is None:
            yield Finding(
                "rotation_function",
                "is missing, and the migration's passwords would stay; add its digest",
            )

    @rule("TAP222", "The function changes a password where the password is kept.")
    def _servers_name_it(self) -> Iterator[Finding]:
        servers = ("database.clients", "network.endpoint_clients", "network.link_clients")
        yield from unnamed("security", servers if self.migrates else (), self.environment)
