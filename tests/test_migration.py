"""The migration of blueprints that are not the committed one, as it is rendered."""

import pytest

from conftest import CASES
from generator.blueprint import load
from generator.render import render

WHOLE = CASES / "valid" / "migration-whole.yaml"


def tasks_of(tmp_path, way):
    """Return the tasks of a blueprint whose data comes back in *way*."""
    path = tmp_path / "blueprint.yaml"
    said = "reverse_replication: at_cutover"
    text = WHOLE.read_text(encoding="utf-8")
    assert said in text
    path.write_text(text.replace(said, f"reverse_replication: {way}"), encoding="utf-8")
    (files,) = render(load(path)).values()
    (tasks,) = [text for name, text in files.items() if name.endswith("migration/tasks.tf")]
    return tasks


@pytest.mark.parametrize(("way", "guarded"), [("armed", 2), ("at_cutover", 2), ("none", 0)])
def test_neither_task_sends_back_what_the_other_has_written(tmp_path, way, guarded):
    tasks = tasks_of(tmp_path, way)

    assert tasks.count("LoopbackPreventionSettings") == guarded
    # Changes that are applied in batches carry no mark.
    assert tasks.count("BatchApplyEnabled        = false") == tasks.count("resource ")
