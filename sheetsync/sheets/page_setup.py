"""How the sheets of a new workbook are printed, and what of them may be typed into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from openpyxl.styles import Protection
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.protection import SheetProtection

from sheetsync.book import ColumnLook, Sheet
from sheetsync.model import Area, column_letter

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_UPRIGHT: Final = 120
"""Characters across an upright page, at most."""
_ONE_PAGE: Final = 60
"""Rows that are printed on one page, at most."""


def protect(sheet: Worksheet, unlocked: Sequence[Area]) -> None:
    """Protect a sheet without a password: filters, sorting and widths stay free (ECMA-376 section 18.3.1.85)."""
    free = Protection(locked=False)
    for area in unlocked:
        for row in sheet.iter_rows(area.top, area.bottom, area.left, area.right):
            for cell in row:
                cell.protection = free
    sheet.protection = SheetProtection(sheet=True, autoFilter=False, sort=False, formatColumns=False, formatRows=False)


def set_page(sheet: Worksheet, described: Sheet) -> None:
    """What is ours is printed across, as wide as the page."""
    if described.tab and described.header_row:
        sheet.print_title_rows = f"{described.header_row}:{described.header_row}"
    if (described.tab and described.header_row) or described.charts:
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    for row in described.breaks:
        sheet.row_breaks.append(Break(id=row))
    if (area := described.printed) is not None:
        sheet.print_area = f"{column_letter(area.left)}{area.top}:{column_letter(area.right)}{area.bottom}"
        sheet.page_setup.orientation = "landscape" if _wide(described, area) > _UPRIGHT else "portrait"
        long = area.bottom - area.top >= _ONE_PAGE
        sheet.page_setup.fitToHeight = 0 if long else 1
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _wide(described: Sheet, area: Area) -> float:
    """How wide an area is, in characters."""
    return sum(described.looks.get(column, ColumnLook()).width for column in range(area.left, area.right + 1))
