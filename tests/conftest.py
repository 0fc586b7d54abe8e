"""What several test files share."""

import datetime as dt
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest_plugins = ["postgres.fixtures"]

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases"
TODAY = dt.date(2026, 11, 23)

# A missing tool skips on a laptop; in CI it fails, so that nothing goes untested unseen.
needs_terraform = pytest.mark.skipif(
    shutil.which("terraform") is None and "CI" not in os.environ,
    reason="terraform is not installed",
)


def pytest_addoption(parser):
    parser.addoption("--update-cases", action="store_true", help="rewrite what cases expect")


@pytest.fixture
def expect(request):
    """Compare a text with a case's file, or rewrite the file under `--update-cases`."""

    def compare(text, path):
        if request.config.getoption("--update-cases"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture
def unprivileged():
    """Be somebody else than root for a while; root may read and write everything."""

    @contextmanager
    def somebody(folder):
        if os.getuid() != 0:
            yield
            return
        for path in (folder, *folder.parents):
            if path.owner() == "root" and path != Path("/"):
                path.chmod(path.stat().st_mode | 0o055)
        os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(0)

    return somebody
