"""Which scheduler a computer has, and the nights on which its hour does not exist."""

from __future__ import annotations

import datetime as dt
import sys
import zoneinfo
from collections.abc import Callable, Mapping
from typing import Final

from sheetsync.errors import ScheduleError
from sheetsync.nightly.schedule.cron import Cron
from sheetsync.nightly.schedule.entry import Kind, Scheduler
from sheetsync.nightly.schedule.launchd import Launchd
from sheetsync.nightly.schedule.systemd import Systemd
from sheetsync.nightly.schedule.windows import Windows

SCHEDULERS: Final[Mapping[Kind, Callable[[], Scheduler]]] = {
    "systemd": Systemd, "launchd": Launchd, "windows": Windows, "cron": Cron,
}  # fmt: skip
_YEAR: Final = 366


def find_scheduler(kind: Kind | None = None) -> Scheduler:
    """The scheduler to use: the one asked for, else the system's own, else cron. Raises ScheduleError if there is none."""
    if kind is not None:
        found = SCHEDULERS[kind]()
        if not found.available():
            raise ScheduleError(f"{_NAMES[kind]} does not answer on this computer: leave --kind out, or name another.")
        return found
    own: Mapping[str, Kind] = {"darwin": "launchd", "win32": "windows"}
    for name in dict.fromkeys((own.get(sys.platform, "systemd"), "cron")):
        scheduler = SCHEDULERS[name]()
        if scheduler.available():
            return scheduler
    raise ScheduleError(
        "This computer has neither a systemd of yours nor cron that would answer: install cron, or let another computer "
        "run the night."
    )


def missing_night(at: dt.time, time_zone: str | None, today: dt.date) -> dt.date | None:
    """The next day, within a year, on which clocks are put forward over that time, so that it does not exist."""
    if time_zone is None:
        return None
    zone = zoneinfo.ZoneInfo(time_zone)
    for days in range(_YEAR):
        day = today + dt.timedelta(days)
        moment = dt.datetime.combine(day, at, zone)
        if moment.astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None) != moment.replace(tzinfo=None):
            return day
    return None


_NAMES: Final[Mapping[Kind, str]] = {
    "systemd": "A systemd of yours", "launchd": "launchd", "windows": "The Windows Task Scheduler", "cron": "cron",
}  # fmt: skip
