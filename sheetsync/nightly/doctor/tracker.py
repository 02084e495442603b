"""One tracker: whether it can be read and written, what lies beside it, its settings, its last backup, its night."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from sheetsync.errors import SheetsyncError
from sheetsync.nightly.claim import Claim, look
from sheetsync.nightly.doctor.computer import Here
from sheetsync.nightly.doctor.finding import Finding, guarded
from sheetsync.nightly.folders import SUFFIXES, conflict_copies, conflict_sentence
from sheetsync.nightly.schedule.entry import saved
from sheetsync.sheets import open_source
from sheetsync.sheets.backups import backups
from sheetsync.sheets.files import check_writable, is_hard_linked, lock_holder
from sheetsync.sheets.google.address import is_google, spreadsheet_id
from sheetsync.sheets.homes import synced_by
from sheetsync.sheets.source import Source

_ROOM: Final = 50 << 20
_AT_WORK: Final = 60.0
"""Seconds for which a temporary file may be that of a sync at work."""


def examine_tracker(target: str, here: Here, settings_beside: Callable[[str], Mapping[str, Any]]) -> Iterator[Finding]:
    """Everything about one tracker; `settings_beside` reads the `sheetsync.toml` beside it."""
    try:
        source = _open(target, here.service_account)
        claim = look(source, as_of=here.now, toml=settings_beside(target))
    except SheetsyncError as error:
        yield Finding("Tracker", "do", str(error))
        claim = None
    if claim:
        yield from guarded("Tracker", lambda: _read(claim))
    path = Path(target)
    if not is_google(target) and path.is_file() and path.suffix.lower() in SUFFIXES:
        yield from guarded("File", lambda: _file(path))
        yield from guarded("Folder", lambda: _folder(path, here))
        yield from guarded("Backup", lambda: _backup(path, here))
    if claim:
        yield from guarded("Settings", lambda: _settings(claim, here))
        yield from guarded("Night", lambda: _night(claim, target))


def _open(target: str, service_account: str | None) -> Source:
    if not is_google(target):
        return open_source(target)
    from sheetsync.nightly.doctor.google import quick_transport
    from sheetsync.sheets.google.auth import find_login
    from sheetsync.sheets.google.source import GoogleSource

    return GoogleSource(spreadsheet_id(target), quick_transport(find_login(service_account)), location=target)


def _read(claim: Claim) -> Iterator[Finding]:
    proposal = claim.proposal
    layout, count = proposal.layout, len(proposal.plan.frame)
    yield Finding("Tracker", "ok", f"sheet {layout.sheet}, {count:,} {'thread' if count == 1 else 'threads'}.")
    if problems := len(proposal.problems):
        words = "1 thing to look at" if problems == 1 else f"{problems:,} things to look at"
        yield Finding("Tracker", "note", f"{words}: `sheetsync inspect` names them.")


def _file(path: Path) -> Iterator[Finding]:
    check_writable(path)
    if holder := lock_holder(path):
        yield Finding(
            "File", "do", f"It is open in {holder}: close it there; a lock file that a crash left can be deleted."
        )
    elif is_hard_linked(path):
        yield Finding("File", "note", "It has another name elsewhere (a hard link), which keeps the old content.")
    else:
        yield Finding("File", "ok", "writable, and open nowhere.")


def _folder(path: Path, here: Here) -> Iterator[Finding]:
    target = path.resolve()
    folder = target.parent
    todo = []
    if leftovers := sum(_age(file, here) > _AT_WORK for file in folder.glob(".sheetsync-*.tmp")):
        words = "A temporary file was" if leftovers == 1 else f"{leftovers} temporary files were"
        todo.append(f"{words} left by a sync that was cut off: the next `sheetsync sync` clears that.")
    if copies := conflict_copies(str(path)):
        todo.append(conflict_sentence(str(path), copies))
    free = shutil.disk_usage(folder).free
    if free < max(_ROOM, 3 * target.stat().st_size):
        todo.append(f"Only {free >> 20} MB are free in {folder}: make room there.")
    yield from (Finding("Folder", "do", sentence) for sentence in todo)
    if provider := synced_by(folder):
        told = f"{provider} syncs this folder: let it finish before you open the file on another computer."
        yield Finding("Folder", "note" if todo else "ok", told)
    elif not todo:
        yield Finding("Folder", "ok", "room enough, and nothing left over.")


def _age(file: Path, here: Here) -> float:
    try:
        return here.now.timestamp() - file.stat().st_mtime
    except FileNotFoundError:  # the sync at work is done
        return 0


def _backup(path: Path, here: Here) -> Iterator[Finding]:
    kept = backups(path)
    if not kept:
        yield Finding("Backup", "ok", "none yet: one is made before a sync first writes.")
        return
    newest = kept[-1].moment.astimezone()
    if newest > here.now + dt.timedelta(minutes=10):
        told = f"The newest is of {newest:%Y-%m-%d %H:%M}, which is still to come: set the computer's clock right."
        yield Finding("Backup", "do", told)
        return
    yield Finding("Backup", "ok", f"{len(kept)} kept, the newest of {newest:%Y-%m-%d %H:%M}.")


def _settings(claim: Claim, here: Here) -> Iterator[Finding]:
    settings = claim.proposal.settings
    if settings.country:
        region = f", region {settings.region}" if settings.region else ""
        yield Finding("Holidays", "ok", f"those of {settings.country}{region}.")
    else:
        how = "write `Country` on its Settings sheet"
        if claim.place is None:
            how = "give it a Settings sheet with `sheetsync add TARGET settings` and write `Country` there"
        yield Finding("Holidays", "note", f"No country is set, so public holidays are not kept free: {how}.")
    zone = settings.time_zone
    if zone and here.time_zone and zone != here.time_zone:
        yield Finding(
            "Time zone", "note", f"Its days are counted in {zone}, while this computer is in {here.time_zone}."
        )


def _night(claim: Claim, target: str) -> Iterator[Finding]:
    found = saved()
    ours = found is not None and target in found[0].targets
    if claim.machine and ours:
        told = f"{claim.machine} has taken its night over: run `sheetsync schedule remove` here, or install it again."
        yield Finding("Night", "do", told)
    elif claim.machine:
        yield Finding("Night", "ok", f"it is synced every night by {claim.machine}.")
    elif ours:
        yield Finding("Night", "ok", "it is synced every night by this computer.")
    elif claim.proposal.settings.night_machine:
        told = "Its Settings sheet says that its night runs here, but nothing is installed for it: install it again."
        yield Finding("Night", "do", told)
    else:
        yield Finding("Night", "ok", "it is synced when you run `sheetsync sync`.")
