"""The page that shows the old side and AWS next to each other."""

from generator.components.signals import edge
from generator.components.signals.dashboard import Graph, Rows
from generator.components.signals.metric import Metric
from generator.components.signals.watched import Watched
from generator.model.hcl import Ref


def rows(of: Watched) -> Rows:
    """Return the two sides as columns, so that a tenth is seen beside the other nine."""
    return [
        *([graph(of, "aws"), graph(of, "onprem")] for graph in (_requests, _failed, _latency)),
        [
            Graph("Traffic to AWS, percent", {"weight": of.operations("TrafficWeightAws")}),
            _health(of),
        ],
    ]


def _requests(of: Watched, side: str) -> Graph:
    return Graph(f"{side}: requests", {"requests": of.payment("Requests", side=side)})


def _failed(of: Watched, side: str) -> Graph:
    metrics = {
        "errors": of.payment("Errors", side=side),
        "requests": of.payment("Requests", side=side),
    }
    limits = {"promised": of.slo.error_rate * 100}
    shares = {"failed": ("errors", "requests")}
    return Graph(f"{side}: failed, percent", metrics, limits, shares=shares)


def _latency(of: Watched, side: str) -> Graph:
    metrics = {
        "half": of.payment("Latency", "p50", side=side),
        "99 %": of.payment("Latency", "p99", side=side),
    }
    return Graph(f"{side}: latency in ms", metrics, {"promised": float(of.slo.latency_p99_ms)})


def _health(of: Watched) -> Graph:
    checks = {
        str(check.label): Metric(
            "AWS/Route53",
            "HealthCheckStatus",
            {"HealthCheckId": Ref(f"aws_route53_health_check.{check.label}.id")},
            "Minimum",
        )
        for check in edge.health_checks(of)
    }
    return Graph("Seen from outside", checks, region=edge.HEALTH_REGION)
