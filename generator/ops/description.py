"""The description: what Terraform says about an environment, one SSM parameter per component."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from generator.errors import OperationError

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

Described = Mapping[str, Any]


def describe(client: "SSMClient", path: str) -> dict[str, Described]:
    """Return every component's description under *path* (`/<project>/<env>/describe`)."""
    pages = client.get_paginator("get_parameters_by_path").paginate(Path=path)
    found = {
        parameter["Name"].rpartition("/")[2]: json.loads(parameter["Value"])
        for page in pages
        for parameter in page["Parameters"]
    }
    if not found:
        raise OperationError(f"{path} describes nothing; apply the environment first")
    return found


def parameter(client: "SSMClient", name: str) -> Described:
    """Return one component's description, by the parameter's name."""
    found: Described = json.loads(client.get_parameter(Name=name)["Parameter"]["Value"])
    return found
