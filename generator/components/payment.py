"""The payment function's settings: how many of it are warm, and how many there may be."""

from pydantic import Field

from generator.components.function import FunctionSettings


class PaymentSettings(FunctionSettings):
    """The payment API: a function that is kept warm."""

    memory_mb: int = Field(
        default=3008, ge=128, le=10240, description="Memory in MB; processor time grows with it."
    )
    timeout_seconds: int = Field(
        default=10,
        ge=9,
        le=29,
        description="Seconds after which Lambda ends a request; the API itself gives up after 8.",
    )
    reserved_concurrency: int = Field(
        default=20,
        ge=1,
        le=1000,
        description="Executions at once: twice what is kept warm, as a deploy warms two versions.",
    )
    provisioned_min: int = Field(
        default=2, ge=1, le=1000, description="Executions that are kept warm at least."
    )
    provisioned_max: int = Field(
        default=10, ge=1, le=1000, description="Executions that are kept warm at most."
    )
    provisioned_utilization: float = Field(
        default=0.7, ge=0.1, le=0.9, description="Share of the warm ones that should be at work."
    )
