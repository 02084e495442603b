"""Sheets that are to be made, in no program's own terms: what `init`, `add` and `copy` put into a spreadsheet.

Rows and columns count from 1, as in `sheetsync.model`. Lengths are in characters of the default font (columns) and
points (rows), as ECMA-376 sections 18.3.1.13 and 18.3.1.73 count them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sheetsync.model import Area, Ownership, TableArea, Value


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that is worked out.

    `text` has no leading "=", is written in English with commas, and uses only what Excel 2010, Google Sheets and
    LibreOffice all know. `result` is what it gives as far as it is known.
    """

    text: str
    result: Value = None


@dataclass(frozen=True, slots=True)
class ListRange:
    """The words of a drop-down, standing in cells of another sheet of the same book, one below the other."""

    sheet: str
    area: Area


@dataclass(frozen=True, slots=True)
class ColumnLook:
    """How a column below the header row looks and what may be typed into it."""

    width: float = 13.0
    number_format: str = ""
    """A format code (ECMA-376 section 18.8.30); "" is General."""
    wrap: bool = False
    role: Literal["text", "key", "help"] = "text"
    """`key` is set bold, `help` in a fainter colour."""
    dropdown: tuple[str, ...] | ListRange = ()
    """What the cells offer; other words are welcome all the same."""
    wants_date: bool = False
    """Whether a text that is no date is met with a warning."""
    help: str = ""
    """Shown when the header is selected."""
    left: bool = False
    """Whether the cells stand at the left, whatever they hold."""
    indented: bool = False
    """Whether the cells keep a little off what stands left of them, where a program can (ECMA-376 section 18.8.1)."""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Style:
    """How cells look, as far as it is told. Colours are six hexadecimal digits, red, green, blue; "" is the default."""

    number_format: str = ""
    font: str = ""
    size: float = 0
    """In points; 0 is the default."""
    bold: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False
    colour: str = ""
    fill: str = ""
    horizontal: Literal["", "left", "center", "right"] = ""
    vertical: Literal["", "top", "middle", "bottom"] = ""
    wrap: bool = False
    lines: tuple[str, str, str, str] = ("", "", "", "")
    """The colours of the thin lines at the top, right, bottom and left; "" is none."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A conditional format: the look where a formula is true. Bold is left as it is unless it is set."""

    areas: tuple[Area, ...]
    formula: str
    """Without a leading "=", relative to the first area's first cell."""
    fill: str = ""
    colour: str = ""
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """What may be typed into an area."""

    area: Area
    dropdown: tuple[str, ...] | ListRange = ()
    wants_date: bool = False
    strict: bool = False
    """Whether anything else is refused."""


@dataclass(frozen=True, slots=True)
class Series:
    """One row of a chart's columns, or one of its lines."""

    name: str
    values: Area
    """One column of numbers, on the sheet that the chart names."""
    colour: str = ""
    """Six hexadecimal digits; "" leaves it to the program."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart that the spreadsheet program draws itself from cells (ECMA-376 section 21.2; Sheets: EmbeddedChart)."""

    kind: Literal["column", "stacked", "bar", "line"]
    """`column` and `stacked` stand upright, `bar` lies."""
    title: str
    categories: Area
    """One column, beside the values of the series."""
    series: tuple[Series, ...]
    place: Area
    """The cells that it covers on its own sheet."""
    sheet: str = ""
    """Where its numbers stand; "" is its own sheet."""
    number_format: str = "0"
    """Of the axis that counts."""
    y_title: str = ""
    words: str = ""
    """The same in words, for whoever cannot see it."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet to be made. `columns[c - 1][r - 1]` is the cell at row r, column c; all columns are equally long."""

    name: str
    columns: tuple[Sequence[Value | Formula], ...]
    looks: Mapping[int, ColumnLook] = field(default_factory=dict)
    """Column -> how it looks; a column that is missing has the default look."""
    header_row: int = 1
    """0 for a sheet without one."""
    house: bool = True
    """Whether it has the look of the sheets made here: header, fonts, lines. `styles` goes on top of it."""
    table: TableArea | None = None
    more_tables: tuple[TableArea, ...] = ()
    merges: tuple[Area, ...] = ()
    hidden: bool = False
    row_height: float | None = None
    frozen: tuple[int, int] = (1, 0)
    """How many rows and columns stay in view."""
    tab: Literal["tracker", "log", "setup", ""] = ""
    """What the sheet is for, which gives its tab a colour."""
    tab_colour: str = ""
    """A colour of the person's own, which goes before `tab`."""
    styles: tuple[tuple[Area, Style], ...] = ()
    """Looks of some cells; they do not overlap."""
    rules: tuple[Rule, ...] = ()
    """The first one goes before the others."""
    checks: tuple[Check, ...] = ()
    """Beside those of `looks`."""
    notes: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """Row, column -> the note of a cell."""
    links: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """Row, column -> where a click leads; "#" and a place, such as `#'Ana'!A1`, is within the same book."""
    heights: Mapping[int, float] = field(default_factory=dict)
    """Row -> its height, where it has one of its own."""
    hidden_rows: tuple[int, ...] = ()
    filter: Area | None = None
    """What an autofilter covers."""
    charts: tuple[Chart, ...] = ()
    printed: Area | None = None
    """What is printed, on one page unless it has more than 60 rows, upright unless it is wide; None leaves it to the program."""
    breaks: tuple[int, ...] = ()
    """The rows after which another printed page begins."""
    unlocked: tuple[Area, ...] | None = None
    """The cells that may be typed into where the rest is protected; None protects nothing."""
    added: bool = False
    """Whether it is marked as added by sheetsync, so that a removal takes it out; in a new tracker no sheet is."""


@dataclass(frozen=True, slots=True)
class Book:
    """A whole spreadsheet to be made: its sheets in order."""

    sheets: tuple[Sheet, ...]
    locale: str | None = None
    """Such as "en_GB"."""
    time_zone: str | None = None
    """Such as "Europe/London"."""
    owned: Ownership | None = None
    """Which columns are ours, to be marked so."""
