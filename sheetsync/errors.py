"""Everything that can stop a command, as one tree. Each error words its own message and owns its exit code.

    SheetsyncError
    ├── UsageError              2   the request cannot be meant: an unknown row, a column that is not there
    │   ├── ReadOnlyFormatError 2   a .csv was given to a command that writes
    │   └── NotInstalledError   2   libraries that only some commands need are not installed
    ├── NoTrackerError          3   no sheet was recognised as a tracker
    ├── FileError               4   the file cannot be read, written, or is refused
    │   ├── UnreadableFileError     broken, truncated, not a spreadsheet at all
    │   ├── RefusedFileError        encrypted, signed, .xls, too large, hostile
    │   ├── UnwritableFileError     read-only file or folder, disk full
    │   └── NoRoomError             no six empty columns together at the tracker's right
    ├── BusyError               5   somebody else is at the file
    │   ├── LockedError             it is open in a spreadsheet program
    │   ├── RunningError            another run of sheetsync is at it
    │   ├── MovedError              a row is another one than the person was shown
    │   ├── AnotherChangeError      the last change is another one than the person was asked about
    │   ├── EditedSinceError        a whole file was to be put back over the person's changes
    │   └── SourceChangedError      it changed between the read and the write
    │       └── RestoredError       it changed so late that it was written to, and put back
    ├── GoogleError             6   Google refused: sign-in, permission, quota
    │   ├── SignInError             no login, or one that Google does not accept
    │   ├── DeniedError             the account may not do this, or the spreadsheet is not there
    │   ├── UnreachableError        busy or out of reach for as long as it was tried
    │   └── UnclearError            whether a write arrived is not known: look before it is sent again
    ├── FleetError              4   the cluster is out of reach, or its workers have another sheetsync
    ├── ScheduleError           4   the system's scheduler refused, or is not there
    └── ImprobableResultError   7   most next dates would vanish although nothing of theirs changed

A cell that nobody can read is no error: it is a `sheetsync.model.Problem`, returned beside the result.
"""

from __future__ import annotations

import sys
from typing import Final


class SheetsyncError(Exception):
    """A program that cannot go on. `str()` of it is one sentence that says what to do."""

    exit_code = 1


class UsageError(SheetsyncError):
    """What was asked for cannot be meant."""

    exit_code = 2


class ReadOnlyFormatError(UsageError):
    """A .csv cannot hold results."""

    def __init__(self, location: str) -> None:
        super().__init__(
            f"{location} is a .csv, which cannot hold colours or extra columns safely: "
            f"turn it into a workbook first with `sheetsync init NEW.xlsx --from {location}`."
        )


class NotInstalledError(UsageError):
    """`what` needs libraries that are not installed. Names the Python that runs this: another one would not help."""

    def __init__(self, what: str, *libraries: str) -> None:
        python = f'"{sys.executable}"' if " " in sys.executable else sys.executable
        which = "a library" if len(libraries) == 1 else "libraries"
        named = " ".join(f'"{name}"' if "[" in name else name for name in libraries)
        super().__init__(f"{what} needs {which} that not everybody has: run `{python} -m pip install {named}`.")


EMPTY: Final = "it is empty."
"""Why there is no tracker, where there is nothing at all."""


class NoTrackerError(SheetsyncError):
    """No sheet looks like a tracker, or none looks enough like one."""

    exit_code = 3

    def __init__(self, location: str, reason: str) -> None:
        self.location = location
        self.reason = reason
        way_out = "If it is one, point at it with --sheet NAME --header-row N --map company=A."
        if reason == EMPTY:
            way_out = "`sheetsync init NEW.xlsx` makes a tracker to begin with."
        super().__init__(f"No follow-up tracker was recognised in {location}: {reason} Nothing was written. {way_out}")


class FileError(SheetsyncError):
    """The file cannot be read, cannot be written, or is refused."""

    exit_code = 4


class UnreadableFileError(FileError):
    """The file is broken, truncated, or not a spreadsheet."""

    def __init__(self, location: str, reason: str) -> None:
        super().__init__(f"{location} cannot be read: {reason} Nothing was written.")


class RefusedFileError(FileError):
    """The file is whole but must not be touched: encrypted, signed, .xls, too large, hostile."""

    def __init__(self, location: str, reason: str) -> None:
        super().__init__(f"{location} is refused: {reason} Nothing was written.")


class UnwritableFileError(FileError):
    """The file or its folder is read-only, or the disk is full. The old file is whole."""

    def __init__(self, location: str, reason: str) -> None:
        super().__init__(f"{location} cannot be written: {reason} The file is as it was.")


