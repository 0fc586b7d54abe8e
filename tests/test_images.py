"""The images, as far as they show without being built: what goes in, and that it is enough."""

import json
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from conftest import ROOT
from functions.payment.ledger import PATIENCE_SECONDS

DOCKERFILE = (ROOT / "functions" / "Dockerfile").read_text(encoding="utf-8")
FUNCTIONS = sorted(path.parent.name for path in ROOT.glob("functions/*/handler.py"))
TASK = "${LAMBDA_TASK_ROOT}"


def stages():
    """Return the instructions of each stage, by its name, in order."""
    text = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE))
    found, current = {}, []
    for line in filter(None, text.splitlines()):
        keyword, _, rest = line.partition(" ")
        if keyword == "FROM":
            base, _, name = rest.partition(" AS ")
            found[name] = current = [("FROM", base)]
        else:
            current.append((keyword, " ".join(rest.split())))
    return found


def arguments(stage, keyword):
    return [rest for word, rest in stages()[stage] if word == keyword]


def copied(stage):
    """Yield what a stage copies from the repository, and where to in the function's folder."""
    for rest in arguments(stage, "COPY"):
        *sources, target = rest.split()
        if not rest.startswith("--from") and target.startswith(TASK):
            yield from ((source, target.removeprefix(TASK).strip("/")) for source in sources)


def test_every_function_has_an_image_that_starts_it():
    assert set(FUNCTIONS) <= set(stages())
    for name in FUNCTIONS:
        assert arguments(name, "FROM") == ["base"]
        assert [json.loads(each) for each in arguments(name, "CMD")] == [
            [f"functions.{name}.handler.lambda_handler"]
        ]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_image_holds_all_that_its_function_imports(name, tmp_path):
    for source, target in (*copied("base"), *copied(name)):
        path = ROOT / source
        files = [each for each in path.rglob("*") if each.is_file()] if path.is_dir() else [path]
        for file in files:
            inside = file.relative_to(path) if path.is_dir() else file.name
            goal = tmp_path / target / inside
            goal.parent.mkdir(parents=True, exist_ok=True)
            goal.write_bytes(file.read_bytes())
    # Without `site` no .pth file is read, and so nothing of this repository is found but the copy.
    paths = [str(tmp_path), sysconfig.get_path("purelib")]
    program = f"import sys; sys.path += {paths}; import functions.{name}.handler as it; print(it)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert str(tmp_path) in done.stdout


def test_images_run_as_nobody_and_install_only_what_is_locked():
    for name in FUNCTIONS:
        assert arguments(name, "USER") == ["65534:65534"]
    (install,) = arguments("dependencies", "RUN")
    assert {"--require-hashes", "--no-deps", "--only-binary"} <= set(install.split())


def test_an_image_knows_where_the_certificates_of_aurora_are():
    (environment,) = arguments("base", "ENV")
    (path,) = re.findall(r"RDS_CA_FILE=(\S+)", environment)

    assert f"--from=certificates /rds/global-bundle.pem {path}" in arguments("base", "COPY")
    assert "sha256sum --check --strict" in arguments("certificates", "RUN")[0]


def test_the_payment_api_asks_for_a_name_no_longer_than_it_has_time_for():
    (environment,) = arguments("base", "ENV")
    seconds, attempts = re.findall(r"RES_OPTIONS=\"timeout:(\d) attempts:(\d)\"", environment)[0]

    assert int(seconds) * int(attempts) <= PATIENCE_SECONDS


def test_the_builder_is_sent_what_is_copied_and_little_else():
    sent = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    wanted = {
        source.strip("/")
        for name in stages()
        for rest in arguments(name, "COPY")
        if not rest.startswith("--from")
        for source in rest.split()[:-1]
    }

    assert {source if source in sent else Path(source).parts[0] for source in wanted} == sent


def test_the_code_of_a_function_is_compiled_where_it_can_be_written():
    for name in FUNCTIONS:
        words = [word for word, _ in stages()[name]]
        assert words == ["FROM", "COPY", "RUN", "USER", "CMD"]
