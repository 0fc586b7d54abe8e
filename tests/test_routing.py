"""How a name comes to lead to two sides, or to one."""

import pytest

from conftest import CASES, ROOT
from generator.blueprint import load
from generator.render import render


def rendered(path, name):
    return render(load(path), [name])[name]


@pytest.fixture(scope="module")
def taken_over():
    return CASES / "valid" / "routing-taken-over.yaml"


def test_records_that_exist_are_imported_by_their_ids(taken_over):
    text = rendered(taken_over, "prod")["envs/prod/imports.tf"]

    assert (
        "  to = module.routing.aws_route53_record.onprem\n"
        '  id = "Z0123456789ABCDEFGHIJ_api.example.com_A_onprem"\n'
    ) in text
    assert "aws_route53_record.aws\n" in text


def test_a_simple_record_is_left_alone(taken_over):
    files = rendered(taken_over, "staging")

    assert "envs/staging/imports.tf" not in files
    assert "aws_route53_record" not in files["modules/staging/routing/main.tf"]
    assert "adopt-dns" in files["modules/staging/routing/main.tf"]


def test_weights_belong_to_operations_and_health_to_nobody():
    text = rendered(ROOT / "blueprint.yaml", "prod")["modules/prod/routing/main.tf"]

    assert text.count("ignore_changes = [weighted_routing_policy]") == 2
    assert text.count("own the weight after the first apply") == 2
    assert "health_check_id" not in text
    assert "evaluate_target_health = true" not in text


def test_one_side_alone_needs_no_weights():
    text = rendered(ROOT / "blueprint.yaml", "dev")["modules/dev/routing/main.tf"]

    assert "weighted_routing_policy" not in text
    assert text.count('resource "aws_route53_record"') == 1


def test_load_balancer_that_fronts_both_sides_begins_with_the_old_one():
    files = rendered(CASES / "valid" / "routing-alb-weighted.yaml", "prod")
    listeners = files["modules/prod/load_balancer/listeners.tf"]
    targets = files["modules/prod/load_balancer/targets.tf"]

    assert "arn    = aws_lb_target_group.aws.arn\n        weight = 0" in listeners
    assert "arn    = aws_lb_target_group.onprem.arn\n        weight = 100" in listeners
    assert "ignore_changes = [action]" in listeners
    assert 'availability_zone = "all"' in targets
    assert "weighted_routing_policy" not in files["modules/prod/routing/main.tf"]


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_rule_of_one_side_is_no_business_of_operations(environment):
    files = rendered(ROOT / "blueprint.yaml", environment)

    assert "ignore_changes" not in files[f"modules/{environment}/load_balancer/listeners.tf"]
