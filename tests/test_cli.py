"""The command as users meet it."""

import datetime as dt
import gc
import json
import os
import runpy
import shutil
import subprocess
import sys
from importlib.metadata import entry_points

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from conftest import CASES, ROOT
from generator.blueprint import load
from generator.cli import main
from generator.explain import explain

SMALLEST = (CASES / "valid" / "smallest.yaml").read_text()


@pytest.fixture
def project(tmp_path):
    (tmp_path / "blueprint.yaml").write_text(SMALLEST)
    return tmp_path


@pytest.fixture
def tapgen(project):
    def run(*arguments, root=project):
        return CliRunner().invoke(main, ["--root", str(root), *arguments])

    return run


def test_render_writes_and_then_has_nothing_to_do(tapgen, project):
    first, second = tapgen("render", "prod"), tapgen("render")

    assert first.exit_code == second.exit_code == 0
    assert first.stdout.startswith("prod: ")
    assert second.stdout.startswith("prod: 0 written, 0 removed, ")
    assert (project / "envs/prod/main.tf").exists()


def test_check_of_a_render_exits_1_and_names_every_file(tapgen, project):
    tapgen("render")
    (project / "envs/prod/main.tf").write_text("mine")
    (project / "envs/prod/versions.tf").unlink()

    result = tapgen("render", "--check")

    assert result.exit_code == 1
    assert result.stdout == (
        "envs/prod/main.tf: edited\n"
        "envs/prod/versions.tf: missing\n"
        "reference of the blueprint: up to date\n"
    )


def test_check_of_a_clean_render_exits_0(tapgen):
    tapgen("render")

    result = tapgen("render", "--check", "prod")

    assert (result.exit_code, result.stdout) == (0, "prod: up to date\n")


def test_diff_shows_what_changes_and_not_the_manifest(tapgen, project):
    tapgen("render")
    path = project / "blueprint.yaml"
    path.write_text(SMALLEST.replace("project: payments", "project: ledger"))

    result = tapgen("render", "--check", "--diff")

    assert '-      Project     = "payments"\n+      Project     = "ledger"\n' in result.stdout
    assert "b/envs/prod/.tapgen.sha256" not in result.stdout


def test_diff_of_a_first_render_comes_from_nothing(tapgen):
    result = tapgen("render", "--diff", "--check")

    assert "--- /dev/null\n+++ b/envs/prod/main.tf\n" in result.stdout


def test_hand_edit_is_refused_on_stderr(tapgen, project):
    tapgen("render")
    (project / "envs/prod/main.tf").write_text("mine")

    result = tapgen("render")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("envs/prod/main.tf: edited by hand;")
    assert tapgen("render", "--force").exit_code == 0


def test_check_of_a_render_says_what_would_lose_its_protection(tapgen, project):
    tapgen("render")
    (project / "blueprint.yaml").write_text(
        SMALLEST.replace("security: {}", "security: {enabled: false}")
    )

    result = tapgen("render", "--check")

    assert result.exit_code == 1
    assert "modules/prod/security/keys.tf: orphaned\n" in result.stdout
    assert result.stderr.startswith("modules/prod/security: module.security.aws_kms_key.")
    assert result.stderr == tapgen("render").stderr


@pytest.mark.parametrize("path", sorted((CASES / "invalid").glob("*.yaml")), ids=lambda p: p.stem)
def test_bad_blueprint_writes_nothing_and_exits_1(path, tapgen, project):
    shutil.copy(path, project / "blueprint.yaml")

    result = tapgen("check")

    assert (result.exit_code, result.stdout) == (1, "")
    assert all(
        line.startswith(f"{os.path.relpath(project)}/blueprint.yaml")
        for line in result.stderr.splitlines()
    )
    assert [p.name for p in project.iterdir()] == ["blueprint.yaml"]


def test_check_names_what_it_checked(tapgen):
    result = tapgen("check")

    assert result.exit_code == 0
    assert result.stdout.endswith(
        "blueprint.yaml: prod: no problems; tapgen render --check looks at what it renders\n"
    )


