"""How a name comes to lead to two sides, or to one."""

import pytest

from conftest import CASES, ROOT
from generator.blueprint import load
from generator.render import render


def rendered(path, name):
    return render(load(path), [name])[name]


def description(files):
    return files["modules/prod/load_balancer/description.tf"]


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


def test_one_side_alone_can_be_joined_by_another():
    """A weighted record cannot come beside a simple one."""
    text = rendered(ROOT / "blueprint.yaml", "dev")["modules/dev/routing/main.tf"]

    assert text.count('resource "aws_route53_record"') == 1
    assert 'set_identifier = "aws"' in text
    assert "tapgen migrate" not in text


def test_load_balancer_that_fronts_both_sides_begins_with_the_old_one():
    files = rendered(CASES / "valid" / "routing-alb-weighted.yaml", "prod")
    listeners = files["modules/prod/load_balancer/listeners.tf"]
    targets = files["modules/prod/load_balancer/targets.tf"]

    assert "arn    = aws_lb_target_group.aws.arn\n        weight = 0" in listeners
    assert "arn    = aws_lb_target_group.onprem.arn\n        weight = 100" in listeners
    assert "ignore_changes = [action]" in listeners
    assert 'availability_zone = "all"' in targets
    assert 'aws_route53_record" "onprem"' not in files["modules/prod/routing/main.tf"]
    assert "rule_arn = aws_lb_listener_rule.weighted.arn" in description(files)


def test_old_side_is_called_at_its_own_port():
    files = rendered(CASES / "valid" / "routing-alb-weighted.yaml", "prod")
    targets = files["modules/prod/load_balancer/targets.tf"]

    assert "  port              = 8443\n" in targets
    assert "create_before_destroy = true" in targets


def test_half_way_to_the_balancer_both_records_lead_there():
    text = rendered(CASES / "warned" / "routing-leaving.yaml", "prod")[
        "modules/prod/routing/main.tf"
    ]

    assert text.count("name                   = var.load_balancer_dns_name") == 2
    assert "203.0.113.10" not in text


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_rule_of_one_side_is_no_business_of_operations(environment):
    files = rendered(ROOT / "blueprint.yaml", environment)

    assert "ignore_changes" not in files[f"modules/{environment}/load_balancer/listeners.tf"]


def test_rule_and_targets_can_be_made_while_dns_leads_elsewhere(tmp_path):
    text = (CASES / "warned" / "routing-leaving.yaml").read_text()
    path = tmp_path / "blueprint.yaml"
    path.write_text(
        text.replace("strategy: route53_weighted", "strategy: aside")
        .replace("strategy: alb_weighted", "strategy: route53_weighted")
        .replace("strategy: aside", "strategy: alb_weighted")
    )
    files = rendered(path, "prod")

    assert '"aws_lb_listener_rule" "weighted"' in files["modules/prod/load_balancer/listeners.tf"]
    assert "203.0.113.10" in files["modules/prod/routing/main.tf"]
    assert "load_balancer_security_group_id" in files["modules/prod/network/link_api.tf"]
