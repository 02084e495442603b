"""A spreadsheet that sheetsync made and keeps up to date: read in one call, and written in one where it differs.

Only cells that differ are typed anew, so that what somebody types into another one at that moment stays. Rows that go are
deleted as rows, so that comments move with theirs; looks are given again only where there are more rows or other headings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sheetsync.book import Formula, Sheet
from sheetsync.model import Area, Ownership, Snapshot, Value
from sheetsync.sheets.google import filling
from sheetsync.sheets.google.batch import Cells, cell_blocks
from sheetsync.sheets.google.building import SPREADSHEETS, Made, send
from sheetsync.sheets.google.marking import create, delete, on_column, on_row
from sheetsync.sheets.google.reading import FIELDS, read
from sheetsync.sheets.google.state import COLUMN_KEY, HEADER_KEY, BookState, SheetState
from sheetsync.sheets.google.values import Entered, Json, as_entered

if TYPE_CHECKING:
    from sheetsync.sheets.google.transport import Transport


@dataclass(frozen=True, slots=True)
class Renewal:
    """What one sheet is to be."""

    name: str
    """Of the sheet as it stands."""
    sheet: Sheet
    """Its rows are in the order that stands, but for those that go."""
    gone: tuple[int, ...] = ()
    """The rows that go, as they stand."""
    silent: int = 0
    """How many rows at the top are no reason to write: they tell the day."""
    owned: Ownership | None = None


class Renewable:
    """One such spreadsheet."""

    def __init__(self, transport: Transport, spreadsheet_id: str, location: str) -> None:
        self.location = location
        self.id = spreadsheet_id
        self.transport = transport
        self._book: BookState | None = None
        self._owned: Ownership | None = None

    def read(self) -> Snapshot:
        """As it stands now, in one call. Raises GoogleError."""
        url = f"{SPREADSHEETS}/{self.id}"
        answer = self.transport.call("GET", url, params={"fields": FIELDS}, target=self.location)
        snapshot, self._book = read(answer, self.location)
        self._owned = snapshot.owned
        return snapshot

    def differs(self, renewals: Sequence[Renewal]) -> bool:
        """Whether what was read last is anything else than it is to be."""
        return any(_reasons(renewal, self._sheet(renewal)) for renewal in renewals)

    def renew(self, renewals: Sequence[Renewal]) -> int:
        """Write what differs from what was read last, in one call; how many cells and rows that are. Raises GoogleError."""
        if not self.differs(renewals):
            return 0
        book = self._read_book()
        requests: list[Json] = [delete(mark) for mark in book.writes]
        count = 0
        for renewal in renewals:
            made, changed = _requests(renewal, self._sheet(renewal), self._owned, book.locale)
            requests += made
            count += changed
        self._book = None
        send(self.transport, Made(self.id, self.location), requests)
        return count

    def _sheet(self, renewal: Renewal) -> SheetState:
        found = self._read_book().sheet(renewal.name)
        if found is None:
            raise KeyError(renewal.name)
        return found

    def _read_book(self) -> BookState:
        if self._book is None:
            self.read()
        assert self._book is not None  # noqa: S101  # just read
        return self._book


def _reasons(renewal: Renewal, state: SheetState) -> bool:
    changed = _changed(renewal, state)
    return bool(renewal.gone) or any(row > renewal.silent for row, _ in changed)


def _requests(renewal: Renewal, state: SheetState, owned: Ownership | None, locale: str) -> tuple[list[Json], int]:
    sheet, height = renewal.sheet, _height(renewal.sheet)
    changed = _changed(renewal, state)
    requests: list[Json] = [
        {"deleteDimension": {"range": _rows(state.id, row, row)}} for row in sorted(renewal.gone, reverse=True)
    ]
    stood = max((len(values) for values in state.entered), default=0) - len(renewal.gone)
    headings = any(row <= sheet.header_row and row > renewal.silent for row, _ in changed)
    dressed = height > stood or headings
    rows, columns = filling.size(sheet) if dressed else (height, len(sheet.columns))
    for dimension, more in (("ROWS", rows - state.rows + len(renewal.gone)), ("COLUMNS", columns - state.columns)):
        if more > 0:
            requests.append({"appendDimension": {"sheetId": state.id, "dimension": dimension, "length": more}})
    requests += cell_blocks({state.id: changed})
    if dressed:
        requests += _dressed(state, sheet, locale)
    requests += [*_marks(renewal, state, owned), *_free(state, sheet)]
    return requests, len(changed) + len(renewal.gone)


def _changed(renewal: Renewal, state: SheetState) -> Cells:
    """Place -> what is to be typed there, once the rows that go are gone."""
    gone = set(renewal.gone)
    standing = [_without(values, gone) for values in state.entered]
    wanted = [[_typed(value) for value in values] for values in renewal.sheet.columns]
    cells: Cells = {}
    for column in range(max(len(standing), len(wanted))):
        now = standing[column] if column < len(standing) else []
        then = wanted[column] if column < len(wanted) else []
        for row in range(max(len(now), len(then))):
            before = now[row] if row < len(now) else None
            after = then[row] if row < len(then) else None
            if before != after:
                cells[row + 1, column + 1] = after
    return cells


def _typed(value: Value | Formula) -> Entered:
    return as_entered(None if isinstance(value, Formula) else value)


def _without(values: Sequence[Entered], gone: set[int]) -> list[Entered]:
    return [value for row, value in enumerate(values, start=1) if row not in gone] if gone else list(values)


def _dressed(state: SheetState, sheet: Sheet, locale: str) -> Iterator[Json]:
    """Looks, rules, widths and filter as for a new sheet, in the place of those that stand."""
    yield from (
        {"deleteConditionalFormatRule": {"sheetId": state.id, "index": index}}
        for index in reversed(range(len(state.rules)))
    )
    if state.merges:
        yield {"unmergeCells": {"range": {"sheetId": state.id}}}
    shown = {"sheetId": state.id, "dimension": "COLUMNS", "startIndex": 0, "endIndex": len(sheet.columns)}
    yield {
        "updateDimensionProperties": {"range": shown, "properties": {"hiddenByUser": False}, "fields": "hiddenByUser"}
    }
    yield from filling.dress(state.id, sheet, locale)
    if sheet.filter or sheet.table:
        yield from filling.filtered(state.id, sheet)


def _free(state: SheetState, sheet: Sheet) -> Iterator[Json]:
    """The protection, if it is not as it is to be; whoever may edit it already stays."""
    if sheet.unlocked is None:
        return
    wanted = filling.protected(state.id, sheet)
    whole = [each for each in state.protected if not any("Index" in side for side in each.get("range", {"Index": 0}))]
    if not whole:
        yield {"addProtectedRange": {"protectedRange": wanted}}
    elif _sides(whole[0].get("unprotectedRanges", ())) != _sides(wanted["unprotectedRanges"]):
        changed = {"protectedRangeId": whole[0]["protectedRangeId"], "unprotectedRanges": wanted["unprotectedRanges"]}
        yield {"updateProtectedRange": {"protectedRange": changed, "fields": "unprotectedRanges"}}


def _sides(ranges: Sequence[Mapping[str, int]]) -> list[dict[str, int]]:
    """Ranges to be compared: the sheet's id is left out of some answers."""
    return [{side: number for side, number in each.items() if side != "sheetId"} for each in ranges]


