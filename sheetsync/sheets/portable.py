"""A person's workbook as sheets to be made elsewhere: values and formulas, looks, drop-downs, rules, notes.

openpyxl reads it here and never saves it. Values are those that a sync reads; what they look like and which formula gives
them is openpyxl's to say. What has no like elsewhere is named: charts of the person's own, pictures, pivot tables, macros
and so on.
"""

from __future__ import annotations

import contextlib
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from sheetsync.book import Book, Check, ColumnLook, Formula, ListRange, Rule, Sheet, Style
from sheetsync.model import Area, Grid, Problem, Snapshot, Value, column_letter
from sheetsync.sheets.areas import rectangles
from sheetsync.sheets.carried import Carried, Redraw, redrawn
from sheetsync.sheets.cell_looks import Palette, style_of
from sheetsync.sheets.portable_formulas import is_portable

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_SPARE_ROWS: Final = 1_000
"""Below the last row, drop-downs and rules of whole columns are carried so far."""
_PARTS: Final = (
    (r"xl/charts/chart\d+\.xml", "chart", "charts"),
    (r"xl/chartsheets/[^/]+\.xml", "chart sheet", "chart sheets"),
    (r"xl/media/[^/]+", "picture", "pictures"),
    (r"xl/pivotTables/[^/]+\.xml", "pivot table", "pivot tables"),
    (r"xl/slicers/[^/]+\.xml", "set of slicers", "sets of slicers"),
    (r"xl/timelines/[^/]+\.xml", "timeline", "timelines"),
    (r"xl/vbaProject\.bin", "set of macros", "sets of macros"),
    (r"xl/threadedComments/[^/]+\.xml", "sheet with threads of comments", "sheets with threads of comments"),
    (r"xl/externalLinks/[^/]+\.xml", "link to another workbook", "links to other workbooks"),
    (r"xl/embeddings/[^/]+", "embedded file", "embedded files"),
    (r"xl/ctrlProps/[^/]+\.xml", "button or control", "buttons or controls"),
    (r"xl/diagrams/data\d+\.xml", "diagram", "diagrams"),
)
"""Parts of a package that are not carried over, and what one and several of them are called."""
_COMPARISONS: Final = {
    "equal": "=", "notEqual": "<>", "greaterThan": ">", "lessThan": "<", "greaterThanOrEqual": ">=",
    "lessThanOrEqual": "<=",
}  # fmt: skip


