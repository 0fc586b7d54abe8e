"""The one rule of the load balancer that divides requests between both sides."""

from typing import TYPE_CHECKING

from generator.errors import OperationError, RefusedError
from generator.ops.inventory import LoadBalancer

if TYPE_CHECKING:
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_elbv2.type_defs import ActionOutputTypeDef


class WeightedRule:
    """A rule that forwards to a target group on AWS and to one on premises."""

    def __init__(self, client: "ElasticLoadBalancingv2Client", load_balancer: LoadBalancer) -> None:
        self._client = client
        self._rule = load_balancer.rule_arn
        self._groups = load_balancer.target_groups
        if missing := {"aws", "onprem"} - self._groups.keys():
            raise RefusedError(f"the load balancer has no target group {' and '.join(missing)}")

    def read(self) -> int:
        """Return the per cent of requests that AWS answers."""
        weights = self._weights(self._actions())
        # A rule whose weights are all 0 answers 503 for both sides: AWS is as good as any.
        return round(100 * weights["aws"] / (sum(weights.values()) or 1))

    def write(self, percent: int) -> None:
        """Forward *percent* of requests to AWS, and read back that it is so."""
        wanted = {"aws": percent, "onprem": 100 - percent}
        actions = [self._moved(each, wanted) for each in self._actions()]
        self._client.modify_rule(RuleArn=self._rule, Actions=actions)
        applied = self._weights(self._actions())
        if applied != wanted:
            raise OperationError(f"asked the load balancer for {wanted}, it keeps {applied}")

    def _actions(self) -> "list[ActionOutputTypeDef]":
        return self._client.describe_rules(RuleArns=[self._rule])["Rules"][0]["Actions"]

    def _weights(self, actions: "list[ActionOutputTypeDef]") -> dict[str, int]:
        found = {
            group["TargetGroupArn"]: group.get("Weight", 1)
            for action in actions
            for group in action.get("ForwardConfig", {}).get("TargetGroups", [])
        }
        return {side: found.get(arn, 0) for side, arn in self._groups.items()}

    def _moved(
        self, action: "ActionOutputTypeDef", wanted: dict[str, int]
    ) -> "ActionOutputTypeDef":
        if action["Type"] != "forward":
            return action
        # The short form names one target group and would contradict the weights.
        kept = {key: each for key, each in action.items() if key != "TargetGroupArn"}
        groups = [{"TargetGroupArn": self._groups[side], "Weight": wanted[side]} for side in wanted]
        config = {**action.get("ForwardConfig", {}), "TargetGroups": groups}
        return {**kept, "ForwardConfig": config}  # type: ignore[typeddict-item]  # AWS's own answer
