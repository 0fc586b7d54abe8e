"""The function `rotation` as it is called: its secret, its database, its authorities."""

import boto3
import psycopg
import pytest

from functions.rotation.handler import connect
from functions.rotation.handler import lambda_handler as rotation
from generator.ops.secret import Secret
from migration import faults
from migration.cloud import CONTEXT, PATH
from postgres.fixtures import SECRET


@pytest.fixture
def secret(cloud, databases):  # noqa: ARG001 - a fixture takes no mark
    """A secret of the old database whose rotation is finished, and its login."""
    target = databases.onprem.target("payment_validation")
    login = Secret(target.host, target.port, target.user, SECRET, target.database)
    faults.everywhere(
        "after-call.secrets-manager.DescribeSecret",
        lambda parsed, **_: parsed.update(RotationEnabled=True),
    )
    client = boto3.client("secretsmanager")
    arn = client.create_secret(Name="rotated", SecretString=login.document())["ARN"]
    (version,) = client.describe_secret(SecretId=arn)["VersionIdsToStages"]
    return {"SecretId": arn, "ClientRequestToken": version, "Step": "createSecret"}, login


def test_a_rotation_that_is_finished_takes_no_step_more(secret):
    event, _ = secret

    assert rotation(event, CONTEXT) is None


def test_a_login_is_verified_against_the_authority_of_its_side(secret, monkeypatch):
    _, login = secret
    monkeypatch.setenv("RDS_CA_FILE", "/nowhere")
    with connect(login) as connection:
        shown = connection.execute("select ssl from pg_stat_ssl where pid = pg_backend_pid()")
        assert shown.fetchone() == (True,)

    boto3.client("ssm").delete_parameter(Name=f"{PATH}/on_premises")
    with pytest.raises(psycopg.OperationalError, match="/nowhere"):
        connect(login)
