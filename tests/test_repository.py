"""What is committed: up to date, complete, and true to what its documents say."""

import re
import subprocess

import pytest
from click.testing import CliRunner

from conftest import CASES, ROOT, TODAY
from generator.blueprint import load
from generator.cli import main
from generator.errors import BlueprintError
from generator.render.publish import publish
from generator.rules import every_rule

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def tracked():
    """Return the files that git knows, or would take."""
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


def test_committed_terraform_is_what_the_blueprint_renders():
    plans = publish(ROOT, load(ROOT / "blueprint.yaml"), check=True)

    assert [change for plan in plans for change in plan.changes] == []


def test_render_is_the_same_every_time():
    first, second = (publish(ROOT, load(ROOT / "blueprint.yaml"), check=True) for _ in range(2))

    assert [plan.new for plan in first] == [plan.new for plan in second]


def test_every_rule_has_a_case_that_breaks_it():
    said = "".join(path.read_text() for path in CASES.rglob("*.txt"))

    assert [rule.id for rule in every_rule() if f"[{rule.id}]" not in said] == []


def test_nothing_is_committed_that_holds_only_here():
    for path in tracked():
        text = path.read_text(encoding="utf-8")
        assert path.name not in ("uv.lock", "package-lock.json", ".terraform.lock.hcl")
        assert f"{ROOT.parent}/" not in text, path
        assert (
            not re.search(r"registry\.terraform\.io|pypi\.org|pythonhosted", text)
            or path.name == "test_repository.py"
        ), path


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(path):
    links = re.findall(r"\]\((?!https?://)([^)#]+)", path.read_text())

    assert [link for link in links if not (path.parent / link).exists()] == []


def test_readme_shows_what_a_mistake_really_looks_like(tmp_path):
    readme = (ROOT / "README.md").read_text()
    shown = re.search(r"\$ tapgen check\n(.*?)```", readme, re.DOTALL)[1]
    (tmp_path / "blueprint.yaml").write_text(
        (ROOT / "blueprint.yaml")
        .read_text()
        .replace("    readers: 2\n", "    readers: 99\n    reader: 2\n")
    )

    with pytest.raises(BlueprintError) as caught:
        load(tmp_path / "blueprint.yaml", today=TODAY)

    assert f"{caught.value}\n" == shown


def test_readme_shows_a_part_of_a_blueprint_that_loads(tmp_path):
    readme = (ROOT / "README.md").read_text()
    block = re.search(r"```yaml\n# blueprint.yaml, in part\n(.*?)```", readme, re.DOTALL)[1]
    missing = """\
    availability_zones: [us-east-2a, us-east-2b, us-east-2c]
    public_subnets: [10.0.1.0/24, 10.0.2.0/24, 10.0.3.0/24]
    private_subnets: [10.0.11.0/24, 10.0.12.0/24, 10.0.13.0/24]
  bootstrap: {}
  security: {}
environments:
"""
    head = "version: 1\nproject: payments\nregion: us-east-2\n"
    (tmp_path / "blueprint.yaml").write_text(head + block.replace("environments:\n", missing))

    assert set(load(tmp_path / "blueprint.yaml").environments) == {"dev", "prod"}


@pytest.mark.parametrize(
    "target",
    ["render", "test", "verify", "bench", "scan", "lint", "images", "bootstrap", "deployed"],
)
def test_targets_that_documents_name_exist(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_ci_runs_every_gate():
    gates = re.findall(r"^make (\w+)$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)

    assert gates == ["lint", "render", "bench", "scan", "test"]


def test_commands_that_documents_name_exist():
    named = {
        name for path in DOCUMENTS for name in re.findall(r"`tapgen ([a-z]+)", path.read_text())
    }

    assert named <= set(main.list_commands(None))
    assert CliRunner().invoke(main, ["--version"]).exit_code == 0
