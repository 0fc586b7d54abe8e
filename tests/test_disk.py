"""Writing the tree: atomic, resumable, and never over somebody's work."""

import shutil
import subprocess
import sys

import pytest

import crash
from generator.errors import DiskError
from generator.render import disk
from generator.render.manifest import known, manifest_path

OLD = {
    "envs/prod/main.tf": "root 1\n",
    "modules/prod/network/main.tf": "network 1\n",
    "modules/prod/network/same.tf": "same\n",
    "modules/prod/cache/main.tf": "cache, going\n",
}
NEW = {
    "envs/prod/main.tf": "root 2\n",
    "modules/prod/network/main.tf": "network 2\n",
    "modules/prod/network/same.tf": "same\n",
    "modules/prod/database/main.tf": "database, new\n",
}


def publish(root, files, environment="prod"):
    with disk.alone(root):
        plans = [disk.plan(root, environment, files)]
        disk.write(root, plans)
    return plans[0]


def tree(root):
    return {
        path.relative_to(root).as_posix(): path.read_text()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def states(root, files, environment="prod"):
    return {c.path: c.state for c in disk.plan(root, environment, files).changes}


@pytest.fixture
def clean(tmp_path):
    """Return what a tree looks like after nothing but the new files were written."""
    folder = tmp_path / "clean"
    folder.mkdir()
    publish(folder, NEW)
    return tree(folder)


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "root"
    folder.mkdir()
    publish(folder, OLD)
    return folder


def test_second_write_changes_nothing(root):
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}

    plan = publish(root, OLD)

    assert plan.changes == ()
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


def test_write_replaces_adds_and_removes(root, clean):
    plan = publish(root, NEW)

    assert tree(root) == clean
    assert not (root / "modules/prod/cache").exists()
    assert plan.removed == ["modules/prod/cache/main.tf"]


def test_manifest_is_what_sha256sum_reads(root):
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", manifest_path("prod")], cwd=root, check=False
    )

    assert done.returncode == 0


def test_every_difference_has_its_name(root):
    (root / "envs/prod/main.tf").write_text("mine")
    (root / "modules/prod/network/same.tf").unlink()
    (root / "modules/prod/network/extra.tf").write_text("theirs")
    (root / "modules/prod/network/notes.md").write_text("Terraform does not read this")

    assert states(root, NEW) == {
        manifest_path("prod"): "outdated",
        "envs/prod/main.tf": "edited",
        "modules/prod/cache/main.tf": "orphaned",
        "modules/prod/database/main.tf": "missing",
        "modules/prod/network/extra.tf": "foreign",
        "modules/prod/network/main.tf": "outdated",
        "modules/prod/network/same.tf": "missing",
    }


def test_edit_that_equals_the_render_is_no_edit(root):
    (root / "envs/prod/main.tf").write_text(NEW["envs/prod/main.tf"])

    assert "envs/prod/main.tf" not in states(root, NEW)


def test_manifest_with_a_merge_conflict_heals(root):
    manifest = root / manifest_path("prod")
    ours = manifest.read_text()
    publish(root, NEW)
    theirs = manifest.read_text()
    manifest.write_text(f"<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> theirs\n")
    (root / "envs/prod/main.tf").write_text(OLD["envs/prod/main.tf"])

    assert states(root, NEW)["envs/prod/main.tf"] == "outdated"
    publish(root, NEW)
    assert manifest.read_text() == theirs


@pytest.mark.parametrize(
    "path",
    ["../outside", "modules/dev/x.tf", "modules/prod/../../../x", "/etc/passwd", "README.md"],
)
def test_manifest_cannot_name_what_is_not_the_environments(path):
    assert known([f"{'0' * 64}  {path}\n"], "prod") == {}


def test_lock_file_of_terraform_is_left_alone(root):
    lock = root / "envs/prod/.terraform.lock.hcl"
    lock.write_text("theirs")
    provider = root / "envs/prod/.terraform/providers/x.tf"
    provider.parent.mkdir(parents=True)
    provider.write_text("downloaded")

    publish(root, {})

    assert tree(root) == {
        "envs/prod/.terraform.lock.hcl": "theirs",
        "envs/prod/.terraform/providers/x.tf": "downloaded",
    }


