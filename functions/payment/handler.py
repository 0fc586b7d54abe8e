"""The door of the Lambda function."""

import os
from functools import cache
from typing import Any

from aws_lambda_powertools import Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from .service import Service
from .settings import build

# Neither answers nor messages of exceptions go to X-Ray: both may hold what a client sent.
tracer = Tracer(patch_modules=("botocore",))


@cache
def service() -> Service:
    """Return the one service of this process."""
    return build()


@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request of the load balancer."""
    return service().answer(event, context)


# Before the first request, where starting is quick and, with provisioned concurrency, unseen.
if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    service()
