"""Values of workbooks that calamine does not know how to read although they are whole: read by openpyxl, never written.

Such are workbooks with Excel 4 macro sheets, and those whose ranges begin at row 0.
"""

from __future__ import annotations

import datetime as dt
import io
import warnings
from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from sheetsync.model import Value

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from sheetsync.sheets.ooxml.package import Package

_LARGEST: Final = 64 << 20
"""Bytes, inflated, up to which a workbook is read: openpyxl takes some fifty times that of memory."""
_MOST_CELLS: Final = 1_000_000


class SecondReaderError(Exception):
    """The workbook cannot be read this way either."""


def read_values(package: Package, sheets: Collection[str]) -> dict[str, list[list[Value]]]:
    """Sheet -> its values, column by column from A1. Raises SecondReaderError, and UnreadableFileError as a package does."""
    members = [name for name in package.names if package.part(name)]
    if sum(package.size(name) for name in members) > _LARGEST:
        raise SecondReaderError
    package.verify(*members)
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(io.BytesIO(package.data), data_only=True, keep_links=False)
            by_name = {sheet.title: sheet for sheet in book.worksheets}
            return {name: _columns(by_name[name]) for name in sheets}
        except Exception as error:  # openpyxl raises whatever its own code runs into
            raise SecondReaderError from error


def _columns(sheet: Worksheet) -> list[list[Value]]:
    bottom, right = sheet.max_row, sheet.max_column
    if bottom * right > _MOST_CELLS:
        raise SecondReaderError
    rows = [[_plain(value) for value in row] for row in sheet.iter_rows(1, bottom, 1, right, values_only=True)]
    if not any(value is not None for row in rows for value in row):
        return []
    return [list(column) for column in zip(*rows, strict=True)]


def _plain(value: object) -> Value:
    """A value as calamine gives it: midnight is a day, empty text an empty cell."""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date()
    if isinstance(value, str | int | float | dt.date | dt.time | dt.timedelta):
        return None if value == "" else value
    return None if value is None else str(value)
