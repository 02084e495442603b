"""`spreadsheets.get`: a spreadsheet's state as the API shows it, only what the mask asks for."""

from collections.abc import Callable
from typing import Any

from tests.google.emulator.a1 import Area, parse_range, whole
from tests.google.emulator.calculation import Calculator
from tests.google.emulator.discovery import shown
from tests.google.emulator.formats import effective_format, formatted, number_format
from tests.google.emulator.masks import Mask, select, wants
from tests.google.emulator.protection import may_edit
from tests.google.emulator.state import Caller, Json, Sheet, Spreadsheet

LISTS = {
    "merges": "merges",
    "conditionalFormats": "rules",
    "filterViews": "filter_views",
    "charts": "charts",
    "bandedRanges": "banded",
    "rowGroups": "row_groups",
    "columnGroups": "column_groups",
    "slicers": "slicers",
    "tables": "tables",
}
"""A field of the API's Sheet that is a plain list -> the attribute that holds it."""

PIXELS = {"ROWS": 21, "COLUMNS": 100}
DIMENSIONS = {"ROW": "ROWS", "COLUMN": "COLUMNS"}
VALUE_KINDS = ("userEnteredValue", "effectiveValue", "formattedValue", "hyperlink", "note")


def spreadsheet_answer(
    book: Spreadsheet, caller: Caller, calculator: Calculator, *, mask: Mask, ranges: list[str], grid: bool
) -> Json:
    """The Spreadsheet message. A mask decides alone whether grid data is shown; without one, `grid` does.

    With ranges only their sheets are shown, each with one GridData a range. Raises ApiError 400 for an unknown range.
    """
    areas = [parse_range(book, text) for text in ranges]
    parts: dict[str, Callable[[Mask], Any]] = {
        "spreadsheetId": lambda _: book.id,
        "properties": lambda below: select(below, book.properties),
        "sheets": lambda below: _sheets(book, caller, calculator, areas, below, grid=grid or bool(mask)),
        "namedRanges": lambda below: select(below, book.named_ranges),
        "spreadsheetUrl": lambda _: f"https://docs.google.com/spreadsheets/d/{book.id}/edit",
        "developerMetadata": lambda below: select(below, _metadata_of(book, "SPREADSHEET")),
    }
    return _asked(mask, parts)


def _asked(mask: Mask, parts: dict[str, Callable[[Mask], Any]]) -> Json:
    result: Json = {}
    for name, part in parts.items():
        below = wants(mask, name)
        if below is not None and (value := part(below)) not in (None, []):
            result[name] = value
    return result


def _metadata_of(book: Spreadsheet, kind: str, sheet: Sheet | None = None) -> list[Json]:
    found = [one for one in book.metadata if one["location"]["locationType"] == kind]
    if sheet is None:
        return found
    return [one for one in found if one["location"].get("sheetId", 0) == sheet.id]


def _sheets(
    book: Spreadsheet, caller: Caller, calculator: Calculator, areas: list[Area], mask: Mask, *, grid: bool
) -> list[Json]:
    answers = []
    for sheet in book.sheets:
        blocks = [area for area in areas if area.sheet is sheet] if areas else [whole(sheet)]
        if blocks:
            answers.append(_sheet(book, caller, calculator, sheet, blocks, mask, grid=grid))
    return answers


def _sheet(
    book: Spreadsheet,
    caller: Caller,
    calculator: Calculator,
    sheet: Sheet,
    blocks: list[Area],
    mask: Mask,
    *,
    grid: bool,
) -> Json:
    def data(below: Mask) -> list[Json] | None:
        return [_grid(book, calculator, block, below) for block in blocks] if grid else None

    def protected(below: Mask) -> list[Json]:
        return select(below, [_protected(book, caller, one) for one in sheet.protected])  # type: ignore[no-any-return]

    parts: dict[str, Callable[[Mask], Any]] = {
        "properties": lambda below: select(below, sheet.properties),
        "data": data,
        "protectedRanges": protected,
        "basicFilter": lambda below: select(below, sheet.basic_filter),
        "developerMetadata": lambda below: select(below, _metadata_of(book, "SHEET", sheet)),
    }
    for name, attribute in LISTS.items():
        parts[name] = lambda below, held=attribute: select(below, getattr(sheet, held))
    return _asked(mask, parts)


def _protected(book: Spreadsheet, caller: Caller, one: Json) -> Json:
    answer = {name: value for name, value in one.items() if name != "requestingUserCanEdit"}
    if may_edit(book, caller, one):
        answer["requestingUserCanEdit"] = True
    else:
        answer.pop("editors", None)
    return answer


