"""Places where nothing can be written: said in one line, nothing changed, no traceback."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from click.testing import CliRunner

from conftest import CASES, ROOT
from generator.cli import main

SMALLEST = (CASES / "valid" / "smallest.yaml").read_text()


def listing(root):
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@pytest.fixture(scope="module", autouse=True)
def _everything_is_imported(tmp_path_factory):
    """Render once as ourselves: another user may not be allowed to read Python's own files."""
    root = tmp_path_factory.mktemp("first")
    (root / "blueprint.yaml").write_text(SMALLEST)
    assert CliRunner().invoke(main, ["--root", str(root), "render"]).exit_code == 0


@contextmanager
def small_disk(folder, size):
    """Mount a file system of *size* bytes on *folder*; only root can."""
    options = ["-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder]
    done = subprocess.run(["mount", *options], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("needs leave to mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def test_folder_that_cannot_be_written_is_named(tmp_path, unprivileged):
    (tmp_path / "blueprint.yaml").write_text(SMALLEST)
    tmp_path.chmod(0o555)

    with unprivileged(tmp_path):
        result = CliRunner().invoke(main, ["--root", str(tmp_path), "render"])

    assert result.exit_code == 1
    assert result.stderr == ("envs: Permission denied; cannot be written; nothing was changed\n")
    assert list(listing(tmp_path)) == ["blueprint.yaml"]


@pytest.mark.parametrize("name", ["docs", "envs", "envs/prod", "modules/prod"])
def test_file_where_a_folder_belongs_is_named(tmp_path, name):
    (tmp_path / "blueprint.yaml").write_text(SMALLEST)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine")
    before = listing(tmp_path)

    result = CliRunner().invoke(main, ["--root", str(tmp_path), "render"])

    assert result.exit_code == 1
    assert result.stderr == f"{name}: Not a directory; cannot be written; nothing was changed\n"
    assert listing(tmp_path) == before


def test_folder_that_became_read_only_keeps_its_old_files(tmp_path, unprivileged):
    (tmp_path / "blueprint.yaml").write_text(SMALLEST)
    CliRunner().invoke(main, ["--root", str(tmp_path), "render"])
    (tmp_path / "blueprint.yaml").write_text(SMALLEST.replace("payments", "ledger"))
    before = listing(tmp_path)
    for path in [tmp_path, *tmp_path.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)

    with unprivileged(tmp_path):
        result = CliRunner().invoke(main, ["--root", str(tmp_path), "render"])

    assert result.exit_code == 1
    assert "Permission denied; cannot be written; nothing was changed\n" in result.stderr
    assert listing(tmp_path) == before


def test_orphan_in_a_folder_that_is_read_only_changes_nothing(tmp_path, unprivileged):
    (tmp_path / "blueprint.yaml").write_text(SMALLEST)
    CliRunner().invoke(main, ["--root", str(tmp_path), "render"])
    off = "security: {enabled: false}"
    retire = "retire: [{component: security, reason: done, approver: cto}]"
    text = SMALLEST.replace("security: {}", off).replace('3333"}', f'3333", {retire}}}')
    (tmp_path / "blueprint.yaml").write_text(text)
    before = listing(tmp_path)
    for path in [tmp_path, *tmp_path.rglob("*")]:
        path.chmod(0o777 if path.is_dir() else 0o666)
    (tmp_path / "modules/prod/security").chmod(0o555)

    with unprivileged(tmp_path):
        result = CliRunner().invoke(main, ["--root", str(tmp_path), "render"])

    assert result.exit_code == 1
    assert result.stderr.startswith("modules/prod/security/")
    assert listing(tmp_path) == before


@pytest.mark.parametrize("size", ["64k", "100k", "140k"])
def test_full_disk_changes_nothing(tmp_path, size):
    with small_disk(tmp_path, size):
        (tmp_path / "blueprint.yaml").write_text(SMALLEST)

        result = CliRunner().invoke(main, ["--root", str(tmp_path), "render"])

        assert result.exit_code == 1
        assert "No space left on device; cannot be written; nothing was changed" in result.stderr
        assert list(listing(tmp_path)) == ["blueprint.yaml"]


def test_disk_that_fills_up_keeps_the_old_files(tmp_path):
    with small_disk(tmp_path, "1m"):
        (tmp_path / "blueprint.yaml").write_text(SMALLEST)
        assert CliRunner().invoke(main, ["--root", str(tmp_path), "render"]).exit_code == 0
        (tmp_path / "blueprint.yaml").write_text(SMALLEST.replace("payments", "ledger"))
        with pytest.raises(OSError, match="No space"):
            (tmp_path / "ballast").write_bytes(bytes(1 << 20))
        before = listing(tmp_path)

        result = CliRunner().invoke(main, ["--root", str(tmp_path), "render"])

        assert result.exit_code == 1
        assert "No space left on device; cannot be written; nothing was changed" in result.stderr
        assert listing(tmp_path) == before


def test_broken_template_names_itself_and_its_line(tmp_path):
    for folder in ("generator", "templates"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "blueprint.yaml").write_text(SMALLEST)
    (tmp_path / "templates/modules/security/main.tf.j2").write_text(
        "\n{{ component.gone | hcl }}\n"
    )

    done = subprocess.run(
        [sys.executable, "-m", "generator", "render"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith("templates/modules/security/main.tf.j2:2: ")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "envs").exists()


@pytest.mark.slow
def test_render_killed_at_random_moments_is_repaired(tmp_path):
    command = [sys.executable, "-m", "generator", "--root", tmp_path, "render"]

    def render():
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)

    trees = []
    for project in ("payments", "ledger"):
        (tmp_path / "blueprint.yaml").write_text(SMALLEST.replace("payments", project))
        started = time.monotonic()
        render()
        lasted = time.monotonic() - started
        trees.append(listing(tmp_path))
    random.seed(2026)
    for turn in range(50):
        (tmp_path / "blueprint.yaml").write_text(
            SMALLEST.replace("payments", ("payments", "ledger")[turn % 2])
        )
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        try:
            process.wait(random.uniform(lasted / 3, lasted))
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
        _, stderr = process.communicate()
        found = listing(tmp_path)
        assert stderr == ""
        for path, content in found.items():
            if not path.endswith((".tapgen-new", ".next", "blueprint.yaml")):
                assert content in (trees[0].get(path), trees[1].get(path)), (turn, path)

    assert render().returncode == 0
    assert listing(tmp_path) == trees[1]
