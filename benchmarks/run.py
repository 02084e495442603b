"""Compare `sheetsync sync` with other libraries doing the same job, and print a Markdown table.

    python benchmarks/run.py                                 200, 10,000 and 100,000 rows, three runs each
    python benchmarks/run.py --rows 10000 --runs 5 --skip wolfxl --skip excelize

Every figure is a whole process: wall time and peak memory as the operating system counts them, the median of the runs.
The tools take turns, so that a busy machine hits all alike. A first sync meets a tracker without our columns, a nightly
one the same tracker a day later; the peers do both too, on files of their own. What the peers write is made up on the
spot: they plan nothing and make no backup, which `sheetsync` does.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.metadata
import itertools
import json
import multiprocessing
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

sys.path.insert(0, str(Path(__file__).parent))

from made_up import AS_OF, make_tracker

P = ParamSpec("P")
T = TypeVar("T")

HERE: Final = Path(__file__).parent
PEERS: Final = ("openpyxl", "wolfxl", "excelize")
NEXT_DAY: Final = AS_OF + dt.timedelta(days=1)
PROBE: Final = """
import sys
from sheetsync.cli import main
sys.argv = ["sheetsync", "--help"]
try:
    main()
except SystemExit:
    pass
print([name for name in ("pandas", "openpyxl") if name in sys.modules], file=sys.stderr)
"""


@dataclass(slots=True)
class Series:
    """One tool at one job, over the runs."""

    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    """Seconds of processor time, which a busy machine changes little."""
    mebibytes: list[float] = field(default_factory=list)
    failure: str = ""
    said: str = ""
    """What the last run wrote to stderr."""

    @property
    def time(self) -> float:
        return statistics.median(self.seconds)

    @property
    def memory(self) -> float:
        return statistics.median(self.mebibytes)

    def measure(self, command: Sequence[str], *, limit: float, environment: dict[str, str]) -> str:
        """Run a process once and note its figures; returns what it printed."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            begin = time.perf_counter()
            process = subprocess.Popen(command, stdout=out, stderr=err, env=environment)
            previous = signal.signal(signal.SIGALRM, lambda *_: process.send_signal(signal.SIGKILL))
            signal.setitimer(signal.ITIMER_REAL, limit)
            try:
                _, status, usage = os.wait4(process.pid, 0)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, previous)
            seconds = time.perf_counter() - begin
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            err.seek(0)
            self.said = err.read().decode(errors="replace")
            if process.returncode == -signal.SIGKILL and seconds >= limit:
                self.failure = f"over {limit:.0f} s"
            elif process.returncode:
                self.failure = (self.said.strip().splitlines() or [f"exit {process.returncode}"])[-1][:120]
            else:
                self.seconds.append(seconds)
                self.processor.append(usage.ru_utime + usage.ru_stime)
                self.mebibytes.append(usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2))
            return out.read().decode(errors="replace")


@dataclass(frozen=True, slots=True)
class Round:
    """All figures at one number of rows."""

    rows: int
    first: dict[str, Series]
    nightly: dict[str, Series]
    floor: float
    changed: float
    """The share of the rows in which the nightly sync changed a cell."""
    phases: dict[str, float]


def main() -> None:
    options = _options()
    tools = ["sheetsync", *(peer for peer in PEERS if peer not in options.skip)]
    with tempfile.TemporaryDirectory(prefix="sheetsync-bench-") as name:
        folder = Path(name)
        environment = _environment(folder)
        rounds = [_round(rows, tools, options, folder, environment) for rows in options.rows]
        starts = _starts(options, folder, environment)
    print(_report(rounds, tools, starts, options))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare sheetsync with other libraries doing the same job.")
    parser.add_argument("--rows", type=int, nargs="+", default=[200, 10_000, 100_000], metavar="N")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="runs of each tool and job (3)")
    parser.add_argument("--skip", action="append", default=[], choices=PEERS, help="leave a library out")
    parser.add_argument(
        "--limit", type=float, default=240, metavar="S", help="seconds after which a run is stopped (240)"
    )
    return parser.parse_args()


def _environment(folder: Path) -> dict[str, str]:
    """This environment with a home of its own, so that backups of the benchmark land in its folder."""
    home = {key: str(folder / "home") for key in ("HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")}
    return {**os.environ, **home, "SHEETSYNC_TIMINGS": "1"}


def _sync(target: Path, day: dt.date) -> list[str]:
    return [sys.executable, "-m", "sheetsync", "sync", str(target), "--as-of", day.isoformat()]