def _marks(renewal: Renewal, state: SheetState, owned: Ownership | None) -> Iterator[Json]:
    """What marks our columns, where they are to be."""
    wanted = renewal.owned
    if wanted is None or (owned and (owned.sheet, owned.header_row, dict(owned.columns)) == (
        renewal.name, wanted.header_row, dict(wanted.columns)
    )):  # fmt: skip
        return
    yield from (delete(mark) for mark in (*state.marks, *state.header_marks))
    live = {key: column for key, column in wanted.columns.items() if column}
    yield from (create(COLUMN_KEY, key, on_column(state.id, column)) for key, column in live.items())
    yield create(HEADER_KEY, "", on_row(state.id, wanted.header_row))


def _rows(sheet: int, first: int, last: int) -> Json:
    return {"sheetId": sheet, "dimension": "ROWS", "startIndex": first - 1, "endIndex": last}


def _height(sheet: Sheet) -> int:
    return max((len(values) for values in sheet.columns), default=0)


def reordered(sheet: Sheet, rows: Sequence[Sequence[Value | Formula]]) -> Sheet:
    """The sheet with other rows below its header; what reached down to its last row reaches down to the new one."""
    old, bottom = _height(sheet), max(sheet.header_row + len(rows), sheet.header_row + 1)

    def down(area: Area) -> Area:
        return replace(area, bottom=bottom) if area.bottom == old else area

    columns = tuple(
        (*values[: sheet.header_row], *(row[place] for row in rows)) for place, values in enumerate(sheet.columns)
    )
    return replace(
        sheet,
        columns=columns,
        styles=tuple((down(area), style) for area, style in sheet.styles),
        rules=tuple(replace(rule, areas=tuple(map(down, rule.areas))) for rule in sheet.rules),
        unlocked=sheet.unlocked and tuple(map(down, sheet.unlocked)),
        filter=sheet.filter and down(sheet.filter),
        table=sheet.table and replace(sheet.table, area=down(sheet.table.area)),
    )
