"""Rows or columns are inserted, deleted or moved: everything on the spreadsheet that knows a position follows.

`remap` is the only place that does it: cells, row and column properties, conditional formats, developer metadata,
protected and named ranges, merges, tables, banding, filters, anchors of charts and slicers, groups, and the references
in formulas, in the rules of formats and in data validation.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from emulator.formulas import Mark, Reference, rewrite, shifted, title_of
from emulator.state import Json, Sheet, Spreadsheet

ENDLESS = 1 << 40


@dataclass(frozen=True)
class Shift:
    """What happens along one dimension: [start, end) is taken out, and `size` new places are opened at `at`.

    `taken` says what becomes of what was taken out: lost, or moved into the places opened (a move). `at` counts
    after the removal.
    """

    dimension: str
    at: int = 0
    size: int = 0
    start: int = 0
    end: int = 0
    move: bool = False

    def index(self, index: int) -> int | None:
        """Where a row or column goes; None if it is deleted."""
        if self.start <= index < self.end:
            return self.at + index - self.start if self.move else None
        index -= max(0, min(self.end, index) - self.start) if index >= self.end else 0
        return index + self.size if self.size and index >= self.at else index

    def before(self, index: int) -> int | None:
        """Where a row or column came from; None if it is new."""
        if self.size and self.at <= index < self.at + self.size:
            return self.start + index - self.at if self.move else None
        index -= self.size if index >= self.at + self.size else 0
        return index + self.end - self.start if index >= self.start else index

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """Where a block goes, half-open; None if nothing is left. It grows if places open strictly inside it."""
        if self.move and self.start <= start and end <= self.end:
            return self.at + start - self.start, self.at + end - self.start
        if self.move and start <= self.start and self.end <= end and self._stays_inside(start, end):
            return start, end
        start, end = self._without(start), self._without(end)
        if start >= end:
            return None
        if self.at >= end:
            return start, end
        return (start if start < self.at else start + self.size), end + self.size

    def pieces(self, start: int, end: int) -> list[tuple[int, int]]:
        """Where a block goes if it may be split: what was moved out of it stays a part of it."""
        found = self.span(start, end)
        pieces = [found] if found else []
        low, high = max(start, self.start), min(end, self.end)
        if self.move and low < high:
            moved = (self.at + low - self.start, self.at + high - self.start)
            if not found or not (found[0] <= moved[0] and moved[1] <= found[1]):
                pieces.append(moved)
        return _joined(pieces)

    def _stays_inside(self, start: int, end: int) -> bool:
        return start <= self.at <= end - (self.end - self.start)

    def _without(self, edge: int) -> int:
        return edge - max(0, min(edge, self.end) - self.start)


def inserted(dimension: str, at: int, size: int) -> Shift:
    return Shift(dimension, at=at, size=size)


def deleted(dimension: str, start: int, end: int) -> Shift:
    return Shift(dimension, start=start, end=end)


def moved(dimension: str, start: int, end: int, destination: int) -> Shift:
    """A move to before `destination`, which counts before the removal, as MoveDimensionRequest has it."""
    at = destination - (end - start) if destination >= end else min(destination, start)
    return Shift(dimension, at=at, size=end - start, start=start, end=end, move=True)


def remap(book: Spreadsheet, sheet: Sheet, shift: Shift) -> None:
    """Let everything on `sheet`, and everything in the spreadsheet that refers to it, follow the shift."""
    rows = shift.dimension == "ROWS"

    def place(row: int, column: int) -> tuple[int, int] | None:
        found = shift.index(row if rows else column)
        return None if found is None else ((found, column) if rows else (row, found))

    sheet.cells = {new: cell for old, cell in sheet.cells.items() if (new := place(*old)) is not None}
    sheet.rows, sheet.columns = (
        (_followed(sheet.rows, shift), sheet.columns) if rows else (sheet.rows, _followed(sheet.columns, shift))
    )
    sheet.rules = [rule for old in sheet.rules if (rule := _rule(old, shift))]
    sheet.merges = _ranges(sheet.merges, shift, lambda merge: _size(merge) > 1)
    sheet.protected = _holders(sheet.protected, shift)
    for protected in sheet.protected:
        if "unprotectedRanges" in protected:
            protected["unprotectedRanges"] = _ranges(protected["unprotectedRanges"], shift)
    sheet.banded = _holders(sheet.banded, shift)
    sheet.filter_views = [_with_columns(view, shift) for view in _holders(sheet.filter_views, shift)]
    if sheet.basic_filter:
        left = _holders([sheet.basic_filter], shift)
        sheet.basic_filter = _with_columns(left[0], shift) if left else None
    sheet.tables = [_table(old, new, shift) for old, new in _pairs(sheet.tables, shift)]
    for other in book.sheets:
        other.charts = [_anchored(chart, sheet.id, shift) for chart in other.charts]
        other.slicers = [_anchored(slicer, sheet.id, shift) for slicer in other.slicers]
    groups = _groups(sheet.row_groups if rows else sheet.column_groups, shift)
    sheet.row_groups, sheet.column_groups = (groups, sheet.column_groups) if rows else (sheet.row_groups, groups)
    _remap_book(book, sheet, shift)
    _remap_formulas(book, sheet, shift)


def moved_range(body: Json, shift: Shift) -> Json | None:
    """Where a GridRange goes; open sides stay open. None if nothing is left of it."""
    side = "Row" if shift.dimension == "ROWS" else "Column"
    start, end = body.get(f"start{side}Index"), body.get(f"end{side}Index")
    if start is None and end is None:
        return body
    found = shift.span(start or 0, ENDLESS if end is None else end)
    return None if found is None else _with_side(body, side, found, end)


def _with_side(body: Json, side: str, found: tuple[int, int], end: int | None) -> Json:
    new = {**body, f"start{side}Index": found[0]}
    if f"start{side}Index" not in body and found[0] == 0:
        del new[f"start{side}Index"]
    if end is not None:
        new[f"end{side}Index"] = found[1]
    return new


def _joined(pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for piece in sorted(pieces):
        if joined and piece[0] <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], piece[1]))
        else:
            joined.append(piece)
    return joined


def _size(body: Json) -> int:
    height: int = body["endRowIndex"] - body["startRowIndex"]
    width: int = body["endColumnIndex"] - body["startColumnIndex"]
    return height * width


def _followed(properties: dict[int, Json], shift: Shift) -> dict[int, Json]:
    return {new: value for old, value in properties.items() if (new := shift.index(old)) is not None}


def _ranges(bodies: Iterable[Json], shift: Shift, keep: Callable[[Json], bool] = bool) -> list[Json]:
    return [new for body in bodies if (new := moved_range(body, shift)) is not None and keep(new)]


def _pairs(holders: Iterable[Json], shift: Shift) -> Iterable[tuple[Json, Json]]:
    """What holds a `range`, before and after; what has no cell left is gone, what has none of its own stays."""
    for holder in holders:
        if "range" not in holder:
            yield holder, holder
        elif (new := moved_range(holder["range"], shift)) is not None:
            yield holder, {**holder, "range": new}


def _holders(holders: Iterable[Json], shift: Shift) -> list[Json]:
    return [new for _, new in _pairs(holders, shift)]


def _rule(rule: Json, shift: Shift) -> Json | None:
    """A conditional format: a moved column stays coloured, and the formula stays relative to the first cell."""
    side = "Row" if shift.dimension == "ROWS" else "Column"
    ranges: list[Json] = []
    for body in rule.get("ranges", []):
        start, end = body.get(f"start{side}Index"), body.get(f"end{side}Index")
        if start is None and end is None:
            ranges.append(body)
            continue
        found = shift.pieces(start or 0, ENDLESS if end is None else end)
        ranges.extend(_with_side(body, side, piece, end) for piece in found)
    if not ranges:
        return None
    old, new = rule["ranges"][0].get(f"start{side}Index", 0), ranges[0].get(f"start{side}Index", 0)
    came_from = shift.before(new)
    offset = 0 if came_from is None else came_from - old
    turned = (offset, 0) if side == "Row" else (0, offset)
    return _formulas_in({**rule, "ranges": ranges}, lambda text: shifted(text, *turned))


def _table(old: Json, new: Json, shift: Shift) -> Json:
    """A table whose columns moved within it: each column's properties follow, new columns get a name of their own."""
    if shift.dimension == "ROWS" or "columnProperties" not in new:
        return new
    first, width = new["range"]["startColumnIndex"], new["range"]["endColumnIndex"] - new["range"]["startColumnIndex"]
    by_index = {one.get("columnIndex", 0): one for one in old["columnProperties"]}
    columns: list[Json] = []
    for index in range(width):
        source = shift.before(first + index)
        known = by_index.get(source - old["range"]["startColumnIndex"]) if source is not None else None
        columns.append({**(known or {"columnName": f"Column {index + 1}"}), "columnIndex": index})
    return {**new, "columnProperties": columns}


