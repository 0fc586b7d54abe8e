"""How the time that `slo` promises is spent, and what is said where it does not suffice."""

import re

import pytest
import yaml
from click.testing import CliRunner

from conftest import CASES, ROOT
from generator.blueprint import load
from generator.budgets import budgets
from generator.cli import main
from generator.errors import BlueprintError

WHOLE = CASES / "warned" / "slo-availability.yaml"


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


def test_recovery_is_as_slow_as_the_slowest_alarm(loaded):
    environment = loaded()
    members = environment.components["monitoring"].roll_back_alarm.members
    first, delay = of(environment, "recovery time").items[:2]

    assert first.seconds + delay.seconds == max(m.detection_seconds for m in members) == 150


def test_weights_of_a_load_balancer_need_no_resolver(loaded):
    before, after = (
        of(loaded(routing={"strategy": strategy}), "recovery time").spent
        for strategy in ("route53_weighted", "alb_weighted")
    )

    assert before - after == 110


def test_loss_is_the_larger_of_two_watchers(loaded):
    environment = loaded(monitoring={"thresholds": {"replication_lag_seconds": 20}})
    budget = of(environment, "recovery point")

    assert [item.seconds for item in budget.items] == [20, 60]
    assert budget.spent == 60


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
    # Without a way to move them, writer and traffic are on AWS for good.
    settled = {"compute": {"writes_to": "aurora"}, "routing": {"strategy": "aws_only"}}
    environment = loaded(**{name: {"enabled": False} for name in off}, **settled)

    assert {budget.name for budget in budgets(environment)} == left


def test_missing_routing_is_reported_once_and_not_as_lost_time(loaded):
    with pytest.raises(BlueprintError) as caught:
        loaded(routing={"enabled": False})

    assert "[TAP001]" in str(caught.value)
    assert "[TAP020]" not in str(caught.value)