def test_warnings_go_to_stderr_and_do_not_fail(tapgen, project):
    text = (CASES / "warned" / "exceptions-end-soon.yaml").read_text()
    soon = dt.datetime.now(tz=dt.UTC).date() + dt.timedelta(days=5)
    (project / "blueprint.yaml").write_text(text.replace("2026-12-01", str(soon)))

    result = tapgen("check")

    assert result.exit_code == 0
    assert result.stderr.startswith("warning: ")
    assert f"expires on {soon}; platform should" in result.stderr


@pytest.mark.parametrize("command", ["check", "render", "explain"])
def test_unknown_environment_is_met_with_a_suggestion(command, tapgen, project):
    result = tapgen(command, "pord")

    assert result.exit_code == 1
    assert result.stderr.endswith(
        'blueprint.yaml: unknown environment "pord"; did you mean prod?\n'
    )
    assert [p.name for p in project.iterdir()] == ["blueprint.yaml"]


def test_missing_blueprint_is_said_where_it_was_looked_for(tapgen, tmp_path):
    (tmp_path / "empty").mkdir()

    result = tapgen("check", root=tmp_path / "empty")

    assert result.exit_code == 1
    assert "empty/blueprint.yaml: no such file; name the folder of the blueprint" in result.stderr


@pytest.mark.parametrize("arguments", [["chekc"], ["render", "--frce"], ["explain"]])
def test_wrong_usage_exits_2(arguments, tapgen):
    assert tapgen(*arguments).exit_code == 2


def test_explain_says_who_set_a_value(tapgen, project):
    text = SMALLEST.replace('"333333333333"', '"333333333333", description: Real money')
    (project / "blueprint.yaml").write_text(text)

    lines = tapgen("explain", "prod").stdout.splitlines()
    shown = {line.split(" = ")[0]: line for line in lines}

    where = f"{os.path.relpath(project)}/blueprint.yaml"
    assert shown["project"].split("#")[1] == f" {where}:2:1"
    assert shown["tags"].split("#")[1] == " default"
    assert shown["account_id"].startswith('account_id = "333333333333" ')
    assert shown["description"].split("#")[1] == f" {where}:8:38"
    assert shown["bootstrap.enabled"].split("#")[1] == " default"


def test_explain_tells_reads_from_what_terraform_will_know():
    result = CliRunner().invoke(main, ["--root", str(ROOT), "explain", "prod", "database"])

    assert "# from network.availability_zones\n" in result.stdout
    assert "database.vpc_id = known after apply " in result.stdout
    assert (
        "# from module.<client>.security_group_id for each of database.clients\n" in result.stdout
    )


def test_explain_goes_into_mappings_and_sections():
    rows = explain(load(CASES / "valid" / "migration-whole.yaml"), "prod")
    shown = {row.path: row.value for row in rows}

    assert shown["on_premises.gateway.asn"] == "65010"
    assert shown["security.rotation_function.memory_mb"] == "512"
    assert shown["security.secrets.acquirer.description"] == '"Account with the acquirer."'


def test_explain_narrows_to_a_path(tapgen):
    result = tapgen("explain", "prod", "on_premises.cidrs")

    assert result.stdout == "on_premises.cidrs = []  # default\n"


@pytest.mark.parametrize(
    ("path", "hint"),
    [("on_premises.cidr", "did you mean on_premises.cidrs?"), ("projcet", "did you mean project?")],
)
def test_explain_of_nothing_suggests(path, hint, tapgen):
    result = tapgen("explain", "prod", path)

    assert result.exit_code == 1
    assert f"prod has nothing at {path}; {hint}" in result.stderr


def test_explain_of_what_is_off_says_so():
    result = CliRunner().invoke(
        main, ["--root", str(ROOT), "explain", "dev", "migration.storage_gb"]
    )

    assert result.exit_code == 1
    assert result.stderr.endswith(
        "dev has nothing at migration.storage_gb; migration is switched off there\n"
    )