def test_environment_that_is_gone_leaves_nothing(root):
    assert disk.environments_on_disk(root) == ["prod"]

    publish(root, {})

    assert list(root.iterdir()) == []
    assert disk.environments_on_disk(root) == []


def test_kill_at_any_moment_leaves_old_or_new_and_the_next_write_repairs(root, clean, tmp_path):
    copy = tmp_path / "copy"
    deadline = 0
    lived = None
    while lived is None:
        deadline += 1
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(root, copy)

        lived = crash.run(lambda: publish(copy, NEW), deadline)

        found = tree(copy)
        for path in OLD.keys() | NEW.keys():
            assert found.get(path) in (OLD.get(path), NEW.get(path)), (deadline, path)
        assert "edited" not in states(copy, NEW).values(), deadline
        # What was meant meanwhile may have changed: going back must work as well as going on.
        if deadline % 2:
            publish(copy, {**OLD, "envs/prod/main.tf": "root 3\n"})
        publish(copy, NEW)
        assert tree(copy) == clean, deadline
    assert deadline > 30


def test_kill_while_killed_render_is_repaired_loses_nothing(root, clean, tmp_path):
    crash.run(lambda: publish(root, NEW), 12)
    copy = tmp_path / "copy"
    deadline, lived = 0, None
    while lived is None:
        deadline += 1
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(root, copy)

        lived = crash.run(lambda: publish(copy, NEW), deadline)

        publish(copy, NEW)
        assert tree(copy) == clean, deadline


def test_first_render_of_an_environment_killed_and_taken_back_leaves_nothing(tmp_path):
    crash.run(lambda: publish(tmp_path, NEW), 14)
    assert not (tmp_path / manifest_path("prod")).exists()
    assert disk.environments_on_disk(tmp_path) == ["prod"]

    publish(tmp_path, {})

    assert tree(tmp_path) == {}


def test_error_once_files_are_replaced_asks_to_render_again(root, clean):
    plans = [disk.plan(root, "prod", NEW)]
    (root / "modules/prod/network/main.tf").unlink()
    (root / "modules/prod/network/main.tf").mkdir()

    with pytest.raises(DiskError, match=r"cannot be replaced; mend that and render again$"):
        disk.write(root, plans)

    (root / "modules/prod/network/main.tf").rmdir()
    publish(root, NEW)
    assert tree(root) == clean


@pytest.mark.parametrize("name", ["modules", "modules/prod", "envs", "envs/prod"])
def test_file_in_the_way_of_a_folder_is_named(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("a file")

    with pytest.raises(
        DiskError, match=rf"^{name}: Not a directory; cannot be written; nothing was changed$"
    ):
        publish(tmp_path, NEW)

    assert tree(tmp_path) == {name: "a file"}


def test_folder_in_the_way_of_a_file_is_named(root):
    (root / "envs/prod/main.tf").unlink()
    (root / "envs/prod/main.tf").mkdir()

    with pytest.raises(DiskError, match=r"^envs/prod/main.tf: Is a directory; cannot be read$"):
        publish(root, NEW)


def test_folder_that_is_missing_is_named(tmp_path):
    with pytest.raises(DiskError, match=r"nowhere: No such file or directory; cannot be read$"):
        publish(tmp_path / "nowhere", NEW)


def test_renders_at_once_do_not_mix(tmp_path):
    program = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1])\n"
        "from test_disk import publish\n"
        "for turn in range(40):\n"
        "    files = {f'modules/prod/m{i}/main.tf': f'{sys.argv[3]} {turn}' for i in range(20)}\n"
        "    publish(Path(sys.argv[2]), files)\n"
    )
    here = str(crash.__file__).rsplit("/", 1)[0]
    both = [
        subprocess.Popen([sys.executable, "-c", program, here, str(tmp_path), name])
        for name in ("a", "b")
    ]

    assert [each.wait() for each in both] == [0, 0]
    texts = {text for path, text in tree(tmp_path).items() if path.endswith(".tf")}
    assert len(texts) == 1
    assert not list(tmp_path.rglob("*.tapgen-new"))
