"""The night's log: one line a tracker. It holds names of files, outcomes and numbers, never what a cell says."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final

from sheetsync.errors import UnwritableFileError
from sheetsync.nightly import state

FILE: Final = "night.log"
LARGEST: Final = 256 << 10
"""Bytes from which the log becomes `night.log.1`, and that one `night.log.2`."""
KEPT: Final = 4
"""How many older logs are kept."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One tracker's line."""

    at: dt.datetime
    outcome: str
    target: str
    told: str

    def __str__(self) -> str:
        return f"{self.at.isoformat(timespec='seconds')} {self.outcome:9} {short(self.target)}: {_one_line(self.told)}"


def path() -> Path:
    """Where the log is."""
    return state.folder().parent / "logs" / FILE


def short(target: str) -> str:
    """A target as the log names it: a file's name without its folders; of a spreadsheet at Google, the address."""
    name = target if "://" in target else PurePath(target).name
    return _one_line(name or target)


def append(entries: Iterable[Entry]) -> None:
    """Add lines, for the owner's eyes alone (mode 0600). Raises UnwritableFileError."""
    text = "".join(f"{entry}\n" for entry in entries)
    place = path()
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _rotate(place)
        # one write of one block, so that two runs at once cannot mix their lines
        handle = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, text.encode("utf-8", "replace"))
        finally:
            os.close(handle)
    except OSError as error:
        reason = f"{error.strerror or error}; SHEETSYNC_HOME names another place for it."
        raise UnwritableFileError(str(place), reason) from None


def _rotate(place: Path) -> None:
    """Make room for a new log where this one has grown large."""
    try:
        if place.stat().st_size < LARGEST:
            return
    except FileNotFoundError:
        return
    names = [place, *(place.with_name(f"{FILE}.{number}") for number in range(1, KEPT + 1))]
    for older, newer in zip(reversed(names), reversed(names[:-1]), strict=False):
        with contextlib.suppress(FileNotFoundError):
            newer.replace(older)


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
