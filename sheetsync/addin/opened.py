"""The workbook that is open in a spreadsheet program, as its add-in sends it: docs/addin.md has the format.

Values come as the program's object model gives them: dates as serial numbers beside their number format, errors as their
texts, an empty cell as an empty text. They are read as calamine reads the same workbook from its file, so that a rule
sees one and the same tracker. Nothing here is a path or a formula: a formula is told by its place alone.
"""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from sheetsync.errors import UsageError
from sheetsync.model import Area, Grid, Snapshot, TableArea, Value
from sheetsync.sheets.ooxml.marks import ownership
from sheetsync.sheets.ooxml.reading import offered
from sheetsync.sheets.ooxml.workbook import MARK, RECORD, SHEET, read_cell

FORMAT: Final = 1
"""The format's number, in what is sent and in what is answered."""
Raw = str | float | bool | None
"""A cell as the program gives it."""

_MOST_CELLS: Final = 5_000_000
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
_ERRORS: Final = frozenset(
    {
        "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!",
        "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#GETTING_DATA", "#EXTERNAL!", "#PYTHON!",
    }
)  # fmt: skip
_LITERAL: Final = re.compile(r'"[^"]*"|\\.|_.|\*.')
_SPAN: Final = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_BRACKETS: Final = re.compile(r"\[[^\]]*\]")
_LAST_DAY: Final = 2_958_466
"""The serial number of the day after 31 December 9999."""
_LEAP: Final = 60
"""The serial number of 29 February 1900, a day that the 1900 system has and the calendar has not."""
_DAY: Final = 86_400_000
"""Milliseconds."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StandingRule:
    """A conditional format of ours as it stands: its formula, and its ranges in A1 notation."""

    formula: str
    ranges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenSheet:
    """One sheet: what the rules read of it, and what a write compares with."""

    grid: Grid
    values: Sequence[Sequence[Raw]]
    """Row by row from (top, left)."""
    top: int
    left: int
    formats: Mapping[int, tuple[tuple[int, int, str], ...]]
    """Column -> first row, last row and format code of each run."""
    blocked: tuple[Area, ...] = ()
    rules: tuple[StandingRule, ...] = ()

    def raw(self, row: int, column: int) -> Raw:
        """A cell as it was sent; None for an empty one and beyond the edge."""
        at, place = row - self.top, column - self.left
        if 0 <= at < len(self.values) and 0 <= place < len(self.values[at]):
            value = self.values[at][place]
            return None if value == "" else value
        return None

    def code(self, row: int, column: int) -> str:
        """A cell's number format; "" is General."""
        return next((code for first, last, code in self.formats.get(column, ()) if first <= row <= last), "")


@dataclass(frozen=True, slots=True)
class OpenBook:
    """The workbook."""

    snapshot: Snapshot
    program: str
    sheets: Mapping[str, OpenSheet]
    marks: Mapping[str, tuple[str, int, int] | None]
    """Our marks as they stand: key -> sheet, row and column; None if the person deleted the column."""


def read_book(book: object) -> OpenBook:
    """The workbook that a page or an extension sent. Raises UsageError if it is none."""
    try:
        return _book(book)
    except _MalformedError as error:
        raise UsageError(
            f"The add-in sent a workbook that cannot be read ({error}): update sheetsync, then open the add-in again."
        ) from None


class _MalformedError(Exception):
    """What was sent is not as the format says."""


@dataclass(frozen=True, slots=True)
class _Names:
    """The workbook's defined names (ooxml.marks.Marked)."""

    texts: Sequence[tuple[str, str]]
    sheets: frozenset[str]

    def marks(self) -> dict[str, tuple[str, int, int] | None]:
        found: dict[str, tuple[str, int, int] | None] = {}
        for key, text in self._ours():
            place = read_cell(text)
            if place is not None or "#REF!" in text.upper():
                found[key] = place
        return found

    def marked_sheet(self) -> str | None:
        for _, text in self._ours():
            if "#REF!" in text.upper():
                sheet = text[: text.upper().index("#REF!")].lstrip("=").removesuffix("!").strip("'").replace("''", "'")
                if sheet in self.sheets:
                    return sheet
        return None

    def _ours(self) -> Iterable[tuple[str, str]]:
        for name, text in self.texts:
            key = name.lower().removeprefix(MARK)
            if name.lower().startswith(MARK) and not key.startswith((SHEET, RECORD)):
                yield key, text


