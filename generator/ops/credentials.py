"""Where passwords come from: IAM tokens for Aurora, Secrets Manager for everything else."""

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import NoCredentialsError
from botocore.session import Session

from generator.ops.postgres import Password, Server

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


def token(session: Session, server: Server) -> Password:
    """Return what signs a token for *server*, good for fifteen minutes; it asks nobody.

    As the client of RDS does it, without what that client reads at its start: a fifth of a second.
    """

    def sign() -> str:
        query = urlencode({"Action": "connect", "DBUser": server.user})
        request = AWSRequest("GET", f"https://{server.host}:{server.port}/?{query}")
        region, credentials = session.get_config_variable("region"), session.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        SigV4QueryAuth(credentials, "rds-db", region, expires=900).add_auth(request)
        return str(request.url).removeprefix("https://")

    return sign


def secret(client: "SecretsManagerClient", arn: str) -> dict[str, Any]:
    """Return what a secret holds now."""
    held: dict[str, Any] = json.loads(client.get_secret_value(SecretId=arn)["SecretString"])
    return held
