"""prod after the migration: what moved the payments is gone, and so is all that referred to it."""

import re

import pytest
import yaml

from conftest import ROOT, TODAY
from generator.blueprint import load
from generator.render import render
from terraform.conftest import provider
from terraform.roots import Tree

NAME = "prod"
GONE = ("migration", "rollback", "validation")
# Aurora takes every payment and AWS answers every request: who has these says so.
AFTERWARDS = {"compute": {"writes_to": "aurora"}, "routing": {"strategy": "aws_only"}}
WITH_IT = re.compile(
    r"module\.security\.aws_(secretsmanager_secret|lambda_function|ssm_parameter)\."
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with prod as it renders without the components of the migration."""
    folder = tmp_path_factory.mktemp("switched-off")
    document = yaml.safe_load((ROOT / "blueprint.yaml").read_text(encoding="utf-8"))
    overrides = document["environments"][NAME].setdefault("overrides", {})
    overrides |= {name: {"enabled": False} for name in GONE}
    for name in AFTERWARDS.keys() & document["components"].keys():
        overrides[name] = overrides.get(name, {}) | AFTERWARDS[name]
    document["exceptions"] = [each for each in document["exceptions"] if stays(each["resource"])]
    path = folder / "blueprint.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    for name, text in render(load(path, today=TODAY), [NAME])[NAME].items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return folder


def stays(resource):
    return resource.split(".")[1] not in GONE and not WITH_IT.match(resource)


@pytest.fixture(scope="module")
def texts(folder):
    return Tree(folder / "tree", NAME, source=folder).texts()


def test_modules_are_gone_and_nobody_calls_them(texts):
    assert not [path for path in texts if path.split("/")[2] in GONE]
    for path, text in texts.items():
        assert not re.search(rf"\bmodule\.({'|'.join(GONE)})\b", text), path


def test_nobody_is_given_what_only_they_made(texts):
    for path, text in texts.items():
        if path.startswith("modules/prod/bootstrap/"):
            continue  # limits of all roles that there may be, and repositories of all images
        assert not re.search(r"aws_dms_(?!key)|dms_source|operator_source|payment_source", text), (
            path
        )
        assert f"{NAME}-control" not in text, path


def test_no_secret_is_left_and_nothing_rotates(texts):
    security = "".join(text for path, text in texts.items() if "/security/" in path)

    assert 'resource "aws_secretsmanager_secret"' not in security
    assert 'resource "aws_lambda_function"' not in security


@pytest.mark.slow
@pytest.mark.xdist_group("switched-off")
def test_what_is_left_can_be_planned(folder, offline, tmp_path):
    plan = Tree(tmp_path, NAME, source=folder).open("main", offline).plan()

    kinds = {change["type"] for change in plan["resource_changes"]}
    assert "aws_rds_cluster" in kinds
    assert not [kind for kind in kinds if kind.startswith(("aws_dms_", "aws_scheduler_"))]


@pytest.mark.slow
@pytest.mark.xdist_group("switched-off")
@pytest.mark.parametrize("name", ["real", "schema"])
def test_what_is_left_is_valid(folder, name, tmp_path):
    root = Tree(tmp_path, NAME, source=folder).open("main", provider(name))

    root.terraform("validate")
