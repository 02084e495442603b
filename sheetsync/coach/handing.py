"""A coach's copy as a file: made anew each time, over nothing but an earlier copy whose notes all came back."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sheetsync.coach.copy_sheet import without_empty
from sheetsync.coach.noting import merge_notes
from sheetsync.coach.returned import Returned, read_returned
from sheetsync.errors import LockedError, SheetsyncError, SourceChangedError, UnwritableFileError, UsageError
from sheetsync.sheets import open_source
from sheetsync.sheets.files import lock_holder
from sheetsync.sheets.google.address import is_google
from sheetsync.sheets.placing import replace_whole, worded

if TYPE_CHECKING:
    from sheetsync.book import Book
    from sheetsync.records.reading import Reading


class Place:
    """Where a copy of the tracker at `target` is to stand.

    Raises UsageError, LockedError and UnwritableFileError if none can be made there: for the tracker itself, for a name that
    is no .xlsx, for a file that is no coach's copy.
    """

    def __init__(self, path: Path, target: str) -> None:
        if _is_same(path, target):
            raise UsageError(f"{path} is the tracker itself: name a new file with --out. Nothing was shared.")
        if path.is_dir():
            raise UsageError(f"{path} is a folder: name a file in it. Nothing was shared.")
        if path.suffix.lower() != ".xlsx":
            raise UsageError(f"A coach's copy is an .xlsx workbook: name it {path.with_suffix('.xlsx').name}.")
        if not path.parent.is_dir():
            raise UnwritableFileError(str(path), "its folder does not exist, make it first.")
        if holder := lock_holder(path):
            raise LockedError(str(path), holder)
        self.path, self._target = path, target
        self._version = ""
        self.earlier = self._earlier()

    def check_notes(self, reading: Reading) -> None:
        """Raises UsageError if the earlier copy is of another tracker, or has notes that were not taken back."""
        if self.earlier is None:
            return
        try:
            notes = merge_notes(reading, self.earlier)
        except UsageError as error:
            raise UsageError(f"{error} Choose another name for the new copy.") from None
        waiting = sum(each.after != each.before for each in notes.taken) + len(notes.left) + len(self.earlier.beside)
        if waiting:
            told = "a note that is" if waiting == 1 else f"{waiting} notes that are"
            raise UsageError(
                f"{self.path} has {told} not in the tracker yet: take over what fits with `sheetsync notes {self._target} "
                f"--from {self.path}`, then share into this file again, or into a new one. Nothing was shared."
            )

    def put(self, book: Book) -> None:
        """Write the copy, for its owner only. Raises SourceChangedError if the earlier one was changed meanwhile."""
        from sheetsync.sheets.build import workbook_bytes

        looked_at, *others = book.sheets
        data = workbook_bytes(replace(book, sheets=(without_empty(looked_at), *others)))
        before = self._version
        self._earlier()
        if self._version != before:
            raise SourceChangedError(str(self.path))
        try:
            replace_whole(self.path, data, private=True)
        except OSError as error:
            raise UnwritableFileError(str(self.path), f"{worded(error)}.") from None

    def _earlier(self) -> Returned | None:
        if not self.path.exists():
            self._version = ""
            return None
        refusal = f"{self.path} exists already and is no coach's copy: choose another name, or move it away. Nothing was shared."
        try:
            snapshot = open_source(str(self.path)).read()
            found = read_returned(snapshot)
        except SheetsyncError:
            raise UsageError(refusal) from None
        if found.base is None:
            raise UsageError(refusal)
        self._version = snapshot.version
        return found


def _is_same(path: Path, target: str) -> bool:
    try:
        return not is_google(target) and os.path.samefile(path, target)  # noqa: PTH121 - no Path needed
    except OSError:
        return False
