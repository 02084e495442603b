"""A Google spreadsheet as sheets to be made elsewhere: the same as a sync reads, and what it looks like. One call."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sheetsync.book import Book, Check, ColumnLook, Formula, ListRange, Rule, Sheet, Style
from sheetsync.model import Area, Grid, Problem, Snapshot, Value, column_letter, column_number
from sheetsync.sheets.areas import rectangles
from sheetsync.sheets.carried import Carried, Redraw, redrawn
from sheetsync.sheets.google.formulas import from_google
from sheetsync.sheets.google.number_formats import from_google as number_format
from sheetsync.sheets.google.reading import FIELDS, read
from sheetsync.sheets.google.state import area
from sheetsync.sheets.google.values import Json
from sheetsync.sheets.portable_formulas import is_portable

if TYPE_CHECKING:
    from sheetsync.sheets.google.transport import Transport

_MASKS: Final = (
    ("properties(locale,timeZone)", "properties(title,locale,timeZone),namedRanges(name)"),
    ("gridProperties(rowCount,columnCount)", "tabColorStyle,gridProperties(rowCount,columnCount,frozenRowCount,frozenColumnCount)"),
    ("charts(position)", "bandedRanges(range),filterViews(range),charts(position,spec(basicChart(headerCount,series(series(sourceRange)))))"),
    ("rowMetadata(developerMetadata)", "rowMetadata(pixelSize,hiddenByUser,developerMetadata)"),
    ("dataValidation(condition)", "dataValidation,note,userEnteredFormat"),
)  # fmt: skip
"""What a copy reads beyond a sync."""
_USUAL_HEIGHT: Final = 21
"""Pixels of a row."""
_USUAL_FONTS: Final = frozenset({"Arial", "Calibri"})
_USUAL_SIZES: Final = frozenset({10, 11})
_CELLS: Final = re.compile(r"=?(?:'((?:[^']|'')+)'!|([^'!]+)!)?\$?([A-Z]{1,3})\$?(\d*)(?::\$?([A-Z]{1,3})\$?(\d*))?")
_COMPARISONS: Final = {
    "NUMBER_GREATER": ">", "NUMBER_GREATER_THAN_EQ": ">=", "NUMBER_LESS": "<", "NUMBER_LESS_THAN_EQ": "<=",
    "NUMBER_EQ": "=", "NUMBER_NOT_EQ": "<>", "TEXT_EQ": "=",
}  # fmt: skip
_LOST: Final = (
    ("charts", "chart", "charts"),
    ("slicers", "slicer", "slicers"),
    ("bandedRanges", "range of alternating colours", "ranges of alternating colours"),
    ("filterViews", "filter view", "filter views"),
    ("protectedRanges", "protected range", "protected ranges"),
)


def google_book(
    transport: Transport, spreadsheet_id: str, location: str, *, redraw: Redraw
) -> tuple[Carried, Snapshot]:
    """The spreadsheet, and what a sync reads of it. Raises GoogleError."""
    fields = FIELDS
    for narrow, wide in _MASKS:
        fields = fields.replace(narrow, wide)
    url = f"https://sheets.googleapis.com/v4/spreadsheets/{spreadsheet_id}"
    answer = transport.call("GET", url, params={"fields": fields}, target=location)
    snapshot, _ = read(answer, location)
    return _carried(answer, snapshot, redraw), snapshot


def _carried(answer: Mapping[str, Any], snapshot: Snapshot, redraw: Redraw) -> Carried:
    title = answer.get("properties", {}).get("title", snapshot.location)
    problems: list[Problem] = []
    names = len(answer.get("namedRanges", ()))
    if names:
        problems.append(Problem(title, None, None, _lost(names, "name given to cells", "names given to cells")))
    sheets = []
    for found in answer.get("sheets", ()):
        name = found["properties"]["title"]
        grid = next((grid for grid in snapshot.grids if grid.name == name), None)
        if grid is None:
            problems.append(Problem(name, None, None, "This sheet holds no cells of its own: not carried over."))
            continue
        part = _Part(found, grid, snapshot)
        sheets.append(part.sheet(redraw))
        problems += part.problems
    return Carried(Book(tuple(sheets), snapshot.locale, snapshot.time_zone, snapshot.owned), tuple(problems))


class _Part:
    """One sheet while it is looked over."""

    def __init__(self, found: Mapping[str, Any], grid: Grid, snapshot: Snapshot) -> None:
        self.found, self.grid = found, grid
        self.properties = found["properties"]
        self.locale = snapshot.locale
        self.data = (found.get("data") or [{}])[0]
        size = self.properties.get("gridProperties", {})
        self.size = size.get("rowCount", 0), size.get("columnCount", 0)
        owned = snapshot.owned
        top = grid.tables[0].area.top if grid.tables else 0
        self.header_row = owned.header_row if owned and owned.sheet == grid.name else top
        self.problems: list[Problem] = []
        self.styles: dict[tuple[int, int], Style] = {}
        self.notes: dict[tuple[int, int], str] = {}
        self.links: dict[tuple[int, int], str] = {}
        self.checked: dict[tuple[int, int], str] = {}

    def sheet(self, redraw: Redraw) -> Sheet:
        grid, size = self.grid, self.properties.get("gridProperties", {})
        columns = self._cells()
        heights, usual = self._heights()
        basic = self.found.get("basicFilter", {}).get("range")
        sheet = Sheet(
            grid.name,
            columns,
            self._looks(len(columns)),
            header_row=self.header_row,
            house=False,
            table=grid.tables[0] if grid.tables else None,
            more_tables=tuple(grid.tables[1:]),
            merges=grid.merges,
            hidden=grid.hidden,
            row_height=usual,
            frozen=(size.get("frozenRowCount", 0), size.get("frozenColumnCount", 0)),
            tab_colour=_six(self.properties.get("tabColorStyle")),
            styles=tuple(rectangles(self.styles)),
            rules=tuple(self._rules()),
            checks=tuple(self._checks()),
            notes=self.notes,
            links=self.links,
            heights=heights,
            hidden_rows=tuple(
                row for row, shape in enumerate(self.data.get("rowMetadata", ()), start=1) if shape.get("hiddenByUser")
            ),
            filter=self._area(basic) if basic is not None and not grid.tables else None,
        )
        sheet = replace(sheet, charts=redrawn(sheet, self._charted(), redraw))
        for key, one, many in _LOST:
            count = len([each for each in self.found.get(key, ()) if "tableId" not in each])
            count -= len(sheet.charts) if key == "charts" else 0
            if count:
                self._stays(_lost(count, one, many))
        return sheet

    def _charted(self) -> Iterator[Area]:
        """The first values of each basic chart that shows this sheet's own cells."""
        for chart in self.found.get("charts", ()):
            basic = chart.get("spec", {}).get("basicChart", {})
            for series in basic.get("series", ())[:1]:
                sources = series.get("series", {}).get("sourceRange", {}).get("sources", ())
                if len(sources) == 1 and sources[0].get("sheetId", 0) == self.properties.get("sheetId", 0):
                    values = self._area(sources[0])
                    yield replace(values, top=values.top + basic.get("headerCount", 0))

    def _cells(self) -> tuple[list[Value | Formula], ...]:
        rows = self.data.get("rowData", ())
        height = max(self.grid.n_rows, len(rows))
        columns: list[list[Value | Formula]] = [
            [self.grid.cell(row, column) for row in range(1, height + 1)]
            for column in range(1, self.grid.n_columns + 1)
        ]
        lost: list[tuple[int, int]] = []
        known: dict[str, Style] = {}
        for row, cells in enumerate(rows, start=1):
            for column, cell in enumerate(cells.get("values", ()), start=1):
                if not cell:
                    continue
                typed = cell.get("userEnteredValue", {}).get("formulaValue")
                if typed is not None and column <= len(columns):
                    text = from_google(typed.removeprefix("="), self.locale)
                    if is_portable(text):
                        columns[column - 1][row - 1] = Formula(text, self.grid.cell(row, column))
                    else:
                        lost.append((row, column))
                self._look_at((row, column), cell, known)
        if lost:
            which = "This formula is" if len(lost) == 1 else f"This formula and {len(lost) - 1} more are"
            self.problems.append(
                Problem(self.grid.name, *lost[0], f"{which} not understood elsewhere: the value is carried over.")
            )
        return _without_blank_rows(columns)

    def _look_at(self, place: tuple[int, int], cell: Mapping[str, Any], known: dict[str, Style]) -> None:
        form = cell.get("userEnteredFormat")
        if form:
            key = json.dumps(form, sort_keys=True)
            if key not in known:
                known[key] = _style(form)
            if known[key] != Style():
                self.styles[place] = known[key]
        if cell.get("note"):
            self.notes[place] = cell["note"]
        if cell.get("hyperlink") and "formulaValue" not in cell.get("userEnteredValue", {}):
            self.links[place] = cell["hyperlink"]
        if "dataValidation" in cell:
            self.checked[place] = json.dumps(cell["dataValidation"], sort_keys=True)

    def _looks(self, width: int) -> dict[int, ColumnLook]:
        return {
            column: ColumnLook(
                width=round((shape.get("pixelSize", 100) - 5) / 7, 2), hidden=bool(shape.get("hiddenByUser"))
            )
            for column, shape in enumerate(self.data.get("columnMetadata", ()), start=1)
            if column <= width
        }

    def _heights(self) -> tuple[dict[int, float], float | None]:
        """Rows with a height of their own in points, and that of all others."""
        sizes = [shape.get("pixelSize", _USUAL_HEIGHT) for shape in self.data.get("rowMetadata", ())]
        usual = Counter(sizes).most_common(1)[0][0] if sizes else _USUAL_HEIGHT
        heights = {row: size * 0.75 for row, size in enumerate(sizes, start=1) if size != usual}
        return heights, None if usual == _USUAL_HEIGHT else usual * 0.75

    def _rules(self) -> Iterator[Rule]:
        lost = 0
        for found in self.found.get("conditionalFormats", ()):
            areas = tuple(self._area(each) for each in found.get("ranges", ()))
            rule = found.get("booleanRule")
            formula = self._condition(rule.get("condition", {}), areas[0]) if rule and areas else None
            if formula is None or not is_portable(formula):
                lost += 1
                continue
            look = rule.get("format", {})
            text = look.get("textFormat", {})
            yield Rule(
                areas,
                formula,
                _six(look.get("backgroundColorStyle")),
                _six(text.get("foregroundColorStyle")),
                bool(text.get("bold")),
            )
        if lost:
            self._stays(_lost(lost, "conditional format", "conditional formats"))

    def _condition(self, condition: Mapping[str, Any], where: Area) -> str | None:
        kind = condition.get("type")
        values = [str(value.get("userEnteredValue", "")) for value in condition.get("values", ())]
        cell = f"{column_letter(where.left)}{where.top}"
        if kind == "CUSTOM_FORMULA" and values:
            return from_google(values[0].removeprefix("="), self.locale)
        if kind in ("BLANK", "NOT_BLANK"):
            return f"LEN(TRIM({cell})){'=' if kind == 'BLANK' else '>'}0"
        if not values:
            return None
        value = values[0].removeprefix("=") if values[0].startswith("=") else _constant(values[0], str(kind))
        if kind == "TEXT_CONTAINS":
            return f"ISNUMBER(SEARCH({value},{cell}))"
        return f"{cell}{_COMPARISONS[kind]}{value}" if kind in _COMPARISONS else None

    def _checks(self) -> Iterator[Check]:
        lost = 0
        for where, text in rectangles(self.checked):
            made = self._check(where, json.loads(text))
            lost += made is None
            if made:
                yield made
        for table in self.found.get("tables", ()):
            place = self._area(table.get("range", {}))
            for found in table.get("columnProperties", ()):
                column = place.left + found.get("columnIndex", 0)
                rule = found.get("dataValidationRule")
                where = Area(place.top + 1, column, place.bottom, column)
                if rule and where.bottom >= where.top and (made := self._check(where, rule)):
                    yield made
        if lost:
            self._stays(_lost(lost, "check of what may be typed", "checks of what may be typed"))

    def _check(self, where: Area, rule: Mapping[str, Any]) -> Check | None:
        condition = rule.get("condition", {})
        kind = str(condition.get("type", ""))
        values = [str(value.get("userEnteredValue", "")) for value in condition.get("values", ())]
        strict = bool(rule.get("strict"))
        if kind == "ONE_OF_LIST":
            return Check(where, tuple(values), strict=strict)
        if kind == "ONE_OF_RANGE" and values and (words := self._list(values[0])):
            return Check(where, words, strict=strict)
        return Check(where, wants_date=True) if kind.startswith("DATE_") else None

    def _list(self, text: str) -> ListRange | None:
        found = _CELLS.fullmatch(text)
        if found is None:
            return None
        sheet = (found[1] or found[2] or self.grid.name).replace("''", "'")
        left, right = column_number(found[3]), column_number(found[5] or found[3])
        top = int(found[4] or 1)
        bottom = int(found[6] or 1_000) if found[5] else top
        return ListRange(sheet, Area(top, left, max(bottom, top), right))

    def _area(self, found: Mapping[str, int]) -> Area:
        return area(found, rows=self.size[0], columns=self.size[1])

    def _stays(self, message: str) -> None:
        self.problems.append(Problem(self.grid.name, None, None, message))


