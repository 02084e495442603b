"""Make new workbooks with openpyxl, from sheets that are described in no program's own terms.

A person's own file is never saved with openpyxl (it loses too much); what is made here did not exist before.
"""

from __future__ import annotations

import datetime as dt
import io
from copy import copy
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any, Final

from lxml.etree import SerialisationError
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.formatting.rule import Rule as Format
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.dimensions import ColumnDimension
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.table import Table, TableStyleInfo

from sheetsync.book import Book, Check, ColumnLook, Formula, ListRange, Rule, Sheet, Style
from sheetsync.errors import UnwritableFileError, UsageError
from sheetsync.model import Area, Ownership, Value, column_letter
from sheetsync.sheets.looks import HEADER, HEADER_HEIGHT, ROLES, TABS
from sheetsync.sheets.new_file import MAX_TEXT, escape, finished
from sheetsync.sheets.page_setup import protect, set_page
from sheetsync.sheets.placing import create

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.cell.cell import MergedCell
    from openpyxl.styles.cell_style import StyleArray
    from openpyxl.worksheet.worksheet import Worksheet

_FONT: Final = "Calibri"
_SIZE: Final = 11
_VERTICAL: Final = {"top": "top", "middle": "center", "bottom": "bottom", "": None}
_SPARE_ROWS: Final = 1000
"""Drop-downs and date checks reach at least this far down, for rows to come."""
_MAX_PROMPT: Final = 255
_MAX_INLINE: Final = 255
_FIRST_DAY: Final = dt.date(1900, 1, 1)
_DATE_FORMAT: Final = "d mmm yyyy"
_NOTE_SIZE: Final = (260, 90)
_MARK: Final = "_sheetsync_"
_ADDED: Final = "sheet_added_"


def build_workbook(path: Path, book: Book) -> None:
    """Make a workbook file; the same book gives the same bytes.

    Raises UsageError if there is something at `path` already or it is no .xlsx, UnwritableFileError if it cannot be made.
    """
    check_new(path)
    try:
        data = workbook_bytes(book)
    except (OSError, SerialisationError):  # openpyxl writes each sheet into a temporary file first, by lxml
        reason = f"there is no room for temporary files in {gettempdir()}, free some space and run this again."
        raise UnwritableFileError(str(path), reason) from None
    create(path, data)


def check_new(path: Path) -> None:
    """Raises UsageError if no new workbook can be made at `path`."""
    if path.suffix.lower() != ".xlsx":
        raise UsageError(f"A tracker is made as an .xlsx workbook: name it {path.with_suffix('.xlsx').name}.")
    if path.exists():
        raise UsageError(f"{path} exists already: choose another name, or move it away first. Nothing was written.")


def workbook_bytes(book: Book) -> bytes:
    """The workbook that `build_workbook` writes, as a file's bytes."""
    made = Workbook()
    made.properties.creator = "sheetsync"
    first = made.active
    made.remove(first) if first is not None else None
    for sheet in book.sheets:
        _add_sheet(made, sheet)
    _add_charts(made, book)
    made.active = next((place for place, sheet in enumerate(book.sheets) if not sheet.hidden), 0)
    if book.owned:
        _mark(made, book.owned)
    for number, sheet in enumerate((sheet for sheet in book.sheets if sheet.added), start=1):
        name = f"{_MARK}{_ADDED}{number}"
        made.defined_names[name] = DefinedName(name, attr_text=f"{quote_sheetname(sheet.name)}!$A$1", hidden=True)
    stream = io.BytesIO()
    made.save(stream)
    return finished(stream.getvalue(), _results(book), charts=[sheet.charts for sheet in book.sheets if sheet.charts])


def _add_charts(made: Workbook, book: Book) -> None:
    """The charts, once every sheet is there whose numbers they may show."""
    number = 0
    for sheet in book.sheets:
        for chart in sheet.charts:
            from sheetsync.sheets.charts import add_chart

            number += 1
            add_chart(made[sheet.name], chart, sheet.looks, number=number)


def _results(book: Book) -> dict[str, dict[str, Value]]:
    """The known results of formulas, by the part and the cell that they stand in."""
    return {
        f"xl/worksheets/sheet{number}.xml": {
            f"{column_letter(column)}{row}": value.result
            for column, values in enumerate(sheet.columns, start=1)
            for row, value in enumerate(values, start=1)
            if isinstance(value, Formula) and value.result is not None
        }
        for number, sheet in enumerate(book.sheets, start=1)
    }


def _mark(made: Workbook, owned: Ownership) -> None:
    """The names by which our columns are known; a column that the person deleted has one that leads nowhere."""
    for key, column in owned.columns.items():
        sheet = quote_sheetname(owned.sheet)
        place = f"${column_letter(column)}${owned.header_row}" if column else "#REF!"
        made.defined_names[_MARK + key] = DefinedName(_MARK + key, attr_text=f"{sheet}!{place}", hidden=True)


# Sheets


