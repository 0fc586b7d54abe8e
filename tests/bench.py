"""Time `tapgen` as whole processes, and print the medians beside their budgets.

`make bench` shows; `--strict` also exits 1 when a budget is missed. Rows without a budget are what
others cost, measured the same way. Rounds go through all rows in turn, so that a busy moment on a
shared core touches every row a little and no row much. Files are rendered into memory where the
machine has such a folder: on a disk, making these many alone takes from a tenth of a second to two.
"""

import argparse
import hashlib
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
TAPGEN = str(Path(sys.executable).with_name("tapgen"))
MEMORY = Path("/dev/shm")
# Python keeps what it compiled unless it is told not to; nobody waits for that at every start.
ENVIRON = {key: os.environ[key] for key in os.environ if key != "PYTHONDONTWRITEBYTECODE"}
MIB = (
    1024**2 if sys.platform == "darwin" else 1024
)  # what `ru_maxrss` counts in: bytes there, else KiB


@dataclass
class Row:
    """One command: what it may cost, and what each run did cost."""

    name: str
    command: list[str]
    floor: "Row | None" = None  # what its imports alone cost
    fresh: Path | None = None  # a root to empty of what earlier runs rendered
    seconds: float | None = None  # budget
    mebibytes: float | None = None  # budget
    times: list[float] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.times)

    @property
    def peak(self) -> float:
        return statistics.median(self.peaks)

    def run(self) -> tuple[float, float]:
        """Run once; return seconds and peak MiB, or stop everything if the command fails."""
        if self.fresh:
            _empty(self.fresh)
        start = perf_counter()
        process = subprocess.Popen(
            self.command, env=ENVIRON, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        assert process.stderr
        with process.stderr:
            said = process.stderr.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        elapsed = perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"bench: {' '.join(self.command)} exited {process.returncode}\n{said}")
        return elapsed, usage.ru_maxrss / MIB

    def lines(self) -> Iterator[tuple[str, ...]]:
        """Yield its lines of the table: name, measured, budget, floor, verdict."""
        floor = f"{self.floor.median:.3f} s" if self.floor else ""
        budget, verdict = _verdict(self.median, self.seconds, "{:.2f} s")
        yield self.name, f"{self.median:.3f} s", budget, floor, verdict
        if self.mebibytes:
            floor = f"{self.floor.peak:.0f} MiB" if self.floor else ""
            budget, verdict = _verdict(self.peak, self.mebibytes, "{:.0f} MiB")
            yield "  peak memory", f"{self.peak:.0f} MiB", budget, floor, verdict


def main() -> int:
    """Measure, print the table; return 1 if asked to be strict and a budget is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=11, help="measured runs of each row")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a budget is missed")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        rows = list(_rows(Path(folder)))
        _measure(rows, options.runs)
    lines = [line for row in rows for line in row.lines()] + list(_growth(rows))
    for name, *figures, verdict in [("", "median", "budget", "floor", ""), *lines]:
        print(f"{name:<32}{''.join(f'{figure:>11}' for figure in figures)}  {verdict}".rstrip())
    over = any(line[-1] == "OVER" for line in lines)
    return int(over and options.strict)


def _rows(folder: Path) -> Iterator[Row]:
    python = sys.executable
    click = Row("import click", [python, "-c", "import click"])
    model = Row("import click, yaml, pydantic", [python, "-c", "import click, yaml, pydantic"])
    jinja = Row("the same and jinja2", [python, "-c", "import click, yaml, pydantic, jinja2"])
    yield from (Row("bare interpreter", [python, "-c", ""]), click, model, jinja)

    yield Row("tapgen --help", [TAPGEN, "--help"], click, seconds=0.10)
    yield Row("tapgen check", [TAPGEN, "--root", str(ROOT), "check"], model, seconds=0.25)
    one = _project(folder / "one")
    yield Row("tapgen render prod", _render(one, "prod"), jinja, one, seconds=0.30, mebibytes=90)
    for count, budget in ((10, None), (25, None), (50, 1.0)):
        many = _project(folder / str(count), count)
        yield Row(f"tapgen render, {count} environments", _render(many), jinja, many, budget)


def _render(root: Path, *environments: str) -> list[str]:
    return [TAPGEN, "--root", str(root), "render", *environments]


def _project(root: Path, count: int | None = None) -> Path:
    """Make a folder with the repository's blueprint, with *count* environments if that is given."""
    blueprint = yaml.safe_load((ROOT / "blueprint.yaml").read_text(encoding="utf-8"))
    if count:
        blueprint["environments"] = _environments(blueprint["environments"], count)
    root.mkdir()
    text = yaml.safe_dump(blueprint, sort_keys=False, allow_unicode=True)
    # Accounts that are no examples take no examples of images either.
    text = re.sub("sha256:[0-9a-f]{64}", f"sha256:{hashlib.sha256().hexdigest()}", text)
    (root / "blueprint.yaml").write_text(text, encoding="utf-8")
    return root


def _environments(ours: dict[str, Any], count: int) -> dict[str, Any]:
    """Repeat the environments in turn, each copy with an account, a zone and ranges of its own."""
    copies = islice(cycle(ours.values()), count - len(ours))
    return ours | {f"copy{n:02}": _copy(body, n) for n, body in enumerate(copies)}


def _copy(body: dict[str, Any], number: int) -> dict[str, Any]:
    copy = deepcopy(body) | {"account_id": f"9{number:011}"}
    overrides = copy.setdefault("overrides", {})
    domain = f"copy{number:02}.example.com"
    home = {"hosted_zone": {"domain": domain}}
    overrides["bootstrap"] = overrides.get("bootstrap", {}) | home
    overrides["routing"] = overrides.get("routing", {}) | {"record": f"api.{domain}"}
    block = f"10.{number + 100}"
    overrides["network"] = overrides.get("network", {}) | {
        "cidr": f"{block}.0.0/16",
        "public_subnets": [f"{block}.{zone}.0/24" for zone in (1, 2, 3)],
        "private_subnets": [f"{block}.{zone}.0/24" for zone in (11, 12, 13)],
    }
    return copy


def _empty(root: Path) -> None:
    """Leave only the blueprint in *root*."""
    for path in root.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "blueprint.yaml":
            path.unlink()


def _measure(rows: list[Row], runs: int) -> None:
    for row in rows:  # byte code and file caches
        row.run()
    for _ in range(runs):
        for row in rows:
            seconds, mebibytes = row.run()
            row.times.append(seconds)
            row.peaks.append(mebibytes)


def _growth(rows: list[Row]) -> Iterator[tuple[str, ...]]:
    """Yield what each further environment costs; linear means that it does not go up."""
    # The quickest runs: a difference of medians would carry the noise of both.
    few, more, most = (min(row.times) * 1000 for row in rows[-3:])
    first, later = (more - few) / 15, (most - more) / 25
    limit = 1.5 * first
    yield "  each further one, 10 to 25", f"{first:.1f} ms", "", "", ""
    budget, verdict = _verdict(later, limit, "{:.1f} ms")
    yield "  each further one, 25 to 50", f"{later:.1f} ms", budget, "", verdict


def _verdict(value: float, budget: float | None, shown: str) -> tuple[str, str]:
    if budget is None:
        return "", ""
    return shown.format(budget), "ok" if value <= budget else "OVER"


if __name__ == "__main__":
    sys.exit(main())
