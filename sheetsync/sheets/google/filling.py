"""One described sheet as requests of spreadsheets.batchUpdate: values, looks, drop-downs, rules, tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from sheetsync.book import Check, ColumnLook, Formula, ListRange, Rule, Sheet, Style
from sheetsync.model import Area, TableArea, Value, column_letter
from sheetsync.sheets.google.formulas import to_google
from sheetsync.sheets.google.looks import repeat
from sheetsync.sheets.google.number_formats import to_google as number_format
from sheetsync.sheets.google.rules import rgb
from sheetsync.sheets.google.state import grid_range
from sheetsync.sheets.google.values import Json, as_entered, extended
from sheetsync.sheets.looks import HEADER, HEADER_HEIGHT, ROLES

_LEAST_ROWS: Final = 1_000
_SPARE_ROWS: Final = 200
_LEAST_COLUMNS: Final = 26
_ROWS_A_REQUEST: Final = 2_000
_DATE: Final = "d mmm yyyy"
_FORMATS: Final[Mapping[type, str]] = {
    dt.datetime: f"{_DATE} hh:mm", dt.date: _DATE, dt.time: "hh:mm", dt.timedelta: "[h]:mm:ss",
}  # fmt: skip
_NO_DATE: Final = "This is not a date that a spreadsheet understands, so nothing can be counted from it."
_MAX_TEXT: Final = 50_000
"""Characters of a cell."""


def size(sheet: Sheet) -> tuple[int, int]:
    """Rows and columns of the grid, with room to grow; a protected sheet needs little."""
    bottom = max((len(values) for values in sheet.columns), default=0)
    grows = sheet.frozen != (0, 0) and sheet.unlocked is None
    rows = max(bottom + _SPARE_ROWS, _LEAST_ROWS) if grows else bottom + _SPARE_ROWS
    return rows, max(len(sheet.columns), _LEAST_COLUMNS)


def fill(place: int, sheet: Sheet, locale: str, *, tables: bool) -> list[Json]:
    """All requests for the sheet of that id; `tables` says whether the person's tables become Google Tables."""
    return [
        *_values(place, sheet, locale),
        *dress(place, sheet, locale),
        *_tables(place, sheet, google=tables),
        *_protection(place, sheet),
    ]


def dress(place: int, sheet: Sheet, locale: str) -> list[Json]:
    """What makes it look and behave as it is to, values apart; its rules go before those that stand there."""
    return [
        *_looks(place, sheet),
        *_dimensions(place, sheet),
        *({"mergeCells": {"range": grid_range(place, area), "mergeType": "MERGE_ALL"}} for area in sheet.merges),
        *_checks(place, sheet),
        *(
            {"addConditionalFormatRule": {"index": index, "rule": _rule(place, rule, locale)}}
            for index, rule in enumerate(sheet.rules)
        ),
        *_notes(place, sheet),
    ]


# Values


def _values(place: int, sheet: Sheet, locale: str) -> Iterator[Json]:
    height = max((len(values) for values in sheet.columns), default=0)
    for top in range(0, height, _ROWS_A_REQUEST):
        rows = [
            {"values": _trimmed([_cell(values[row], locale) for values in sheet.columns])}
            for row in range(top, min(top + _ROWS_A_REQUEST, height))
        ]
        if any(row["values"] for row in rows):
            start = {"sheetId": place, "rowIndex": top, "columnIndex": 0}
            yield {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}}


def _cell(value: Value | Formula, locale: str) -> Json:
    if isinstance(value, Formula):
        return {"userEnteredValue": {"formulaValue": f"={to_google(value.text, locale)}"}}
    return extended(as_entered(value[:_MAX_TEXT] if isinstance(value, str) else value))


def _trimmed(cells: list[Json]) -> list[Json]:
    while cells and not cells[-1]:
        cells.pop()
    return cells


# Looks


def _looks(place: int, sheet: Sheet) -> Iterator[Json]:
    rows, _ = size(sheet)
    if sheet.house:
        yield from _house(place, sheet, rows)
    else:
        for column, look in sheet.looks.items():
            if look.number_format and (form := number_format(look.number_format)):
                body = Area(sheet.header_row + 1, column, rows, column)
                yield repeat(
                    place, body, {"userEnteredFormat": {"numberFormat": form}}, "userEnteredFormat.numberFormat"
                )
    for area, style in sheet.styles:
        yield repeat(place, area, {"userEnteredFormat": _format(style)}, "userEnteredFormat")
    for (row, column), link in sheet.links.items():
        linked = {"userEnteredFormat": {"textFormat": {"link": {"uri": link}}}}
        yield repeat(place, Area(row, column, row, column), linked, "userEnteredFormat.textFormat.link")
    yield from _dates(place, sheet)


