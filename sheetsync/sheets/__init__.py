"""Spreadsheets of every kind behind one protocol; the only package that touches them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sheetsync.errors import RefusedFileError, UnreadableFileError, UsageError
from sheetsync.sheets.google.address import is_google, spreadsheet_id

if TYPE_CHECKING:
    from sheetsync.sheets.source import Source

__all__ = ["open_source"]

_REFUSED: Final = {
    ".xltx": "it is a template: open it and save it as a workbook (.xlsx).",
    ".xltm": "it is a template: open it and save it as a workbook (.xlsm).",
    ".xls": "it is a workbook in the old .xls format: save it as .xlsx.",
    ".xlsb": "it is a binary workbook (.xlsb): save it as .xlsx.",
    ".ods": "it is an OpenDocument spreadsheet: save it as .xlsx.",
    ".numbers": "it is a Numbers spreadsheet: export it to Excel (.xlsx).",
}


def open_source(
    location: str, *, wait: float = 0, service_account: str | None = None, tell: Callable[[str], None] | None = None
) -> Source:
    """The spreadsheet at a path, or at a Google Sheets URL or id. Nothing is read yet.

    `wait` is how many seconds a write waits for a spreadsheet program to let go of the file. `service_account` is the
    key file to ask Google with; `tell` gets a sentence for each wait for Google.
    Raises UnreadableFileError if there is no such file or it is of no known kind, RefusedFileError for kinds that must
    be saved as .xlsx first, UsageError for a link to anything but a spreadsheet, SignInError.
    """
    if is_google(location):
        from sheetsync.sheets.google.auth import find_login
        from sheetsync.sheets.google.source import GoogleSource
        from sheetsync.sheets.google.transport import Transport

        found = spreadsheet_id(location)
        return GoogleSource(found, Transport(find_login(service_account), tell=tell), location=location)
    if location.strip().lower().startswith(("https://", "http://")):
        raise UsageError(
            f"{location} is no link to a Google spreadsheet, which begins with https://docs.google.com/spreadsheets/d/: "
            "download what is there as an .xlsx file and name that."
        )
    path = Path(location)
    if path.is_dir():
        raise UnreadableFileError(location, "it is a folder, name the file in it.")
    if not path.exists():
        raise UnreadableFileError(location, "there is no such file, check its name.")
    suffix = path.suffix.lower()
    if suffix in _REFUSED:
        raise RefusedFileError(location, _REFUSED[suffix])
    if suffix in {".xlsx", ".xlsm"}:
        from sheetsync.sheets.xlsx import XlsxSource

        return XlsxSource(path, wait=wait)
    if suffix == ".csv":
        from sheetsync.sheets.csv_file import CsvSource

        return CsvSource(location)
    raise UnreadableFileError(location, "it is neither .xlsx, .xlsm nor .csv.")
