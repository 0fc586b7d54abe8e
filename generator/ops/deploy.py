"""A deploy, as Lambda sees it: whether what was applied is what answers every request.

Lambda moves an alias whose executions are kept warm only when the new version is warm. Until then,
or for ever if that version does not start, the alias gives the old one a weight of its own, and
Terraform may have ended long ago.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.errors import OperationError
from generator.ops.clock import Clock, poll
from generator.ops.inventory import Compute, Inventory, Rollback, Security, Validation

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

# A version is warm within two or three minutes; AWS's own provider waits for as long as this.
WARM_SECONDS = 900.0
_HOW_TO_GO_BACK = 'docs/first-apply.md says under "A deploy" how to go back'


class Deploy:
    """The functions of one environment, behind their aliases."""

    def __init__(self, client: "LambdaClient", inventory: Inventory, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._compute = inventory.read("compute", Compute)
        self._functions = tuple(_functions(inventory))

    def settle(self) -> list[str]:
        """Return what answers at each function, once nothing else does.

        Raise `OperationError` where it does not come to that, or another image answers.
        """
        poll(
            self._is_warm,
            self._clock,
            every=5,
            within=WARM_SECONDS,
            awaited=f"{self._compute.payment_function} is not warm, and its old version answers",
        )
        self._has_the_image()
        return [self._alone(function) for function in self._functions]

    def _is_warm(self) -> bool:
        function, alias = self._compute.payment_function, self._compute.alias
        warm = self._client.get_provisioned_concurrency_config(
            FunctionName=function, Qualifier=alias
        )
        version, others = self._versions(function)
        if warm["Status"] == "FAILED":
            answers = f"version {', '.join(others)} answers" if others else "nothing else answers"
            raise OperationError(
                f"{function}: version {version} does not start, and {answers}: "
                f"{warm.get('StatusReason', 'Lambda does not say why')}. Apply nothing now, it "
                f"would send every request to version {version}; {_HOW_TO_GO_BACK}"
            )
        return warm["Status"] == "READY" and not others

    def _has_the_image(self) -> None:
        function = self._compute.payment_function
        code = self._client.get_function(FunctionName=function, Qualifier=self._compute.alias)
        image = code["Code"]["ImageUri"]
        if not image.endswith(self._compute.image):
            raise OperationError(
                f"{function} answers with {image}, and was described with {self._compute.image}: "
                "its last apply did not end"
            )

    def _alone(self, function: str) -> str:
        version, others = self._versions(function)
        if others:
            raise OperationError(
                f"{function}: version {', '.join(others)} answers beside version {version}, by a "
                "weight that nothing here gave it; take it away"
            )
        return f"{function}: version {version} answers"

    def _versions(self, function: str) -> tuple[str, list[str]]:
        """Return the version that an alias names, and those that have a weight beside it."""
        alias = self._client.get_alias(FunctionName=function, Name=self._compute.alias)
        weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
        return alias["FunctionVersion"], sorted(weights)


def _functions(inventory: Inventory) -> Iterator[str]:
    """Yield every function that the environment describes."""
    compute = inventory.read("compute", Compute)
    found: list[str | None] = [compute.payment_function, compute.schema_function]
    if inventory.has("validation"):
        found.append(inventory.read("validation", Validation).function)
    if inventory.has("rollback"):
        rollback = inventory.read("rollback", Rollback)
        found += [rollback.function, rollback.cutover_function]
    if inventory.has("security"):
        found.append(inventory.read("security", Security).rotation_function)
    yield from filter(None, found)