def _add_sheet(made: Workbook, described: Sheet) -> None:
    sheet: Worksheet = made.create_sheet(described.name)
    if described.house:
        _house(sheet, described)
    else:
        _plain(sheet, described)
    for area, style in described.styles:
        _dress_area(sheet, area, style, house=described.house)
    _lay_out(sheet, described)
    for table in filter(None, (described.table, *described.more_tables)):
        _add_table(sheet, table.name, table.area, house=described.house, totals=table.totals_rows)
    for merge in described.merges:
        sheet.merge_cells(
            start_row=merge.top, start_column=merge.left, end_row=merge.bottom, end_column=merge.right
        )  # fmt: skip
    _add_checks(sheet, described)
    for priority, rule in enumerate(described.rules, start=1):
        _add_rule(sheet, rule, priority)
    _annotate(sheet, described)
    if described.filter:
        sheet.auto_filter.ref = _cells(described.filter)
    if described.unlocked is not None:
        protect(sheet, described.unlocked)


def _annotate(sheet: Worksheet, described: Sheet) -> None:
    for (row, column), note in described.notes.items():
        comment = Comment(note, "")
        comment.width, comment.height = _NOTE_SIZE
        sheet.cell(row, column).comment = comment
    for (row, column), link in described.links.items():
        cell = sheet.cell(row, column)
        inside = link.startswith("#")
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=link[1:]) if inside else link


def _house(sheet: Worksheet, described: Sheet) -> None:
    """The cells of a sheet with our look."""
    tops = any(look.wrap for look in described.looks.values())
    in_table = described.more_tables
    for place, values in enumerate(described.columns, start=1):
        look = described.looks.get(place, ColumnLook())
        style = ROLES[look.role]
        alignment = Alignment(
            vertical="top" if tops else "center",
            wrap_text=look.wrap,
            horizontal="left" if look.left else None,
            indent=int(look.indented),
        )
        shape = sheet.column_dimensions[column_letter(place)]
        if described.table:
            shape.font, shape.alignment = _font(style), alignment
            if look.number_format:
                shape.number_format = look.number_format
        for row, value in enumerate(values, start=1):
            if row == described.header_row:
                cell = sheet.cell(row, place)
                _put(cell, value, "")
                _dress(cell, HEADER, house=True)
            elif row > described.header_row and (value is not None or not in_table):
                cell = sheet.cell(row, place)
                _put(cell, value, look.number_format or _DATE_FORMAT)
                cell.font, cell.border, cell.alignment = _font(style), _border(style), alignment
                if look.number_format and cell.number_format == "General":
                    cell.number_format = look.number_format
    if described.header_row:
        sheet.row_dimensions[described.header_row].height = HEADER_HEIGHT


def _plain(sheet: Worksheet, described: Sheet) -> None:
    """The cells of a sheet whose looks are all told one by one."""
    for place, values in enumerate(described.columns, start=1):
        look = described.looks.get(place, ColumnLook())
        for row, value in enumerate(values, start=1):
            if value is not None:
                _put(sheet.cell(row, place), value, look.number_format or _DATE_FORMAT)


def _lay_out(sheet: Worksheet, described: Sheet) -> None:
    for place, look in described.looks.items():
        shape = sheet.column_dimensions[column_letter(place)]
        shape.width = look.width
        shape.hidden = look.hidden
    _unshared(sheet)
    for row, height in described.heights.items():
        sheet.row_dimensions[row].height = height
    for row in described.hidden_rows:
        sheet.row_dimensions[row].hidden = True
    colour = described.tab_colour or TABS.get(described.tab, "")
    if colour:
        sheet.sheet_properties.tabColor = colour
    rows, columns = described.frozen
    if rows or columns:
        sheet.freeze_panes = f"{column_letter(columns + 1)}{rows + 1}"
    if described.hidden:
        sheet.sheet_state = "hidden"
    if described.row_height:
        # Given, not left to be worked out: programs disagree about which rows they measure when a file is opened.
        sheet.sheet_format.defaultRowHeight = described.row_height
        sheet.sheet_format.customHeight = True
    set_page(sheet, described)


def _unshared(sheet: Worksheet) -> None:
    """Each column keeps a width of its own: openpyxl writes hidden ones that look alike as a group."""
    for letter, shape in sheet.column_dimensions.items():
        assert isinstance(shape, ColumnDimension)  # noqa: S101  # what the library holds there
        shape.index = letter


def _add_table(sheet: Worksheet, name: str, area: Area, *, house: bool, totals: int) -> None:
    table = Table(displayName=name, ref=_cells(area), totalsRowCount=totals or None)
    # Stripes would fight with the colours of the rows.
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False) if house else None
    sheet.add_table(table)


