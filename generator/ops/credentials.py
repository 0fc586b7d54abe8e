"""Where passwords come from: IAM tokens for Aurora, Secrets Manager for everything else."""

import json
from typing import TYPE_CHECKING, Any

from generator.ops.postgres import Password, Server

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_secretsmanager import SecretsManagerClient


def token(client: "RDSClient", server: Server) -> Password:
    """Return what signs a token for *server*, good for fifteen minutes; it asks nobody."""
    return lambda: client.generate_db_auth_token(server.host, server.port, server.user)


def secret(client: "SecretsManagerClient", arn: str) -> dict[str, Any]:
    """Return what a secret holds now."""
    held: dict[str, Any] = json.loads(client.get_secret_value(SecretId=arn)["SecretString"])
    return held
