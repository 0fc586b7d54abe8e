"""The door of the Lambda function."""

import os
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from .service import Service
from .settings import build


@cache
def service() -> Service:
    """Return the one service of this process."""
    return build()


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request of the load balancer."""
    return service().answer(event, context)


# Before the first request, where starting is quick and, with provisioned concurrency, unseen.
if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    service()
