"""`sheetsync sync`: the main job."""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import click

from sheetsync.cli import BUG_EXIT, bug_sentence
from sheetsync.cli.options import Asked, as_json, example, open_target, reads_tracker, settings_beside
from sheetsync.cli.output import clean, progress, show, show_json
from sheetsync.cli.report import Failure, Report, report, sync_json
from sheetsync.cli.summary import several_line, sync_blocks, sync_line
from sheetsync.errors import ReadOnlyFormatError, SheetsyncError

if TYPE_CHECKING:
    from concurrent.futures import Future

LARGE: Final = 1_000_000
"""Bytes from which a single file gets a progress bar."""
_PHASE_WORDS: Final = {
    "read": "Reading", "recognise": "Recognising", "normalise": "Understanding", "plan": "Planning",
    "compare": "Comparing", "write": "Writing",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Job:
    """What to do with each target; plain values, so that another process can do it."""

    asked: Asked
    dry_run: bool
    wait: float
    force: bool
    with_rows: bool


@click.command(
    epilog=example(
        "sheetsync sync tracker.xlsx",
        "sheetsync sync tracker.xlsx --dry-run",
        "sheetsync sync list.xlsx --sheet Jobs --header-row 3 --map applied_on=D",
        "sheetsync sync ana.xlsx ben.xlsx --jobs 2 --json",
    )
)
@click.argument("targets", metavar="TARGET...", type=click.Path(), nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Show what would change and write nothing.")
@click.option(
    "--highlight",
    type=click.Choice(["columns", "row", "none"]),
    help="What is coloured: sheetsync's own columns (the default), the whole row, or nothing.",
)
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="SECONDS",
    help="How long to wait for a file that is open in a spreadsheet program.",
)
@click.option("--jobs", type=click.IntRange(min=1), default=1, metavar="N", help="How many targets to do at once.")
@click.option("--force", is_flag=True, help="Go on even if most next dates would disappear.")
@reads_tracker
@as_json
def command(
    targets: tuple[str, ...],
    *,
    asked: Asked,
    dry_run: bool,
    highlight: str | None,
    wait: float,
    jobs: int,
    force: bool,
    as_json: bool,
) -> int:
    """Bring trackers up to date: whom to contact next, when, how and why.

    Six columns at the tracker's right are written, and overdue rows are coloured. Nothing else in the file changes, the
    file as it was is kept as a backup, and a second run with nothing new writes nothing. With several targets, one that
    fails does not stop the others.
    """
    if highlight:
        asked = replace(asked, settings={**asked.settings, "highlight": highlight})
    job = _Job(asked, dry_run, wait, force, as_json)
    once = tuple(dict.fromkeys(targets))
    if len(once) == 1 and not (as_json and len(targets) > 1):
        found = _alone(once[0], job)
        if as_json:
            show_json(sync_json(found))
        else:
            show(sync_blocks(found))
        return 0
    results: list[Report | Failure] = []
    for result in _together(once, job, jobs):
        results.append(result)
        if isinstance(result, Failure):
            click.echo(f"sheetsync: {result.error}", err=True)
        elif not as_json:
            show([sync_line(result)])
    if as_json:
        show_json([sync_json(result) for result in results])
    else:
        show([several_line(results)])
    return 1 if any(isinstance(result, Failure) for result in results) else 0


def _alone(target: str, job: _Job) -> Report:
    """One target, its phases on a progress bar if it is large. Raises SheetsyncError."""
    large = os.path.isfile(target) and os.path.getsize(target) > LARGE  # noqa: PTH113, PTH202 - no Path needed
    with progress(len(_PHASE_WORDS), wanted=large) as tell:
        phases = list(_PHASE_WORDS)
        return _sync_one(target, job, lambda phase: tell(f"{_PHASE_WORDS[phase]:13}", phases.index(phase)))


def _together(targets: Sequence[str], job: _Job, jobs: int) -> Iterator[Report | Failure]:
    """Several targets, their results in the order asked for."""
    with progress(len(targets), wanted=True) as tell:
        if jobs == 1:
            for done, target in enumerate(targets):
                tell(clean(target, 50), done)
                yield _attempt(target, job)
                gc.collect()  # `main` leaves it to us
            return
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        # spawned, not forked: the progress bar runs a thread, and a fork would copy its locks as they stand
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(
            min(jobs, len(targets)), mp_context=context, initializer=_finish_what_you_began
        ) as pool:
            futures = [pool.submit(_attempt, target, job) for target in targets]
            try:
                for done, (target, future) in enumerate(zip(targets, futures, strict=True)):
                    tell(clean(target, 50), done)
                    yield _result(target, future)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise


def _finish_what_you_began() -> None:
    """Leave Control-C to the parent, which then hands out no further target."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _result(target: str, future: Future[Report | Failure]) -> Report | Failure:
    """A worker's answer, also if the system ended the worker."""
    from concurrent.futures.process import BrokenProcessPool

    try:
        return future.result()
    except BrokenProcessPool:
        return Failure(target, f"{target}: the process at it was ended, perhaps for want of memory: try --jobs 1.", 4)


def _attempt(target: str, job: _Job) -> Report | Failure:
    """One of several targets: what stops it is a result, so that the others go on."""
    try:
        return _sync_one(target, job)
    except SheetsyncError as error:
        return Failure(target, str(error), error.exit_code)
    except Exception as error:
        if os.environ.get("SHEETSYNC_DEBUG") == "1":
            raise
        return Failure(target, f"{target}: {bug_sentence(error)}", BUG_EXIT)


def _sync_one(target: str, job: _Job, announce: Callable[[str], None] = lambda _phase: None) -> Report:
    """Open, propose, write, sum up. Raises SheetsyncError."""
    if target.lower().endswith(".csv"):
        raise ReadOnlyFormatError(target)
    watch = _Stopwatch(announce) if os.environ.get("SHEETSYNC_TIMINGS") == "1" else None
    from sheetsync import sync as story

    if watch:
        watch.imported()
    said: dict[str, Any] = {
        "as_of": job.asked.moment,
        "options": job.asked.settings,
        "toml": settings_beside(target),
        "announce": watch or announce,
    }
    source = open_target(target, job.asked.service_account, wait=job.wait)
    if job.dry_run:
        proposal, receipt = story.propose(source, **said), None
    else:
        outcome = story.sync(source, **said, force=job.force)
        proposal, receipt = outcome.proposal, outcome.receipt
    if watch:
        watch.tell()
    return report(target, proposal, receipt, with_rows=job.with_rows)


class _Stopwatch:
    """The seconds each phase took, for the benchmarks: SHEETSYNC_TIMINGS=1 prints them as JSON on stderr."""

    def __init__(self, announce: Callable[[str], None]) -> None:
        self._announce = announce
        self._began = time.perf_counter()
        self._phase = "import"
        self._seconds: dict[str, float] = {}

    def __call__(self, phase: str) -> None:
        self._close()
        self._phase = phase
        self._announce(phase)

    def imported(self) -> None:
        """What follows until the first phase counts as reading."""
        self("read")

    def tell(self) -> None:
        """Print the line."""
        self._close()
        from sheetsync.sync import PHASES

        seconds = {phase: round(self._seconds.get(phase, 0.0), 4) for phase in (*PHASES, "import")}
        sys.stderr.write(json.dumps(seconds) + "\n")

    def _close(self) -> None:
        now = time.perf_counter()
        self._seconds[self._phase] = self._seconds.get(self._phase, 0.0) + now - self._began
        self._began = now
