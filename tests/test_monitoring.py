"""What is watched: metrics that exist, alarms that follow the blueprint, and the one that acts."""

import json
from itertools import combinations

import pytest
import yaml

from conftest import ROOT
from generator.blueprint import load
from generator.model.hcl import Ref
from generator.render import render
from known_metrics import HIGH_RESOLUTION, KNOWN, SOURCES, is_known
from metric_math import value

BLUEPRINT = load(ROOT / "blueprint.yaml")
ENVIRONMENTS = sorted(BLUEPRINT.environments)
OURS = "Payment/Migration"
DAY = 86400
HEARTBEATS = {
    "health-onprem-1", "health-onprem-2", "health-service", "probe", "replication-marker",
    "unhealthy", "vpn",
}  # fmt: skip
"""Alarms for which no data is the worst of news."""


def monitoring(environment="prod", blueprint=BLUEPRINT):
    return blueprint.environments[environment].components["monitoring"]


def alarms(component):
    return [alarm for every in component.alarms.values() for alarm in every]


def named(component):
    return {str(alarm.name): alarm for alarm in alarms(component)}


@pytest.fixture
def changed(tmp_path):
    """Load the blueprint with *changes* laid over it."""

    def load_changed(changes):
        document = yaml.safe_load((ROOT / "blueprint.yaml").read_text())
        path = tmp_path / "blueprint.yaml"
        path.write_text(yaml.safe_dump(laid_over(document, changes), sort_keys=False))
        return load(path)

    return load_changed


def laid_over(base, over):
    if not (isinstance(base, dict) and isinstance(over, dict)):
        return over
    return base | {key: laid_over(base.get(key), value) for key, value in over.items()}


@pytest.fixture(params=ENVIRONMENTS)
def component(request):
    return monitoring(request.param)


def test_every_namespace_names_its_source():
    assert SOURCES.keys() == KNOWN.keys()


def test_alarms_watch_metrics_that_exist(component):
    for alarm in alarms(component):
        for metric in alarm.metrics.values():
            assert is_known(metric.namespace, metric.name, metric.dimensions), alarm.name


def test_dashboards_show_metrics_that_exist(component):
    graphs = [graph for page in component.dashboards for row in page.rows for graph in row]

    assert graphs
    for graph in graphs:
        for metric in graph.metrics.values():
            assert is_known(metric.namespace, metric.name, metric.dimensions), graph.title


def test_periods_are_those_that_cloudwatch_takes(component):
    for alarm in alarms(component):
        for metric in alarm.metrics.values():
            fine = metric.namespace == OURS and metric.name in HIGH_RESOLUTION
            assert metric.period % 60 == 0 or (fine and metric.period in (10, 20, 30)), alarm.name
            assert metric.period == alarm.metric.period, alarm.name
        assert alarm.metric.period * alarm.periods <= DAY, alarm.name
        assert alarm.ringing <= alarm.periods, alarm.name


def test_names_are_given_once(component):
    names = [alarm.name for alarm in alarms(component)]
    names += [composite.name for composite in (*component.burns, component.roll_back_alarm)]

    assert len(names) == len(set(names))


def test_only_heartbeats_ring_without_data(component):
    silent = {a.name for a in alarms(component) if a.missing == "breaching"}

    assert silent <= HEARTBEATS


def test_alarms_that_nobody_hears_belong_to_one_that_people_hear(component):
    composites = [*component.burns, component.roll_back_alarm]
    parts = {member.name for composite in composites for member in composite.members}

    assert {a.name for a in alarms(component) if not a.pages} == parts | {"fenced"}


def test_expressions_use_every_metric_that_they_are_given(component):
    for alarm in alarms(component):
        assert (alarm.expression is None) == (len(alarm.metrics) == 1), alarm.name
        for name in alarm.metrics if alarm.expression else ():
            assert name in alarm.expression, alarm.name


