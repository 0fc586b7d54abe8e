"""The traffic of an environment: where its weights lie, and who moves them.

Apart from `environment`, for what lives in the VPC reaches neither of the two services.
"""

import boto3

from generator.ops import inventory
from generator.ops.environment import PATIENCE, Environment
from generator.ops.load_balancer import WeightedRule
from generator.ops.route53 import WeightedRecords
from generator.ops.traffic import Traffic, Weights


def weights(environment: Environment) -> Weights:
    """Return where the weights of traffic lie."""
    routing = environment.inventory.read("routing", inventory.Routing)
    if routing.strategy == "alb_weighted":
        balancer = environment.inventory.read("load_balancer", inventory.LoadBalancer)
        return WeightedRule(boto3.client("elbv2", config=PATIENCE), balancer)
    return WeightedRecords(boto3.client("route53", config=PATIENCE), routing, environment.clock)


def traffic(environment: Environment) -> Traffic:
    """Return who moves them."""
    routing = environment.inventory.read("routing", inventory.Routing)
    return Traffic(environment.control, weights(environment), routing, environment.clock)
