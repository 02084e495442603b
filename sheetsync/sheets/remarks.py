"""What a workbook's cells say besides their values: comments, and the texts of formulas. Read by openpyxl, never written."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sheetsync.sheets.files import read_file
from sheetsync.sheets.ooxml.package import Package

_LARGEST: Final = 64 << 20
"""Bytes, inflated, up to which a workbook is read: openpyxl takes some fifty times that of memory."""
_THREADED: Final = re.compile(r"\A\[Threaded comment\].*?\n\s*Comment:\s*", re.DOTALL)
"""What Excel puts before a threaded comment for programs that know notes only; replies follow as “Reply:”."""

Place = tuple[str, int, int]
"""Sheet, row, column."""


@dataclass(frozen=True, slots=True)
class Remarks:
    """What stands where."""

    comments: Mapping[Place, str] = field(default_factory=dict)
    formulas: Mapping[Place, str] = field(default_factory=dict)
    """With the equals sign."""


def read_remarks(path: Path) -> Remarks | None:
    """The comments and formulas of a workbook; None if they cannot be read. Raises FileError."""
    data, _ = read_file(path)
    package = Package(str(path), data)
    members = [name for name in package.names if package.part(name)]
    if sum(package.size(name) for name in members) > _LARGEST:
        return None
    package.verify(*members)
    import openpyxl

    comments: dict[Place, str] = {}
    formulas: dict[Place, str] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for sheet in openpyxl.load_workbook(io.BytesIO(data), keep_links=False).worksheets:
                for row, cells in enumerate(sheet.iter_rows(), start=1):
                    for column, cell in enumerate(cells, start=1):
                        remark = getattr(cell, "comment", None)
                        if remark and (text := _THREADED.sub("", remark.text).strip()):
                            comments[sheet.title, row, column] = text
                        if cell.data_type == "f":
                            formulas[sheet.title, row, column] = str(getattr(cell.value, "text", cell.value))
        except Exception:  # noqa: BLE001  # openpyxl raises whatever its own code runs into
            return None
    return Remarks(comments, formulas)