def test_graphs_do_not_lie_on_each_other(component):
    for page in component.dashboards:
        places = page.body["widgets"]
        assert len(places) <= 500
        for widget in places:
            assert widget["x"] + widget["width"] <= 24
        for one, other in combinations(places, 2):
            assert not (
                one["y"] == other["y"]
                and one["x"] < other["x"] + other["width"]
                and other["x"] < one["x"] + one["width"]
            )


def test_pages_are_json(component):
    def plain(value):
        return value.expression if isinstance(value, Ref) else str(value)

    for page in component.dashboards:
        assert json.loads(json.dumps(page.body, default=plain))["widgets"]


def test_roll_back_means_errors_and_latency_on_aws():
    watched = {
        (metric.namespace, metric.name, metric.dimensions.get("Side"))
        for member in monitoring().roll_back_alarm.members
        for metric in member.metrics.values()
    }

    assert watched == {
        (OURS, "Errors", "aws"),
        (OURS, "Requests", "aws"),
        (OURS, "Latency", "aws"),
        (OURS, "Probes", None),
        (OURS, "ProbesFailed", None),
        ("AWS/ApplicationELB", "LambdaUserError", None),
        ("AWS/ApplicationELB", "LambdaInternalError", None),
        ("AWS/ApplicationELB", "RequestCount", None),
    }


def test_roll_back_is_held_back_by_the_fence_alone():
    component = monitoring()
    fence = named(component)["fenced"]
    quickest = min(m.detection_seconds for m in component.roll_back_alarm.members)

    assert [metric.name for metric in fence.metrics.values()] == ["Fenced"]
    assert fence not in component.roll_back_alarm.members
    assert fence.detection_seconds <= quickest


ROLLING = ("roll-back-errors", "roll-back-latency", "roll-back-probe")


def test_members_roll_over_two_minutes_and_need_no_window_to_end():
    members = {str(m.name): m for m in monitoring().roll_back_alarm.members}

    for name in ROLLING:
        alarm = members[name]
        assert (alarm.metric.period, alarm.periods, alarm.ringing) == (10, 12, 3)
        assert alarm.missing == "notBreaching"
        # Three periods and what is left of one, the delay of a log, and a look every ten seconds.
        assert alarm.detection_seconds == 40 + 10 + 10


def test_vended_metrics_are_late_and_looked_at_by_the_minute():
    unanswered = named(monitoring())["roll-back-unanswered"]

    assert (unanswered.periods, unanswered.ringing) == (3, 1)
    assert unanswered.detection_seconds == 120 + 90 + 60


def test_newest_period_is_never_filled_with_what_is_not_there_yet(component):
    # It has no data yet, so an alarm on so many of as many periods would see the filling alone.
    for alarm in alarms(component):
        filled = alarm.expression and "FILL" in alarm.expression
        assert not (filled and alarm.ringing == alarm.periods), alarm.name


def test_expressions_say_nothing_of_a_period_without_data(component):
    for alarm in alarms(component):
        if alarm.expression:
            assert value(alarm.expression, **dict.fromkeys(alarm.metrics)) is None, alarm.name


def test_no_alarm_is_on_a_percentile(component):
    # CloudWatch evaluates the 99th of a thousand requests or more, and we have 35 a minute.
    for alarm in alarms(component):
        for metric in alarm.metrics.values():
            assert not metric.statistic.startswith("p"), alarm.name


@pytest.mark.parametrize(
    ("failed", "requests", "bad"),
    [(0, 6, 0), (1, 1, 1), (1, 20, 1), (1, 21, 0), (3, 60, 1), (30, 500, 1), (0, 0, 0)],
)
def test_period_is_bad_in_which_something_failed_and_a_share_of_all(failed, requests, bad):
    errors = named(monitoring())["roll-back-errors"]

    assert value(errors.expression, bad=failed, total=requests) == bad


def test_period_without_a_slow_request_is_good():
    latency = named(monitoring())["roll-back-latency"]

    assert value(latency.expression, bad=None, total=6) == 0
    assert value(latency.expression, bad=1, total=6) == 0
    assert value(latency.expression, bad=2, total=6) == 1


