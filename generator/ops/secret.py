"""The secret of a database user, as Secrets Manager keeps it and DMS reads it."""

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from generator.errors import OperationError
from generator.ops.decode import decode

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

CLONE = "_clone"

# DMS splits connection strings at the first five; the rest need quoting somewhere.
EXCLUDED = ";:.+%/@\"'`\\ "


@dataclass(frozen=True, slots=True)
class Secret:
    """A user's login; *masterarn* names the secret of who may change its password."""

    host: str
    port: int
    username: str
    password: str
    dbname: str
    engine: str = "postgres"
    ssl: bool = True
    masterarn: str = ""

    def __repr__(self) -> str:
        return f"Secret({self.username}@{self.host}:{self.port}/{self.dbname})"

    @property
    def owner(self) -> str:
        """The user whose rights both of the alternating users have."""
        return self.username.removesuffix(CLONE)

    @property
    def other(self) -> str:
        """The user whose turn is next."""
        return self.owner if self.username != self.owner else self.owner + CLONE

    def document(self) -> str:
        """Return the secret as Secrets Manager keeps it."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class _Login:
    """All that a secret which RDS manages holds."""

    username: str
    password: str


class Secrets:
    """Secret values by version; none is ever logged or raised."""

    def __init__(self, client: "SecretsManagerClient") -> None:
        self.client = client

    def read(self, arn: str, *, stage: str = "AWSCURRENT", version: str | None = None) -> Secret:
        """Return a user's secret; raise `OperationError` if it is no such thing."""
        return decode(Secret, self._value(arn, stage, version), arn)

    def superuser(self, secret: Secret) -> Secret:
        """Return who may change the password of *secret*, on the server of *secret*.

        The secret that RDS manages names no server, so the host is never taken from it.
        """
        login = decode(_Login, self._value(secret.masterarn, "AWSCURRENT", None), secret.masterarn)
        return replace(secret, username=login.username, password=login.password, masterarn="")

    def password(self) -> str:
        """Return a new password without characters that DMS or a shell would read otherwise."""
        answer = self.client.get_random_password(
            PasswordLength=40, ExcludeCharacters=EXCLUDED, RequireEachIncludedType=False
        )
        return answer["RandomPassword"]

    def _value(self, arn: str, stage: str, version: str | None) -> object:
        chosen = {"VersionId": version} if version else {}
        answer = self.client.get_secret_value(SecretId=arn, VersionStage=stage, **chosen)
        try:
            return json.loads(answer["SecretString"])
        except ValueError:
            # Not chained: the parser's message quotes the secret.
            raise OperationError(f"{arn}: the secret is not JSON") from None
