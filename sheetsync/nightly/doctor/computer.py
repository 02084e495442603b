"""The computer: versions, sheetsync's own files and folder, the clock, the night, and what is here alone."""

from __future__ import annotations

import datetime as dt
import os
import platform
import re
import shlex
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from sheetsync.errors import SheetsyncError
from sheetsync.nightly import state
from sheetsync.nightly.doctor.finding import Finding, guarded
from sheetsync.nightly.doctor.google import examine_google
from sheetsync.nightly.last_run import LastRun
from sheetsync.nightly.schedule.launchd import ERRORS
from sheetsync.nightly.schedule.status import status
from sheetsync.resources import read_toml, templates
from sheetsync.sheets.homes import backup_home, home

ROOM: Final = 200 << 20
"""Bytes that should be free where backups go."""
_KEY_LIBRARIES: Final = ("pandas", "openpyxl", "lxml", "python-calamine", "gspread", "google-auth", "holidays")
_ENDS: Final = {
    (3, 11): dt.date(2027, 10, 31),
    (3, 12): dt.date(2028, 10, 31),
    (3, 13): dt.date(2029, 10, 31),
    (3, 14): dt.date(2030, 10, 31),
}
"""When a Python gets its last security update (PEP 664, 693, 719, 745)."""
_NEEDED: Final = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?\s*>=\s*([0-9.]+)")
_FILES: Final = (
    "words/en.toml", "cadence/balanced.toml", "trackers/job-search.toml", "sheets/settings.toml", "formulas.toml",
    "highlights.toml",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Here:
    """What the edge knows of this moment and this computer."""

    now: dt.datetime
    """In the computer's own zone."""
    time_zone: str | None
    language: str | None
    service_account: str | None = None
    asks_google: bool = False
    """Whether one of the trackers to look at is in Google Sheets."""


def examine_computer(here: Here) -> Iterator[Finding]:
    """Everything but the trackers."""
    yield from guarded("Python", lambda: _python(here))
    yield from guarded("Libraries", _libraries)
    yield from guarded("Templates", _templates)
    yield from guarded("Own folder", _own_folder)
    yield from guarded("Clock", lambda: _clock(here))
    yield from guarded("Place", lambda: _place(here))
    yield from guarded("Night", lambda: _night(here))
    yield from guarded(
        "Google", lambda: examine_google(here.service_account, wanted=here.asks_google or bool(here.service_account))
    )
    yield from guarded("Only here", _only_here)


def _python(here: Here) -> Iterator[Finding]:
    version = f"sheetsync {metadata.version('sheetsync')} on Python {platform.python_version()}, {platform.system()}."
    ends = _ENDS.get((sys.version_info.major, sys.version_info.minor))
    if ends and here.now.date() > ends:
        yield Finding("Python", "do", f"{version} This Python gets no security updates any more: install a newer one.")
    else:
        yield Finding("Python", "ok", version)


def _libraries() -> Iterator[Finding]:
    wrong = []
    for line in metadata.requires("sheetsync") or ():
        requirement, _, marker = line.partition(";")
        match = _NEEDED.match(requirement.strip())
        if match is None or marker.strip():  # extras, and what other systems need
            continue
        try:
            found = metadata.version(match[1])
        except metadata.PackageNotFoundError:
            wrong.append(f"{match[1]} is missing")
            continue
        if _numbers(found) < _numbers(match[2]):
            wrong.append(f"{match[1]} is {found}, and {match[2]} is needed")
    if wrong:
        yield Finding("Libraries", "do", f"{'; '.join(wrong)}: install sheetsync again, which brings them.")
    else:
        named = ", ".join(f"{name} {metadata.version(name)}" for name in _KEY_LIBRARIES)
        yield Finding("Libraries", "ok", f"{named}.")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _templates() -> Iterator[Finding]:
    place = templates()
    missing = [name for name in _FILES if not (place / name).is_file()]
    if missing:
        yield Finding(
            "Templates", "do", f"{', '.join(missing)} is not in {place}: install sheetsync again, which brings it."
        )
        return
    broken = []
    for file in sorted(place.rglob("*.toml")):
        try:
            read_toml(file.relative_to(place).as_posix())
        except ValueError as error:
            broken.append(f"{file} is not valid TOML ({str(error).rstrip('.')})")
    if broken:
        yield Finding("Templates", "do", f"{'; '.join(broken)}: mend it, or install sheetsync again.")
    else:
        yield Finding("Templates", "ok", f"all found in {place}.")


def _own_folder() -> Iterator[Finding]:
    place = backup_home().absolute()  # refuses a folder that is synced
    if not place.exists():
        above = next(folder for folder in place.parents if folder.exists())
        if not os.access(above, os.W_OK | os.X_OK):
            yield Finding("Own folder", "do", f"{place} cannot be made: let SHEETSYNC_HOME name another place.")
        else:
            yield Finding("Own folder", "ok", f"{place} is made when something is first kept there.")
        return
    about = place.stat()
    if not stat.S_ISDIR(about.st_mode):
        yield Finding(
            "Own folder", "do", f"{place} is no folder: move it away, or let SHEETSYNC_HOME name another place."
        )
        return
    if not about.st_mode & 0o200 or not os.access(place, os.W_OK | os.X_OK):
        yield Finding(
            "Own folder", "do", f"{place} is read-only, so there would be no backup: make it writable for yourself."
        )
        return
    free = shutil.disk_usage(place).free
    if free < ROOM:
        yield Finding("Own folder", "do", f"Only {free >> 20} MB are free where backups go ({place}): make room there.")
    else:
        yield Finding("Own folder", "ok", f"{place} is writable, with {free >> 30} GB free.")
    private = [place / name for name in ("backups", "google", "nightly")]
    opened = [path for path in private if path.exists() and os.name != "nt" and path.stat().st_mode & 0o077]
    if opened:
        yield Finding(
            "Own folder",
            "do",
            f"Others may look into {', '.join(map(str, opened))}: take that right away with "
            f"`chmod 700 {' '.join(shlex.quote(str(path)) for path in opened)}`.",
        )


def _clock(here: Here) -> Iterator[Finding]:
    written = max(dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC) for path in (Path(__file__), templates()))
    when = f"{here.now:%Y-%m-%d %H:%M}"
    if here.now < written - dt.timedelta(days=1):
        yield Finding("Clock", "do", f"It says {when}, which is before sheetsync was installed: set it right.")
    else:
        yield Finding("Clock", "ok", f"it says {when}.")