def _add_rule(sheet: Worksheet, rule: Rule, priority: int) -> None:
    look = DifferentialStyle(
        font=Font(color=rule.colour or None, bold=True if rule.bold else None) if rule.colour or rule.bold else None,
        fill=PatternFill(bgColor=rule.fill) if rule.fill else None,
    )
    made = Format(type="expression", formula=[rule.formula], dxf=look, priority=priority)
    sheet.conditional_formatting.add(" ".join(map(_cells, rule.areas)), made)


# What may be typed


def _add_checks(sheet: Worksheet, described: Sheet) -> None:
    top = described.header_row + 1
    bottom = max((len(values) for values in described.columns), default=0)
    for place, look in described.looks.items():
        area = Area(top, place, max(_SPARE_ROWS, bottom + 200), place)
        if look.dropdown or look.wants_date:
            _add_check(sheet, Check(area, look.dropdown, look.wants_date))
        if look.help and described.header_row:
            header = described.columns[place - 1][described.header_row - 1]
            sheet.add_data_validation(
                DataValidation(
                    showInputMessage=True,
                    promptTitle=str(header)[:32],
                    prompt=look.help[:_MAX_PROMPT],
                    sqref=_cells(Area(described.header_row, place, described.header_row, place)),
                )
            )
    for check in described.checks:
        _add_check(sheet, check)


def _add_check(sheet: Worksheet, check: Check) -> None:
    cells = _cells(check.area)
    if check.dropdown:
        # A suggestion unless it is strict: the person's own words are welcome, so no error is shown.
        made = DataValidation(
            type="list",
            formula1=_list(check.dropdown),
            allow_blank=True,
            showErrorMessage=None if check.strict else False,
            sqref=cells,
        )
        sheet.add_data_validation(made)
    if check.wants_date:
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


def _list(words: tuple[str, ...] | ListRange) -> str:
    if isinstance(words, ListRange):
        area = words.area
        letter = column_letter(area.left)
        return f"{quote_sheetname(words.sheet)}!${letter}${area.top}:${letter}${area.bottom}"
    joined = ",".join(word.replace('"', '""') for word in words)
    return f'"{joined[:_MAX_INLINE]}"'


# Cells


def _cells(area: Area) -> str:
    first = f"{column_letter(area.left)}{area.top}"
    last = f"{column_letter(area.right)}{area.bottom}"
    return first if first == last else f"{first}:{last}"


def _font(style: Style) -> Font:
    return Font(
        name=style.font or _FONT,
        size=style.size or _SIZE,
        bold=style.bold or None,
        italic=style.italic or None,
        underline="single" if style.underline else None,
        strike=style.strike or None,
        color=style.colour or None,
    )


def _border(style: Style) -> Border:
    top, right, bottom, left = (Side("thin", color=colour) if colour else Side() for colour in style.lines)
    return Border(top=top, right=right, bottom=bottom, left=left)


def _dress_area(sheet: Worksheet, area: Area, style: Style, *, house: bool) -> None:
    """Give every cell of an area a look.

    Cells that looked alike before look alike afterwards, so each look is worked out once: openpyxl takes half a
    millisecond for it, and a copied spreadsheet has tens of thousands of cells that are blank but for their look.
    """
    worked_out: dict[tuple[int, ...], StyleArray] = {}
    for row in range(area.top, area.bottom + 1):
        for column in range(area.left, area.right + 1):
            cell: Any = sheet.cell(row, column)
            before = tuple(cell._style or ())  # noqa: SLF001 - openpyxl's own name for all looks of a cell, which it copies so
            if before not in worked_out:
                _dress(cell, style, house=house)
                worked_out[before] = cell._style  # noqa: SLF001
            cell._style = copy(worked_out[before])  # noqa: SLF001


def _dress(cell: Cell | MergedCell, style: Style, *, house: bool) -> None:
    """Give a cell a look; on a sheet of ours what a style leaves open stays as the sheet has it."""
    cell.font = _font(style)
    if style.fill:
        cell.fill = PatternFill("solid", fgColor=style.fill)
    if any(style.lines) or not house:
        cell.border = _border(style)
    cell.alignment = Alignment(
        horizontal=style.horizontal or None, vertical=_VERTICAL[style.vertical], wrap_text=style.wrap or None
    )
    if style.number_format:
        cell.number_format = style.number_format


def _put(cell: Cell | MergedCell, value: Value | Formula, date_format: str) -> None:
    """Write a value as what it is: text stays text, whatever it begins with."""
    if value is None or value == "":
        return
    if isinstance(value, Formula):
        cell.value = f"={value.text}"
        cell.data_type = "f"
        return
    if isinstance(value, dt.date) and (value.date() if isinstance(value, dt.datetime) else value) < _FIRST_DAY:
        value = value.isoformat()
    if isinstance(value, str):
        cell.value = escape(value)[:MAX_TEXT]
        cell.data_type = "s"
        cell.quotePrefix = value[0] in "=+-@"
        return
    cell.value = value
    if isinstance(value, dt.date):
        timed = isinstance(value, dt.datetime) and value.time() != dt.time()
        cell.number_format = f"{date_format} hh:mm" if timed else date_format
