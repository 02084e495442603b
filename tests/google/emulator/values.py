"""The `spreadsheets.values` methods: blocks of plain values, read and written in A1 notation."""

from typing import Any

from emulator.a1 import Area, a1, letters, parse_range, quoted
from emulator.calculation import Calculator
from emulator.entry import entered
from emulator.errors import invalid
from emulator.formats import DATES, formatted, number_format
from emulator.protection import guard
from emulator.state import Caller, Json, Sheet, Spreadsheet, cells_between


def read(calculator: Calculator, area: Area, options: Json) -> Json:
    """The ValueRange of a block; trailing empty rows and cells are left out."""
    render = options.get("valueRenderOption", "FORMATTED_VALUE")
    as_text = options.get("dateTimeRenderOption", "SERIAL_NUMBER") == "FORMATTED_STRING"
    dimension = options.get("majorDimension", "ROWS")
    block: dict[int, dict[int, Any]] = {}
    for (row, column), cell in cells_between(area.sheet, area.rows, area.columns):
        if "userEnteredValue" not in cell:
            continue
        value = _rendered(calculator, area.sheet, row, column, render=render, as_text=as_text)
        major, minor = (row - area.rows.start, column - area.columns.start)
        if dimension == "COLUMNS":
            major, minor = minor, major
        block.setdefault(major, {})[minor] = value
    answer: Json = {"range": a1(area), "majorDimension": dimension}
    filled = {major: cells for major, cells in block.items() if any(value != "" for value in cells.values())}
    if filled:
        answer["values"] = [_line(filled.get(major, {})) for major in range(max(filled) + 1)]
    return answer


def _line(cells: dict[int, Any]) -> list[Any]:
    full = [place for place, value in cells.items() if value != ""]
    return [cells.get(place, "") for place in range(max(full) + 1)] if full else []


def _rendered(calculator: Calculator, sheet: Sheet, row: int, column: int, *, render: str, as_text: bool) -> Any:
    cell = sheet.cells[row, column]
    formula = cell["userEnteredValue"].get("formulaValue")
    if render == "FORMULA" and formula is not None:
        return formula
    value = calculator.effective(sheet, row, column)
    shape = number_format(cell)
    dated = shape.get("type") in DATES and "numberValue" in value
    if render == "FORMATTED_VALUE" or "errorValue" in value or (dated and as_text):
        return formatted(value, shape, calculator.book.properties["locale"])
    return next(iter(value.values()))


def write(book: Spreadsheet, caller: Caller, area: Area, values: list[list[Any]], options: Json) -> Json:
    """Writes a block of rows from the area's first cell on, and says what was written (UpdateValuesResponse).

    Nulls leave their cell as it is and are not counted. Raises ApiError 400 if the values do not fit the range.
    """
    option = options.get("valueInputOption", "")
    if option not in ("RAW", "USER_ENTERED"):
        raise invalid("'valueInputOption' is required but not specified")
    if options.get("majorDimension") == "COLUMNS":
        values = _turned(values)
    height, width = len(values), max((len(row) for row in values), default=0)
    sheet, top, left = area.sheet, area.rows.start, area.columns.start
    _must_fit(area, height, width)
    touched = Area(sheet, range(top, top + max(height, 1)), range(left, left + max(width, 1)))
    guard(book, caller, sheet, touched.rows, touched.columns)
    locale = book.properties["locale"]
    written = []
    for row, line in enumerate(values):
        for column, value in enumerate(line):
            if value is not None:
                place = (top + row, left + column)
                where = f"values[{row}][{column}]"
                cell = entered(sheet.cells.get(place, {}), value, option=option, locale=locale, where=where)
                store(sheet, place, cell)
                written.append((row, column))
    return {
        "spreadsheetId": book.id,
        "updatedRange": a1(touched),
        "updatedRows": len({row for row, _ in written}),
        "updatedColumns": len({column for _, column in written}),
        "updatedCells": len(written),
    }