def _house(place: int, sheet: Sheet, rows: int) -> Iterator[Json]:
    width = len(sheet.columns)
    tops = any(look.wrap for look in sheet.looks.values())
    bottom = rows if sheet.table else max((len(values) for values in sheet.columns), default=0)
    if sheet.header_row and width:
        header = Area(sheet.header_row, 1, sheet.header_row, width)
        yield repeat(place, header, {"userEnteredFormat": _format(HEADER)}, "userEnteredFormat")
    for column, look in ((column, sheet.looks.get(column, ColumnLook())) for column in range(1, width + 1)):
        style = replace(
            ROLES[look.role],
            number_format=look.number_format,
            wrap=look.wrap,
            horizontal="left" if look.left else "",
            vertical="top" if tops else "middle",
        )
        body = Area(sheet.header_row + 1, column, bottom, column)
        if body.bottom >= body.top:
            yield repeat(place, body, {"userEnteredFormat": _format(style)}, "userEnteredFormat")


def _dates(place: int, sheet: Sheet) -> Iterator[Json]:
    """Formats for dates and times that have none yet: without one Google shows a number."""
    told = {
        (row, column)
        for area, style in sheet.styles
        if style.number_format
        for row in range(area.top, area.bottom + 1)
        for column in range(area.left, area.right + 1)
    }
    for column, values in enumerate(sheet.columns, start=1):
        usual = sheet.looks.get(column, ColumnLook()).number_format
        for row, value in enumerate(values, start=1):
            if not isinstance(value, dt.date | dt.time | dt.timedelta) or (row, column) in told:
                continue
            timed = isinstance(value, dt.datetime) and value.time() != dt.time()
            if usual and not timed:
                continue
            form = number_format(f"{usual} hh:mm" if usual else _FORMATS[type(value)])
            look = {"userEnteredFormat": {"numberFormat": form}}
            yield repeat(place, Area(row, column, row, column), look, "userEnteredFormat.numberFormat")


def _format(style: Style) -> Json:
    """A style as a CellFormat; what is the default is left out."""
    text: Json = {
        name: True
        for name, on in (
            ("bold", style.bold), ("italic", style.italic), ("underline", style.underline),
            ("strikethrough", style.strike),
        )
        if on
    }  # fmt: skip
    if style.font:
        text["fontFamily"] = style.font
    if style.size:
        text["fontSize"] = round(style.size)
    if style.colour:
        text["foregroundColorStyle"] = {"rgbColor": rgb(style.colour)}
    form: Json = {"textFormat": text} if text else {}
    if found := number_format(style.number_format):
        form["numberFormat"] = found
    if style.fill:
        form["backgroundColorStyle"] = {"rgbColor": rgb(style.fill)}
    if style.horizontal:
        form["horizontalAlignment"] = style.horizontal.upper()
    if style.vertical:
        form["verticalAlignment"] = style.vertical.upper()
    if style.wrap:
        form["wrapStrategy"] = "WRAP"
    lines = {
        side: {"style": "SOLID", "colorStyle": {"rgbColor": rgb(colour)}}
        for side, colour in zip(("top", "right", "bottom", "left"), style.lines, strict=True)
        if colour
    }
    if lines:
        form["borders"] = lines
    return form


def pixels_wide(width: float) -> int:
    """Characters of the default font as pixels (ECMA-376 section 18.3.1.13, seven pixels a digit)."""
    return max(round(width * 7 + 5), 2)


def pixels_high(points: float) -> int:
    return max(round(points * 4 / 3), 2)


def _dimensions(place: int, sheet: Sheet) -> Iterator[Json]:
    for column, look in sheet.looks.items():
        yield _resized(place, "COLUMNS", column, column, {"pixelSize": pixels_wide(look.width)})
        if look.hidden:
            yield _resized(place, "COLUMNS", column, column, {"hiddenByUser": True})
    bottom = max((len(values) for values in sheet.columns), default=0)
    if sheet.row_height and bottom:
        yield _resized(place, "ROWS", 1, size(sheet)[0], {"pixelSize": pixels_high(sheet.row_height)})
    if sheet.house and sheet.header_row:
        yield _resized(place, "ROWS", sheet.header_row, sheet.header_row, {"pixelSize": pixels_high(HEADER_HEIGHT)})
    for row, height in sheet.heights.items():
        yield _resized(place, "ROWS", row, row, {"pixelSize": pixels_high(height)})
    for row in sheet.hidden_rows:
        yield _resized(place, "ROWS", row, row, {"hiddenByUser": True})


def _resized(place: int, dimension: str, first: int, last: int, properties: Json) -> Json:
    span = {"sheetId": place, "dimension": dimension, "startIndex": first - 1, "endIndex": last}
    return {"updateDimensionProperties": {"range": span, "properties": properties, "fields": next(iter(properties))}}


