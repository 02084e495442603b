"""How the night stands: what the scheduler says, what our own record of the last night says, and what is to be done."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sheetsync.errors import ScheduleError
from sheetsync.nightly.last_run import LastRun, TargetRun, read_last_run
from sheetsync.nightly.schedule.choose import SCHEDULERS
from sheetsync.nightly.schedule.entry import Kind, Night, Standing, saved
from sheetsync.sheets.google.address import is_google

_LATE: Final = dt.timedelta(hours=36)
"""A night that is this late did not happen, whatever moved it: daylight saving, a computer that was off till noon."""
_AHEAD: Final = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class TargetState:
    """One tracker of the night."""

    target: str
    there: bool
    """False if no such file is there any more; a Google spreadsheet is not asked for."""
    run: TargetRun | None
    """Its last night; None if it had none."""


@dataclass(frozen=True, slots=True)
class Status:
    """The night as it stands. Times are in the computer's own zone."""

    kind: Kind
    night: Night
    standing: Standing
    last: LastRun | None
    next: dt.datetime | None
    targets: tuple[TargetState, ...]
    todo: tuple[str, ...]
    """What is to be done, a sentence each; empty if all is well."""


def status(now: dt.datetime) -> Status | None:
    """How it stands at a moment that knows its zone; None if nothing was installed here. Writes nothing."""
    found = saved()
    if found is None:
        return None
    night, kind, installed = found
    scheduler = SCHEDULERS[kind]()
    todo: list[str] = []
    standing = Standing(installed=False)
    again = f"install it again with `sheetsync schedule install ... --at {night.at:%H:%M}`"
    try:
        standing = scheduler.standing()
        if not standing.installed:
            todo.append(
                f"It is switched off or gone from {kind}: {again}, or forget it with `sheetsync schedule remove`."
            )
        elif not scheduler.is_installed(night):
            todo.append(f"What stands in {kind} is not what was installed: {again}.")
    except ScheduleError as error:
        todo.append(str(error))
    if not Path(night.python).exists():
        todo.append(f"The Python that it runs, {night.python}, is not there any more: {again}.")
    last = read_last_run()
    targets = tuple(
        TargetState(target, is_google(target) or Path(target).exists(), last.of(target) if last else None)
        for target in night.targets
    )
    todo += [
        f"{state.target} is not there any more: if it was moved, {again} and name its new place."
        for state in targets
        if not state.there
    ]
    todo += _about_time(now, installed, last, standing)
    upcoming = standing.next or (next_time(night.at, now) if standing.installed else None)
    return Status(kind, night, standing, last, upcoming.astimezone() if upcoming else None, targets, tuple(todo))


def next_time(at: dt.time, now: dt.datetime) -> dt.datetime:
    """When that time of day comes next, in the zone of `now`."""
    day = now.date() if now.time() < at else now.date() + dt.timedelta(1)
    return dt.datetime.combine(day, at).astimezone()


def _about_time(now: dt.datetime, installed: dt.datetime, last: LastRun | None, standing: Standing) -> list[str]:
    if last is not None and last.began > now + _AHEAD:
        when = f"{last.began:%Y-%m-%d %H:%M}"
        return [f"The last night is noted for {when}, which is still to come: set the computer's clock right."]
    if installed > now + _AHEAD:
        return ["It was installed at a time that is still to come: the computer's clock was wrong then or is now."]
    todo = []
    if standing.ended:
        todo.append(
            f"Its last run was cut off ({standing.ended}): run `sheetsync sync` by hand and see how long it takes."
        )
    since = max(moment for moment in (installed, last.began if last else None) if moment)
    if now - since > _LATE + dt.timedelta(days=1 if last is None else 0):
        days = (now - since).days
        todo.append(
            f"It did not run for {days} {'day' if days == 1 else 'days'}: see whether the computer is on then, and run "
            "`sheetsync sync` by hand meanwhile."
        )
    if standing.exit_code and standing.last and (last is None or standing.last > last.ended + _AHEAD):
        todo.append(
            f"Its last run could not even begin (exit code {standing.exit_code}): run `sheetsync doctor`, then install it "
            "again."
        )
    return todo
