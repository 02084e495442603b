"""One answer of spreadsheets.get -> a Snapshot, and what a write must remember of it."""

from __future__ import annotations

import hashlib
import re
import zoneinfo
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sheetsync.model import Area, Grid, Problem, Snapshot, TableArea, Value, column_number
from sheetsync.sheets.google.marks import ownership
from sheetsync.sheets.google.state import (
    COLUMN_KEY,
    HEADER_KEY,
    MADE_KEY,
    SHEET_KEY,
    WRITE_KEY,
    BookState,
    Mark,
    SheetState,
    area,
)
from sheetsync.sheets.google.values import Entered, Json, NumberFormat, effective, entered, is_loading

FIELDS: Final = (
    "properties(locale,timeZone),developerMetadata,"
    "sheets(properties(sheetId,title,index,sheetType,hidden,gridProperties(rowCount,columnCount)),"
    "merges,conditionalFormats,basicFilter,tables,charts(position),slicers(position),developerMetadata,"
    "protectedRanges(protectedRangeId,range,tableId,unprotectedRanges,warningOnly,requestingUserCanEdit,description),"
    "data(columnMetadata(pixelSize,hiddenByUser,developerMetadata),rowMetadata(developerMetadata),"
    "rowData(values(userEnteredValue,effectiveValue,effectiveFormat(numberFormat),dataValidation(condition),hyperlink))))"
)
"""The field mask of a read: with it grid data come without `includeGridData`, and nothing else does."""
_DEFAULT_WIDTH: Final = 100
"""Pixels of a column, and about what one takes below a chart."""
_MOST_CHOICES: Final = 500
_RANGE: Final = re.compile(
    r"^=?(?:'((?:[^']|'')+)'!|([^'!]+)!)?\$?([A-Z]{1,3})\$?(\d*)(?::\$?([A-Z]{1,3})\$?(\d*))?$", re.IGNORECASE
)
_CUSTOM_ZONE: Final = re.compile(r"(?:GMT|UTC)([+-])(\d{1,2})(?::?(\d\d))?")


def read(answer: Mapping[str, Any], location: str) -> tuple[Snapshot, BookState]:
    """Understand a whole answer. Sheets that are no grids (charts, connected data) are left out.

    Raises UsageError if it cannot be told which columns are ours.
    """
    properties = answer.get("properties", {})
    parts = _parts(answer)
    by_title = {part.state.title.casefold(): part for part in parts}
    grids = tuple(part.grid(by_title) for part in parts)
    state = _book(answer, parts)
    zone, told = _time_zone(properties.get("timeZone"))
    owned, problems = ownership(state.sheets, grids, location)
    if told:
        problems = (*problems, Problem(location, None, None, told))
    return Snapshot(
        location,
        state.version,
        grids,
        owned=owned,
        locale=properties.get("locale"),
        time_zone=zone,
        problems=problems,
    ), state  # fmt: skip


def read_state(answer: Mapping[str, Any]) -> BookState:
    """What a write must know of an answer, whoever's the columns are."""
    return _book(answer, _parts(answer))


def _parts(answer: Mapping[str, Any]) -> list[_Part]:
    return [
        _Part(sheet)
        for sheet in sorted(answer.get("sheets", ()), key=lambda sheet: sheet["properties"].get("index", 0))
        if sheet["properties"].get("sheetType", "GRID") == "GRID"
    ]


def _book(answer: Mapping[str, Any], parts: Sequence[_Part]) -> BookState:
    properties = answer.get("properties", {})
    writes = tuple(
        _mark(found) for found in answer.get("developerMetadata", ()) if found.get("metadataKey") == WRITE_KEY
    )
    states = tuple(part.state for part in parts)
    return BookState(_version(properties, parts), states, properties.get("locale", ""), writes)


