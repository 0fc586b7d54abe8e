"""The functions of the account, and the secrets that they read."""

import pytest
from botocore.exceptions import ClientError

from terraform.roots import BLUEPRINT


def test_functions_are_what_was_asked_for(account):
    functions = account.api("lambda")
    compute = BLUEPRINT.environments[account.environment].components["compute"]
    for name, settings in (
        ("payment", compute.payment_function),
        ("schema", compute.schema_function),
    ):
        found = functions.get_function(FunctionName=f"{account.prefix}-{name}")
        configuration = found["Configuration"]
        alias = functions.get_alias(FunctionName=f"{account.prefix}-{name}", Name="live")

        assert found["Code"]["ImageUri"].endswith(f"/{account.prefix}/{name}@{settings.digest}")
        assert configuration["MemorySize"] == settings.memory_mb
        assert configuration["Timeout"] == settings.timeout_seconds
        assert found["Concurrency"] == {
            "ReservedConcurrentExecutions": settings.reserved_concurrency
        }
        assert len(configuration["VpcConfig"]["SubnetIds"]) == 3
        assert alias["FunctionVersion"] == "1"


def test_payment_function_knows_where_it_may_write(account):
    functions = account.api("lambda")
    found = functions.get_function(FunctionName=f"{account.prefix}-payment")["Configuration"]
    variables = found["Environment"]["Variables"]
    moves = account.environment == "prod"

    assert (found["MemorySize"], found["Timeout"]) == (3008, 10)
    assert variables["AURORA_USER"] == "payment_app"
    assert ("CONTROL_TABLE" in variables) == moves
    assert variables.get("ONPREM_HOST") == ("payments-db.dc.example.com" if moves else None)


def test_secrets_are_empty_containers(account):
    secrets = account.api("secretsmanager")
    security = BLUEPRINT.environments[account.environment].components["security"]
    listed = [
        each
        for page in secrets.get_paginator("list_secrets").paginate()
        for each in page["SecretList"]
        if each["Name"].startswith(f"{account.prefix}/")
    ]

    assert {each["Name"].split("/")[1] for each in listed} == set(security.containers)
    for each in listed:
        assert each["KmsKeyId"].startswith("arn:aws:kms:")
        with pytest.raises(ClientError, match="ResourceNotFound"):
            secrets.get_secret_value(SecretId=each["ARN"])