class NoRoomError(FileError):
    """The sheet has no run of empty columns to the right of the tracker."""

    def __init__(self, location: str, sheet: str, needed: int) -> None:
        super().__init__(
            f"Sheet {sheet!r} of {location} has no {needed} empty columns together to the right of the tracker: "
            "clear some there, or write fewer of ours with `columns` on the Settings sheet. Nothing was written."
        )


BY_WAITING: Final = ", or wait for it with --wait SECONDS"
"""What a sentence adds where there are options; a page has none."""
BY_STEP: Final = " To write all the same, add --step RULE --anyway."
"""Likewise, of a row for which no message is next."""
_ON_A_PAGE: Final = (
    (BY_WAITING, ""),
    (BY_STEP, ""),
    ("run this again", "do it again"),
    ("point at it with --sheet", "end `sheetsync serve` and start it again with --sheet"),
    ("then go on with --force", "then go on with `sheetsync sync` and --force in a terminal"),
)


def on_a_page(sentence: str) -> str:
    """A sentence as it is said to somebody who has buttons instead of a command's options."""
    for on_a_command_line, here in _ON_A_PAGE:
        sentence = sentence.replace(on_a_command_line, here)
    return sentence


class BusyError(SheetsyncError):
    """Somebody else is at the file."""

    exit_code = 5


class LockedError(BusyError):
    """A spreadsheet program holds the file open."""

    def __init__(self, location: str, holder: str) -> None:
        super().__init__(
            f"{location} is open in {holder}: close it there and run this again{BY_WAITING}. Nothing was written."
        )


class RunningError(BusyError):
    """Another run of sheetsync is at the tracker."""

    def __init__(self, location: str, process: str = "") -> None:
        which = f" (process {process})" if process else ""
        super().__init__(
            f"Another run of sheetsync{which} is at {location} right now: run this again when it has ended{BY_WAITING}. "
            "Nothing was written."
        )


class SourceChangedError(BusyError):
    """The spreadsheet changed between the read and the write."""

    def __init__(self, location: str) -> None:
        super().__init__(f"{location} was changed by somebody else just now: run this again. Nothing was written.")


class MovedError(BusyError):
    """A row is another one than the person was shown, and the one that was meant is not found."""

    def __init__(self, location: str, row: int) -> None:
        super().__init__(
            f"Row {row} of {location} is another one than the page shows, because the sheet was changed: choose it again in "
            "the list. Nothing was written."
        )


class AnotherChangeError(BusyError):
    """The last change is another one than the person agreed to take back. `last` says which it is; empty if there is none."""

    def __init__(self, location: str, last: str) -> None:
        now = (
            f"the last one is {last} now: look at it and press Undo again"
            if last
            else "there is none left to take back"
        )
        super().__init__(f"{location} was written to since you were asked, and {now}. Nothing was taken back.")


class EditedSinceError(BusyError):
    """A whole file was to be put back over what the person changed since."""

    def __init__(self, location: str) -> None:
        super().__init__(
            f"{location} was changed since sheetsync wrote it, and putting the whole file back would lose that: leave out "
            "--whole, which keeps your changes, or add --force. Nothing was written."
        )


class RestoredError(SourceChangedError):
    """The spreadsheet changed in the moment of the write. What was overwritten is back as it was read."""

    def __init__(self, location: str, places: str) -> None:
        Exception.__init__(
            self,
            f"{location} was changed by somebody else in the very moment it was written to, so what was written was taken "
            f"back: run this again. Only an edit made in that moment in {places} can be lost: look there.",
        )


class GoogleError(SheetsyncError):
    """Google refused, or could not be reached within the retry budget. `status` is the HTTP status, if there was one."""

    exit_code = 6

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class SignInError(GoogleError):
    """There is no login, or Google does not accept it."""


class DeniedError(GoogleError):
    """The account may not do this to this spreadsheet, or there is no such spreadsheet."""


class UnreachableError(GoogleError):
    """Google was busy or out of reach for as long as it was tried."""


class UnclearError(GoogleError):
    """A write got no answer: it may have been done. Look before it is sent again."""


class FleetError(SheetsyncError):
    """The cluster cannot be asked."""

    exit_code = 4


class ScheduleError(SheetsyncError):
    """The system's scheduler refused, is not there, or answers what nobody understands."""

    exit_code = 4


class ImprobableResultError(SheetsyncError):
    """Most threads would lose their next date although their own stage and dates did not change."""

    exit_code = 7

    def __init__(self, location: str, lost: int, dated: int) -> None:
        super().__init__(
            f"{lost} of {dated} next dates in {location} would disappear although those rows did not change, "
            "which is improbable: look at it with `sheetsync inspect`, then go on with --force. Nothing was written."
        )
