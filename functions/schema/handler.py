"""The door of the Lambda function `schema`: {"action": "apply"}."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from generator.errors import OperationError
from generator.ops.control import Control
from generator.ops.decode import decode
from generator.ops.description import Described, describe
from generator.ops.inventory import Migration, Table
from generator.ops.postgres import Server, authority

from .apply import Place, Vault, apply, begin, owner
from .roles import AURORA, ONPREM

logger = Logger()


def lambda_handler(event: Mapping[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Apply; return what was done, and what is left to a person. Repeating it is safe."""
    if event.get("action") != "apply":
        raise OperationError('the event must be {"action": "apply"}')
    described = describe(boto3.client("ssm"), os.environ["DESCRIBE_PATH"])
    client = boto3.client("secretsmanager")
    vault = Vault(client, described.get("security", {}).get("secrets", {}) | _master(described))
    done = [asdict(apply(place, vault)) for place in _places(described, vault)]
    result: dict[str, Any] = {"databases": done, "control": None}
    if "rollback" in described:
        table = described["rollback"]["control_table"]
        result["control"] = begin(Control(boto3.client("dynamodb"), table))
    logger.info("applied", extra=result)
    return result


def _master(described: Mapping[str, Described]) -> Described:
    return {"master": described["database"]["master_user_secret_arn"]}


def _places(described: Mapping[str, Described], vault: Vault) -> Iterable[Place]:
    """Yield Aurora, and the old database where there is one."""
    if "on_premises" not in described:
        yield _aurora(described["database"], vault, None)
        return
    moved = decode(Migration, described["migration"], "migration").tables
    arns = described["security"]["secrets"]
    yield _aurora(described["database"], vault, moved)
    yield _onprem(described["on_premises"], vault, arns["operator_source"], moved)


def _aurora(database: Described, vault: Vault, moved: tuple[Table, ...] | None) -> Place:
    login = owner(vault, "master")
    return Place(
        side="aurora",
        server=Server(
            host=database["endpoint"],
            port=database["port"],
            database=database["database"],
            user=login["username"],
            ca=Path(os.environ["RDS_CA_FILE"]),
        ),
        password=lambda: str(login["password"]),
        # The users of DMS are there while it is.
        roles=tuple(role for role in AURORA if moved or not role.secret),
        master=database["master_user_secret_arn"],
        writes=moved is None,
        tables=moved or (),
    )


def _onprem(old: Described, vault: Vault, arn: str, moved: tuple[Table, ...]) -> Place:
    login = owner(vault, "operator_source")
    return Place(
        side="onprem",
        server=Server(
            old["host"], old["port"], old["database"], login["username"], authority(old["ca"])
        ),
        password=lambda: str(login["password"]),
        roles=ONPREM,
        master=arn,
        writes=True,
        tables=moved,
    )
