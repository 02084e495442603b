"""Charts that Google Sheets draws itself, as requests of spreadsheets.batchUpdate (AddChartRequest)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from sheetsync.book import Chart, ColumnLook, Sheet
from sheetsync.model import Area
from sheetsync.sheets.google.filling import pixels_high, pixels_wide
from sheetsync.sheets.google.rules import rgb
from sheetsync.sheets.google.state import grid_range
from sheetsync.sheets.google.values import Json
from sheetsync.sheets.looks import CHART_COLOURS, CHART_GAP, FAINT, HEADER_HEIGHT, INK

_KINDS: Final = {"column": "COLUMN", "stacked": "COLUMN", "bar": "BAR", "line": "LINE"}
_DEFAULT_HEIGHT: Final = 21
"""Pixels of a row of a new sheet."""


def chart_requests(place: int, sheet: Sheet, ids: Mapping[str, int]) -> Iterator[Json]:
    """What puts a sheet's charts onto it; `ids` are those of the sheets whose cells they may show.

    Google takes the name of a series from its heading, so a heading must stand right above the values, as it does on the
    sheets made here; a column without one is asked for as it is.
    """
    for chart in sheet.charts:
        yield {
            "addChart": {
                "chart": {"spec": _spec(chart, ids.get(chart.sheet, place)), "position": _position(place, sheet, chart)}
            }
        }


def _spec(chart: Chart, source: int) -> Json:
    lying = chart.kind == "bar"
    headed = chart.categories.top > 1
    counted = "BOTTOM_AXIS" if lying else "LEFT_AXIS"
    axes: list[Json] = [
        {"position": position, "format": {"foregroundColorStyle": {"rgbColor": rgb(FAINT)}, "fontSize": 10}}
        for position in ("BOTTOM_AXIS", "LEFT_AXIS")
    ]
    window = {"viewWindowMin": 0, **({"viewWindowMax": 1} if chart.number_format.endswith("%") else {})}
    axis = axes[0 if lying else 1]
    axis["viewWindowOptions"] = {**window, "viewWindowMode": "EXPLICIT" if len(window) > 1 else "PRETTY"}
    if chart.y_title:
        axis["title"] = chart.y_title
    basic: Json = {
        "chartType": _KINDS[chart.kind],
        "legendPosition": "BOTTOM_LEGEND" if len(chart.series) > 1 else "NO_LEGEND",
        "axis": axes,
        "domains": [{"domain": _data(source, chart.categories, headed=headed)}],
        "series": [
            {
                "series": _data(source, series.values, headed=headed),
                "targetAxis": counted,
                "colorStyle": {"rgbColor": rgb(series.colour or CHART_COLOURS[number % len(CHART_COLOURS)])},
            }
            for number, series in enumerate(chart.series)
        ],
        "headerCount": int(headed),
    }
    if chart.kind == "stacked":
        basic["stackedType"] = "STACKED"
    return {
        "title": chart.title,
        "altText": chart.words or chart.title,
        "titleTextFormat": {"bold": True, "fontSize": 12, "foregroundColorStyle": {"rgbColor": rgb(INK)}},
        "hiddenDimensionStrategy": "SHOW_ALL",
        "basicChart": basic,
    }


def _data(source: int, area: Area, *, headed: bool) -> Json:
    """A column of a chart, its heading first."""
    whole = Area(area.top - 1, area.left, area.bottom, area.right) if headed else area
    return {"sourceRange": {"sources": [grid_range(source, whole)]}}


def _position(place: int, sheet: Sheet, chart: Chart) -> Json:
    area = chart.place
    looks = [sheet.looks.get(column, ColumnLook()) for column in range(area.left, area.right + 1)]
    wide = sum(pixels_wide(look.width) for look in looks if not look.hidden)
    return {
        "overlayPosition": {
            "anchorCell": {"sheetId": place, "rowIndex": area.top - 1, "columnIndex": area.left - 1},
            "widthPixels": wide - CHART_GAP,
            "heightPixels": sum(_height(sheet, row) for row in range(area.top, area.bottom + 1)),
        }
    }


def _height(sheet: Sheet, row: int) -> int:
    if row in sheet.hidden_rows:
        return 0
    if row in sheet.heights:
        return pixels_high(sheet.heights[row])
    if sheet.house and row == sheet.header_row:
        return pixels_high(HEADER_HEIGHT)
    return pixels_high(sheet.row_height) if sheet.row_height else _DEFAULT_HEIGHT
