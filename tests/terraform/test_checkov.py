"""checkov finds nothing, and what it is told to pass over stands in the blueprint's register."""

import json
import os
import re
import runpy
import subprocess
from functools import cache
from pathlib import Path

import pytest

from conftest import ROOT
from terraform.roots import BLUEPRINT, ENVIRONMENTS, absent

CHECKOV = os.environ.get("TAPGEN_CHECKOV", str(ROOT / ".venv-checkov" / "bin" / "checkov"))
SCAN = runpy.run_path(str(ROOT / "scripts" / "scan"))  # so that both look in the same way

# Findings that are right to pass over, and the resources on which they are.
BUCKET_OF_LOGS = r"aws_s3_bucket\.\w*logs"
LEGITIMATE = {
    "CKV2_AWS_23": r"aws_route53_record\.\w+",  # an address outside AWS
    "CKV2_AWS_34": r"aws_ssm_parameter\.\w+",  # no secret, and read when KMS may be down
    "CKV2_AWS_38": r"aws_route53_zone\.\w+",  # signing needs the parent zone
    "CKV2_AWS_62": BUCKET_OF_LOGS,
    "CKV_AWS_116": r"aws_lambda_function\.\w+",  # called synchronously
    "CKV_AWS_117": r"aws_lambda_function\.(probe|rollback)",  # must not depend on the VPC
    "CKV_AWS_144": BUCKET_OF_LOGS,
    "CKV_AWS_145": BUCKET_OF_LOGS,  # delivered to buckets with S3's own keys only
    "CKV_AWS_18": BUCKET_OF_LOGS,
    "CKV_AWS_222": r"aws_dms_replication_instance\.\w+",  # versions are pinned meanwhile
    "CKV_AWS_226": r"aws_rds_cluster_instance\.\w+",
    "CKV_AWS_260": r"aws_vpc_security_group_ingress_rule\.\w+",  # port 80 only redirects
    "CKV_AWS_272": r"aws_lambda_function\.\w+",  # images cannot be signed for Lambda
    "CKV_AWS_290": r"aws_iam_role_policy\.\w+",  # actions that know no resources
    "CKV_AWS_337": r"aws_ssm_parameter\.\w+",
    "CKV_AWS_355": r"aws_iam_role_policy\.\w+",
}

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("checkov")]

every_environment = pytest.mark.parametrize("environment", ENVIRONMENTS)


@cache
def scanned(environment):
    """Return checkov's report on both roots of *environment*."""
    if not Path(CHECKOV).exists():
        absent(f"{CHECKOV} is not there; `make scan` installs checkov")
    _python, _module, _name, *options = SCAN["COMMAND"]
    done = subprocess.run(
        [CHECKOV, *options, "--directory", f"envs/{environment}"],
        cwd=ROOT,
        env=os.environ | SCAN["SETTINGS"],
        capture_output=True,
        text=True,
        check=False,
    )
    return json.loads(done.stdout)


def accepted(environment):
    """Return the register's findings in *environment*: check, resource and reason."""
    return {
        (each.check, each.resource, " ".join(each.reason.split()))
        for each in BLUEPRINT.document.exceptions
        if environment in each.environments
    }


@every_environment
def test_no_check_fails(environment):
    report = scanned(environment)
    failed = [f"{c['check_id']} {c['resource']}" for c in report["results"]["failed_checks"]]

    assert failed == []
    assert report["results"]["parsing_errors"] == []


@every_environment
def test_every_resource_is_seen(environment):
    report = scanned(environment)
    seen = {
        check["resource"]
        for kind in ("passed", "skipped")
        for check in report["results"][f"{kind}_checks"]
    }
    modules = {resource.split(".")[1] for resource in seen if resource.startswith("module.")}

    assert report["summary"]["resource_count"] > 50
    assert modules == set(BLUEPRINT.environments[environment].components)


@every_environment
def test_what_is_passed_over_is_what_the_register_says(environment):
    skipped = scanned(environment)["results"]["skipped_checks"]

    assert accepted(environment) == {
        (check["check_id"], check["resource"], check["check_result"]["suppress_comment"])
        for check in skipped
    }


@every_environment
def test_skips_stand_inside_their_resource(environment):
    for check in scanned(environment)["results"]["skipped_checks"]:
        first, last = check["file_line_range"]
        lines = Path(check["file_abs_path"]).read_text(encoding="utf-8").split("\n")

        assert lines[first - 1].startswith("resource ")
        assert any(f"checkov:skip={check['check_id']}:" in line for line in lines[first:last])


def test_what_is_accepted_is_usual_or_was_decided_on():
    decisions = [
        path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "decisions").glob("0*.md")
    ]

    for each in BLUEPRINT.document.exceptions:
        usual = re.search(rf"\.{LEGITIMATE.get(each.check, '(?!)')}$", each.resource)
        assert usual or any(re.search(rf"\b{each.check}\b", text) for text in decisions), each
