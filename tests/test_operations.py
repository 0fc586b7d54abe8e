"""The page for the night: what it names is what the functions do."""

import re
from typing import get_args

import pytest

from conftest import ROOT
from generator.blueprint import load
from generator.components.rollback import Rollback
from generator.ops.control import State
from generator.ops.plan import STEPS, Name

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
TABLES = [
    [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    for table in re.findall(r"(?:^\|.*\n)+", PAGE, re.MULTILINE)
]


def table(title):
    """Return the rows of the table whose first heading is *title*."""
    heads = re.findall(r"^\| *(.*?) *\|.*\n\| ---", PAGE, re.MULTILINE)
    return TABLES[heads.index(title)]


def named(cells):
    """Return what stands in backticks in *cells*."""
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def test_state_is_described_by_its_fields():
    fields = set(named(row[0] for row in table("field")))

    assert fields == {"traffic", "writer", "epoch", "latch", "step", "since"}
    assert fields <= State.__dataclass_fields__.keys()


def test_every_step_that_can_fail_has_a_line():
    first, *told = [row[0] for row in table("failed at")]

    assert first == "before `close`"
    assert named(told) == [step for step in STEPS if step != "close"]


def test_every_procedure_can_be_found_under_way():
    steps = {name.partition(".")[0] for name in named(row[1] for row in table("writer"))}

    assert steps - {"shift", "…"} == set(get_args(Name))


def test_alarms_that_the_page_explains_ring():
    alarms = load(ROOT / "blueprint.yaml").environments["prod"].components["monitoring"].alarms
    names = {str(alarm.name) for every in alarms.values() for alarm in every if alarm.pages}

    assert set(named(row[0] for row in table("alarm"))) <= names


def test_kill_switch_has_a_line_for_each_mode():
    modes = get_args(Rollback.model_fields["mode"].annotation)

    assert tuple(named(row[0] for row in table("kill switch"))) == modes


@pytest.mark.parametrize("function", ["cutover", "rollback", "schema", "validation"])
def test_actions_that_the_page_asks_for_are_taken(function):
    handler = (ROOT / "functions" / function / "handler.py").read_text(encoding="utf-8")
    asked = set(re.findall(r'"action": "(\w+)"', PAGE))
    taken = {name for name in asked if f'"{name}"' in handler}

    assert taken
    assert asked == {"apply", "replicate", "status", "validate", "cutover", "rollback"}
