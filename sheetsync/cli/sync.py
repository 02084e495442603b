"""`sheetsync sync`: the main job."""

from __future__ import annotations

import datetime as dt
import gc
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import click

from sheetsync.cli import BUG_EXIT, bug_sentence
from sheetsync.cli.keeping import keep_outcome
from sheetsync.cli.options import Asked, as_json, example, open_target, reads_tracker, say
from sheetsync.cli.output import Line, clean, progress, show, show_json
from sheetsync.cli.reporting import Failure, Passing, Report, report, sync_json
from sheetsync.cli.spreading import Cluster, each_of, everywhere, on_cluster
from sheetsync.cli.summary import several_blocks, sync_blocks
from sheetsync.cli.targets import LIMIT, given_up, spread
from sheetsync.errors import NoTrackerError, ReadOnlyFormatError, SheetsyncError
from sheetsync.model import Problem
from sheetsync.sheets.companions import settings_beside
from sheetsync.sheets.google.address import is_google

if TYPE_CHECKING:
    from sheetsync.coach.rounds import Round
    from sheetsync.records.reading import Reading, Records
    from sheetsync.sync import Outcome

_Result = Report | Failure | Passing
_GONE: Final = "it is not there any more: if it was moved, install the schedule again with its new place"
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
    night: bool
    found: frozenset[str]
    """The targets that nobody named: they lie in a folder that was."""