class _Part:
    """One sheet of the answer: its cells column by column."""

    def __init__(self, sheet: Mapping[str, Any]) -> None:
        properties = sheet["properties"]
        size = properties.get("gridProperties", {})
        self.hidden = bool(properties.get("hidden"))
        self.values: list[list[Value]] = []
        self.formulas: dict[int, set[int]] = {}
        self.unsaved: dict[int, set[int]] = {}
        self._conditions: dict[int, Json] = {}
        self._entered: list[list[Entered]] = []
        self._formats: dict[int, dict[int, NumberFormat]] = {}
        self._validated: set[int] = set()
        self._linked: set[int] = set()
        data = (sheet.get("data") or [{}])[0]
        self._cells(data.get("rowData", ()))
        self._trim()
        rows, columns = size.get("rowCount", 0), size.get("columnCount", 0)
        columns_data = data.get("columnMetadata", ())
        self.state = SheetState(
            id=properties.get("sheetId", 0),
            title=properties["title"],
            rows=rows,
            columns=columns,
            entered=self._entered,
            formats=self._formats,
            widths=[found.get("pixelSize", _DEFAULT_WIDTH) for found in columns_data],
            hidden_columns=frozenset(
                number for number, found in enumerate(columns_data, start=1) if found.get("hiddenByUser")
            ),
            validated=frozenset(self._validated),
            linked=frozenset(self._linked),
            merges=tuple(area(found, rows=rows, columns=columns) for found in sheet.get("merges", ())),
            anchored=tuple(_anchored(sheet)),
            rules=sheet.get("conditionalFormats", []),
            protected=sheet.get("protectedRanges", []),
            tables=sheet.get("tables", []),
            basic_filter=sheet.get("basicFilter"),
        )
        self._marks(sheet, data)

    def grid(self, parts: Mapping[str, _Part]) -> Grid:
        """The sheet as every other source gives it."""
        state = self.state
        dropdowns = {
            column: choices
            for column, condition in sorted(self._conditions.items())
            if (choices := _choices(condition, self, parts))
        }
        for table in state.tables:
            left = table.get("range", {}).get("startColumnIndex", 0) + 1
            for found in table.get("columnProperties", ()):
                condition = found.get("dataValidationRule", {}).get("condition")
                if condition and (choices := _choices(condition, self, parts)):
                    dropdowns.setdefault(left + found.get("columnIndex", 0), choices)
        return Grid(
            state.title,
            tuple(self.values),
            hidden=self.hidden,
            formulas={column: frozenset(rows) for column, rows in self.formulas.items()},
            unsaved={column: frozenset(rows) for column, rows in self.unsaved.items()},
            tables=tuple(
                TableArea(
                    table.get("name", ""),
                    area(table.get("range", {}), rows=state.rows, columns=state.columns),
                    int("footerColorStyle" in table.get("rowsProperties", {})),
                )
                for table in state.tables
            ),
            merges=state.merges,
            dropdowns=dropdowns,
        )

    def fingerprint(self) -> Iterable[str]:
        """All that makes a version: what was typed, what is a date, what is ours, which rules there are."""
        state = self.state
        yield repr((state.id, state.title, self.hidden, state.merges))
        for column, values in enumerate(state.entered, start=1):
            yield repr(values)
            dated = self._formats.get(column, {})
            yield repr([row for row, form in dated.items() if row <= len(values) and form[0] != "NUMBER"])
        yield repr([(table.get("name"), table.get("range")) for table in state.tables])
        yield repr(state.rules)
        yield repr(sorted((mark.value, mark.place) for mark in state.all_marks))

    def _cells(self, rows: Sequence[Mapping[str, Any]]) -> None:
        width = max((len(row.get("values", ())) for row in rows), default=0)
        self.values = [[None] * len(rows) for _ in range(width)]
        self._entered = [[None] * len(rows) for _ in range(width)]
        forms: dict[NumberFormat, NumberFormat] = {}
        for at, row in enumerate(rows):
            for column, cell in enumerate(row.get("values", ())):
                if not cell:
                    continue
                form = None
                found = cell["effectiveFormat"].get("numberFormat") if "effectiveFormat" in cell else None
                if found:
                    pair = (found.get("type", ""), found.get("pattern", ""))
                    form = forms.setdefault(pair, pair)
                    self._formats.setdefault(column + 1, {})[at + 1] = form
                shown, typed = cell.get("effectiveValue"), cell.get("userEnteredValue")
                if shown:
                    self.values[column][at] = effective(shown, form)
                if typed:
                    self._entered[column][at] = entered(typed)
                if "formulaValue" in (typed or ()) or (shown and not typed):
                    self.formulas.setdefault(column + 1, set()).add(at + 1)
                    if is_loading(shown):
                        self.unsaved.setdefault(column + 1, set()).add(at + 1)
                if "dataValidation" in cell or "hyperlink" in cell:
                    self._extras(column + 1, cell)

    def _extras(self, column: int, cell: Mapping[str, Any]) -> None:
        if "hyperlink" in cell:
            self._linked.add(column)
        if "dataValidation" in cell:
            self._validated.add(column)
            condition = cell["dataValidation"].get("condition", {})
            if column not in self._conditions and condition.get("type") in ("ONE_OF_LIST", "ONE_OF_RANGE"):
                self._conditions[column] = condition

    def _trim(self) -> None:
        """Let the grid end where its last value or formula stands."""
        height = max((max(rows) for rows in self.formulas.values()), default=0)
        for values in self.values:
            for row in range(len(values), height, -1):
                if values[row - 1] is not None:
                    height = row
                    break
        while (
            self.values
            and len(self.values) not in self.formulas
            and not any(value is not None for value in self.values[-1])
        ):
            self.values.pop()
            self._entered.pop()
        for values in self.values:
            del values[height:]
        for typed in self._entered:
            del typed[height:]

    def _marks(self, sheet: Mapping[str, Any], data: Mapping[str, Any]) -> None:
        """Our developer metadata, which stand where they belong: on columns, on rows, on the sheet."""
        found = [*sheet.get("developerMetadata", ())]
        for dimension in (*data.get("columnMetadata", ()), *data.get("rowMetadata", ())):
            found += dimension.get("developerMetadata", ())

        def of(key: str) -> tuple[Mark, ...]:
            return tuple(
                sorted({_mark(one) for one in found if one.get("metadataKey") == key}, key=lambda mark: mark.id)
            )

        state = self.state
        state.marks, state.header_marks, state.sheet_marks = of(COLUMN_KEY), of(HEADER_KEY), of(SHEET_KEY)
        state.made_marks = of(MADE_KEY)


