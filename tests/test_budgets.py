"""How the time that `slo` promises is spent, and what is said where it does not suffice."""

import re

import pytest
import yaml
from click.testing import CliRunner

from conftest import CASES, ROOT
from generator.blueprint import load
from generator.budgets import budgets
from generator.cli import main
from generator.components import waits
from generator.components.signals import roll_back
from generator.errors import BlueprintError
from generator.ops import moving, route53, tasks, validation
from generator.ops.control import FENCE_SECONDS, Writer

WHOLE = CASES / "warned" / "slo-availability.yaml"
FUNCTION = {"digest": "sha256:" + 63 * "0" + "3"}
SETTLED = {"compute": {"writes_to": "aurora"}, "routing": {"strategy": "aws_only"}}
"""Without a way to move them, writer and traffic are on AWS for good."""


@pytest.fixture
def loaded(tmp_path):
    """Load a whole blueprint with some components changed."""

    def load_changed(**components):
        document = yaml.safe_load(WHOLE.read_text())
        for name, settings in components.items():
            document["components"][name] |= settings
        path = tmp_path / "blueprint.yaml"
        path.write_text(yaml.safe_dump(document))
        return load(path).environments["prod"]

    return load_changed


def of(environment, name):
    (found,) = [budget for budget in budgets(environment) if budget.name == name]
    return found


def test_readme_shows_what_check_says_of_our_own_blueprint():
    shown = re.search(
        r"\$ tapgen check --verbose prod\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL
    )[1]

    said = CliRunner().invoke(main, ["--root", str(ROOT), "check", "--verbose", "prod"])

    assert said.stdout.split("blueprint.yaml: ", 1)[1] == shown.split("blueprint.yaml: ", 1)[1]


def test_check_alone_says_nothing_of_budgets():
    said = CliRunner().invoke(main, ["--root", str(ROOT), "check"])

    assert "slo." not in said.stdout


RECOVERY, AFTER = "recovery time", "recovery time after the cutover"


def test_recovery_is_as_slow_as_the_slowest_alarm_that_a_time_is_promised_for(loaded):
    environment = loaded()
    monitoring = environment.components["monitoring"]
    waited, spans, shown, looked, _ = of(environment, RECOVERY).items[:5]

    assert (waited.seconds, spans.seconds, shown.seconds, looked.seconds) == (10, 40, 10, 10)
    assert monitoring.slowest_fault.detection_seconds == 70
    assert {str(m.name) for m in monitoring.roll_back_alarm.members} - {
        str(fault.alarm.name) for fault in roll_back.faults(monitoring.watched)
    } == {"roll-back-unanswered"}


def test_without_a_probe_what_never_answers_is_seen_too_late(loaded):
    with pytest.raises(BlueprintError, match="roll-back-unanswered, the slowest alarm") as caught:
        loaded(rollback={"probe_function": None})

    assert "going back takes 420 s" in str(caught.value)


def test_weights_of_a_load_balancer_need_no_resolver(loaded):
    for name in (RECOVERY, AFTER):
        before, after = (
            of(loaded(routing={"strategy": strategy}), name).spent
            for strategy in ("route53_weighted", "alb_weighted")
        )

        assert before - after == 110


def test_after_the_cutover_the_writer_goes_first(loaded):
    environment = loaded()
    before, after = (of(environment, name) for name in (RECOVERY, AFTER))
    extra = set(after.items) - set(before.items)

    assert after.spent - before.spent == sum(item.seconds for item in extra) == 80
    assert after.spent <= environment.slo.rto_seconds


def test_replication_that_is_turned_at_the_cutover_keeps_payments_waiting(loaded):
    with pytest.raises(
        BlueprintError, match="recovery time after the cutover: going back takes 770 s"
    ):
        loaded(
            migration={"reverse_replication": "at_cutover"},
            rollback={"rollback_function": FUNCTION | {"timeout_seconds": 900}},
        )


def test_where_nothing_is_replicated_back_nobody_goes_back_after_the_cutover(loaded):
    environment = loaded(migration={"reverse_replication": "none"})

    assert {budget.name for budget in budgets(environment)} == {RECOVERY, "recovery point"}


def test_waits_are_those_of_operations():
    assert waits.FOLLOWING == validation.SETTLE_SECONDS
    assert waits.FENCE == FENCE_SECONDS
    assert moving.DRAIN_SECONDS[Writer.ONPREM] == waits.DRAIN
    assert moving.DRAIN_SECONDS[Writer.AURORA] == waits.DRAIN_ONWARD
    assert waits.MARGIN == moving.MARGIN_SECONDS
    assert waits.TURN == tasks.WITHIN
    assert waits.WEIGHTS == route53.INSYNC_SECONDS


def test_loss_is_what_two_markers_do_not_show(loaded):
    items = of(loaded(), "recovery point").items

    assert [item.seconds for item in items] == [0, 60]


def test_without_markers_loss_is_what_dms_says(loaded):
    environment = loaded(
        validation={"enabled": False},
        rollback={"enabled": False},
        monitoring={"thresholds": {"replication_lag_seconds": 20}},
        **SETTLED,
    )

    assert [item.seconds for item in of(environment, "recovery point").items] == [20]


@pytest.mark.parametrize(
    ("off", "left"),
    [
        (["rollback"], {"recovery point"}),
        (["rollback", "validation"], {"recovery point"}),
        (["rollback", "validation", "migration"], set()),
        (["rollback", "validation", "migration", "monitoring"], set()),
    ],
)
def test_what_is_off_has_no_budget(loaded, off, left):
    environment = loaded(**{name: {"enabled": False} for name in off}, **SETTLED)

    assert {budget.name for budget in budgets(environment)} == left


def test_missing_routing_is_reported_once_and_not_as_lost_time(loaded):
    with pytest.raises(BlueprintError) as caught:
        loaded(routing={"enabled": False})

    assert "[TAP001]" in str(caught.value)
    assert "[TAP020]" not in str(caught.value)
