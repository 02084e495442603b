"""What our columns look like: as the tracker's last column does, with dates in the tracker's own pattern."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sheetsync.changes import Changes
from sheetsync.model import Area, Value
from sheetsync.sheets.google.rules import ours_at
from sheetsync.sheets.google.state import SheetState, area, grid_range, meets, runs
from sheetsync.sheets.google.values import Json, NumberFormat, is_date
from sheetsync.sheets.ooxml.date_formats import shows_day, without_time

WIDTHS: Final[Mapping[str, int]] = {
    "next_contact": 100,
    "contact_by": 100,
    "next_action": 250,
    "follow_up": 95,
    "days_overdue": 105,
    "why": 440,
}
"""Pixels that show what stands there; a column that is wider already stays so."""
OTHER_WIDTH: Final = 130
DATES: Final = frozenset({"next_contact", "contact_by", "log_date"})
WRAPS: Final[Mapping[str, str]] = {"why": "WRAP", "coach_note": "WRAP", "draft": "CLIP"}
_SAMPLED: Final = 200
"""Rows whose dates are looked at for their pattern."""
_LOCALE_DATE: Final[NumberFormat] = ("DATE", "")
"""Without a pattern Sheets shows a date as the spreadsheet's locale does."""


def date_format(state: SheetState, changes: Changes) -> NumberFormat:
    """How our dates are shown: as the tracker's, without their time of day, else as the locale has it."""
    for row in changes.rows[:_SAMPLED] if changes.date_like else ():
        found = state.format(row, changes.date_like or 0)
        if is_date(found) and found is not None:
            pattern = without_time(found[1])
            return ("DATE", pattern) if shows_day(pattern) else _LOCALE_DATE
    return _LOCALE_DATE


def value_format(value: Value) -> NumberFormat | None:
    """The format without which a value of ours would be shown as a bare number."""
    if isinstance(value, dt.datetime):
        return ("DATE_TIME", "") if value.time() != dt.time() else _LOCALE_DATE
    if isinstance(value, dt.date):
        return _LOCALE_DATE
    if isinstance(value, dt.timedelta):
        return ("TIME", "[h]:mm:ss")
    return ("TIME", "") if isinstance(value, dt.time) else None


def new_looks(
    state: SheetState, fresh: Mapping[str, int], top: int, bottom: int, *, right: int, dates: NumberFormat, table: bool
) -> list[Json]:
    """The looks of new columns (key -> column) from their header row to `bottom`.

    They are copied from the nearest column of the tracker in which nothing but a look would come along: no drop-down,
    no link, no conditional format. In a Table (`table`) they are the Table's own.
    """
    requests: list[Json] = []
    places = sorted(fresh.values())
    source = None if table else _model(state, top, bottom, right)
    for left, last in runs(places):
        target = Area(top, left, bottom, last)
        if source is not None:
            requests.append(
                {
                    "copyPaste": {
                        "source": grid_range(state.id, Area(top, source, bottom, source)),
                        "destination": grid_range(state.id, target),
                        "pasteType": "PASTE_FORMAT",
                    }
                }
            )
        elif not table:
            header = {"userEnteredFormat": {"textFormat": {"bold": True}}}
            requests.append(repeat(state.id, Area(top, left, top, last), header, "userEnteredFormat.textFormat.bold"))
    if bottom <= top:
        return requests
    for key, column in fresh.items():
        body = Area(top + 1, column, bottom, column)
        look: Json = {"numberFormat": _as_json(dates)} if key in DATES else {}
        fields = "userEnteredFormat(numberFormat,horizontalAlignment)"
        if key in WRAPS:
            look["wrapStrategy"] = WRAPS[key]
            fields = "userEnteredFormat(numberFormat,horizontalAlignment,wrapStrategy)"
        requests.append(repeat(state.id, body, {"userEnteredFormat": look} if look else {}, fields))
    return requests