def _with_columns(holder: Json, shift: Shift) -> Json:
    """A filter: the columns its criteria and sort orders name."""
    if shift.dimension == "ROWS":
        return holder
    new = dict(holder)
    if "criteria" in new:
        new["criteria"] = {
            str(found): value for key, value in new["criteria"].items() if (found := shift.index(int(key))) is not None
        }
    for name, key in (("filterSpecs", "columnIndex"), ("sortSpecs", "dimensionIndex")):
        if name in new:
            new[name] = [
                {**one, key: found} for one in new[name] if (found := shift.index(one.get(key, 0))) is not None
            ]
    return new


def _anchored(thing: Json, sheet_id: int, shift: Shift) -> Json:
    """A chart or slicer: its anchor cell, its data; an anchor that is deleted slips to what follows."""

    def followed(body: Json) -> Json:
        return moved_range(body, shift) or {} if body.get("sheetId", 0) == sheet_id else body

    new: Json = _deep(thing, followed)
    position = new.get("position", {}).get("overlayPosition", {})
    anchor = position.get("anchorCell")
    if anchor is not None and anchor.get("sheetId", 0) == sheet_id:
        key = "rowIndex" if shift.dimension == "ROWS" else "columnIndex"
        found = shift.index(anchor.get(key, 0))
        where = shift.start if found is None else found
        new = {**new, "position": {"overlayPosition": {**position, "anchorCell": {**anchor, key: where}}}}
    return new


