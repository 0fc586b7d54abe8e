"""What is watched, as it reaches AWS: pages that parse, alarms that are wired to somebody."""

import json
import re

import pytest

from known_metrics import is_known
from terraform.roots import BLUEPRINT, ENVIRONMENTS

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("monitoring")]


def of_type(resources, kind):
    """Return the values of the resources of a type, by address."""
    return {r["address"]: r["values"] for r in resources if r["type"] == kind}


@pytest.fixture(params=[pytest.param(e, marks=pytest.mark.xdist_group(e)) for e in ENVIRONMENTS])
def resources(request, resources_of):
    return resources_of(request.param, "main")


def test_pages_are_json_about_metrics_that_exist(resources):
    pages = of_type(resources, "aws_cloudwatch_dashboard")

    assert pages
    for address, page in pages.items():
        for widget in json.loads(page["dashboard_body"])["widgets"]:
            for row in widget["properties"]["metrics"]:
                *names, options = row
                if not names:
                    assert options["expression"], address
                    continue
                namespace, metric, *pairs = names
                dimensions = dict(zip(pairs[::2], pairs[1::2], strict=True))
                assert all(dimensions.values()), (address, metric)
                assert is_known(namespace, metric, dimensions), (address, metric)


def test_alarms_have_dimensions_with_values(resources):
    for address, alarm in of_type(resources, "aws_cloudwatch_metric_alarm").items():
        metrics = [query["metric"] for query in alarm["metric_query"] or () if query["metric"]]
        for metric in [found[0] for found in metrics] or [alarm]:
            dimensions = metric["dimensions"]
            assert is_known(metric["namespace"], metric["metric_name"], dimensions), address
            assert all(dimensions.values()), address


def test_rules_of_composites_quote_alarms_that_exist(resources):
    names = {a["alarm_name"] for a in of_type(resources, "aws_cloudwatch_metric_alarm").values()}
    composites = of_type(resources, "aws_cloudwatch_composite_alarm")

    assert composites
    for address, composite in composites.items():
        terms = re.split(" OR | AND ", composite["alarm_rule"])
        assert {re.fullmatch(r'ALARM\("(.+)"\)', term)[1] for term in terms} <= names, address


def test_roll_back_waits_for_the_fence_and_calls_people(resources):
    (found,) = [
        composite
        for composite in of_type(resources, "aws_cloudwatch_composite_alarm").values()
        if composite["alarm_name"].endswith("-roll-back")
    ]
    topics = {topic["arn"] for topic in of_type(resources, "aws_sns_topic").values()}

    assert found["actions_suppressor"][0]["alarm"].endswith("-fenced")
    assert set(found["alarm_actions"]) & topics


def test_roll_back_calls_the_alias_that_lets_it(resources_of):
    resources = resources_of("prod", "main")
    composite = of_type(resources, "aws_cloudwatch_composite_alarm")[
        "module.monitoring.aws_cloudwatch_composite_alarm.roll_back"
    ]
    alias = of_type(resources, "aws_lambda_alias")["module.rollback.aws_lambda_alias.rollback"]
    account = BLUEPRINT.environments["prod"].account_id
    permissions = [
        each
        for each in of_type(resources, "aws_lambda_permission").values()
        if each["principal"] == "lambda.alarms.cloudwatch.amazonaws.com"
    ]

    assert alias["arn"] in composite["alarm_actions"]
    assert [each["source_arn"] for each in permissions] == [
        f"arn:aws:cloudwatch:us-east-2:{account}:alarm:{composite['alarm_name']}"
    ]


def test_health_checks_move_nothing(resources):
    checks = {check["id"] for check in of_type(resources, "aws_route53_health_check").values()}
    records = of_type(resources, "aws_route53_record").values()

    assert checks
    assert not checks & {record["health_check_id"] for record in records}