def _place(here: Here) -> Iterator[Finding]:
    offset = f"{here.now:%z}"
    if here.time_zone:
        language = f", language {here.language}" if here.language else ""
        yield Finding("Place", "ok", f"time zone {here.time_zone} (UTC{offset[:3]}:{offset[3:5]}){language}.")
    else:
        told = f"The computer names no time zone, only UTC{offset[:3]}:{offset[3:5]}: where that is wrong, write `Time zone` on a "
        yield Finding("Place", "note", f"{told}tracker's Settings sheet.")
    if sys.getfilesystemencoding().replace("-", "").lower() != "utf8":
        yield Finding(
            "Place", "note", "Names of files are not read as UTF-8 here: set LANG to one such as en_GB.UTF-8."
        )


def _night(here: Here) -> Iterator[Finding]:
    found = status(here.now)
    if found is None:
        told = (
            "nothing is installed; `sheetsync schedule install TARGET --at 02:30` lets trackers be synced every night."
        )
        yield Finding("Night", "ok", told)
        return
    last = f"last on {found.last.began:%Y-%m-%d %H:%M}" if found.last else "not run yet"
    upcoming = f", next on {found.next:%Y-%m-%d %H:%M}" if found.next else ""
    yield Finding("Night", "ok", f"every night at {found.night.at:%H:%M} by {found.kind}, {last}{upcoming}.")
    for sentence in found.todo:
        yield Finding("Night", "do", sentence)
    for target in found.last.targets if found.last else ():
        if target.outcome == "failed":
            yield Finding("Night", "do", f"Last night failed for {target.target}: {target.told or 'see its log.'}")
    if said := _said_last(found.last):
        yield Finding("Night", "do", f"The night's command could not begin: {said}")


def _said_last(last: LastRun | None) -> str:
    """What cron's or launchd's command left since the last night that began, if it was not sheetsync that spoke."""
    place = state.folder() / ERRORS
    try:
        if last and place.stat().st_mtime < last.ended.timestamp():
            return ""
        lines = place.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    said = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return "" if said.startswith("sheetsync:") else said


def _only_here() -> Iterator[Finding]:
    place = home()
    kept = []
    if (place / "google" / "login.json").is_file():
        kept.append(("the sign-in to Google", "sheetsync auth google"))
    if state.load("schedule.json"):
        kept.append(("the night", "sheetsync schedule install"))
    try:
        folders = list((backup_home() / "backups").iterdir())
    except (OSError, SheetsyncError):
        folders = []
    what = [name for name, _ in kept] + (["backups, which `sheetsync undo` needs"] if folders else [])
    if not what:
        yield Finding("Only here", "ok", "nothing: a new computer needs sheetsync and your files, no more.")
        return
    commands = " and ".join(f"`{command}`" for _, command in kept)
    then = f": a new computer needs {commands} again" if commands else ""
    yield Finding("Only here", "ok", f"{', '.join(what)}{then}.")
