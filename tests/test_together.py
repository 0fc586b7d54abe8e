"""Two processes that share environments: what each does, and what happens if the second fails."""

import os
from pathlib import Path

import pytest

from bench_projects import project
from generator.blueprint import load
from generator.errors import RenderError
from generator.render import MANY, render
from generator.render.together import send, together

NAMES = ("a", "b", "c", "d")


class Sent(list):
    """The sending end of a pipe, with what went in."""

    send = list.append


def test_each_process_makes_half():
    made = together(lambda _: {"by": str(os.getpid())}, NAMES)

    assert list(made) == list(NAMES)
    assert [made[name]["by"] == str(os.getpid()) for name in NAMES] == [True, True, False, False]


def test_what_cannot_be_made_says_so_here():
    def work(name):
        if name == "d":
            raise RenderError(f"cannot make {name}")
        return {}

    with pytest.raises(RenderError, match="cannot make d"):
        together(work, NAMES)


def test_nothing_is_missing_if_the_second_process_is_killed():
    here = os.getpid()

    def work(name):
        if os.getpid() != here:
            os._exit(1)
        return {"name": name}

    assert together(work, NAMES) == {name: {"name": name} for name in NAMES}


def test_half_is_sent_whole_or_not_at_all():
    whole, broken = Sent(), Sent()

    def fails(name):
        raise RenderError(name)

    send(whole, lambda name: {"name": name}, NAMES)
    send(broken, fails, NAMES)

    assert whole == [{name: {"name": name} for name in NAMES}]
    assert broken == []


def test_many_environments_are_what_they_are_one_by_one(tmp_path):
    blueprint = load(project(Path(tmp_path, "many"), MANY) / "blueprint.yaml")

    together_, alone = render(blueprint), {}
    for name in blueprint.environments:
        alone |= render(blueprint, [name])

    assert together_ == alone
    assert list(together_) == list(alone)