def _book(book: object) -> OpenBook:
    told = _mapping(book, "it is no object")
    if told.get("format") != FORMAT:
        raise _MalformedError("it is of another version")
    epoch_1904 = _one(told, "date_1904", bool, default=False)
    listed = _list(told, "sheets")
    if sum(_cells(each) for each in listed) > _MOST_CELLS:
        raise _MalformedError("it is too large")
    sheets = [_sheet(_mapping(each, "a sheet is no object"), epoch_1904=epoch_1904) for each in listed]
    by_name = {sheet.grid.name: sheet for sheet in sheets}
    if len(by_name) < len(sheets):
        raise _MalformedError("two sheets have one name")
    names = _Names(tuple(_name(each) for each in _list(told, "names")), frozenset(by_name))
    for each, sheet in zip(listed, sheets, strict=True):
        grids = {name: one.grid for name, one in by_name.items()}
        offers = _dropdowns(_list(each, "dropdowns"), sheet.grid, grids, names)
        by_name[sheet.grid.name] = replace(sheet, grid=replace(sheet.grid, dropdowns=offers))
    grids = {name: one.grid for name, one in by_name.items()}
    owned, problems = ownership(names, tuple(grids.values()))
    snapshot = Snapshot(
        _one(told, "title", str, default="") or "the open workbook",
        "open",
        tuple(grids.values()),
        owned=owned,
        epoch_1904=epoch_1904,
        locale=(_one(told, "locale", str, default="") or "").replace("-", "_") or None,
        time_zone=_time_zone(_one(told, "time_zone", str, default="")),
        saved=_moment(_one(told, "saved", str, default="")),
        problems=problems,
    )
    return OpenBook(snapshot, _one(told, "program", str, default="excel"), by_name, names.marks())


def _cells(sheet: object) -> int:
    rows = _list(_mapping(sheet, "a sheet is no object"), "values")
    return len(rows) * max((len(row) for row in rows if isinstance(row, list)), default=0)


def _sheet(told: Mapping[str, Any], *, epoch_1904: bool) -> OpenSheet:
    name = _one(told, "name", str)
    top, left = _one(told, "row", int, default=1), _one(told, "column", int, default=1)
    values = _list(told, "values")
    width = len(values[0]) if values and isinstance(values[0], list) else 0
    if not (1 <= top <= _MOST_ROWS - len(values) + 1 and 1 <= left <= _MOST_COLUMNS - width + 1):
        raise _MalformedError("a sheet is larger than a sheet can be")
    if any(not isinstance(row, list) or len(row) != width for row in values):
        raise _MalformedError("the rows of a sheet differ in length")
    if any(value is not None and type(value) not in (str, int, float, bool) for row in values for value in row):
        raise _MalformedError("a cell is neither text, number, truth value nor empty")
    height = top - 1 + len(values)
    formats = _runs(_list(told, "formats"))
    formulas = {
        column: frozenset(row for first, last, _ in runs for row in range(first, min(last, height) + 1))
        for column, runs in _runs([[*each, ""] for each in _list(told, "formulas") if isinstance(each, list)]).items()
    }
    # counted from A1, whatever the first filled cell is
    nothing: list[Value] = [None]
    columns = [nothing * (top - 1) + [_plain(row[place]) for row in values] for place in range(width)]
    for place, column in enumerate(columns, start=left):
        _read_dates(column, formats.get(place, ()), epoch_1904=epoch_1904)
    columns = [nothing * height for _ in range(left - 1)] + columns if width else []
    grid = Grid(
        name,
        tuple(_trimmed(columns, formulas)),
        hidden=_one(told, "hidden", bool, default=False),
        formulas={column: rows for column, rows in formulas.items() if rows},
        tables=tuple(_table(_mapping(each, "a table is no object")) for each in _list(told, "tables")),
        merges=tuple(map(_area, _list(told, "merges"))),
    )
    blocked = tuple(map(_area, _list(told, "blocked")))
    rules = tuple(_rule(_mapping(each, "a rule is no object")) for each in _list(told, "rules"))
    return OpenSheet(grid, values, top, left, formats, blocked, rules)


def _plain(value: Raw) -> Value:
    if isinstance(value, float | int) and not isinstance(value, bool):
        return float(value)
    return None if value == "" or (isinstance(value, str) and value in _ERRORS) else value


def _read_dates(column: list[Value], runs: Iterable[tuple[int, int, str]], *, epoch_1904: bool) -> None:
    """Turn the numbers that are shown as dates into dates, in place."""
    for first, last, code in runs:
        kind = date_kind(code)
        if kind is None:
            continue
        for at in range(first - 1, min(last, len(column))):
            value = column[at]
            if type(value) is float:
                column[at] = _date(value, kind, epoch_1904=epoch_1904)


def date_kind(code: str) -> str | None:
    """Whether a format shows a number as a moment ("date") or a length of time ("span"); None if as a number."""
    bare = _LITERAL.sub("", code).split(";", maxsplit=1)[0]
    if _SPAN.search(bare):
        return "span"
    bare = _BRACKETS.sub("", bare).lower()
    return "date" if "general" not in bare and any(letter in bare for letter in "ymdhs") else None