def _mark(found: Mapping[str, Any]) -> Mark:
    place = found.get("location", {}).get("dimensionRange")
    return Mark(
        found.get("metadataId", 0),
        found.get("metadataValue", ""),
        place.get("startIndex", 0) + 1 if place is not None else 0,
    )


def _version(properties: Mapping[str, Any], parts: Iterable[_Part]) -> str:
    """A digest of all that was read and matters. Results of formulas do not: TODAY() is no change."""
    digest = hashlib.sha256(repr((properties.get("locale"), properties.get("timeZone"))).encode())
    for part in parts:
        for piece in part.fingerprint():
            digest.update(piece.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _anchored(sheet: Mapping[str, Any]) -> Iterable[Area]:
    """Where charts and slicers lie, as far as columns of usual width and rows of 21 pixels go."""
    for found in (*sheet.get("charts", ()), *sheet.get("slicers", ())):
        overlay = found.get("position", {}).get("overlayPosition")
        if overlay is None:
            continue
        cell = overlay.get("anchorCell", {})
        top, left = cell.get("rowIndex", 0) + 1, cell.get("columnIndex", 0) + 1
        across = overlay.get("offsetXPixels", 0) + overlay.get("widthPixels", 600)
        down = overlay.get("offsetYPixels", 0) + overlay.get("heightPixels", 371)
        yield Area(top, left, top + down // 21, left + across // _DEFAULT_WIDTH)


def _choices(condition: Mapping[str, Any], part: _Part, parts: Mapping[str, _Part]) -> tuple[str, ...]:
    """The words that a list validation offers."""
    typed = [str(value.get("userEnteredValue", "")) for value in condition.get("values", ())]
    if condition.get("type") == "ONE_OF_LIST":
        return tuple(text for text in typed if text)
    match = _RANGE.match(typed[0]) if condition.get("type") == "ONE_OF_RANGE" and typed else None
    if match is None:
        return ()
    sheet = (match[1] or match[2] or part.state.title).replace("''", "'")
    source = parts.get(sheet.casefold())
    if source is None:
        return ()
    left, right = column_number(match[3]), column_number(match[5] or match[3])
    top = int(match[4] or 1)
    bottom = int(match[6] or 0) if match[5] else top
    texts: dict[str, None] = {}
    for values in source.values[left - 1 : right]:
        texts.update(dict.fromkeys(v for v in values[top - 1 : bottom or None] if isinstance(v, str)))
    return tuple(texts)[:_MOST_CHOICES]


def _time_zone(name: str | None) -> tuple[str | None, str | None]:
    """The zone by its IANA name, and what to tell if it has none. Google also knows offsets such as GMT-07:00."""
    if not name:
        return None, None
    custom = _CUSTOM_ZONE.fullmatch(name)
    if custom and not int(custom[3] or 0):
        hours = int(custom[2])
        # the names of this family count westwards
        name = f"Etc/GMT{'-' if custom[1] == '+' else '+'}{hours}" if hours else "Etc/GMT"
    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return None, (
            f"The spreadsheet's time zone {name!r} is not known here, so this computer's day counts: "
            "choose a city's zone under File > Settings."
        )
    return name, None
