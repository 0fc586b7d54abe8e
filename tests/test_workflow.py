"""The workflow that applies: what it refuses, and what it does not take for done."""

import json
import os
import shutil
import subprocess
import time

import pytest
import yaml

from conftest import ROOT

WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
STEPS = WORKFLOW["jobs"]["apply"]["steps"]
RECORD = {"weighted_routing_policy": [{"weight": 10}]}


def place(text):
    """Return where among the steps one says *text*."""
    (found,) = [
        index for index, step in enumerate(STEPS)
        if text in f"{step.get('name', '')} {step.get('run', '')}"
    ]  # fmt: skip
    return found


def test_an_apply_is_followed_by_a_look_at_what_answers_even_where_it_failed():
    check = STEPS[place("make deployed")]

    assert place("terraform apply") < place("make deployed")
    assert check["if"] == "${{ !cancelled() }}"
    assert check["working-directory"] == "."


@pytest.fixture
def judge(tmp_path):
    """Let the workflow look at a plan that changes one resource."""
    if not shutil.which("jq"):
        if "CI" in os.environ:
            pytest.fail("jq is not installed")
        pytest.skip("jq is not installed")
    shim = tmp_path / "terraform"
    shim.write_text(f"#!/bin/sh\ncat {tmp_path}/plan.json\n")
    shim.chmod(0o755)

    def run(minutes, *changes):
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60 * minutes))
        plan = {"timestamp": stamp} | ({"resource_changes": changes} if changes else {})
        (tmp_path / "plan.json").write_text(json.dumps(plan))
        path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
        script = STEPS[place("refuse a plan")]["run"]
        return subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script],
            env={"PATH": path}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run


@pytest.mark.parametrize(
    ("minutes", "changes", "refused"),
    [
        (20, [("aws_route53_record", "update", RECORD)], True),
        (10, [("aws_route53_record", "update", RECORD)], False),
        (20, [("aws_route53_record", "no-op", RECORD)], False),
        (20, [("aws_route53_record", "update", {"weighted_routing_policy": []})], False),
        (20, [("aws_route53_record", "create", None), ("aws_lambda_alias", "update", {})], False),
        (20, [], False),
    ],
)
def test_a_plan_that_would_write_old_weights_is_refused(judge, minutes, changes, refused):
    said = judge(
        minutes,
        *(
            {"type": kind, "change": {"actions": [action], "before": before}}
            for kind, action, before in changes
        ),
    )

    assert (said.returncode, "plan again" in said.stdout) == (int(refused), refused)
    assert said.stderr == ""


def test_a_plan_is_looked_at_before_it_is_applied():
    assert place("refuse a plan") < place("terraform apply")