def _date(serial: float, kind: str, *, epoch_1904: bool) -> Value:
    if kind == "span":
        return dt.timedelta(days=serial)
    if serial >= _LAST_DAY:
        return serial
    milliseconds = round(serial * _DAY)
    if milliseconds < _DAY:
        return (_midnight(dt.date.min) + dt.timedelta(milliseconds=max(milliseconds, 0))).time()
    epoch = dt.date(1904, 1, 1) if epoch_1904 else dt.date(1899, 12, 31 if serial < _LEAP else 30)
    moment = _midnight(epoch) + dt.timedelta(milliseconds=milliseconds)
    return moment.date() if moment.time() == dt.time() else moment


def serial(value: dt.date, *, epoch_1904: bool) -> float:
    """A day, or a day with a time, as the program numbers it."""
    moment = value if isinstance(value, dt.datetime) else _midnight(value)
    passed = moment - _midnight(dt.date(1904, 1, 1) if epoch_1904 else dt.date(1899, 12, 30))
    number = passed / dt.timedelta(days=1)
    return int(number) if number.is_integer() else number


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time())


def _trimmed(columns: list[list[Value]], formulas: Mapping[int, frozenset[int]]) -> list[list[Value]]:
    """The columns up to the last cell that holds something: a used range reaches over formatted empty cells too."""
    bottom = max(
        (max((row for row, value in enumerate(values, start=1) if value is not None), default=0) for values in columns),
        default=0,
    )
    bottom = max([bottom, *(max(rows, default=0) for rows in formulas.values())])
    right = max(
        (place for place, values in enumerate(columns, start=1) if any(v is not None for v in values)), default=0
    )
    right = max([right, *(column for column, rows in formulas.items() if rows)])
    columns = columns[:right] + [[] for _ in range(right - len(columns))]
    return [values[:bottom] + [None] * (bottom - len(values)) for values in columns]


def _runs(listed: Sequence[Any]) -> dict[int, tuple[tuple[int, int, str], ...]]:
    found: dict[int, list[tuple[int, int, str]]] = {}
    for run in listed:
        if not isinstance(run, list) or len(run) != 4 or not _are_numbers(run[:3]) or not isinstance(run[3], str):
            raise _MalformedError("a run of cells is not as it should be")
        column, first, last, code = run
        if not (1 <= column <= _MOST_COLUMNS and 1 <= first <= last <= _MOST_ROWS):
            raise _MalformedError("a run of cells lies outside its sheet")
        found.setdefault(column, []).append((first, last, code))
    return {column: tuple(runs) for column, runs in found.items()}


def _dropdowns(
    listed: Sequence[Any], grid: Grid, grids: Mapping[str, Grid], names: _Names
) -> dict[int, tuple[str, ...]]:
    by_name = {name.casefold(): text for name, text in names.texts}
    found: dict[int, tuple[str, ...]] = {}
    for each in listed:
        if not isinstance(each, list) or len(each) != 2 or not _are_numbers(each[:1]) or not isinstance(each[1], str):
            raise _MalformedError("a drop-down is not as it should be")
        column: int = each[0]
        source: str = each[1]
        if source.startswith("="):
            formula = by_name.get(source[1:].strip().casefold(), source).lstrip("=")
        else:
            formula = '"' + source.replace('"', '""') + '"'
        words = offered(formula, grid, grids)
        if words:
            found.setdefault(column, words)
    return found


def _table(told: Mapping[str, Any]) -> TableArea:
    return TableArea(_one(told, "name", str), _area(told.get("area")), int(_one(told, "totals", bool, default=False)))


def _rule(told: Mapping[str, Any]) -> StandingRule:
    ranges = _list(told, "ranges")
    if any(not isinstance(each, str) for each in ranges):
        raise _MalformedError("a rule's range is no text")
    return StandingRule(_one(told, "formula", str).lstrip("="), tuple(each.upper() for each in ranges))


def _name(told: object) -> tuple[str, str]:
    entry = _mapping(told, "a name is no object")
    return _one(entry, "name", str), _one(entry, "refers_to", str)


def _area(told: object) -> Area:
    if not isinstance(told, list) or len(told) != 4 or not _are_numbers(told) or min(told) < 1:
        raise _MalformedError("an area is not four numbers")
    top, left, bottom, right = told
    return Area(top, left, bottom, right)


def _are_numbers(values: Sequence[Any]) -> bool:
    return all(type(value) is int for value in values)


def _time_zone(name: str) -> str | None:
    try:
        return zoneinfo.ZoneInfo(name).key if name else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _moment(text: str) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(text) if text else None
    except ValueError:
        raise _MalformedError("when it was saved is no date") from None
    return moment if moment is not None and moment.tzinfo is not None else None


def _mapping(value: object, reason: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _MalformedError(reason)
    return value


def _list(told: Mapping[str, Any], key: str) -> list[Any]:
    value = told.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise _MalformedError(f"its {key} are no list")
    return value


def _one(told: Mapping[str, Any], key: str, kind: type[T], *, default: T | None = None) -> T:
    value = told.get(key)
    if value is None and default is not None:
        return default
    if type(value) is not kind:
        raise _MalformedError(f"its {key} is missing or of another kind")
    return value