def workbook_book(
    path: Path, snapshot: Snapshot, *, redraw: Redraw, locale: str | None = None, time_zone: str | None = None
) -> Carried:
    """The workbook at `path`, of which `snapshot` was read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl's, of the parts that it does not know
        opened = load_workbook(path, rich_text=False)
    problems: list[Problem] = []
    palette = Palette(opened.loaded_theme)
    sheets = []
    for grid in snapshot.grids:
        if grid.name in opened.sheetnames and hasattr(opened[grid.name], "column_dimensions"):
            part = _Part(opened, opened[grid.name], grid, palette, _header_row(snapshot, grid))
            sheets.append(part.sheet(redraw))
            problems += part.problems
    drawn = sum(len(sheet.charts) for sheet in sheets)
    problems[:0] = [Problem(path.name, None, None, message) for message in _left_behind(path, drawn=drawn)]
    names = [name for name in opened.defined_names if not name.startswith("_")]
    if names:
        problems.append(
            Problem(path.name, None, None, _lost(len(names), "name given to cells", "names given to cells"))
        )
    book = Book(tuple(sheets), locale or snapshot.locale, time_zone or snapshot.time_zone, snapshot.owned)
    return Carried(book, tuple(problems))


def _header_row(snapshot: Snapshot, grid: Grid) -> int:
    if snapshot.owned and snapshot.owned.sheet == grid.name:
        return snapshot.owned.header_row
    return grid.tables[0].area.top if grid.tables else 0


def _left_behind(path: Path, *, drawn: int) -> Iterator[str]:
    """What the file holds that no other program is given, a line for each kind; `drawn` charts are made anew."""
    with zipfile.ZipFile(path) as package:
        names = package.namelist()
    for pattern, one, many in _PARTS:
        count = sum(1 for name in names if re.fullmatch(pattern, name)) - (drawn if one == "chart" else 0)
        if count > 0:
            yield _lost(count, one, many)


def _lost(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}: not carried over."


@dataclass(slots=True)
class _Cells:
    """What stands in the cells of a sheet, by column; and by row and column how they look and what hangs on them."""

    columns: list[list[Value | Formula]]
    styles: dict[tuple[int, int], Style] = field(default_factory=dict)
    notes: dict[tuple[int, int], str] = field(default_factory=dict)
    links: dict[tuple[int, int], str] = field(default_factory=dict)


class _Part:
    """One sheet while it is looked over."""

    def __init__(self, opened: Workbook, sheet: Worksheet, grid: Grid, palette: Palette, header_row: int) -> None:
        self.opened, self.ws, self.grid, self.palette = opened, sheet, grid, palette
        self.header_row = header_row
        self.bottom = max(sheet.max_row, grid.n_rows)
        self.problems: list[Problem] = []
        self._known: dict[Any, Style] = {}

    def sheet(self, redraw: Redraw) -> Sheet:
        ws, grid = self.ws, self.grid
        cells = self._cells()
        frozen = range_boundaries(ws.freeze_panes) if ws.freeze_panes else (1, 1, 1, 1)
        tables = grid.tables
        height = ws.sheet_format.defaultRowHeight if ws.sheet_format.customHeight else None
        self._tell_what_stays()
        sheet = Sheet(
            grid.name,
            tuple(cells.columns),
            self._looks(len(cells.columns)),
            header_row=self.header_row,
            house=False,
            table=tables[0] if tables else None,
            more_tables=tuple(tables[1:]),
            merges=grid.merges,
            hidden=grid.hidden,
            row_height=height,
            frozen=(int(frozen[1] or 1) - 1, int(frozen[0] or 1) - 1),
            tab_colour=self.palette.six(ws.sheet_properties.tabColor),
            styles=tuple(rectangles(cells.styles)),
            rules=tuple(self._rules()),
            checks=tuple(self._checks(cells.notes)),
            notes=cells.notes,
            links=cells.links,
            heights={row: float(shape.height) for row, shape in ws.row_dimensions.items() if shape.height is not None},
            hidden_rows=tuple(sorted(row for row, shape in ws.row_dimensions.items() if shape.hidden)),
            filter=_area(ws.auto_filter.ref) if ws.auto_filter.ref and not tables else None,
        )
        return replace(sheet, charts=redrawn(sheet, self._charted(), redraw))

    def _charted(self) -> Iterator[Area]:
        """The first values of each chart that shows this sheet's own cells."""
        drawn: Any = self.ws
        for chart in drawn._charts:  # noqa: SLF001 - openpyxl has no other way to those that it read
            values = chart.series[0].val if chart.series else None
            if values is not None and values.numRef is not None:
                sheet, _, cells = str(values.numRef.f).rpartition("!")
                if sheet.strip("'").replace("''", "'") == self.grid.name:
                    with contextlib.suppress(ValueError, TypeError):  # a name, or several areas
                        yield _area(cells)

    def _cells(self) -> _Cells:
        ws, grid = self.ws, self.grid
        width = max(ws.max_column if ws.max_row > 1 or ws["A1"].value is not None else 0, grid.n_columns)
        found = _Cells(
            [[grid.cell(row, column) for row in range(1, self.bottom + 1)] for column in range(1, width + 1)]
        )
        lost: list[tuple[int, int]] = []
        for cells in ws.iter_rows():
            for cell in cells:
                place = int(cell.row or 0), int(cell.column or 0)
                if cell.data_type == "f":
                    text = self._formula(cell.value)
                    if text is None:
                        lost.append(place)
                    else:
                        found.columns[place[1] - 1][place[0] - 1] = Formula(text, grid.cell(*place))
                self._look_at(cell, found)
        if lost:
            which = "This formula is" if len(lost) == 1 else f"This formula and {len(lost) - 1} more are"
            self.problems.append(
                Problem(grid.name, *lost[0], f"{which} not understood elsewhere: the value is carried over.")
            )
        return found

    def _look_at(self, cell: Any, found: _Cells) -> None:
        place = cell.row, cell.column
        if cell.has_style:
            key = cell._style  # noqa: SLF001 - the only key by which equal looks are known as equal
            if key not in self._known:
                self._known[key] = style_of(cell, self.palette)
            if self._known[key] != Style():
                found.styles[place] = self._known[key]
        if getattr(cell, "comment", None):
            found.notes[place] = cell.comment.text
        if getattr(cell, "hyperlink", None) and cell.hyperlink.target:
            found.links[place] = cell.hyperlink.target

    @staticmethod
    def _formula(value: Any) -> str | None:
        """The formula of a cell if it can be carried; array formulas and data tables are objects and cannot."""
        text = value.removeprefix("=") if isinstance(value, str) else ""
        return text if text and is_portable(text) else None

    def _looks(self, width: int) -> dict[int, ColumnLook]:
        looks = {}
        for shape in self.ws.column_dimensions.values():
            first, last = int(shape.min or 0), min(int(shape.max or 0), width)
            for column in range(first, last + 1):
                code = shape.number_format if shape.has_style else ""
                looks[column] = ColumnLook(
                    width=shape.width, number_format="" if code == "General" else code, hidden=bool(shape.hidden)
                )
        usual = self.ws.sheet_format.defaultColWidth or (self.ws.sheet_format.baseColWidth or 8) + 5
        for column in range(1, width + 1):
            looks.setdefault(column, ColumnLook(width=float(usual)))
        return looks

    def _rules(self) -> Iterator[Rule]:
        """Rules by formula and by comparison; the others are counted."""
        found = []
        lost = 0
        for place in self.ws.conditional_formatting:
            areas = tuple(self._cut(_area(str(cells))) for cells in place.cells.ranges)
            for rule in place.rules:
                formula = _condition(rule, areas[0])
                look = rule.dxf
                if formula is None or look is None or not is_portable(formula):
                    lost += 1
                    continue
                fill = self.palette.six(look.fill.bgColor) if look.fill else ""
                font = look.font
                colour = self.palette.six(font.color) if font else ""
                found.append((rule.priority, Rule(areas, formula, fill, colour, bool(font and font.b))))
        if lost:
            self._stays(_lost(lost, "conditional format", "conditional formats"))
        return (rule for _, rule in sorted(found, key=lambda pair: pair[0]))

    def _checks(self, notes: dict[tuple[int, int], str]) -> Iterator[Check]:
        """Drop-downs and date checks; a prompt becomes a note, other checks are counted."""
        lost = 0
        for check in self.ws.data_validations.dataValidation:
            areas = [self._cut(_area(str(cells))) for cells in check.sqref.ranges]
            if check.prompt and not check.type:
                notes.update(
                    {(area.top, area.left): check.prompt for area in areas if (area.top, area.left) not in notes}
                )
                continue
            words = self._words(check.formula1) if check.type == "list" else ()
            if not words and check.type != "date":
                lost += bool(check.type)
                continue
            strict = bool(check.showErrorMessage) and check.errorStyle in (None, "stop")
            for area in areas:
                yield Check(area, words, wants_date=check.type == "date", strict=strict and bool(words))
        if lost:
            self._stays(_lost(lost, "check of what may be typed", "checks of what may be typed"))

    def _words(self, formula: str | None) -> tuple[str, ...] | ListRange:
        text = (formula or "").removeprefix("=")
        if text.startswith('"'):
            return tuple(word.strip() for word in text.strip('"').replace('""', '"').split(",") if word.strip())
        named = self.opened.defined_names.get(text)
        text = named.attr_text if named is not None else text
        sheet, mark, cells = text.rpartition("!")
        name = sheet.strip("'").replace("''", "'") if mark else self.grid.name
        try:
            area = _area(cells.replace("$", ""))
        except (ValueError, TypeError):
            return ()
        return ListRange(name, area) if name in self.opened.sheetnames else ()

    def _tell_what_stays(self) -> None:
        if self.ws.protection.sheet:
            self._stays("The protection of this sheet: not carried over.")
        if self.ws.print_area:
            self._stays("The print area of this sheet: not carried over.")

    def _stays(self, message: str) -> None:
        self.problems.append(Problem(self.grid.name, None, None, message))

    def _cut(self, area: Area) -> Area:
        """An area without the rows of a whole column that nobody uses."""
        return Area(area.top, area.left, max(min(area.bottom, self.bottom + _SPARE_ROWS), area.top), area.right)


def _condition(rule: Any, area: Area) -> str | None:
    """A rule's condition as a formula, without "="; None if it has no like."""
    formulas = [str(text) for text in rule.formula or ()]
    if rule.type in ("expression", "containsText", "notContainsText", "beginsWith", "endsWith", "containsBlanks",
                     "notContainsBlanks", "containsErrors", "notContainsErrors") and formulas:  # fmt: skip
        return formulas[0]
    if rule.type != "cellIs" or not formulas:
        return None
    cell = f"{column_letter(area.left)}{area.top}"
    if rule.operator in _COMPARISONS:
        return f"{cell}{_COMPARISONS[rule.operator]}{formulas[0]}"
    if rule.operator in ("between", "notBetween") and len(formulas) > 1:
        inside = f"AND({cell}>={formulas[0]},{cell}<={formulas[1]})"
        return inside if rule.operator == "between" else f"NOT({inside})"
    return None


def _area(cells: str) -> Area:
    left, top, right, bottom = range_boundaries(cells.replace("$", ""))
    return Area(int(top or 1), int(left or 1), int(bottom or 1_048_576), int(right or 16_384))
