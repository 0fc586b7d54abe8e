"""What functions say they call, held to their code and to what their roles may do."""

import pytest

from calls import Reached
from conftest import ROOT
from generator.blueprint import load

ENVIRONMENTS = load(ROOT / "blueprint.yaml").environments
ENDPOINTS = {"cloudwatch": "monitoring", "elbv2": "elasticloadbalancing"}
"""Services whose endpoints have another name than their clients."""
ACTIONS = {"cloudwatch": "monitoring"}
"""Services whose actions have another name than their endpoints."""
OTHERWISE = "elasticloadbalancing"
"""What is called where a load balancer divides traffic; in prod DNS does."""
UNCALLED = {"kms", "rds-db"}
"""What is used without a call: through a service, or by signing with what the role is."""


def functions(environment):
    """Return every function of an environment, by its name."""
    components = ENVIRONMENTS[environment].components.values()
    return {each.name: each for c in components for each in getattr(c, "functions", ())}


FUNCTIONS = [(e, name) for e in ENVIRONMENTS for name in functions(e)]


def called(name):
    return {ENDPOINTS.get(s, s) for s in Reached(f"functions.{name}.handler").services}


def test_every_function_of_ours_is_rendered_in_prod():
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")}

    assert functions("prod").keys() == folders


@pytest.mark.parametrize("name", functions("prod"))
def test_what_code_calls_is_declared_and_nothing_else(name):
    assert set(functions("prod")[name].calls) == called(name) - {OTHERWISE}


@pytest.mark.parametrize(("environment", "name"), FUNCTIONS)
def test_no_environment_calls_what_code_does_not(environment, name):
    assert set(functions(environment)[name].calls) <= called(name)


@pytest.mark.parametrize(("environment", "name"), FUNCTIONS)
def test_roles_may_do_what_is_called_and_call_nothing_else(environment, name):
    function = functions(environment)[name]
    actions = [
        action
        for statement in function.statements
        for given in [statement["Action"]]
        for action in ([given] if isinstance(given, str) else given)
    ]
    services = {action.split(":")[0] for action in actions}

    assert {ACTIONS.get(s, s) for s in services - UNCALLED} == set(function.calls)


def test_a_client_in_any_reached_method_is_found():
    assert Reached("functions.cutover.handler").services >= {"dms", "dynamodb", "lambda"}
    assert Reached("functions.rollback.handler").services >= {"cloudwatch", "elbv2", "route53"}