def _deep(value: Any, change: Callable[[Json], Json]) -> Any:
    """A copy in which every GridRange is changed."""
    if isinstance(value, list):
        return [_deep(one, change) for one in value]
    if not isinstance(value, dict):
        return value
    if any(key in value for key in ("startRowIndex", "startColumnIndex", "endRowIndex", "endColumnIndex")):
        return change(value)
    return {key: _deep(one, change) for key, one in value.items()}


def _groups(groups: Iterable[Json], shift: Shift) -> list[Json]:
    found = []
    for group in groups:
        where = shift.span(group["range"]["startIndex"], group["range"]["endIndex"])
        if where:
            found.append({**group, "range": {**group["range"], "startIndex": where[0], "endIndex": where[1]}})
    return found


def _remap_book(book: Spreadsheet, sheet: Sheet, shift: Shift) -> None:
    """Named ranges, and the metadata on rows and columns, which dies with them."""
    named: list[Json] = []
    for one in book.named_ranges:
        if one["range"].get("sheetId", 0) != sheet.id:
            named.append(one)
        elif (new := moved_range(one["range"], shift)) is not None:
            named.append({**one, "range": new})
    book.named_ranges = named
    metadata: list[Json] = []
    for one in book.metadata:
        place = one["location"].get("dimensionRange")
        if not place or place.get("sheetId", 0) != sheet.id or place["dimension"] != shift.dimension:
            metadata.append(one)
        elif (index := shift.index(place.get("startIndex", 0))) is not None:
            where = {**place, "startIndex": index, "endIndex": index + 1}
            metadata.append({**one, "location": {**one["location"], "dimensionRange": where}})
    book.metadata = metadata


def _remap_formulas(book: Spreadsheet, sheet: Sheet, shift: Shift) -> None:
    for other in book.sheets:

        def change(reference: Reference, other: Sheet = other) -> Reference | None:
            title = title_of(reference)
            names_it = other is sheet if title is None else title.casefold() == sheet.title.casefold()
            return _reference(reference, shift) if names_it else reference

        def follow(text: str, change: Callable[[Reference], Reference | None] = change) -> str:
            return rewrite(text, change)

        other.rules = [_formulas_in(rule, follow) for rule in other.rules]
        for place, cell in other.cells.items():
            value = cell.get("userEnteredValue", {})
            if "formulaValue" in value and (text := follow(value["formulaValue"])) != value["formulaValue"]:
                cell = {**cell, "userEnteredValue": {"formulaValue": text}}  # noqa: PLW2901 - a cell is never changed in place
                other.cells[place] = cell
            if (
                "dataValidation" in cell
                and (rule := _formulas_in(cell["dataValidation"], follow)) != cell["dataValidation"]
            ):
                other.cells[place] = {**cell, "dataValidation": rule}


def _reference(reference: Reference, shift: Shift) -> Reference | None:
    rows = shift.dimension == "ROWS"
    first, last = (reference.top, reference.bottom) if rows else (reference.left, reference.right)
    if first is None and last is None:
        return reference
    if reference.single and first is not None:
        index = shift.index(first.index)
        if index is None:
            return None
        mark = replace(first, index=index)
        return replace(reference, top=mark, bottom=mark) if rows else replace(reference, left=mark, right=mark)
    if first is not None and last is not None and first.index > last.index:
        first, last = last, first
    found = shift.span(first.index if first else 0, last.index + 1 if last else ENDLESS)
    if found is None:
        return None
    start = replace(first, index=found[0]) if first else None
    end: Mark | None = replace(last, index=found[1] - 1) if last else None
    return replace(reference, top=start, bottom=end) if rows else replace(reference, left=start, right=end)


def _formulas_in(holder: Json, change: Callable[[str], str]) -> Json:
    """A rule whose conditions' formulas are changed."""

    def inner(value: Any) -> Any:
        if isinstance(value, list):
            return [inner(one) for one in value]
        if isinstance(value, dict):
            return {
                key: change(one) if key == "userEnteredValue" and isinstance(one, str) else inner(one)
                for key, one in value.items()
            }
        return value

    changed: Json = inner(holder)
    return changed