def _grid(book: Spreadsheet, calculator: Calculator, block: Area, mask: Mask) -> Json:
    sheet = block.sheet
    parts: dict[str, Callable[[Mask], Any]] = {
        "startRow": lambda _: block.rows.start or None,
        "startColumn": lambda _: block.columns.start or None,
        "rowData": lambda below: _rows(calculator, block, below),
        "rowMetadata": lambda below: _dimensions(book, sheet, "ROW", sheet.rows, block.rows, below),
        "columnMetadata": lambda below: _dimensions(book, sheet, "COLUMN", sheet.columns, block.columns, below),
    }
    return _asked(mask, parts)


def _dimensions(
    book: Spreadsheet, sheet: Sheet, kind: str, held: dict[int, Json], indices: range, mask: Mask
) -> list[Json]:
    marks: dict[int, list[Json]] = {}
    for one in _metadata_of(book, kind):
        where = one["location"]["dimensionRange"]
        if where.get("sheetId", 0) == sheet.id:
            marks.setdefault(where.get("startIndex", 0), []).append(one)
    plain = {"pixelSize": PIXELS[DIMENSIONS[kind]]}
    answers = []
    for index in indices:
        one = plain | held.get(index, {})
        if index in marks:
            one["developerMetadata"] = marks[index]
        answers.append(select(mask, one))
    return answers


def _rows(calculator: Calculator, block: Area, mask: Mask) -> list[Json]:
    """RowData up to the last row with a cell; in each row the cells up to the last one."""
    below = wants(mask, "values")
    held: dict[int, dict[int, Json]] = {}
    for (row, column), cell in block.sheet.cells.items():
        if row in block.rows and column in block.columns and cell:
            held.setdefault(row, {})[column] = cell
    if not held or below is None:
        return []
    read = cell_reader(calculator, block.sheet, below)
    answers: list[Json] = []
    for row in range(block.rows.start, max(held) + 1):
        cells = held.get(row)
        if cells is None:
            answers.append({})
            continue
        columns = range(block.columns.start, max(cells) + 1)
        answers.append({"values": [read(row, c, cells[c]) if c in cells else {} for c in columns]})
    return answers


def cell_reader(calculator: Calculator, sheet: Sheet, mask: Mask) -> Callable[[int, int, Json], Json]:
    """A function (row, column, CellData as entered) -> CellData as shown under the mask."""
    book = calculator.book
    locale = book.properties["locale"]
    default = book.properties["defaultFormat"]
    kept: dict[tuple[str, int, str], Json] = {}
    asked = {
        name: below
        for name in (
            *VALUE_KINDS,
            "userEnteredFormat",
            "effectiveFormat",
            "textFormatRuns",
            "dataValidation",
            "pivotTable",
            "chipRuns",
        )
        if (below := wants(mask, name)) is not None
    }
    schemas = {
        "userEnteredFormat": "CellFormat",
        "effectiveFormat": "CellFormat",
        "dataValidation": "DataValidationRule",
    }
    messages = [name for name in asked if name in schemas]
    rest = [name for name in asked if name in ("note", "textFormatRuns", "pivotTable", "chipRuns")]
    valued = {"effectiveValue", "formattedValue", "effectiveFormat"} & asked.keys()

    def message(name: str, source: Json, key: tuple[str, int, str]) -> Json:
        if key not in kept:
            kept[key] = select(asked[name], shown(schemas[name], source))
        return kept[key]

    def read(row: int, column: int, cell: Json) -> Json:
        answer: Json = {}
        entered = cell.get("userEnteredValue")
        value: Json = calculator.effective(sheet, row, column) if entered and valued else {}
        if entered and "userEnteredValue" in asked:
            answer["userEnteredValue"] = select(asked["userEnteredValue"], entered)
        if value and "effectiveValue" in asked:
            answer["effectiveValue"] = select(asked["effectiveValue"], value)
        if value and "formattedValue" in asked:
            answer["formattedValue"] = formatted(value, number_format(cell), locale)
        for name in messages:
            if name == "effectiveFormat":
                form = cell.get("userEnteredFormat")
                key = (name, id(form) if form else 0, next(iter(value), ""))
                if key not in kept:
                    message(name, effective_format(default, cell, value), key)
                answer[name] = kept[key]
            elif name in cell:
                answer[name] = message(name, cell[name], (name, id(cell[name]), ""))
        for name in rest:
            if name in cell:
                answer[name] = select(asked[name], cell[name])
        if "hyperlink" in asked and (link := _hyperlink(cell)):
            answer["hyperlink"] = link
        return answer

    return read


def _hyperlink(cell: Json) -> str:
    formula = cell.get("userEnteredValue", {}).get("formulaValue", "")
    if formula.upper().startswith('=HYPERLINK("'):
        return str(formula.split('"')[1])
    return str(cell.get("userEnteredFormat", {}).get("textFormat", {}).get("link", {}).get("uri", ""))
