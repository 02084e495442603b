"""A sheet that is described, as the bytes of a worksheet part and its tables (ECMA-376 part 1, 18.3.1.99 and 18.5.1.2).

What a whole book may have besides (notes, links, a filter without a table) is left out: sheets of ours do without.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from sheetsync.book import ColumnLook, Formula, ListRange, Sheet, Style
from sheetsync.model import Area, TableArea, Value, column_letter
from sheetsync.sheets.looks import BODY, HEADER, HEADER_HEIGHT, TABS
from sheetsync.sheets.ooxml.cells import Renderer, letters, text_bytes
from sheetsync.sheets.ooxml.looks import CellLook, Looks, body_look, over
from sheetsync.sheets.ooxml.markup import escape
from sheetsync.sheets.ooxml.styles import Styles
from sheetsync.sheets.ooxml.validations import list_rule

HEADING: Final = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
SPARE_ROWS: Final = 1000
"""Drop-downs and date checks reach at least this far down, for rows to come."""
_DATE_RULE: Final = (
    b'<dataValidation type="date" errorStyle="warning" operator="greaterThan" allowBlank="1" showErrorMessage="1" '
    b'errorTitle="No date" error="This is not a date that a spreadsheet understands, so nothing can be counted from it. '
    b'Keep it?" sqref="%b"><formula1>1</formula1></dataValidation>'
)
_PLAIN: Final = ColumnLook()
_TITLE: Final = replace(BODY, lines=Style().lines)
Offer = Callable[[tuple[str, ...] | ListRange, str], str]
"""The formula of a drop-down, by its words or where they stand, and by what they are called."""


def area_text(area: Area) -> str:
    """An area as references name it: A1:C4."""
    return f"{column_letter(area.left)}{area.top}:{column_letter(area.right)}{area.bottom}"


class SheetMaker:
    """Makes one worksheet part."""

    def __init__(self, sheet: Sheet, styles: Styles, looks: Looks, *, offer: Offer, epoch_1904: bool) -> None:
        self._sheet, self._styles, self._looks, self._offer = sheet, styles, looks, offer
        self._render = Renderer(b"", epoch_1904=epoch_1904)
        self._n_rows = max(map(len, sheet.columns), default=0)
        self._n_columns = len(sheet.columns)
        self._top = any(look.wrap for look in sheet.looks.values())
        self._over: dict[tuple[int, int], Style] = {}
        for area, style in sheet.styles:
            for row in range(area.top, min(area.bottom, self._n_rows) + 1):
                for column in range(area.left, min(area.right, self._n_columns) + 1):
                    self._over[row, column] = style

    def made(self, *, namespace: str, relations: str, tables: Sequence[str], drawing: str = "") -> bytes:
        """The part's bytes. `tables` are the ids of its relations to table parts, `drawing` that to its charts'."""
        sheet = self._sheet
        pieces = [
            HEADING,
            b'<worksheet xmlns="%b" xmlns:r="%b">' % (namespace.encode(), relations.encode()),
            self._properties(),
            b'<dimension ref="%b"/>' % area_text(Area(1, 1, max(self._n_rows, 1), max(self._n_columns, 1))).encode(),
            self._view(),
            b'<sheetFormatPr defaultRowHeight="%b"%b/>'
            % (b"%g" % (sheet.row_height or 15), b' customHeight="1"' if sheet.row_height else b""),
            self._columns(),
            b"<sheetData>",
            *self._rows(),
            b"</sheetData>",
            _listed(b"mergeCells", [b'<mergeCell ref="%b"/>' % area_text(each).encode() for each in sheet.merges]),
            *self._rules(),
            _listed(b"dataValidations", list(self._validations())),
            b'<pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>',
            b'<pageSetup orientation="landscape" fitToHeight="0"/>',
            self._breaks(),
            b'<drawing r:id="%b"/>' % drawing.encode() if drawing else b"",
            _listed(b"tableParts", [b'<tablePart r:id="%b"/>' % identity.encode() for identity in tables]),
            b"</worksheet>",
        ]
        return b"".join(pieces)

    def _properties(self) -> bytes:
        colour = self._sheet.tab_colour or TABS.get(self._sheet.tab, "")
        tab = b'<tabColor rgb="FF%b"/>' % colour.encode() if colour else b""
        return b'<sheetPr>%b<pageSetUpPr fitToPage="1"/></sheetPr>' % tab

    def _breaks(self) -> bytes:
        rows = self._sheet.breaks
        made = b"".join(b'<brk id="%d" max="16383" man="1"/>' % row for row in rows)
        return (
            b'<rowBreaks count="%d" manualBreakCount="%d">%b</rowBreaks>' % (len(rows), len(rows), made)
            if rows
            else b""
        )

    def _view(self) -> bytes:
        rows, columns = self._sheet.frozen
        if not (rows or columns):
            return b'<sheetViews><sheetView workbookViewId="0"/></sheetViews>'
        pane = "bottomRight" if rows and columns else "bottomLeft" if rows else "topRight"
        split = (f' xSplit="{columns}"' if columns else "") + (f' ySplit="{rows}"' if rows else "")
        corner = f"{column_letter(columns + 1)}{rows + 1}"
        return (
            f'<sheetViews><sheetView workbookViewId="0"><pane{split} topLeftCell="{corner}" activePane="{pane}" '
            f'state="frozen"/><selection pane="{pane}" activeCell="{corner}" sqref="{corner}"/></sheetView></sheetViews>'
        ).encode()

    def _columns(self) -> bytes:
        made = b""
        for column in range(1, max([self._n_columns, *self._sheet.looks]) + 1):
            look = self._sheet.looks.get(column, _PLAIN)
            style = self._looks.style(body_look(look, top=self._top, is_date=False)) if self._sheet.house else 0
            made += b'<col min="%d" max="%d" width="%b" style="%d" customWidth="1"%b/>' % (
                column, column, b"%g" % look.width, style, b' hidden="1"' if look.hidden else b"",
            )  # fmt: skip
        return b"<cols>%b</cols>" % made if made else b""

    # Cells

    def _rows(self) -> Iterator[bytes]:
        sheet = self._sheet
        for row in range(1, self._n_rows + 1):
            height = sheet.heights.get(row)
            if height is None and sheet.house and row == sheet.header_row:
                height = HEADER_HEIGHT
            tag = b'<row r="%d"' % row
            tag += b' ht="%g" customHeight="1"' % height if height is not None else b""
            tag += b' hidden="1"' if row in sheet.hidden_rows else b""
            cells = [self._cell(row, column) for column in range(1, self._n_columns + 1)]
            yield tag + b">" + b"".join(cells) + b"</row>"

    def _cell(self, row: int, column: int) -> bytes:
        values = self._sheet.columns[column - 1]
        value = values[row - 1] if row <= len(values) else None
        if value is None and row < self._sheet.header_row and (row, column) not in self._over:
            return b""
        head = b'<c r="%b%d" s="%d"' % (letters(column), row, self._style(row, column, value))
        if isinstance(value, Formula):
            return head + self._formula(value)
        if value is not None and row == self._sheet.header_row:
            value = str(value)
        content = self._render(value)
        return head + content.type + (b">" + content.inner + b"</c>" if content.inner else b"/>")

    def _formula(self, formula: Formula) -> bytes:
        text = b"<f>" + escape(formula.text) + b"</f>"
        if formula.result is None:
            return b">" + text + b"</c>"
        if isinstance(formula.result, str):
            return b' t="str">' + text + b"<v>" + text_bytes(formula.result) + b"</v></c>"
        content = self._render(formula.result)
        return content.type + b">" + text + content.inner + b"</c>"

    def _style(self, row: int, column: int, value: Value | Formula) -> int:
        sheet, look = self._sheet, self._sheet.looks.get(column, _PLAIN)
        held = value.result if isinstance(value, Formula) else value
        is_date = isinstance(held, dt.date)
        if not sheet.house:
            base = CellLook(Style(number_format=look.number_format, wrap=look.wrap), is_date and not look.number_format)
        elif row == sheet.header_row:
            base = CellLook(HEADER, shows_date=False)
        elif row < sheet.header_row:
            base = CellLook(_TITLE, is_date)
        else:
            base = body_look(look, top=self._top, is_date=is_date)
        told = self._over.get((row, column))
        if told is not None:
            base = CellLook(over(base.style, told), base.shows_date and not told.number_format)
        return self._looks.style(base)

    # Rules

    def _rules(self) -> Iterator[bytes]:
        for priority, rule in enumerate(self._sheet.rules, start=1):
            style = self._styles.highlight(fill=rule.fill, text=rule.colour, bold=rule.bold)
            areas = " ".join(map(area_text, rule.areas))
            yield (
                b'<conditionalFormatting sqref="%b"><cfRule type="expression" dxfId="%d" priority="%d"><formula>%b'
                b"</formula></cfRule></conditionalFormatting>" % (areas.encode(), style, priority, escape(rule.formula))
            )

    def _validations(self) -> Iterator[bytes]:
        sheet = self._sheet
        last = max(SPARE_ROWS, self._n_rows + 200)
        for column, look in sorted(sheet.looks.items()):
            letter = column_letter(column)
            below = f"{letter}{sheet.header_row + 1}:{letter}{last}"
            heading = self._heading(column)
            if look.dropdown:
                yield list_rule(b"", below, self._offer(look.dropdown, heading))
            elif look.wants_date:
                yield _DATE_RULE % below.encode()
            if look.help and sheet.header_row:
                yield b'<dataValidation allowBlank="1" showInputMessage="1" promptTitle="%b" prompt="%b" sqref="%b%d"/>' % (
                    escape(heading[:32]), escape(look.help[:255]), letter.encode(), sheet.header_row,
                )  # fmt: skip
        for check in sheet.checks:
            where = area_text(check.area)
            if check.dropdown:
                offered = self._offer(check.dropdown, self._heading(check.area.left))
                yield list_rule(b"", where, offered, strict=check.strict)
            elif check.wants_date:
                yield _DATE_RULE % where.encode()

    def _heading(self, column: int) -> str:
        values = self._sheet.columns[column - 1] if column <= self._n_columns else ()
        row = self._sheet.header_row
        value = values[row - 1] if 0 < row <= len(values) else None
        return value if isinstance(value, str) else ""


def table_part(sheet: Sheet, table: TableArea, *, identity: int, name: str, namespace: str) -> bytes:
    """A table's part: its columns are called as their headings are."""
    area = table.area
    columns = b""
    for step, column in enumerate(range(area.left, area.right + 1), start=1):
        heading = sheet.columns[column - 1][area.top - 1]
        text = text_bytes(str(heading)).replace(b'"', b"&quot;").replace(b"\n", b"_x000a_")
        columns += b'<tableColumn id="%d" name="%b"/>' % (step, text)
    where, called = area_text(area).encode(), escape(name)
    bottom = area.bottom - table.totals_rows
    filtered = area_text(Area(area.top, area.left, bottom, area.right)).encode()
    totals = b'totalsRowCount="%d"' % table.totals_rows if table.totals_rows else b'totalsRowShown="0"'
    return (
        HEADING
        + b'<table xmlns="%b" id="%d" name="%b" displayName="%b" ref="%b" %b><autoFilter ref="%b"/>'
        % (namespace.encode(), identity, called, called, where, totals, filtered)
        + b'<tableColumns count="%d">%b</tableColumns>' % (area.right - area.left + 1, columns)
        + b'<tableStyleInfo name="TableStyleLight1" showFirstColumn="0" showLastColumn="0" showRowStripes="0" '
        b'showColumnStripes="0"/></table>'
    )


def _listed(name: bytes, items: Sequence[bytes]) -> bytes:
    if not items:
        return b""
    return b'<%b count="%d">%b</%b>' % (name, len(items), b"".join(items), name)