def _elsewhere(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in a fresh process.

    The peak memory of a process that we start begins with ours, so nothing large may ever be held here.
    """
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *args, **kwargs).result()


def _round(
    rows: int, tools: Sequence[str], options: argparse.Namespace, folder: Path, environment: dict[str, str]
) -> Round:
    original = folder / f"{rows}.xlsx"
    _note(f"making {rows:,} rows")
    _elsewhere(make_tracker, original, rows)
    first, nightly = ({tool: Series() for tool in tools} for _ in range(2))
    changed = 0.0
    for number in range(1, options.runs + 1):
        for tool in tools:
            target = folder / f"{tool}.xlsx"
            shutil.copyfile(original, target)
            for jobs, day in ((first, AS_OF), (nightly, NEXT_DAY)):
                series = jobs[tool]
                if first[tool].failure or series.failure:
                    continue
                _note(
                    f"{rows:,} rows, run {number} of {options.runs}: {tool}, {'first' if jobs is first else 'nightly'}"
                )
                compare = tool == "sheetsync" and jobs is nightly and number == 1
                if compare:
                    shutil.copyfile(target, folder / "before.xlsx")
                command = (
                    _sync(target, day)
                    if tool == "sheetsync"
                    else [sys.executable, str(HERE / "peers.py"), tool, str(target)]
                )
                series.measure(command, limit=options.limit, environment=environment)
                if compare:
                    changed = _elsewhere(_changed_rows, folder / "before.xlsx", target) / rows
    floor = statistics.median(_elsewhere(_floor, original) for _ in range(options.runs))
    return Round(rows, first, nightly, floor, changed, _phases(nightly["sheetsync"].said))


def _results(path: Path) -> list[list[Any]]:
    """The six columns beside the tracker, row by row."""
    from python_calamine import CalamineWorkbook  # only the share of changed rows needs it

    return [row[20:26] for row in CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()[1:]]


def _changed_rows(before: Path, after: Path) -> int:
    return sum(one != other for one, other in zip(_results(before), _results(after), strict=True))


def _floor(path: Path) -> float:
    """Seconds to inflate the package and deflate the tracker's own part: what no tool of this kind can go below."""
    begin = time.perf_counter()
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    packer.compress(parts["xl/worksheets/sheet1.xml"])
    packer.flush()
    return time.perf_counter() - begin


def _phases(said: str) -> dict[str, float]:
    """The seconds of each phase that a sync tells of in the last line of its stderr, {} if it does not."""
    for line in reversed(said.splitlines()):
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if isinstance(told, dict):
            return {str(name): float(seconds) for name, seconds in told.items()}
    return {}


def _starts(options: argparse.Namespace, folder: Path, environment: dict[str, str]) -> dict[str, Series]:
    """What starting costs: the help against click, a small nightly sync against pandas."""
    small = folder / "small.xlsx"
    _elsewhere(make_tracker, small, 200)
    days = [AS_OF + dt.timedelta(days=number) for number in range(2 * options.runs + 8)]
    python = sys.executable
    commands: dict[str, Callable[[int], list[str]]] = {
        "click": lambda _: [python, "-c", "import click"],
        "help": lambda _: [python, "-m", "sheetsync", "--help"],
        "pandas": lambda _: [python, "-c", "import pandas"],
        "sync": lambda number: _sync(small, days[number]),
    }
    starts = {name: Series() for name in commands}
    runs = 2 * options.runs + 5
    Series().measure(_sync(small, days[0]), limit=options.limit, environment=environment)
    for number in range(1, runs + 1):
        for name, command in commands.items():
            starts[name].measure(command(number), limit=options.limit, environment=environment)
    probe = Series()
    probe.measure([python, "-c", PROBE], limit=options.limit, environment=environment)
    starts["imported"] = probe
    return starts


def _report(
    rounds: Sequence[Round], tools: Sequence[str], starts: dict[str, Series], options: argparse.Namespace
) -> str:
    lines = [_machine(options), ""]
    head = [
        "Rows",
        "Tool",
        "First",
        "Nightly",
        "Peak, first",
        "Peak, nightly",
        "Time against sheetsync, first / nightly",
    ]
    lines += ["| " + " | ".join(head) + " |", "|" + " ---: | --- |" + " ---: |" * (len(head) - 2)]
    lines += [_line(figures, tool) for figures in rounds for tool in tools]
    lines.append("")
    for figures in rounds:
        ours = figures.nightly["sheetsync"]
        if not ours.seconds or not figures.first["sheetsync"].seconds:
            continue
        lines.append(
            f"- {figures.rows:,} rows: the nightly sync changed {figures.changed:.1%} of the rows. Floor (inflate, deflate "
            f"the one changed part) {figures.floor:.2f} s: a first sync takes {figures.first['sheetsync'].time / figures.floor:.1f} "
            f"times as long, a nightly one {ours.time / figures.floor:.1f} times.{_told(figures.phases)}"
        )
    lines += _processor_lines(rounds)
    lines += _growth(rounds)
    lines += _start_lines(starts)
    return "\n".join(lines)


def _line(figures: Round, tool: str) -> str:
    ours, night = figures.first["sheetsync"], figures.nightly["sheetsync"]
    first, nightly = figures.first[tool], figures.nightly[tool]
    cells = [f"{figures.rows:,}", tool]
    cells += [f"{job.time:.2f} s" if job.seconds else job.failure or "not run" for job in (first, nightly)]
    cells += [f"{job.memory:.0f} MiB" if job.seconds else "–" for job in (first, nightly)]
    ratios = [
        f"{job.time / base.time:.1f}" if job.seconds and base.seconds else "–"
        for job, base in ((first, ours), (nightly, night))
    ]
    cells.append("1" if tool == "sheetsync" else " / ".join(ratios))
    return "| " + " | ".join(cells) + " |"


def _told(phases: dict[str, float]) -> str:
    return f" Phases: {', '.join(f'{name} {seconds:.2f} s' for name, seconds in phases.items())}." if phases else ""


def _processor_lines(rounds: Sequence[Round]) -> list[str]:
    lines = []
    for figures in rounds:
        jobs = [
            (name, job["sheetsync"], job.get("openpyxl"))
            for name, job in (("first", figures.first), ("nightly", figures.nightly))
        ]
        told = [
            f"a {name} sync {statistics.median(ours.processor):.2f} s, openpyxl {statistics.median(theirs.processor):.2f} s "
            f"({statistics.median(theirs.processor) / statistics.median(ours.processor):.1f} times)"
            for name, ours, theirs in jobs
            if theirs is not None and ours.seconds and theirs.seconds
        ]
        if told:
            lines.append(f"- Processor time at {figures.rows:,} rows: {'; '.join(told)}.")
    return lines


def _growth(rounds: Sequence[Round]) -> list[str]:
    lines = []
    for small, large in itertools.pairwise(rounds):
        if small.rows < 1_000:  # below, starting is most of it
            continue
        for name, one, other in (("first", small.first, large.first), ("nightly", small.nightly, large.nightly)):
            if one["sheetsync"].seconds and other["sheetsync"].seconds:
                lines.append(
                    f"- From {small.rows:,} to {large.rows:,} rows ({large.rows / small.rows:.0f} times as many) a {name} sync "
                    f"takes {other['sheetsync'].time / one['sheetsync'].time:.1f} times as long."
                )
    return lines


def _start_lines(starts: dict[str, Series]) -> list[str]:
    lines = []
    for ours, theirs, what, other in (
        ("help", "click", "`sheetsync --help`", "`import click`"),
        ("sync", "pandas", "A nightly sync of 200 rows", "`import pandas`"),
    ):
        if starts[ours].seconds and starts[theirs].seconds:
            one, base = starts[ours].time, starts[theirs].time
            lines.append(f"- {what}: {one * 1000:.0f} ms, {one / base:.2f} times {other} ({base * 1000:.0f} ms).")
        else:
            lines.append(f"- {what}: {starts[ours].failure or 'not run'}")
    heavy = (starts["imported"].said.strip().splitlines() or ["?"])[-1]
    lines.append(f"- Of pandas and openpyxl, `sheetsync --help` imports: {'none' if heavy == '[]' else heavy}.")
    return lines


def _machine(options: argparse.Namespace) -> str:
    model = platform.processor() or platform.machine()
    about = Path("/proc/cpuinfo")
    if about.exists():
        names = [
            line.split(":", 1)[1].strip() for line in about.read_text().splitlines() if line.startswith("model name")
        ]
        model = names[0] if names else model
    versions = []
    for name in ("sheetsync", *PEERS):
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"{name} not installed")
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}; {', '.join(versions)}; "
        f"median of {options.runs}, whole process. `wolfxl` writes its dates as bare numbers."
    )


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
