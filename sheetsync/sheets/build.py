"""Make new workbooks with openpyxl: the tracker, History, Debrief, Settings, Cadence and the lists of the drop-downs.

A person's own file is never saved with openpyxl (it loses too much); what is made here did not exist before.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import os
import re
import secrets
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lxml import etree
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table, TableStyleInfo
from openpyxl.xml.constants import SHEET_MAIN_NS

from sheetsync.errors import UnwritableFileError, UsageError
from sheetsync.model import OWNED, Value, column_letter

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.cell.cell import MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

    from sheetsync.sheets.contents import Column, Contents, Page, Setting

_INK: Final = "1F2D3A"
_HEADER_FILL: Final = PatternFill("solid", fgColor="2F4B5C")
_HEADER_FONT: Final = Font(name="Calibri", size=11, bold=True, color="FFFFFF")
_BODY_FONT: Final = Font(name="Calibri", size=11, color=_INK)
_KEY_FONT: Final = Font(name="Calibri", size=11, bold=True, color=_INK)
_HELP_FONT: Final = Font(name="Calibri", size=11, color="5A6B78")
_LINE: Final = Border(bottom=Side("thin", color="DDE3E8"))
_HEADER_ALIGNMENT: Final = Alignment(vertical="center", wrap_text=True)
_TAB_COLOURS: Final = {"tracker": "2F4B5C", "log": "7B9BAE", "setup": "C9D3DA"}

OWNED_WIDTHS: Final = {
    "next_contact": 13, "contact_by": 13, "next_action": 54, "follow_up": 12, "days_overdue": 10, "why": 90,
}  # fmt: skip
"""Widths kept ready to the right of a new tracker for the columns that the first sync adds."""

_ROW_HEIGHT: Final = 20
_SPARE_ROWS: Final = 1000
"""Drop-downs and date checks reach at least this far down, for rows to come."""
_MAX_TEXT: Final = 32_767
_MAX_PROMPT: Final = 255
_FIRST_DAY: Final = dt.date(1900, 1, 1)
_ESCAPED: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f]")
_FONT_ORDER: Final = (
    "b", "i", "strike", "condense", "extend", "outline", "shadow", "u", "vertAlign", "sz", "color", "name", "family",
    "charset", "scheme",
)  # fmt: skip
_STAMPS: Final = re.compile(rb"<dcterms:(created|modified)\b.*?</dcterms:\1>", re.DOTALL)


def build_tracker(path: Path, contents: Contents, *, cadence: Sequence[Sequence[Value]] = ()) -> None:
    """Make a workbook; the same contents give the same bytes.

    `cadence` are the rows of the Cadence sheet, its header first; without any there is no such sheet.

    Raises UsageError if there is something at `path` already or it is no .xlsx, UnwritableFileError if it cannot be made.
    """
    if path.suffix.lower() != ".xlsx":
        raise UsageError(f"A tracker is made as an .xlsx workbook: name it {path.with_suffix('.xlsx').name}.")
    if path.exists():
        raise UsageError(f"{path} exists already: choose another name, or move it away first. Nothing was written.")
    _create(path, workbook_bytes(contents, cadence=cadence))


def workbook_bytes(contents: Contents, *, cadence: Sequence[Sequence[Value]] = ()) -> bytes:
    """The workbook that `build_tracker` writes, as a file's bytes."""
    book = Workbook()
    book.properties.creator = "sheetsync"
    words = _lists(contents)
    ranges = {name: _list_range(place, len(items)) for place, (name, items) in enumerate(words.items(), start=1)}
    first = book.active
    book.remove(first) if first is not None else None
    tracker = _add_page(book, contents.tracker, ranges, _TAB_COLOURS["tracker"])
    for offset, key in enumerate(OWNED, start=len(contents.tracker.columns) + 1):
        tracker.column_dimensions[column_letter(offset)].width = OWNED_WIDTHS[key]
    _add_page(book, contents.history, ranges, _TAB_COLOURS["log"])
    _add_page(book, contents.debrief, ranges, _TAB_COLOURS["log"])
    _add_settings(book, contents.settings)
    if cadence:
        _add_cadence(book, cadence)
    _add_lists(book, words)
    book.active = 0
    stream = io.BytesIO()
    book.save(stream)
    return _finished(stream.getvalue())


# Sheets


