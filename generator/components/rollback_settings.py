"""The settings of the functions that take traffic and the writer back."""

from typing import Literal

from pydantic import Field

from generator.components.function import FunctionSettings


class RollbackFunction(FunctionSettings):
    """The function that takes traffic back."""

    timeout_seconds: int = Field(
        default=240,
        ge=90,
        le=900,
        description="Seconds after which it is stopped; it waits for the writer, and until DNS "
        "servers know.",
    )
    reserved_concurrency: Literal[1] = Field(
        default=1, description="Executions at once: two would write weights at the same time."
    )


class CutoverFunction(FunctionSettings):
    """The function that moves the writer."""

    timeout_seconds: int = Field(
        default=900, ge=300, le=900, description="Seconds after which it is stopped."
    )
    reserved_concurrency: Literal[1] = Field(
        default=1, description="Executions at once: there is one writer to move."
    )
