"""The alarms and dashboards of the account."""

import json

from known_metrics import is_known
from terraform.account.played import paged


def test_alarms_have_their_limits_and_somebody_who_hears(account):
    told = account.api("sns").list_topics()["Topics"]
    alarms = paged(account.api("cloudwatch"), "describe_alarms", "MetricAlarms")
    found = {alarm["AlarmName"].removeprefix(f"{account.prefix}-"): alarm for alarm in alarms}

    assert found["latency"]["Threshold"] == 1
    assert {q["Id"] for q in found["latency"]["Metrics"]} == {"every", "slow", "value"}
    assert found["database-cpu"]["Threshold"] == 80
    assert {q["Id"] for q in found["roll-back-errors"]["Metrics"]} == {"bad", "total", "value"}
    for name in ("latency", "database-cpu", "payment-errors"):
        assert set(found[name]["AlarmActions"]) <= {topic["TopicArn"] for topic in told}
        assert found[name]["AlarmActions"]


def test_dashboards_are_json_about_metrics_that_exist(account):
    api = account.api("cloudwatch")
    names = {page["DashboardName"] for page in api.list_dashboards()["DashboardEntries"]}

    assert names >= {f"{account.prefix}-{name}" for name in ("api", "business", "database")}
    for name in names:
        body = json.loads(api.get_dashboard(DashboardName=name)["DashboardBody"])
        for widget in body["widgets"]:
            for namespace, metric, *rest in filter(lambda row: len(row) > 1, rows(widget)):
                assert is_known(namespace, metric, rest[:-1:2]), (name, metric)


def rows(widget):
    """Return what a graph draws: metrics, and expressions over them."""
    return widget["properties"]["metrics"]
