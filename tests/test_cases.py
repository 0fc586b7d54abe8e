"""Blueprints as files: what each is told, word for word."""

import datetime as dt
import re

import pytest

from conftest import CASES, TODAY
from generator.blueprint import load
from generator.errors import BlueprintError
from generator.render import render


def day(path):
    """Return the day that a case says it is read on (`# today: 2027-03-01`), or the usual one."""
    said = re.search(r"^# today: (\S+)$", path.read_text(), re.MULTILINE)
    return dt.date.fromisoformat(said[1]) if said else TODAY


def cases(folder):
    return pytest.mark.parametrize(
        "path", sorted((CASES / folder).glob("*.yaml")), ids=lambda path: path.stem
    )


@cases("invalid")
def test_invalid_blueprint_reports_every_problem(path, expect):
    with pytest.raises(BlueprintError) as caught:
        load(path, today=day(path))

    expect(f"{caught.value}\n", path.with_suffix(".txt"))


@cases("warned")
def test_doubtful_blueprint_is_warned_about_and_renders(path, expect):
    blueprint = load(path, today=day(path))

    assert render(blueprint)
    expect("".join(f"{warning}\n" for warning in blueprint.warnings), path.with_suffix(".txt"))


@cases("valid")
def test_valid_blueprint_renders_without_a_word(path):
    blueprint = load(path, today=day(path))

    assert blueprint.warnings == ()
    assert render(blueprint)
