"""What a run by the schedule leaves for the morning: a line a tracker, how it ended, how each tracker stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from sheetsync.cli.options import say
from sheetsync.cli.output import count
from sheetsync.cli.reporting import Failure, Passing, Report, brief
from sheetsync.errors import SheetsyncError
from sheetsync.nightly import counts, night_log
from sheetsync.nightly.last_run import LastRun, TargetRun, write_last_run

if TYPE_CHECKING:
    from sheetsync.records.reading import Reading, Records


class ElsewhereError(SheetsyncError):
    """The tracker's night runs on another computer."""


def only_here(reading: Reading) -> Records:
    """Record nothing, and go no further if the tracker's night runs on another computer. Raises ElsewhereError."""
    from sheetsync.nightly.machine import elsewhere
    from sheetsync.records.reading import Records

    other = elsewhere(reading.settings.night_machine)
    if other is not None:
        raise ElsewhereError(f"its night runs on {other} now: `sheetsync schedule remove` here")
    return Records()


def went_back(target: str, today: dt.date) -> str:
    """A sentence if a tracker had a night after today, which only a clock can bring about; else nothing."""
    last = counts.last_run_on(target)
    if last is None or last <= today:
        return ""
    return (
        f"its last night was {last.isoformat()}, and today is {today.isoformat()}: if the computer's clock is wrong, put it "
        "right; everything was worked out for today."
    )


def keep(began: dt.datetime, results: Sequence[Report | Failure | Passing]) -> list[night_log.Entry]:
    """Write the log, the state and the standings; answer the log's lines. What cannot be written is said on stderr."""
    ended = dt.datetime.now().astimezone()
    runs = [_run(result) for result in results if not isinstance(result, Passing) or result.named]
    entries = [night_log.Entry(ended, run.outcome, run.target, run.told) for run in runs]
    reports = [result for result in results if isinstance(result, Report)]
    try:
        night_log.append(entries)
        _remember(reports)
        write_last_run(LastRun(began, ended, tuple(runs)))
    except SheetsyncError as error:
        say(str(error))
    return entries


def _remember(reports: Iterable[Report]) -> None:
    days: dict[dt.date, dict[str, dict[str, int]]] = {}
    for report in reports:
        days.setdefault(report.as_of, {})[report.target] = dict(report.counts)
    for day, standing in days.items():
        counts.remember(day, standing)


def _run(result: Report | Failure | Passing) -> TargetRun:
    if isinstance(result, Failure):
        return TargetRun(result.target, "failed", result.exit_code, f"{brief(result)}.")
    if isinstance(result, Passing):
        return TargetRun(result.target, "unchanged", 0, f"{result.reason}.")
    did = f"{count(result.changed_cells, 'cell')} brought up to date" if result.written else "nothing new"
    told = f"{did}; {standing(result.counts)}."
    if result.problems or result.missing:
        told += f" {count(len(result.problems) + len(result.missing), 'thing')} to look at."
    if result.back:
        told += f" {result.back}"
    return TargetRun(result.target, "written" if result.written else "unchanged", 0, told)


def standing(now: Mapping[str, int]) -> str:
    """How many are overdue and due, in words: `2 overdue, 3 due`."""
    told = [f"{now[word]:,} {word.lower()}" for word in ("Overdue", "Due") if now.get(word)]
    return ", ".join(told) or "nobody to contact"