@click.command(
    epilog=example(
        "sheetsync sync tracker.xlsx",
        "sheetsync sync tracker.xlsx --dry-run",
        "sheetsync sync list.xlsx --sheet Jobs --header-row 3 --map applied_on=D",
        "sheetsync sync ana.xlsx ben.xlsx --jobs 2 --json",
        "sheetsync sync trackers/ --jobs 2 --limit 60",
        "sheetsync sync /srv/clients/ --scheduler tcp://10.0.0.5:8786",
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
@click.option(
    "--limit",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="How long each of several targets may take before it is given up (600).",
)
@on_cluster
@click.option("--force", is_flag=True, help="Go on even if most next dates would disappear.")
@click.option("--night", is_flag=True, help="As the schedule runs it: tell little, and add to the night's log.")
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
    limit: float | None,
    cluster: Cluster | None,
    force: bool,
    night: bool,
    as_json: bool,
) -> int:
    """Bring trackers up to date: whom to contact next, when, how and why.

    Six columns at the tracker's right are written, and overdue rows are coloured. Nothing else in the file changes, the
    file as it was is kept as a backup, and a second run with nothing new writes nothing. A folder stands for the trackers
    in it. With several targets, one that fails does not stop the others.
    """
    if highlight:
        asked = replace(asked, settings={**asked.settings, "highlight": highlight})
    targets, asked = everywhere(cluster, targets, asked, jobs=jobs)
    once = tuple(dict.fromkeys(targets))
    alone = not cluster and len(once) == 1 and not os.path.isdir(once[0])  # noqa: PTH112 - no Path needed
    if alone and not night and limit is None and not (as_json and len(targets) > 1):
        found = _alone(once[0], _Job(asked, dry_run, wait, force, as_json, night, frozenset()))
        if as_json:
            show_json(sync_json(found))
        else:
            show(sync_blocks(found))
        return 0
    began = dt.datetime.now().astimezone()
    once, passed, among = spread(once)
    job = _Job(asked, dry_run, wait, force, as_json, night, among)
    results: list[_Result] = [*passed]
    for result in _together(once, job, jobs, limit or LIMIT, cluster) if once else ():
        results.append(result)
        if isinstance(result, Failure) and not night:
            say(result.error)
    if night and not dry_run:
        from sheetsync.cli.night import keep

        entries = keep(began, results)
        show([] if as_json else [Line(str(entry)) for entry in entries])
    elif not as_json:
        show(several_blocks(results))
    if as_json:
        show_json([sync_json(result) for result in results])
    failed = [result for result in results if isinstance(result, Failure)]
    if failed and len(targets) == len(results) == 1:
        return failed[0].exit_code
    return 1 if failed else 0


def _alone(target: str, job: _Job) -> Report:
    """One target, its phases on a progress bar if it is large. Raises SheetsyncError."""
    large = os.path.isfile(target) and os.path.getsize(target) > LARGE  # noqa: PTH113, PTH202 - no Path needed
    with progress(len(_PHASE_WORDS), wanted=large) as tell:
        phases = list(_PHASE_WORDS)
        return _sync_one(target, job, lambda phase: tell(f"{_PHASE_WORDS[phase]:13}", phases.index(phase)))


def _together(targets: Sequence[str], job: _Job, jobs: int, limit: float, cluster: Cluster | None) -> Iterator[_Result]:
    """Several targets, their results in the order asked for. Raises FleetError."""
    from sheetsync.cli.workers import Ended

    with progress(len(targets), wanted=not job.night) as tell:
        tell(clean(targets[0], 50), 0)
        answers = each_of(partial(_attempt, job=job), targets, jobs=jobs, limit=limit + job.wait, cluster=cluster)
        for done, answer in enumerate(answers, start=1):
            tell(clean(targets[min(done, len(targets) - 1)], 50), done)
            yield given_up(answer, limit) if isinstance(answer, Ended) else answer


def _attempt(target: str, *, job: _Job) -> _Result:
    """One of several targets: what stops it is a result, so that the others go on."""
    try:
        return _sync_one(target, job)
    except NoTrackerError as error:
        if target in job.found:
            return Passing(target, "no tracker was recognised in it")
        return Failure(target, str(error), error.exit_code)
    except SheetsyncError as error:
        from sheetsync.cli.night import ElsewhereError

        if isinstance(error, ElsewhereError):
            return Passing(target, str(error), named=True)
        gone = not is_google(target) and not os.path.lexists(target)
        moved = _GONE if job.night else "there is no such file"
        return Failure(target, str(error), error.exit_code, moved if gone else "")
    except Exception as error:
        if os.environ.get("SHEETSYNC_DEBUG") == "1":
            raise
        return Failure(target, f"{target}: {bug_sentence(error)}", BUG_EXIT)
    finally:
        gc.collect()  # `main` leaves it to us


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
    from sheetsync.nightly.running import at_work

    source = open_target(target, job.asked.service_account, wait=job.wait)
    coaches = _Coaches(job)
    renewed: tuple[str, ...] = ()
    troubles: tuple[Problem, ...] = ()
    if job.dry_run:
        proposal, receipt = story.propose(source, **said, act=coaches.act), None
    else:
        with at_work(target, wait=job.wait):
            outcome = story.sync(source, **said, act=coaches.act, force=job.force)
            keep_outcome(target, "sync", outcome, job.asked)
            renewed, troubles = coaches.renew(outcome)
        proposal, receipt = outcome.proposal, outcome.receipt
    if watch:
        watch.tell()
    found = report(target, proposal, receipt, with_rows=job.with_rows)
    found = replace(found, recorded=(*found.recorded, *renewed), problems=(*found.problems, *troubles))
    return _looked_around(replace(found, once=tuple(_for_once(job.asked.settings))), job)


class _Coaches:
    """The Google spreadsheets of a tracker's coaches: what they bring, and that they are brought up to date."""

    def __init__(self, job: _Job) -> None:
        self._job = job
        self._round: Round | None = None

    def act(self, reading: Reading) -> Records:
        """What is recorded besides. Raises ElsewhereError."""
        from sheetsync.records.reading import Records, together
        from sheetsync.records.shares import has_shares

        records = Records()
        if self._job.night and not self._job.dry_run:
            from sheetsync.cli.night import only_here

            records = only_here(reading)
        if not has_shares(reading.snapshot):
            return records
        from sheetsync.cli.sharing import round_of

        self._round = round_of(dry=self._job.dry_run)
        return together(records, self._round.act(reading))

    def renew(self, outcome: Outcome) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
        """Sentences, and what went wrong."""
        return self._round.renew(outcome) if self._round else ((), ())


def _for_once(settings: Mapping[str, Any]) -> Iterator[str]:
    """The options without which the next run may take something else for the tracker, as sheetsync.toml spells them."""
    given = {name: settings[name] for name in ("sheet", "header_row") if name in settings}
    given |= {f"field.{name}": column for name, column in settings.get("fields", {}).items()}
    for name, value in given.items():
        yield f"{name} = {json.dumps(value, ensure_ascii=False)}"


def _looked_around(found: Report, job: _Job) -> Report:
    """A report, with what lies beside the file and what the last night says of today."""
    from sheetsync.cli.night import went_back
    from sheetsync.nightly.folders import conflict_copies, conflict_sentence

    back = "" if job.asked.as_of else went_back(found.target, found.as_of)
    if is_google(found.target) or not (copies := conflict_copies(found.target)):
        return replace(found, back=back)
    problem = Problem(found.sheet, None, None, conflict_sentence(found.target, copies))
    return replace(found, back=back, problems=(*found.problems, problem))


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