def _without_blank_rows(columns: Sequence[list[Value | Formula]]) -> tuple[list[Value | Formula], ...]:
    """The columns cut below the last row in which anything stands."""
    height = max(
        (row for values in columns for row, value in enumerate(values, start=1) if value is not None), default=0
    )
    return tuple(values[:height] for values in columns)


def _style(form: Json) -> Style:
    text, wrap = form.get("textFormat", {}), form.get("wrapStrategy") == "WRAP"
    borders = form.get("borders", {})
    fill, colour = _six(form.get("backgroundColorStyle")), _six(text.get("foregroundColorStyle"))
    horizontal = str(form.get("horizontalAlignment", "")).lower()
    vertical = str(form.get("verticalAlignment", "")).lower()
    return Style(
        number_format=number_format(form.get("numberFormat")),
        font="" if text.get("fontFamily", "Arial") in _USUAL_FONTS else text["fontFamily"],
        size=0 if text.get("fontSize", 10) in _USUAL_SIZES else text["fontSize"],
        bold=bool(text.get("bold")),
        italic=bool(text.get("italic")),
        underline=bool(text.get("underline")),
        strike=bool(text.get("strikethrough")),
        colour="" if colour == "000000" else colour,
        fill="" if fill == "FFFFFF" else fill,
        horizontal=horizontal if horizontal in ("left", "center", "right") else "",  # type: ignore[arg-type]
        vertical=vertical if vertical in ("top", "middle") else "",  # type: ignore[arg-type]
        wrap=wrap,
        lines=tuple(_line(borders.get(side)) for side in ("top", "right", "bottom", "left")),  # type: ignore[arg-type]
    )


def _line(border: Mapping[str, Any] | None) -> str:
    if not border or border.get("style", "NONE") == "NONE":
        return ""
    return _six(border.get("colorStyle")) or "000000"


def _six(style: Mapping[str, Any] | None) -> str:
    """A ColorStyle as six hexadecimal digits; "" for none and for a theme's colour, whose channels are not told."""
    if style is None or "rgbColor" not in style:
        return ""
    return "".join(f"{round(255 * style['rgbColor'].get(channel, 0)):02X}" for channel in ("red", "green", "blue"))


def _constant(text: str, kind: str) -> str:
    if kind.startswith("NUMBER"):
        return text
    escaped = text.replace('"', '""')
    return f'"{escaped}"'


def _lost(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}: not carried over."
