"""Rotation of a database password in Secrets Manager's four steps, each safe to repeat.

Two PostgreSQL users alternate, `name` and `name_clone`. Whoever still uses the old password goes on
until the next rotation: DMS reads its secret only when a task starts.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from psycopg import Connection, OperationalError, errors, sql

from generator.errors import OperationError, RefusedError
from generator.ops.secret import Secret, Secrets

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.type_defs import DescribeSecretResponseTypeDef

Connect = Callable[[Secret], Connection]

PENDING = "AWSPENDING"
CURRENT = "AWSCURRENT"


class Rotation:
    """One rotation: of the secret *arn*, to the version *token*."""

    def __init__(self, secrets: Secrets, connect: Connect, arn: str, token: str) -> None:
        self._secrets = secrets
        self._connect = connect
        self._arn = arn
        self._token = token

    def step(self, name: str) -> None:
        """Take Secrets Manager's step *name*; for a version that is current, none is left."""
        steps = {
            "createSecret": self._create,
            "setSecret": self._set,
            "testSecret": self._test,
            "finishSecret": self._finish,
        }
        if name not in steps:
            raise RefusedError(f"{name} is no step of a rotation")
        secret = self._secrets.client.describe_secret(SecretId=self._arn)
        versions = secret.get("VersionIdsToStages", {})
        written = any(CURRENT in stages for stages in versions.values())
        # Whoever sets a rotation up has it tested, long before `schema` writes the first value.
        if name == "testSecret" and not written:
            return
        if CURRENT not in self._stages(secret):
            steps[name]()

    def _stages(self, secret: "DescribeSecretResponseTypeDef") -> list[str]:
        if not secret.get("RotationEnabled"):
            raise RefusedError(f"{self._arn}: rotation is not enabled")
        stages = secret.get("VersionIdsToStages", {}).get(self._token)
        if stages is None:
            raise RefusedError(f"{self._arn}: has no version {self._token}")
        if PENDING not in stages and CURRENT not in stages:
            raise RefusedError(f"{self._arn}: version {self._token} is neither pending nor current")
        return stages

    def _create(self) -> None:
        try:
            self._pending()
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
        else:
            return
        current = self._secrets.read(self._arn)
        fresh = replace(
            current, username=current.other, password=self._secrets.password(), ssl=True
        )
        self._secrets.client.put_secret_value(
            SecretId=self._arn,
            ClientRequestToken=self._token,
            SecretString=fresh.document(),
            VersionStages=[PENDING],
        )

    def _set(self) -> None:
        current, pending = self._secrets.read(self._arn), self._pending()
        # Whoever may write the secret could else send the superuser's password anywhere.
        if (pending.host, pending.port) != (current.host, current.port):
            raise RefusedError(f"{self._arn}: the pending version names another server")
        if pending.username != current.other:
            raise RefusedError(f"{self._arn}: it is not the turn of {pending.username}")
        if self._answers(pending):
            return
        with self._connect(self._secrets.superuser(current)) as connection:
            _set_password(connection, pending)

    def _test(self) -> None:
        with self._connect(self._pending()) as connection:
            connection.execute("SELECT 1")

    def _finish(self) -> None:
        secret = self._secrets.client.describe_secret(SecretId=self._arn)
        versions = secret["VersionIdsToStages"]
        current = next((each for each, stages in versions.items() if CURRENT in stages), None)
        if current is None:
            raise OperationError(f"{self._arn}: no version is current")
        self._secrets.client.update_secret_version_stage(
            SecretId=self._arn,
            VersionStage=CURRENT,
            MoveToVersionId=self._token,
            RemoveFromVersionId=current,
        )

    def _pending(self) -> Secret:
        return self._secrets.read(self._arn, stage=PENDING, version=self._token)

    def _answers(self, secret: Secret) -> bool:
        try:
            with self._connect(secret) as connection:
                connection.execute("SELECT 1")
        except OperationalError:
            return False
        return True


def _set_password(connection: Connection, secret: Secret) -> None:
    """Give the user of *secret* its password; make the clone, with what its owner is and may."""
    with connection.transaction():
        known = "SELECT FROM pg_roles WHERE rolname = %s"
        if connection.execute(known, [secret.username]).fetchone() is None:
            try:
                _clone(connection, secret)
            except errors.InsufficientPrivilege as error:
                raise OperationError(
                    f"{secret.host}: a superuser has to create {secret.username} once, "
                    f"like {secret.owner} and in it: {error.diag.message_primary}"
                ) from error
        # Hashed here: the server's log never sees the password.
        hashed = connection.pgconn.encrypt_password(
            secret.password.encode(), secret.username.encode(), b"scram-sha-256"
        )
        statement = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(
            sql.Identifier(secret.username), sql.Literal(hashed.decode())
        )
        connection.execute(statement)


def _clone(connection: Connection, secret: Secret) -> None:
    query = "SELECT oid, rolreplication, rolconnlimit FROM pg_roles WHERE rolname = %s"
    row = connection.execute(query, [secret.owner]).fetchone()
    if row is None:
        raise OperationError(f"{secret.host}: has no role {secret.owner}")
    oid, replication, limit = row
    clone, owner = sql.Identifier(secret.username), sql.Identifier(secret.owner)
    statement = sql.SQL("CREATE ROLE {0} CONNECTION LIMIT {1}{2} IN ROLE {3}; {4}").format(
        # Membership hands on rights, but neither attributes nor settings.
        clone,
        sql.Literal(limit),
        sql.SQL(" REPLICATION" if replication else ""),
        owner,
        # What either makes belongs to both: the one whose turn it is not stays its owner.
        sql.SQL("ALTER ROLE {} SET role TO {}").format(clone, owner),
    )
    connection.execute(statement)
    settings = "SELECT unnest(setconfig) FROM pg_db_role_setting WHERE setrole = %s"
    for (setting,) in connection.execute(settings, [oid]).fetchall():
        name, _, value = setting.partition("=")
        # Through the transaction's own settings: a list would not survive being quoted as one.
        connection.execute("SELECT set_config(%s, %s, true)", [name, value])
        keep = sql.SQL("ALTER ROLE {} SET {} FROM CURRENT").format(clone, sql.Identifier(name))
        connection.execute(keep)