def test_half_of_the_probes_are_a_fault_and_one_zone_of_three_is_not():
    probe = named(monitoring())["roll-back-probe"]

    assert [value(probe.expression, bad=bad, total=4) for bad in range(5)] == [0, 0, 1, 1, 1]


def test_function_that_never_ran_moves_traffic():
    unanswered = named(monitoring())["roll-back-unanswered"].expression

    assert value(unanswered, user=3, internal=None, total=3) == 1
    assert value(unanswered, user=1, internal=2, total=60) == 1
    assert value(unanswered, user=1, internal=2, total=61) == 0
    assert value(unanswered, user=None, internal=None, total=60) == 0
    # Requests that are counted after what became of them.
    assert value(unanswered, user=3, internal=None, total=None) == 1


def test_probe_that_is_silent_moves_nothing_and_is_told():
    component = monitoring()
    found = named(component)

    assert found["roll-back-probe"].missing == "notBreaching"
    assert (found["probe"].missing, found["probe"].limit) == ("breaching", ("<", 1))
    assert found["probe"] not in component.roll_back_alarm.members


def test_fence_that_lasts_is_told():
    fence = named(monitoring())["fence"]

    assert [(m.name, m.period) for m in fence.metrics.values()] == [("Fenced", 60)]
    assert (fence.pages, fence.periods, fence.ringing) == (True, 5, 3)


def test_without_a_probe_there_is_nothing_on_it(changed):
    # Without it three hundred seconds cannot be promised.
    promised = {"slo": {"rto_seconds": 600}}
    without = {"components": {"rollback": {"probe_function": None}}}
    component = monitoring(blueprint=changed(promised | without | {"exceptions": []}))

    assert not [name for name in named(component) if "probe" in name]


@pytest.mark.parametrize("name", ["errors", "burn-fast-long", "burn-slow-long"])
def test_share_of_errors_says_nothing_of_a_few_requests(name):
    expression = named(monitoring())[name].expression

    assert value(expression, failed=1, unanswered=None, answered=29) == 0
    assert value(expression, failed=1, unanswered=None, answered=50) == 2
    assert value(expression, failed=1, unanswered=1, answered=99) == 2
    assert value(expression, failed=None, unanswered=30, answered=None) == 100


def test_short_window_says_whether_it_goes_on_also_of_a_tenth_of_the_traffic():
    expression = named(monitoring())["burn-fast-short"].expression

    # Five minutes of the first phase: 17 of 35 a minute, or hardly any.
    assert value(expression, failed=1, unanswered=None, answered=16) == 6.25
    assert value(expression, failed=0, unanswered=None, answered=0) == 0


def test_shares_are_of_requests_and_not_of_those_that_check_health(component):
    found = named(component)
    shares = [found[n] for n in found if n == "errors" or n.startswith("burn-")]

    assert len(shares) == 5
    for alarm in shares:
        assert "RequestCount" not in {metric.name for metric in alarm.metrics.values()}


def test_latency_is_a_share_of_slow_requests():
    latency = named(monitoring())["latency"]

    assert {m.statistic for m in latency.metrics.values()} == {"TC(200:)", "SampleCount"}
    assert {(m.namespace, m.name) for m in latency.metrics.values()} == {(OURS, "Latency")}
    assert value(latency.expression, slow=2, every=100) == 2 > latency.limit[1]
    assert value(latency.expression, slow=1, every=100) == 1 == latency.limit[1]
    assert value(latency.expression, slow=None, every=100) == 0
    assert value(latency.expression, slow=9, every=29) == 0


