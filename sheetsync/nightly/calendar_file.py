"""The calendar file on disk: what stands there is read first, so that importing it again updates what has changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sheetsync.errors import UnreadableFileError, UsageError
from sheetsync.nightly.calendar import Composed, NotOursError, compose

if TYPE_CHECKING:
    from sheetsync.model import Plan, Tracker


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a calendar file; not `written` if it said the same already."""

    planned: int
    cancelled: int
    written: bool


def save(
    path: Path,
    tracker: Tracker,
    plan: Plan,
    *,
    alarm: dt.timedelta | None = None,
    private: bool = False,
    ids: Mapping[int, str] | None = None,
) -> Saved:
    """Write the next contacts into a calendar file, wholly or not at all. Arguments as in `compose`.

    Raises UsageError if another file stands there, UnreadableFileError, UnwritableFileError, SourceChangedError.
    """
    if path.suffix.lower() != ".ics":
        raise UsageError(f"{path} does not end in .ics: calendar programs know a calendar file by that.")
    before, version = _standing(path)
    try:
        composed = compose(tracker, plan, previous=before, alarm=alarm, private=private, ids=ids)
    except NotOursError:
        raise UsageError(
            f"{path} is no calendar that sheetsync made, so it is left as it is: write to another file with -o."
        ) from None
    if composed.content == before:
        return Saved(composed.planned, composed.cancelled, written=False)
    _write(path, composed, version)
    return Saved(composed.planned, composed.cancelled, written=True)


def _standing(path: Path) -> tuple[bytes | None, str | None]:
    """What the file holds, and its version; None where there is none."""
    from sheetsync.sheets.files import version

    try:
        return path.read_bytes(), version(path)
    except FileNotFoundError:
        return None, None
    except OSError as error:
        raise UnreadableFileError(str(path), f"{error.strerror or error}.") from error


def _write(path: Path, composed: Composed, version: str | None) -> None:
    from sheetsync.sheets.files import replace_atomically
    from sheetsync.sheets.placing import create

    if version is None:
        create(path, composed.content)
    else:
        replace_atomically(path, lambda file: file.write(composed.content), expected_version=version, backup=False)
