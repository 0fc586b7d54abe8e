"""Time `tapgen` as whole processes, and print the medians beside their budgets.

`make bench` shows; `--strict` also exits 1 when a budget is missed. Rows without a budget are what
others cost, measured the same way. Budgets of time were set on one machine: on another they are
longer, or shorter, by as much as importing the libraries is. Rounds go through all rows in turn,
so that a busy moment on a shared core touches every row a little and no row much. Files are
rendered into memory where the machine has such a folder: on a disk, making these many alone takes
from a tenth of a second to two.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from bench_projects import empty, project

ROOT = Path(__file__).resolve().parents[1]
TAPGEN = str(Path(sys.executable).with_name("tapgen"))
MEMORY = Path("/dev/shm")
# Python keeps what it compiled unless it is told not to; nobody waits for that at every start.
ENVIRON = {key: os.environ[key] for key in os.environ if key != "PYTHONDONTWRITEBYTECODE"}
MIB = (
    1024**2 if sys.platform == "darwin" else 1024
)  # what `ru_maxrss` counts in: bytes there, else KiB


class Line(NamedTuple):
    """A line of the table: a figure in its *form*, beside a budget that the *pace* stretches."""

    name: str
    value: float
    form: str
    budget: float | None = None
    pace: float = 1
    floor: str = ""

    @property
    def is_over(self) -> bool:
        """Tell whether there is a budget, and not enough of it."""
        return self.budget is not None and self.value > self.budget * self.pace

    @property
    def cells(self) -> tuple[str, ...]:
        """Return what stands in the columns."""
        shown = [self.form.format(self.value), "", "", self.floor, ""]
        if self.budget is not None:
            shown[1:3] = map(self.form.format, (self.budget, self.budget * self.pace))
            shown[4] = "OVER" if self.is_over else "ok"
        return self.name, *shown


@dataclass
class Row:
    """One command: what it may cost, and what each run did cost."""

    name: str
    command: list[str]
    floor: "Row | None" = None  # what its imports alone cost
    fresh: Path | None = None  # a root to empty of what earlier runs rendered
    seconds: float | None = None  # budget
    mebibytes: float | None = None  # budget
    there: float | None = None  # seconds it took where the budgets were set
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
            empty(self.fresh)
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

    def lines(self, pace: float) -> Iterator[Line]:
        """Yield its lines of the table."""
        floor = f"{self.floor.median:.3f} s" if self.floor else ""
        yield Line(self.name, self.median, "{:.3f} s", self.seconds, pace, floor)
        if self.mebibytes:
            floor = f"{self.floor.peak:.0f} MiB" if self.floor else ""
            yield Line("  peak memory", self.peak, "{:.0f} MiB", self.mebibytes, floor=floor)


def main() -> int:
    """Measure, print the table; return 1 if asked to be strict and a budget is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=11, help="measured runs of each row")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a budget is missed")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        rows = list(_rows(Path(folder)))
        _measure(rows, options.runs)
    pace = _pace(rows)
    print(f"Imports take {pace:.2f} times as long here as where the budgets of time were set.\n")
    lines = [line for row in rows for line in row.lines(pace)] + list(_growth(rows))
    lines += _payment(options.runs, pace)
    titles = ("", "median", "budget", "here", "floor", "")
    for name, *figures, verdict in [titles, *(line.cells for line in lines)]:
        print(f"{name:<32}{''.join(f'{figure:>11}' for figure in figures)}  {verdict}".rstrip())
    return int(options.strict and any(line.is_over for line in lines))


def _rows(folder: Path) -> Iterator[Row]:
    python = sys.executable
    bare = Row("bare interpreter", [python, "-c", ""], there=0.013)
    click = Row("import click", [python, "-c", "import click"], there=0.044)
    # Of pydantic what a model needs: the package itself loads next to nothing.
    imports = "import click, yaml; from pydantic import BaseModel, Field"
    model = Row("import click, yaml, pydantic", [python, "-c", imports], there=0.13)
    jinja = Row("the same and jinja2", [python, "-c", f"{imports}; import jinja2"], there=0.15)
    yield from (bare, click, model, jinja)

    yield Row("tapgen --help", [TAPGEN, "--help"], click, seconds=0.10)
    yield Row("tapgen check", [TAPGEN, "--root", str(ROOT), "check"], model, seconds=0.25)
    one = project(folder / "one")
    yield Row("tapgen render prod", _render(one, "prod"), jinja, one, seconds=0.30, mebibytes=90)
    for count, budget in ((10, None), (25, None), (50, 1.0)):
        many = project(folder / str(count), count)
        yield Row(f"tapgen render, {count} environments", _render(many), jinja, many, budget)


def _pace(rows: list[Row]) -> float:
    """Return how long floors take here for a second of the machine that the budgets are from."""
    return statistics.median(row.median / row.there for row in rows if row.there)


def _render(root: Path, *environments: str) -> list[str]:
    return [TAPGEN, "--root", str(root), "render", *environments]


def _measure(rows: list[Row], runs: int) -> None:
    for row in rows:  # byte code and file caches
        row.run()
    for _ in range(runs):
        for row in rows:
            seconds, mebibytes = row.run()
            row.times.append(seconds)
            row.peaks.append(mebibytes)


def _growth(rows: list[Row]) -> Iterator[Line]:
    """Yield what each further environment costs; linear means that it does not go up."""
    # The quickest runs: a difference of medians would carry the noise of both.
    few, more, most = (min(row.times) * 1000 for row in rows[-3:])
    first, later = (more - few) / 15, (most - more) / 25
    yield Line("  each further one, 10 to 25", first, "{:.1f} ms")
    yield Line("  each further one, 25 to 50", later, "{:.1f} ms", 1.5 * first)


def _payment(runs: int, pace: float) -> Iterator[Line]:
    """Yield what a payment costs; a PostgreSQL server is started for it."""
    command = [sys.executable, str(ROOT / "tests" / "bench_payment.py"), "--runs", str(runs)]
    done = subprocess.run(command, env=ENVIRON, stdout=subprocess.PIPE, check=True)
    figures = json.loads(done.stdout)
    yield Line("payment, warm, 99 of 100", figures["p99"], "{:.1f} ms", 15, pace)
    yield Line("  SQL round trips", figures["trips"], "{:.0f}", 3)
    yield Line("payment, from a cold start", figures["start"], "{:.3f} s", 0.6, pace)


if __name__ == "__main__":
    sys.exit(main())
