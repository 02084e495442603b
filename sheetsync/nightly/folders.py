"""A folder of trackers: which files in it are meant, and which copies a syncing program left beside them."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sheetsync.errors import UnreadableFileError

SUFFIXES: Final = (".xlsx", ".xlsm")
_HIDDEN: Final = (".", "~")
"""How the names of lock files, temporary files and hidden files begin."""
_MAC: Final = r"[\w’'. -]*\b(?:MacBook|iMac|Mac ?mini|Mac ?Studio|iPhone|iPad)\b[\w’'. -]*"
_CONFLICTS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?P<stem>.+?)-(?:(?:DESKTOP|LAPTOP|WIN|PC|SURFACE)-[A-Z0-9]+|{_MAC})(?:-\d+)?",  # OneDrive
        # Dropbox, Nextcloud, ownCloud, in the languages that they speak
        r"(?P<stem>.+?) ?\([^()]*(?:conflict|konflikt|conflit|conflitto|冲突|競合)[^()]*\)(?: ?\(\d+\))?",
        r"(?P<stem>.+?)\.sync-conflict-\d{8}-\d{6}(?:-\w+)?",  # Syncthing
        r"(?P<stem>.+?)_conf(?:\(\d+\))?",  # Google Drive for desktop, Box
        r"(?P<stem>.+?) ?\(\d{1,3}\)",  # Google Drive, and a browser's second download
    )
)
_COPIES: Final = re.compile(
    r"(?:backup|copy|kopie|copie|copia) (?:of|von|de) .+|.+[ _.-](?:backup|bak|copy|kopie)(?: ?\(?\d+\)?)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Passed:
    """A workbook in a folder that is not taken for a tracker, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a folder holds."""

    trackers: tuple[str, ...]
    passed: tuple[Passed, ...]


def trackers_in(folder: str) -> Found:
    """The workbooks in a folder, by name; what lies in folders below it is not looked at (see `folders_below`).

    Lock files, hidden and temporary files are not mentioned; copies of a workbook beside it, and what calls itself a
    backup, are passed over with a reason. Raises UnreadableFileError if the folder cannot be read, or holds no workbook.
    """
    try:
        names = [entry.name for entry in Path(folder).iterdir() if not entry.is_dir()]
    except OSError as error:
        raise UnreadableFileError(folder, f"{error.strerror or error}.") from None
    workbooks = sorted((name for name in names if _is_workbook(name)), key=lambda name: (name.casefold(), name))
    taken, passed = [], []
    for name in workbooks:
        place = str(Path(folder, name))
        if original := _conflict_of(name, workbooks):
            passed.append(Passed(place, f"it looks like a copy of {original} that a syncing program left"))
        elif _COPIES.fullmatch(Path(name).stem):
            passed.append(Passed(place, "it calls itself a backup or a copy"))
        else:
            taken.append(place)
    if not taken:
        raise UnreadableFileError(folder, _nothing_in(folder, passed))
    return Found(tuple(taken), tuple(passed))


def folders_below(folder: str) -> tuple[Passed, ...]:
    """The folders in a folder that hold workbooks, by name, and what to do about them; hidden ones are not mentioned."""
    try:
        inside = sorted((entry for entry in Path(folder).iterdir() if entry.is_dir()), key=lambda entry: entry.name)
    except OSError:
        return ()
    return tuple(
        Passed(str(entry), "it is a folder in the folder: name it, too, to have its trackers in")
        for entry in inside
        if not entry.name.startswith(_HIDDEN) and _holds_workbooks(entry)
    )


def _holds_workbooks(folder: Path) -> bool:
    try:
        return any(_is_workbook(entry.name) and not entry.is_dir() for entry in folder.iterdir())
    except OSError:
        return False


def _nothing_in(folder: str, passed: Sequence[Passed]) -> str:
    """Why a folder without any tracker is of no use, and what to do."""
    told = "there is no tracker (.xlsx or .xlsm) in this folder"
    if passed:
        first = passed[0]
        more = f" (and {len(passed) - 1} more)" if len(passed) > 1 else ""
        return f"{told}; {Path(first.path).name}{more} was passed over, since {first.reason}: name the file itself to have it in."
    if below := folders_below(folder):
        return f"{told}, and folders in it are not looked at: name them, such as {below[0].path}."
    return f"{told}."


def conflict_copies(path: str) -> tuple[str, ...]:
    """The names of the copies of a file that OneDrive, Dropbox, Google Drive and others left beside it."""
    own = Path(path)
    try:
        names = [entry.name for entry in own.resolve().parent.iterdir()]
    except OSError:
        return ()
    beside = [name for name in names if _is_workbook(name) and name != own.name]
    return tuple(sorted(name for name in beside if _conflict_of(name, (own.name,))))


def conflict_sentence(path: str, copies: Sequence[str]) -> str:
    """What a person is told of such copies."""
    name, one = Path(path).name, len(copies) == 1
    named = ", ".join(copies[:3]) + (f" and {len(copies) - 3} more" if len(copies) > 3 else "")
    return (
        f"{named} {'lies' if one else 'lie'} beside {name} and {'looks like a copy' if one else 'look like copies'} that a "
        f"syncing program made because two computers changed it: move what is missing into {name}, then delete "
        f"{'the copy' if one else 'the copies'}."
    )


def _is_workbook(name: str) -> bool:
    return name.lower().endswith(SUFFIXES) and not name.startswith(_HIDDEN)


def _conflict_of(name: str, beside: Iterable[str]) -> str | None:
    """The file among `beside` whose conflict copy a name is; None if it is none."""
    own = Path(name)
    others = {Path(other).name.casefold(): other for other in beside if other != name}
    here = platform.node().split(".")[0]
    stems = [match["stem"] for pattern in _CONFLICTS if (match := pattern.fullmatch(own.stem))]
    if here and (match := re.fullmatch(rf"(?P<stem>.+?)-{re.escape(here)}(?:-\d+)?", own.stem, re.IGNORECASE)):
        stems.append(match["stem"])
    return next((others[key] for stem in stems if (key := f"{stem}{own.suffix}".casefold()) in others), None)