def _add_page(book: Workbook, page: Page, ranges: dict[str, str], colour: str) -> Worksheet:
    sheet: Worksheet = book.create_sheet(page.sheet)
    _header(sheet, [column.header for column in page.columns])
    bottom = 1 + max(len(page.rows), 0 if page.rows else page.blank_rows, 1)
    for number, column in enumerate(page.columns, start=1):
        shape = sheet.column_dimensions[column_letter(number)]
        shape.width = column.width
        shape.font = _BODY_FONT
        shape.alignment = _alignment(column, page)
        if column.date:
            shape.number_format = page.date_format
        for row in range(2, bottom + 1):
            cell = sheet.cell(row, number)
            value = page.rows[row - 2].get(column.key) if page.rows else column.start or None
            _put(cell, value, page.date_format)
            cell.font, cell.border, cell.alignment = _BODY_FONT, _LINE, _alignment(column, page)
            if column.date and cell.number_format == "General":
                cell.number_format = page.date_format
        _add_validations(sheet, number, column, ranges, last=max(_SPARE_ROWS, bottom + 200))
    table = Table(displayName=page.table, ref=f"A1:{column_letter(len(page.columns))}{bottom}")
    # Stripes would fight with the colours of the rows.
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
    sheet.add_table(table)
    _lay_out(sheet, page.row_height, freeze="B2", colour=colour)
    return sheet


def _add_validations(sheet: Worksheet, number: int, column: Column, ranges: dict[str, str], *, last: int) -> None:
    cells = f"{column_letter(number)}2:{column_letter(number)}{last}"
    if column.list:
        # A suggestion: the person's own words are welcome, so no error is shown.
        sheet.add_data_validation(
            DataValidation(
                type="list", formula1=ranges[column.list], allow_blank=True, showErrorMessage=False, sqref=cells
            )
        )
    if column.date:
        sheet.add_data_validation(
            DataValidation(
                type="date",
                operator="greaterThan",
                formula1="1",
                allow_blank=True,
                showErrorMessage=True,
                errorStyle="warning",
                errorTitle="No date",
                error="This is not a date that a spreadsheet understands, so nothing can be counted from it. Keep it?",
                sqref=cells,
            )
        )
    if column.help:
        sheet.add_data_validation(
            DataValidation(
                showInputMessage=True,
                promptTitle=column.header[:32],
                prompt=column.help[:_MAX_PROMPT],
                sqref=f"{column_letter(number)}1",
            )
        )


def _add_settings(book: Workbook, settings: Sequence[Setting]) -> None:
    sheet = book.create_sheet("Settings")
    _header(sheet, ["Setting", "Value", "What it does"])
    for row, setting in enumerate(settings, start=2):
        cells = [sheet.cell(row, column) for column in (1, 2, 3)]
        for cell, value, font in zip(
            cells, (setting.key, setting.value, setting.help), (_KEY_FONT, _BODY_FONT, _HELP_FONT), strict=True
        ):
            _put(cell, value or None, "")
            cell.font, cell.border = font, _LINE
            cell.alignment = Alignment(vertical="center")
        # As text: "24 December" must not turn into a date of this year.
        cells[1].number_format = "@"
        if setting.choices:
            sheet.add_data_validation(
                DataValidation(
                    type="list", formula1=f'"{",".join(setting.choices)}"', allow_blank=True, sqref=f"B{row}"
                )
            )
    for letter, width in zip("ABC", (18, 30, 110), strict=True):
        sheet.column_dimensions[letter].width = width
    _lay_out(sheet, _ROW_HEIGHT, freeze="A2", colour=_TAB_COLOURS["setup"])


def _add_cadence(book: Workbook, rows: Sequence[Sequence[Value]]) -> None:
    sheet = book.create_sheet("Cadence")
    _header(sheet, [str(value) for value in rows[0]])
    for number, values in enumerate(rows[1:], start=2):
        for place, value in enumerate(values, start=1):
            cell = sheet.cell(number, place)
            _put(cell, value, "d mmm yyyy")
            cell.font, cell.border = _KEY_FONT if place == 1 else _BODY_FONT, _LINE
            cell.alignment = Alignment(vertical="center", horizontal="left")
    for place in range(1, len(rows[0]) + 1):
        longest = max((len(str(values[place - 1] or "")) for values in rows if len(values) >= place), default=0)
        sheet.column_dimensions[column_letter(place)].width = min(max(longest + 3, 12), 80)
    _lay_out(sheet, _ROW_HEIGHT, freeze="B2", colour=_TAB_COLOURS["setup"])