def number_formats(sheet: int, cells: Mapping[tuple[int, int], NumberFormat | None]) -> list[Json]:
    """Give cells a number format; None takes it away."""
    requests = []
    by_column: dict[tuple[int, NumberFormat | None], list[int]] = {}
    for (row, column), form in cells.items():
        by_column.setdefault((column, form), []).append(row)
    for (column, form), rows in by_column.items():
        look: Json = {"userEnteredFormat": {"numberFormat": _as_json(form)}} if form else {}
        requests += [
            repeat(sheet, Area(first, column, last, column), look, "userEnteredFormat.numberFormat")
            for first, last in runs(sorted(rows))
        ]
    return requests


def links(sheet: int, cells: Mapping[tuple[int, int], str | None]) -> list[Json]:
    """Let cells open an address on a click; None takes the link away."""
    by_link: dict[tuple[int, str | None], list[int]] = {}
    for (row, column), link in cells.items():
        by_link.setdefault((column, link), []).append(row)
    requests = []
    for (column, link), rows in by_link.items():
        look: Json = {"userEnteredFormat": {"textFormat": {"link": {"uri": link}}}} if link else {}
        requests += [
            repeat(sheet, Area(first, column, last, column), look, "userEnteredFormat.textFormat.link")
            for first, last in runs(sorted(rows))
        ]
    return requests


def widths(state: SheetState, fresh: Mapping[str, int]) -> tuple[list[Json], dict[str, int | None]]:
    """Make new columns wide enough and visible; and key -> how wide each was, None if it is left as it is."""
    requests: list[Json] = []
    before: dict[str, int | None] = {}
    for key, column in fresh.items():
        wanted = WIDTHS.get(key, OTHER_WIDTH)
        standing = state.widths[column - 1] if column <= len(state.widths) else 0
        before[key] = None
        if standing < wanted:
            before[key] = standing or None
            requests.append(width(state.id, column, wanted))
        if column in state.hidden_columns:
            requests.append(dimension(state.id, column, {"hiddenByUser": False}, "hiddenByUser"))
    return requests, before


def width(sheet: int, column: int, pixels: int) -> Json:
    """Make a column that wide."""
    return dimension(sheet, column, {"pixelSize": pixels}, "pixelSize")


def dimension(sheet: int, column: int, properties: Json, fields: str) -> Json:
    """Set properties of a column."""
    span = {"sheetId": sheet, "dimension": "COLUMNS", "startIndex": column - 1, "endIndex": column}
    return {"updateDimensionProperties": {"range": span, "properties": properties, "fields": fields}}


def dropdown(sheet: int, place: Area, words: Sequence[str] | None) -> Json:
    """Offer words in cells, others stay welcome; None takes the offer away."""
    request: Json = {"setDataValidation": {"range": grid_range(sheet, place)}}
    if words is not None:
        request["setDataValidation"]["rule"] = {
            "condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": word} for word in words]},
            "showCustomUi": True,
            "strict": False,
        }
    return request


def repeat(sheet: int, place: Area, cell: Json, fields: str) -> Json:
    """The same in every cell of an area."""
    return {"repeatCell": {"range": grid_range(sheet, place), "cell": cell, "fields": fields}}


def _as_json(form: NumberFormat) -> Json:
    return {"type": form[0], **({"pattern": form[1]} if form[1] else {})}


def _model(state: SheetState, top: int, bottom: int, right: int) -> int | None:
    """The column whose look ours follow; None if every one would bring more along than its look."""
    mine = set(ours_at(state.rules))
    ruled = list(_areas(state, [rule for at, rule in enumerate(state.rules) if at not in mine]))
    for column in range(right, 0, -1):
        here = Area(top, column, bottom, column)
        if column in state.validated or column in state.linked:
            continue
        if not any(meets(here, each) for each in (*ruled, *state.merges)):
            return column
    return None


def _areas(state: SheetState, rules: Iterable[Json]) -> Iterable[Area]:
    for rule in rules:
        for found in rule.get("ranges", ()):
            yield area(found, rows=state.rows, columns=state.columns)