def _turned(columns: list[list[Any]]) -> list[list[Any]]:
    height = max((len(column) for column in columns), default=0)
    return [[column[row] if row < len(column) else None for column in columns] for row in range(height)]


def _must_fit(area: Area, height: int, width: int) -> None:
    sheet, top, left = area.sheet, area.rows.start, area.columns.start
    if not area.cell:
        if height > len(area.rows):
            raise invalid(
                f"Requested writing within range [{a1(area)}], but tried writing to row [{area.rows.stop + 1}]"
            )
        if width > len(area.columns):
            column = letters(area.columns.stop)
            raise invalid(f"Requested writing within range [{a1(area)}], but tried writing to column [{column}]")
    if top + height > sheet.row_count or left + width > sheet.column_count:
        name = f"{quoted(sheet.title)}!{letters(left)}{top + 1}:{letters(left + width - 1)}{top + height}"
        raise invalid(
            f"Range ({name}) exceeds grid limits. Max rows: {sheet.row_count}, max columns: {sheet.column_count}"
        )


def store(sheet: Sheet, place: tuple[int, int], cell: Json) -> None:
    """Puts a cell in its place; one that holds nothing any more is no cell."""
    if cell:
        sheet.cells[place] = cell
    else:
        sheet.cells.pop(place, None)


def clear(book: Spreadsheet, caller: Caller, area: Area) -> str:
    """Empties the values of a block, keeps formats, notes and validations; the range cleared in A1 notation."""
    guard(book, caller, area.sheet, area.rows, area.columns)
    for place, cell in list(cells_between(area.sheet, area.rows, area.columns)):
        store(
            area.sheet, place, {name: part for name, part in cell.items() if name not in ("userEnteredValue", "result")}
        )
    return a1(area)


def table_in(area: Area) -> Area | None:
    """The last table that the range touches: a block of filled cells with empty cells or the grid's edge around it."""
    filled = {place for place, cell in area.sheet.cells.items() if "userEnteredValue" in cell}
    inside = [place for place in filled if place[0] in area.rows and place[1] in area.columns]
    if not inside:
        return None
    row, column = max(inside)
    top, bottom, left, right = row, row, column, column
    while True:
        above = any((top - 1, c) in filled for c in range(left - 1, right + 2))
        below = any((bottom + 1, c) in filled for c in range(left - 1, right + 2))
        before = any((r, left - 1) in filled for r in range(top - 1, bottom + 2))
        after = any((r, right + 1) in filled for r in range(top - 1, bottom + 2))
        if not (above or below or before or after):
            return Area(area.sheet, range(top, bottom + 1), range(left, right + 1))
        top, bottom, left, right = top - above, bottom + below, left - before, right + after


def landing(area: Area) -> tuple[Area | None, int, int]:
    """Where appended values go: the table found, and the row and column of the first new cell."""
    table = table_in(area)
    if table is None:
        return None, area.rows.start, area.columns.start
    return table, table.rows.stop, table.columns.start


def extent(data: Json) -> tuple[int, int]:
    """How many rows and columns a ValueRange's values fill."""
    lines = data.get("values", [])
    height, width = len(lines), max((len(line) for line in lines), default=0)
    return (width, height) if data.get("majorDimension") == "COLUMNS" else (height, width)


def updated_data(calculator: Calculator, answer: Json, options: Json) -> Json:
    """The answer with the values as they are after the write, if they were asked for."""
    if not options.get("includeValuesInResponse"):
        return answer
    shown = {
        "valueRenderOption": options.get("responseValueRenderOption", "FORMATTED_VALUE"),
        "dateTimeRenderOption": options.get("responseDateTimeRenderOption", "SERIAL_NUMBER"),
    }
    return answer | {"updatedData": read(calculator, parse_range(calculator.book, answer["updatedRange"]), shown)}
