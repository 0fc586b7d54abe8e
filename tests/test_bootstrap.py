"""Bootstrap, and the pipeline that works with the roles it makes."""

import re

import yaml

from conftest import CASES, ROOT
from generator.blueprint import load
from generator.render import render


def test_who_may_log_is_kept_from_ci_but_for_what_a_web_acl_asks():
    whole = load(CASES / "valid" / "bootstrap-whole.yaml").environments["prod"]
    far = load(ROOT / "blueprint.yaml").environments["prod"]

    assert whole.region == "us-east-1"
    assert whole.components["bootstrap"].log_right_actions == ("logs:DeleteResourcePolicy",)
    assert "logs:PutResourcePolicy" in far.components["bootstrap"].log_right_actions


def test_credentials_of_an_apply_last_as_long_as_its_job_may():
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]
    (signing_in,) = [s for s in jobs["apply"]["steps"] if "role-to-assume" in s.get("with", {})]
    files = render(load(ROOT / "blueprint.yaml"), ["prod"])["prod"]
    longest = re.search(r"max_session_duration = (\d+)", files["modules/prod/bootstrap/ci.tf"])[1]
    seconds = signing_in["with"]["role-duration-seconds"]

    assert jobs["apply"]["timeout-minutes"] * 60 <= seconds <= int(longest)
