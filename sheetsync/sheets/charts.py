"""Charts that a spreadsheet program draws itself, made with openpyxl (ECMA-376 sections 20.5 and 21.2).

Nothing drawn is kept in the file: no picture, and no copy of the numbers, so a chart never shows what is not in its cells.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import quoteattr

from openpyxl import Workbook
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart import Series as DrawnSeries
from openpyxl.chart.data_source import AxDataSource, StrRef
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.drawing.text import (
    CharacterProperties,
    Font,
    Paragraph,
    ParagraphProperties,
    RegularTextRun,
    RichTextProperties,
)

from sheetsync.book import Chart, ColumnLook, Sheet
from sheetsync.model import Area
from sheetsync.sheets.looks import CHART_COLOURS, CHART_GAP, FAINT, INK

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_STRICT: Final = {
    b"http://schemas.openxmlformats.org/drawingml/2006/": b"http://purl.oclc.org/ooxml/drawingml/",
    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships":
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
}  # fmt: skip
_GRID: Final = "DDE3E8"
_EMU: Final = 9_525
"""English metric units of a pixel."""
_TITLE_SIZE: Final = 1200
_TEXT_SIZE: Final = 900
_FRAME: Final = re.compile(rb'<((?:\w+:)?)cNvPr id="(\d+)" name="Chart (\d+)"')


def add_chart(sheet: Worksheet, chart: Chart, looks: Mapping[int, ColumnLook], *, number: int) -> None:
    """Put a chart onto a sheet of a workbook that is being made; `number` makes its axes' ids its own.

    It ends a little before its last column does, so that two charts side by side do not touch.
    """
    drawn = _drawn(sheet, chart, number)
    place = chart.place
    drawn.anchor = TwoCellAnchor(
        editAs="oneCell",
        _from=AnchorMarker(col=place.left - 1, row=place.top - 1),
        to=AnchorMarker(
            col=place.right - 1,
            colOff=round(max(looks.get(place.right, ColumnLook()).width * 7 + 5 - CHART_GAP, 0) * _EMU),
            row=place.bottom,
        ),
    )
    sheet.add_chart(drawn)


def chart_parts(sheet: Sheet) -> tuple[bytes, tuple[bytes, ...]]:
    """The drawing of a sheet's charts, and each chart: parts that go into a workbook which openpyxl must not save.

    The drawing relates to its charts as rId1, rId2 ... in order. They are made in a workbook that is thrown away.
    """
    made = Workbook()
    own: Any = made.active
    own.title = sheet.name
    for name in sorted({chart.sheet for chart in sheet.charts} - {"", sheet.name}):
        made.create_sheet(name)
    for number, chart in enumerate(sheet.charts, start=1):
        add_chart(own, chart, sheet.looks, number=number)
    stream = io.BytesIO()
    made.save(stream)
    with zipfile.ZipFile(stream) as parts:
        drawing = described(parts.read("xl/drawings/drawing1.xml"), sheet.charts)
        charts = tuple(parts.read(f"xl/charts/chart{number}.xml") for number in range(1, len(sheet.charts) + 1))
    return drawing, charts


def strict(part: bytes) -> bytes:
    """The same part in the namespaces of strict OOXML (ECMA-376 part 1, annex A)."""
    for transitional, purl in _STRICT.items():
        part = part.replace(transitional, purl)
    return part


def described(drawing: bytes, charts: tuple[Chart, ...]) -> bytes:
    """A drawing part in which each chart has its title for a name, and its words for whoever cannot see it."""

    def named(found: re.Match[bytes]) -> bytes:
        chart = charts[int(found[3]) - 1]
        name, words = quoteattr(chart.title), quoteattr(chart.words or chart.title)
        return b'<%bcNvPr id="%d" name=%b descr=%b' % (
            found[1], int(found[2]) + 1, name.encode("ascii", "xmlcharrefreplace"), words.encode("ascii", "xmlcharrefreplace"),
        )  # fmt: skip

    return _FRAME.sub(named, drawing)


def _drawn(sheet: Any, chart: Chart, number: int) -> Any:
    """The chart as openpyxl holds it."""
    drawn: Any = LineChart() if chart.kind == "line" else BarChart()
    if chart.kind != "line":
        drawn.type = "bar" if chart.kind == "bar" else "col"
        drawn.grouping = "stacked" if chart.kind == "stacked" else "clustered"
        drawn.overlap = 100 if chart.kind == "stacked" else -10
        drawn.gapWidth = 45
    source = sheet.parent[chart.sheet] if chart.sheet else sheet
    names = AxDataSource(strRef=StrRef(f=str(_reference(source, chart.categories))))
    for place, told in enumerate(chart.series):
        series: Any = DrawnSeries(_reference(source, told.values), title=told.name)
        colour = told.colour or CHART_COLOURS[place % len(CHART_COLOURS)]
        if chart.kind == "line":
            series.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=colour, w=28_575))
            series.smooth = False
        else:
            series.graphicalProperties = GraphicalProperties(solidFill=colour)
            series.graphicalProperties.line.noFill = True
            series.invertIfNegative = False
        series.cat = names
        drawn.series.append(series)
    drawn.title = _title(chart.title)
    drawn.legend = _legend(drawn.legend) if len(chart.series) > 1 else None
    drawn.roundedCorners = False
    drawn.visible_cells_only = False
    drawn.display_blanks = "gap"
    _axes(drawn, chart, number)
    return drawn


def _axes(drawn: Any, chart: Chart, number: int) -> None:
    """Thin, quiet axes; lying bars run from the top down, as a list reads."""
    names, counts = drawn.x_axis, drawn.y_axis
    names.axId, counts.axId = 10_000_000 + 2 * number, 10_000_001 + 2 * number
    names.crossAx, counts.crossAx = counts.axId, names.axId
    for axis in (names, counts):
        axis.delete = False
        axis.txPr = _text(FAINT, _TEXT_SIZE)
        axis.majorTickMark = axis.minorTickMark = "none"
        axis.title = None
    names.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill="9AA8B2", w=9_525))
    names.number_format = "General"
    names.lblOffset = 60
    counts.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    counts.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill=_GRID, w=6_350))
    counts.number_format = chart.number_format
    counts.scaling.min = 0
    if chart.number_format.endswith("%"):
        counts.scaling.max = 1
        counts.majorUnit = 0.25
    if chart.y_title:
        counts.title = _title(chart.y_title, size=_TEXT_SIZE, colour=FAINT, bold=False)
    if chart.kind == "bar":
        names.scaling.orientation = "maxMin"
        counts.crosses = "max"


def _reference(sheet: Worksheet, area: Area) -> Reference:
    return Reference(sheet, min_col=area.left, max_col=area.right, min_row=area.top, max_row=area.bottom)


def _legend(legend: Any) -> Any:
    legend.position = "b"
    legend.overlay = False
    legend.txPr = _text(FAINT, _TEXT_SIZE)
    return legend


def _title(text: str, *, size: int = _TITLE_SIZE, colour: str = INK, bold: bool = True) -> Title:
    looks = _characters(colour, size, bold=bold)
    line = Paragraph(pPr=ParagraphProperties(defRPr=looks), r=[RegularTextRun(rPr=looks, t=text)])
    title = Title(overlay=False)
    title.tx = Text(rich=RichText(bodyPr=RichTextProperties(), p=[line]))
    return title


def _text(colour: str, size: int) -> RichText:
    looks = _characters(colour, size, bold=False)
    return RichText(bodyPr=RichTextProperties(), p=[Paragraph(pPr=ParagraphProperties(defRPr=looks), endParaRPr=looks)])


def _characters(colour: str, size: int, *, bold: bool) -> CharacterProperties:
    return CharacterProperties(sz=size, b=bold, solidFill=colour, latin=Font(typeface="Calibri"))