def _add_lists(book: Workbook, words: dict[str, tuple[str, ...]]) -> None:
    """The drop-downs' words, each list a table, so that in Excel a word typed below a list joins its drop-down."""
    sheet = book.create_sheet("Lists")
    _header(sheet, [_list_title(name) for name in words])
    for place, (name, items) in enumerate(words.items(), start=1):
        letter = column_letter(place)
        sheet.column_dimensions[letter].width = max(len(word) for word in (*items, _list_title(name))) + 6
        for row, word in enumerate(items, start=2):
            cell = sheet.cell(row, place)
            _put(cell, word, "")
            cell.font, cell.border, cell.alignment = _BODY_FONT, _LINE, Alignment(vertical="center")
        table = Table(displayName=f"List_{name}", ref=f"{letter}1:{letter}{len(items) + 1}")
        table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
        sheet.add_table(table)
    _lay_out(sheet, _ROW_HEIGHT, freeze="A2", colour=_TAB_COLOURS["setup"])


def _lay_out(sheet: Worksheet, row_height: float, *, freeze: str, colour: str) -> None:
    sheet.sheet_properties.tabColor = colour
    sheet.freeze_panes = freeze
    # Given, not left to be worked out: programs disagree about which rows they measure when a file is opened.
    sheet.sheet_format.defaultRowHeight = row_height
    sheet.sheet_format.customHeight = True
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _lists(contents: Contents) -> dict[str, tuple[str, ...]]:
    """Every drop-down by name; where two sheets have one of the same name it offers the words of both."""
    lists: dict[str, dict[str, None]] = {}
    for page in (contents.tracker, contents.history, contents.debrief):
        for name in dict.fromkeys(column.list for column in page.columns if column.list):
            lists.setdefault(name, {}).update(dict.fromkeys(page.lists[name]))
    return {name: tuple(words) for name, words in lists.items()}


def _list_title(name: str) -> str:
    return f"{name.capitalize()} words"


def _list_range(place: int, count: int) -> str:
    letter = column_letter(place)
    return f"{quote_sheetname('Lists')}!${letter}$2:${letter}${count + 1}"


# Cells


def _header(sheet: Worksheet, texts: Iterable[str]) -> None:
    for place, text in enumerate(texts, start=1):
        cell = sheet.cell(1, place)
        _put(cell, text, "")
        cell.font, cell.fill, cell.alignment = _HEADER_FONT, _HEADER_FILL, _HEADER_ALIGNMENT
    sheet.row_dimensions[1].height = 32


def _alignment(column: Column, page: Page) -> Alignment:
    vertical = "top" if any(column.wrap for column in page.columns) else "center"
    return Alignment(vertical=vertical, wrap_text=column.wrap, horizontal="left" if column.date else None)


def _put(cell: Cell | MergedCell, value: Value, date_format: str) -> None:
    """Write a value as what it is: text stays text, whatever it begins with."""
    if value is None or value == "":
        return
    if isinstance(value, dt.date) and (value.date() if isinstance(value, dt.datetime) else value) < _FIRST_DAY:
        value = value.isoformat()
    if isinstance(value, str):
        # "_x0041_" typed by a person must not be read as an escaped "A"; control characters may only stand escaped.
        cell.value = _ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", value)[:_MAX_TEXT]
        cell.data_type = "s"
        cell.quotePrefix = value[0] in "=+-@"
        return
    cell.value = value
    if isinstance(value, dt.date):
        timed = isinstance(value, dt.datetime) and value.time() != dt.time()
        cell.number_format = f"{date_format} hh:mm" if timed else date_format


# Files


def _finished(data: bytes) -> bytes:
    """The same package, valid, and without the moment of its making, so that equal contents are equal bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":
                part = _STAMPS.sub(b"", part)
            elif name == "xl/styles.xml":
                part = _fonts_in_order(part)
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            new.writestr(entry, part)
    return stream.getvalue()


def _fonts_in_order(styles: bytes) -> bytes:
    """A stylesheet whose fonts hold their properties as the schema wants them (ECMA-376 18.8.22); openpyxl does not."""
    root = etree.fromstring(styles)
    for font in root.iter(f"{{{SHEET_MAIN_NS}}}font"):
        font[:] = sorted(font, key=lambda item: _FONT_ORDER.index(etree.QName(item).localname))
    return etree.tostring(root)


def _create(path: Path, data: bytes) -> None:
    """Put a new file in place whole, and never over another one."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            _move_new(temporary, path)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
    except FileExistsError:
        raise UsageError(f"{path} exists already: choose another name. Nothing was written.") from None
    except FileNotFoundError:
        raise UnwritableFileError(str(path), "its folder does not exist, make it first.") from None
    except OSError as error:
        raise UnwritableFileError(str(path), f"{error.strerror or error}.") from None


def _move_new(temporary: Path, path: Path) -> None:
    try:
        os.link(temporary, path)  # fails if somebody made one of that name meanwhile
    except FileExistsError:
        raise
    except OSError:  # a file system without links, such as FAT
        if path.exists():
            raise FileExistsError(str(path)) from None
        temporary.replace(path)