def test_thresholds_follow_what_is_promised(changed):
    slo = {"rpo_seconds": 90, "latency_p99_ms": 400, "error_rate": 0.002, "rto_seconds": 400}
    found = named(monitoring(blueprint=changed({"slo": slo})))

    assert found["latency"].metric.statistic == "TC(400:)"
    assert found["errors"].limit == (">", 0.2)
    assert found["burn-fast-long"].limit == (">", 2.88)
    assert found["replication-forward-lag"].limit == (">", 90)
    # Half a minute less than the whole minutes of what is promised.
    assert found["replication-marker"].limit == (">", 30)
    # Without the 70 seconds to the alarm and the 60 of resolvers.
    assert found["rollback-slow"].limit == (">", 270)


def test_thresholds_follow_the_settings(changed):
    thresholds = {"database_connections": 42, "replication_lag_seconds": 30, "slot_lag_mb": 64}
    settings = {"thresholds": thresholds, "roll_back": {"periods": 2, "slow_ms": 2000}}
    found = named(monitoring(blueprint=changed({"components": {"monitoring": settings}})))

    assert found["database-connections"].limit == (">", 42)
    assert found["replication-forward-lag"].limit == (">", 30)
    assert found["database-slot-lag"].limit == (">", 64 * 1024**2)
    assert found["roll-back-latency"].metric.statistic == "TC(2000:)"
    assert {found[name].ringing for name in ROLLING} == {2}


def test_memory_alarm_fits_the_smallest_instance_that_may_write():
    assert named(monitoring())["database-memory"].limit == ("<", 16 * 1024**3 // 10)


OFF = {
    "migration": ("replication", "reconciliation", "validation"),
    "validation": ("reconciliation", "replication-marker", "validation"),
    "rollback": ("rollback", "cutover"),
}


@pytest.mark.parametrize("name", OFF)
def test_what_is_off_has_neither_alarms_nor_graphs(changed, name):
    # What cannot do without it goes with it.
    gone = {"migration": ("migration", "validation", "rollback"), "validation": ("rollback",)}
    off = {each: {"enabled": False} for each in (name, *gone.get(name, ()))}
    # Without a way to move them, writer and traffic are on AWS for good.
    settled = {"compute": {"writes_to": "aurora"}, "routing": {"strategy": "aws_only"}}
    blueprint = changed({"components": off | settled, "exceptions": []})
    component = monitoring(blueprint=blueprint)
    text = "".join(
        text
        for path, text in render(blueprint, ["prod"])["prod"].items()
        if path.startswith("modules/prod/monitoring/")
    )

    for beginning in OFF[name]:
        assert not [a for a in named(component) if a.startswith(beginning)], beginning
    assert f"module.{name}." not in "".join(map(str, component.wiring.values()))
    if name == "migration":
        assert "AWS/DMS" not in text
    if name == "rollback":
        assert "rollback_function" not in text


def test_dev_watches_what_it_has():
    component = monitoring("dev")
    names = named(component)

    assert {page.name for page in component.dashboards} == {"api", "business", "database"}
    assert not [n for n in names if n.startswith(("replication", "vpn", "health-onprem"))]
    assert component.roll_back_actions == (Ref("aws_sns_topic.this.arn"),)
    assert "no side to go back to" in component.roll_back_alarm.summary
    assert "rollback_function_arn" not in component.wiring


def test_roll_back_calls_people_and_the_function():
    assert monitoring().roll_back_actions == (
        Ref("aws_sns_topic.this.arn"),
        Ref("var.rollback_function_arn"),
    )


def test_region_of_route_53_needs_no_second_topic(changed):
    zones = ["us-east-1a", "us-east-1b", "us-east-1c"]
    region = {"region": "us-east-1", "components": {"network": {"availability_zones": zones}}}
    component = monitoring(blueprint=changed(region))

    assert component.regions == ()
    assert [str(topic.label) for topic in component.topics] == ["this"]
    assert {alarm.topic for alarm in component.alarms["health"]} == {"this"}


def test_alarm_on_health_speaks_in_the_region_of_its_metric():
    component = monitoring()

    assert component.regions == ("us-east-1",)
    assert {alarm.topic for alarm in component.alarms["health"]} == {"us_east_1"}
