"""What an environment has that can be watched."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from generator.components.function import NAMESPACE
from generator.components.signals.metric import Metric
from generator.components.signals.thresholds import RollBack, Thresholds
from generator.model.component import Component, Surroundings
from generator.model.hcl import Ref

PAYMENT = "payment"
"""The function behind the load balancer, for whose answers clients wait."""


class Watched(NamedTuple):
    """An environment, what it promises, and the limits of its parts."""

    environment: Surroundings
    slo: Any
    old_api: Any
    """The payment API in the old data centre, if there is one."""
    thresholds: Thresholds
    roll_back: RollBack

    def has(self, *names: str) -> bool:
        """Tell whether the components *names* are all there."""
        return all(name in self.environment.components for name in names)

    def component(self, name: str) -> Any:  # noqa: ANN401 - a component of any class
        """Return the component *name*, which has to be there."""
        return self.environment.components[name]

    @property
    def functions(self) -> Mapping[str, bool]:
        """The functions by name, in order; whether what they could not do goes to a queue."""
        every = [f for component in self.environment.components.values() for f in _of(component)]
        return {f.name: f.asynchronous for f in sorted(every, key=lambda f: str(f.name))}

    @property
    def both_sides(self) -> bool:
        """Tell whether the old side answers requests as well."""
        return self.has("routing") and self.component("routing").strategy != "aws_only"

    @property
    def is_probed(self) -> bool:
        """Tell whether AWS is asked from outside whether it would take payments."""
        return self.has("rollback") and bool(self.component("rollback").probe_function)

    def payment(
        self, name: str, statistic: str = "Sum", period: int = 60, side: str = "aws"
    ) -> Metric:
        """Return what the payment API measures of itself, on AWS or on premises."""
        at = {"Environment": str(self.environment.name), "Side": side}
        return Metric(NAMESPACE, name, at, statistic, period)

    def operations(self, name: str, statistic: str = "Maximum", period: int = 60) -> Metric:
        """Return what the functions that operate the migration measure."""
        at = {"Environment": str(self.environment.name)}
        return Metric(NAMESPACE, name, at, statistic, period)

    def balancer(self, name: str, statistic: str = "Sum", period: int = 60) -> Metric:
        """Return a metric of the load balancer, both sides behind it together."""
        at = {"LoadBalancer": Ref("var.load_balancer_arn_suffix")}
        return Metric("AWS/ApplicationELB", name, at, statistic, period)

    def target(self, name: str, statistic: str = "Sum", period: int = 60) -> Metric:
        """Return a metric of the load balancer about the payment function alone."""
        at = {
            "TargetGroup": Ref("var.target_group_arn_suffix"),
            "LoadBalancer": Ref("var.load_balancer_arn_suffix"),
        }
        return Metric("AWS/ApplicationELB", name, at, statistic, period)

    def function(self, name: str, metric: str, statistic: str = "Sum", period: int = 60) -> Metric:
        """Return a metric of the function *name*, all its versions together."""
        at = {"FunctionName": self._named(name)}
        return Metric("AWS/Lambda", metric, at, statistic, period)

    def live(self, name: str, metric: str, statistic: str = "Sum", period: int = 60) -> Metric:
        """Return a metric of the version of a function that its alias leads to."""
        at = {"FunctionName": self._named(name), "Resource": f"{self._named(name)}:live"}
        return Metric("AWS/Lambda", metric, at, statistic, period)

    def dead_letters(self, name: str) -> Metric:
        """Return what lies in the queue of a function's dead letters."""
        at = {"QueueName": f"{self._named(name)}-dead-letters"}
        return Metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", at, "Maximum", 300)

    def cluster(self, name: str, statistic: str = "Average", period: int = 60) -> Metric:
        """Return a metric of the Aurora cluster as a whole."""
        at = {"DBClusterIdentifier": str(self.environment.prefix)}
        return Metric("AWS/RDS", name, at, statistic, period)

    def writer(self, name: str, statistic: str = "Average", period: int = 60) -> Metric:
        """Return a metric of the instance that writes, whichever it is after a failover."""
        return self._instances(name, "WRITER", statistic, period)

    def readers(self, name: str, statistic: str = "Average", period: int = 60) -> Metric:
        """Return a metric of the instances that only read."""
        return self._instances(name, "READER", statistic, period)

    def _instances(self, name: str, role: str, statistic: str, period: int) -> Metric:
        at = {"DBClusterIdentifier": str(self.environment.prefix), "Role": role}
        return Metric("AWS/RDS", name, at, statistic, period)

    def host(self, name: str, statistic: str = "Average", period: int = 60) -> Metric:
        """Return a metric of the replication instance."""
        at = {"ReplicationInstanceIdentifier": Ref("var.replication_instance")}
        return Metric("AWS/DMS", name, at, statistic, period)

    def task(self, task: str, name: str, statistic: str = "Maximum", period: int = 60) -> Metric:
        """Return a metric of a replication task, `forward` or `reverse`.

        DMS wants both dimensions, and of the task not its name but the last part of its ARN.
        """
        at: dict[str, str | Ref] = {
            "ReplicationInstanceIdentifier": Ref("var.replication_instance"),
            "ReplicationTaskIdentifier": f"{self.environment.prefix}-{task}",
        }
        return Metric("AWS/DMS", name, at, statistic, period)

    def _named(self, function: str) -> str:
        return f"{self.environment.prefix}-{function}"


def _of(component: Component) -> tuple[Any, ...]:
    return tuple(getattr(component, "functions", ()))