def test_rules_are_listed_with_severity_and_reason(tapgen):
    lines = tapgen("rules").stdout.splitlines()

    assert lines == sorted(lines)
    assert "TAP006  error    An accepted finding has an end. (by date)" in lines


def test_schema_is_json(tapgen):
    assert json.loads(tapgen("schema").stdout)["properties"]["components"]


def test_nearest_blueprint_upwards_is_used(project, monkeypatch):
    (project / "envs" / "prod").mkdir(parents=True)
    monkeypatch.chdir(project / "envs" / "prod")

    said = CliRunner().invoke(main, ["check"]).stdout

    assert said.startswith("../../blueprint.yaml: prod: no problems;")


def test_folder_without_a_blueprint_above_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(main, ["check"])

    assert result.stderr.startswith("blueprint.yaml: no such file;")


def test_shell_completes_commands_and_environments(project):
    shell = ShellComplete(main, {}, "tapgen", "_TAPGEN_COMPLETE")

    def complete(incomplete, *words, root=project):
        given = ["--root", str(root), *words]
        return [item.value for item in shell.get_completions(given, incomplete)]

    assert complete("exp") == ["explain"]
    assert complete("p", "render") == ["prod"]
    assert complete("x", "render") == []
    assert complete("p", "render", root=project / "nowhere") == []


def test_module_is_the_command_too(project, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["tapgen", "--root", str(project), "check"])

    with pytest.raises(SystemExit) as ended:
        runpy.run_module("generator", run_name="__main__")
    gc.enable()  # a process of its own needs none, this one does

    assert ended.value.code == 0
    assert "blueprint.yaml: prod: no problems;" in capsys.readouterr().out


def test_installed_command_is_that_module():
    [installed] = entry_points(group="console_scripts", name="tapgen")

    assert installed.load() is main
    gc.enable()  # loading it turned that off


def test_every_command_has_help_and_stands_in_the_readme(tapgen):
    readme = (ROOT / "README.md").read_text()

    for name in main.list_commands(None):
        text = tapgen(name, "--help").stdout
        assert text.count("\n") > 4
        assert f"tapgen {name}" in readme


def test_render_loads_nothing_it_does_not_need(project):
    program = (
        "import sys; from generator.cli import main\n"
        f"try: main(['--root', {str(project)!r}, 'render'])\n"
        "except SystemExit: pass\n"
        "heavy = {'boto3', 'botocore', 'rich', 'hcl2', 'moto', 'yaml', 'jinja2'}\n"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "['jinja2', 'yaml']"


def test_help_loads_neither_yaml_nor_pydantic():
    program = (
        "import sys; from generator.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'yaml', 'jinja2', 'pydantic'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "[]"


def test_explain_shows_the_old_data_centre_of_the_environment(tmp_path):
    blueprint = tmp_path / "blueprint.yaml"
    blueprint.write_text(
        "version: 1\nproject: p\nregion: us-east-2\ncomponents: {bootstrap: {}}\n"
        "on_premises: {cidrs: [192.168.0.0/16]}\n"
        'environments:\n  prod: {account_id: "333333333333"}\n'
        '  staging: {account_id: "222222222222", on_premises: {cidrs: [172.16.0.0/12]}}\n',
        encoding="utf-8",
    )
    loaded = load(blueprint)

    assert [
        (row.value, row.origin)
        for name in ("prod", "staging")
        for row in explain(loaded, name, "on_premises.cidrs")
    ] == [
        ('["192.168.0.0/16"]', "blueprint.yaml:5:15"),
        ('["172.16.0.0/12"]', "blueprint.yaml:8:55"),
    ]


def test_check_loads_nothing_that_reads_the_metadata_of_packages():
    code = (
        "import sys; from click.testing import CliRunner; from generator.cli import main; "
        f"result = CliRunner().invoke(main, ['--root', {str(ROOT)!r}, 'check']); "
        "sys.exit(result.exit_code or 'importlib.metadata' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert done.returncode == 0, done.stderr
