"""Copies of a file as it stood before each write: kept for a time, on this computer, for its owner only.

A backup is a copy and never a second name (hard link) of the file. A link would be safe only if nobody ever wrote into the
file itself, but a program that has it open, or that saves in place, writes into the bytes that the link names too. And a
process killed between linking and replacing would leave the person's own file as its backup.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from sheetsync.errors import UnwritableFileError
from sheetsync.sheets.homes import backup_home
from sheetsync.sheets.placing import replace_whole, sweep, worded

KEPT: Final = 30
"""How many are kept at most."""
KEPT_FOR: Final = dt.timedelta(days=14)
"""How long each is kept; the newest always is."""

_MOMENT: Final = "%Y-%m-%dT%H%M%S-%fZ"
_NAME: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d{6}-\d{6}Z)-([0-9a-f]{16})")


@dataclass(frozen=True, slots=True)
class Backup:
    """One copy."""

    path: Path
    moment: dt.datetime
    """When the file stood so, just before it was replaced; in UTC."""
    digest: str
    """Of the content, 16 hexadecimal digits."""


T = TypeVar("T")


def content_digest(data: bytes) -> str:
    """What names a content: 16 hexadecimal digits of BLAKE2b."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()[:16]


def folder_of(path: Path) -> Path:
    """Where a file's backups are; files of the same name in different folders have different ones.

    Raises UnwritableFileError if there is no place for backups.
    """
    target = path.resolve()
    return backup_home() / "backups" / f"{target.stem[:60]}-{short_hash(str(target))}"


def short_hash(text: str) -> str:
    """Eight hexadecimal digits that tell texts apart."""
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=4).hexdigest()


def backups(path: Path) -> tuple[Backup, ...]:
    """A file's backups, oldest first. Raises UnwritableFileError if there is no place for backups."""
    folder = folder_of(path)
    found = []
    for file in folder.iterdir() if folder.is_dir() else ():
        if match := _NAME.fullmatch(file.stem):
            with contextlib.suppress(ValueError):
                found.append(Backup(file, read_moment(match[1]), match[2]))
    return tuple(sorted(found, key=lambda one: (one.moment, one.digest)))


def name_moment(moment: dt.datetime) -> str:
    """A moment as names of files have it, in UTC, so that names sort by time whatever the time zone does."""
    return moment.astimezone(dt.UTC).strftime(_MOMENT)


def read_moment(text: str) -> dt.datetime:
    """The moment in a file's name. Raises ValueError."""
    return dt.datetime.strptime(text, _MOMENT).replace(tzinfo=dt.UTC)


def superfluous(kept: Sequence[T], moments: Sequence[dt.datetime], now: dt.datetime) -> list[T]:
    """What goes of things kept, oldest first: all beyond the newest 30, and those older than 14 days, but never the newest."""
    count = len(kept)
    return [
        one
        for place, (one, moment) in enumerate(zip(kept, moments, strict=True), start=1)
        if place < count and (count - place >= KEPT or now - moment > KEPT_FOR)
    ]


def back_up(path: Path, data: bytes, now: dt.datetime) -> Path:
    """Keep `data`, what the file holds, named by the time and the content. Raises UnwritableFileError.

    A content that is kept already gets the new time and is not kept twice.
    """
    folder = folder_of(path)
    digest = content_digest(data)
    copy = folder / f"{name_moment(now)}-{digest}{path.resolve().suffix}"
    try:
        make_private(folder.parent)
        make_private(folder)
        same = next((one for one in backups(path) if one.digest == digest and one.path.suffix == copy.suffix), None)
        if same is not None and same.path.stat().st_size == len(data) and same.path.read_bytes() == data:
            same.path.replace(copy)
            return copy
        write_private(copy, data)
    except OSError as error:
        reason = f"no backup could be made in {folder} ({worded(error)}); SHEETSYNC_HOME names another place."
        raise UnwritableFileError(str(path), reason) from None
    return copy


def prune(path: Path, now: dt.datetime) -> None:
    """Let go of backups that are too old or too many, and of what a killed run left.

    Those of a time still to come were made while the clock was wrong: they count as the oldest.
    """
    kept = sorted(backups(path), key=lambda one: (one.moment <= now, one.moment))
    for old in superfluous(kept, [one.moment for one in kept], now):
        with contextlib.suppress(OSError):
            old.path.unlink()
    sweep_backups(path)


def sweep_backups(path: Path) -> None:
    """Remove what killed runs left half done among a file's backups and notes."""
    with contextlib.suppress(UnwritableFileError):
        sweep(folder_of(path), deep=True)


def make_private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for its owner only. Raises OSError.

    One that is there already is narrowed to that, where it is the owner who runs this.
    """
    if folder.is_dir():
        if folder.stat().st_mode & 0o077:
            with contextlib.suppress(OSError):
                folder.chmod(0o700)
        return
    if not folder.parent.is_dir():
        make_private(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)


def write_private(place: Path, data: bytes) -> None:
    """Make a file for its owner only, all of it or nothing. Raises OSError."""
    replace_whole(place, data, private=True)
