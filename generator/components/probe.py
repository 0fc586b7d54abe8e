"""The probe: a function that asks from outside whether AWS would take payments."""

from pydantic import Field

from generator.components.function import Function, FunctionSettings
from generator.model.component import Surroundings
from generator.model.hcl import Identifier, Ref

PAUSE_SECONDS = 5
"""Between two questions of a run."""
ANSWER_SECONDS = 4
"""In which an answer has to come."""
SPARE_SECONDS = 10
"""What is left of a run's time when it asks no more."""
APART_SECONDS = 120
"""Between two runs at most: the clock calls once in each minute, at any second of it."""
START_SECONDS = 5
"""Until a run that starts cold asks for the first time."""
_WHOLE = APART_SECONDS + START_SECONDS + SPARE_SECONDS


class ProbeFunction(FunctionSettings):
    """The probe. Its runs are longer than they are apart, so at every time there is one."""

    memory_mb: int = Field(
        default=128, ge=128, le=10240, description="Memory in MB; processor time grows with it."
    )
    timeout_seconds: int = Field(
        default=_WHOLE,
        ge=_WHOLE,
        le=300,
        description="Seconds that a run takes; the next begins before, up to two minutes later.",
    )
    reserved_concurrency: int = Field(
        default=3, ge=3, le=10, description="Executions at once: a run begins while others last."
    )


def probe(of: Surroundings, settings: ProbeFunction, record: str) -> Function:
    """Return the probe. It stands outside the VPC, as clients do, and may do nothing in AWS."""
    return Function(
        name=Identifier("probe"),
        summary="Asks from outside whether AWS would take payments.",
        settings=settings,
        variables={
            "ENVIRONMENT": of.name,
            "PROBE_HOST": Ref("var.load_balancer_dns_name"),
            "PROBE_NAME": record,
            "PROBE_PORT": "443",
        },
        calls=(),
        statements=(),
        in_vpc=False,
        asynchronous=True,
    )
