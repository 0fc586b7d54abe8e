"""`scripts/bootstrap` against moto: a first run that is killed, the next one, and later ones."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass

import pytest

from conftest import ROOT
from terraform.moto_server import client, serving
from terraform.roots import BLUEPRINT, Tree

NAME = "prod"
ENVIRONMENT = BLUEPRINT.environments[NAME]
BOOTSTRAP = ENVIRONMENT.components["bootstrap"]
BUCKET = BOOTSTRAP.state_bucket
STATE = "bootstrap.tfstate"
LOCAL = "local.tfstate"
# moto forgets the rotation period of a key, so that there is always something to change.
NOTHING_NEW = re.compile(r"Resources: 0 added, \d+ changed, 0 destroyed")

# moto refuses what a statement denies without asking for the statement's condition.
NOTHING_DENIED = """\
resource "aws_s3_bucket_policy" "state" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}
"""
# Stands in for Terraform, and kills the script that is about to move its state.
KILLER = """\
#!/usr/bin/env bash
case " $* " in *" -migrate-state "*) kill -9 "$PPID" && exit ;; esac
exec "{terraform}" "$@"
"""

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("bootstrap")]


@dataclass(frozen=True)
class Site:
    """A checkout of the repository, and the shell of somebody who is signed in to AWS."""

    tree: Tree
    environ: dict

    @property
    def folder(self):
        return self.tree.folder / "envs" / NAME / "bootstrap"

    @property
    def leftovers(self):
        """Return the names of local states, and of what leads Terraform to one."""
        patterns = ("*tfstate*", "*_override.tf")
        return {path.name for pattern in patterns for path in self.folder.glob(pattern)}

    def run(self, *arguments, **environ):
        """Run the script; return the process, however it ended."""
        return subprocess.run(
            [self.tree.folder / "scripts" / "bootstrap", *arguments],
            env=self.environ | environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


def site(folder, environ):
    """Return a fresh checkout in *folder*."""
    tree = Tree(folder, NAME)
    (folder / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "bootstrap", folder / "scripts")
    override = folder / "modules" / NAME / "bootstrap" / "test_override.tf"
    override.write_text(NOTHING_DENIED, encoding="utf-8")
    return Site(tree, environ)


@pytest.fixture(scope="module")
def environ(real, tmp_path_factory):
    """The environment variables of that shell, with moto in the place of AWS."""
    log = tmp_path_factory.mktemp("moto") / "moto.log"
    with serving(ENVIRONMENT.account_id, log) as url:
        yield real.environ | {
            "AUTO_APPROVE": "1",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_ENDPOINT_URL": url,
            "AWS_SECRET_ACCESS_KEY": "testing",
        }


@pytest.fixture(scope="module")
def s3(environ):
    return client("s3", environ["AWS_ENDPOINT_URL"], ENVIRONMENT.region)


@pytest.fixture(scope="module")
def killed(environ, s3, tmp_path_factory):
    """A site whose first run was killed before it moved the state; what that left behind."""
    first = site(tmp_path_factory.mktemp("first"), environ)
    shim = first.tree.folder / "bin" / "terraform"
    shim.parent.mkdir()
    shim.write_text(KILLER.format(terraform=shutil.which("terraform")), encoding="utf-8")
    shim.chmod(0o755)

    done = first.run(NAME, PATH=f"{shim.parent}{os.pathsep}{environ['PATH']}")

    assert done.returncode == -9, done.stderr
    return first, first.leftovers, s3.list_objects_v2(Bucket=BUCKET)["KeyCount"]


@pytest.fixture(scope="module")
def moved(killed):
    """That site after the next run, and what it said."""
    first, *_ = killed
    done = first.run(NAME)

    assert done.returncode == 0, done.stderr
    return first, done.stdout


def test_killed_run_leaves_its_state_in_the_folder(killed):
    _, leftovers, objects = killed

    assert LOCAL in leftovers
    assert objects == 0


def test_next_run_ends_what_was_begun(moved, s3):
    first, said = moved

    assert NOTHING_NEW.search(said)
    assert first.leftovers == set()
    assert s3.list_objects_v2(Bucket=BUCKET)["Contents"][0]["Key"] == STATE


@pytest.mark.usefixtures("moved")
def test_bucket_keeps_versions_and_encrypts_them(s3):
    (rule,) = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]

    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"


@pytest.mark.usefixtures("moved")
def test_every_write_names_the_key_that_the_policy_asks_for(s3):
    written = s3.list_object_versions(Bucket=BUCKET)["Versions"]
    heads = [
        s3.head_object(Bucket=BUCKET, Key=version["Key"], VersionId=version["VersionId"])
        for version in written
    ]
    policy = ROOT / "modules" / NAME / "bootstrap" / "state_access.tf"

    assert {version["Key"] for version in written} == {STATE, f"{STATE}.tflock"}
    assert {head["SSEKMSKeyId"] for head in heads} == {BOOTSTRAP.state_key_alias_arn}
    assert f'"{BOOTSTRAP.state_key_alias_arn}"' in policy.read_text(encoding="utf-8")


@pytest.mark.usefixtures("moved")
def test_run_from_another_checkout_goes_on_from_the_bucket(environ, tmp_path):
    another = site(tmp_path, environ)
    done = another.run(NAME)

    assert done.returncode == 0, done.stderr
    assert NOTHING_NEW.search(done.stdout)
    assert another.leftovers == set()


def test_run_asks_before_it_changes_anything(moved):
    first, _ = moved
    done = first.run(NAME, AUTO_APPROVE="")

    assert done.returncode == 1
    assert "Do you want to perform these actions?" in done.stdout


def test_copy_that_outlived_the_move_is_removed(moved, s3):
    first, _ = moved
    state = s3.get_object(Bucket=BUCKET, Key=STATE)["Body"].read()
    (first.folder / LOCAL).write_bytes(state.replace(b'"serial": 1,', b'"serial": 56,'))
    done = first.run(NAME)

    assert done.returncode == 0, done.stderr
    assert first.leftovers == set()


def test_state_that_differs_from_the_bucket_is_kept(moved, s3):
    first, _ = moved
    copy = first.folder / LOCAL
    state = s3.get_object(Bucket=BUCKET, Key=STATE)["Body"].read()
    copy.write_bytes(state.replace(BUCKET.encode(), b"another-bucket"))
    done = first.run(NAME)

    assert done.returncode == 1
    assert f"{LOCAL} is not what the bucket has" in done.stderr
    assert copy.exists()
    copy.unlink()


def test_bucket_that_lost_its_state_is_left_alone(moved, s3):
    first, _ = moved
    marker = s3.delete_object(Bucket=BUCKET, Key=STATE)["VersionId"]
    done = first.run(NAME)
    s3.delete_object(Bucket=BUCKET, Key=STATE, VersionId=marker)

    assert done.returncode == 1
    assert "neither in it nor here" in done.stderr


def test_silence_is_not_taken_for_a_missing_bucket(environ, tmp_path):
    done = site(tmp_path, environ).run(
        NAME, AWS_ENDPOINT_URL="http://127.0.0.1:9", AWS_MAX_ATTEMPTS="1"
    )

    assert done.returncode == 1
    assert "cannot tell whether prod has its bucket; nothing was changed" in done.stderr


@pytest.mark.parametrize(
    "arguments", [(), ("nope",), ("../prod",), (NAME, NAME), ("",), ("prod\n",)]
)
def test_environment_has_to_be_one_that_is_rendered(tmp_path, arguments):
    done = site(tmp_path, dict(os.environ)).run(*arguments)

    assert done.returncode == 2
    assert "name one of: prod" in done.stderr