# What may be typed


def _checks(place: int, sheet: Sheet) -> Iterator[Json]:
    rows, columns = size(sheet)
    body = [
        Check(Area(sheet.header_row + 1, column, rows, column), look.dropdown, look.wants_date)
        for column, look in sheet.looks.items()
        if look.dropdown or look.wants_date
    ]
    for check in (*body, *sheet.checks):
        area = replace(check.area, bottom=min(check.area.bottom, rows), right=min(check.area.right, columns))
        if area.bottom < area.top or area.right < area.left:
            continue
        if check.dropdown:
            rule: Json = {
                "condition": _offered(check.dropdown, grows=sheet.house),
                "showCustomUi": True,
                "strict": check.strict,
            }
        else:
            rule = {"condition": {"type": "DATE_IS_VALID"}, "strict": False, "inputMessage": _NO_DATE}
        yield {"setDataValidation": {"range": grid_range(place, area), "rule": rule}}


def _offered(words: Sequence[str] | ListRange, *, grows: bool) -> Json:
    """A list's condition; `grows` says whether words typed below those of today are to join it."""
    if not isinstance(words, ListRange):
        return {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": word} for word in words]}
    quoted, area = words.sheet.replace("'", "''"), words.area
    left, right = column_letter(area.left), column_letter(area.right)
    bottom = "" if grows else f"${area.bottom}"
    cells = f"='{quoted}'!${left}${area.top}:${right}{bottom}"
    return {"type": "ONE_OF_RANGE", "values": [{"userEnteredValue": cells}]}


def _rule(place: int, rule: Rule, locale: str) -> Json:
    text: Json = {}
    if rule.colour:
        text["foregroundColorStyle"] = {"rgbColor": rgb(rule.colour)}
    if rule.bold:
        text["bold"] = True
    look: Json = {"textFormat": text} if text else {}
    if rule.fill:
        look["backgroundColorStyle"] = {"rgbColor": rgb(rule.fill)}
    formula = f"={to_google(rule.formula, locale)}"
    return {
        "ranges": [grid_range(place, area) for area in rule.areas],
        "booleanRule": {
            "condition": {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": formula}]},
            "format": look,
        },
    }


def _notes(place: int, sheet: Sheet) -> Iterator[Json]:
    helps = {(sheet.header_row, column): look.help for column, look in sheet.looks.items() if look.help}
    for (row, column), note in {**(helps if sheet.header_row else {}), **sheet.notes}.items():
        yield repeat(place, Area(row, column, row, column), {"note": note}, "note")


def _tables(place: int, sheet: Sheet, *, google: bool) -> Iterator[Json]:
    # The lists of drop-downs stand side by side: as Tables each would want a header of its own colours and a menu.
    tables = [table for table in (sheet.table, *(() if sheet.house else sheet.more_tables)) if table]
    if google and tables:
        yield from ({"addTable": {"table": _table(place, sheet, table)}} for table in tables)
        return
    yield from filtered(place, sheet)


def filtered(place: int, sheet: Sheet) -> Iterator[Json]:
    """A plain filter over what the sheet says, or over its table."""
    area = sheet.filter or (sheet.table.area if sheet.table else None)
    if area:
        yield {"setBasicFilter": {"filter": {"range": grid_range(place, area)}}}


def _table(place: int, sheet: Sheet, table: TableArea) -> Json:
    area = table.area
    names = [sheet.columns[column - 1][area.top - 1] for column in range(area.left, area.right + 1)]
    made: Json = {
        "name": table.name,
        "range": grid_range(place, area),
        "columnProperties": [{"columnIndex": index, "columnName": str(name)} for index, name in enumerate(names)],
    }
    rows: Json = {}
    if sheet.house:
        # Stripes would fight with the colours of the rows.
        rows = {name: {"rgbColor": rgb("FFFFFF")} for name in ("firstBandColorStyle", "secondBandColorStyle")}
        rows["headerColorStyle"] = {"rgbColor": rgb(HEADER.fill)}
    if table.totals_rows:
        rows["footerColorStyle"] = {"rgbColor": rgb("EDEDED")}
    return {**made, "rowsProperties": rows} if rows else made


# Who may type where


def protected(place: int, sheet: Sheet) -> Json:
    """A sheet's protection: all but what may be typed into. Without editors only whoever asks, and the owner, are some."""
    free = [grid_range(place, area) for area in sheet.unlocked or ()]
    return {"range": {"sheetId": place}, "unprotectedRanges": free, "warningOnly": False}


def _protection(place: int, sheet: Sheet) -> Iterator[Json]:
    if sheet.unlocked is not None:
        yield {"addProtectedRange": {"protectedRange": protected(place, sheet)}}
