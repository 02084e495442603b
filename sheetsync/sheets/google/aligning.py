"""Where rows and columns went that somebody moved: a sheet as it was read, held against the sheet as it is. Pure.

Whoever wrote into the wrong cells must put back what stood there. That was not seen, but it can be worked out: a row is
known again by its cells that were not written to, a column by its values in any order, or by our mark on it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sheetsync.model import column_letter, column_number
from sheetsync.sheets.google.state import SheetState
from sheetsync.sheets.google.values import Entered, FormulaText

Places = Collection[tuple[int, int]]
_REFERENCE: Final = re.compile(
    r"""(?P<text>"(?:[^"]|"")*")|(?:(?P<sheet>'(?:[^']|'')+'|[\w.]+)!)?"""
    r"""(?<![\w.$])(?P<a>\$?)(?P<column>[A-Za-z]{1,3})(?P<b>\$?)(?P<row>\d{1,7})(?![\w.(])"""
)

_UNKNOWN: Final = ("written",)
"""What was written to says nothing about which column or row it is."""

_MOST_PAIRS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Alignment:
    """A row or column as it is now -> what it was when it was read; one that is missing was not there then."""

    rows: Mapping[int, int]
    columns: Mapping[int, int]

    def stood(self, old: SheetState, row: int, column: int) -> Entered:
        """What stood in a cell before it was written to, as far as the read tells; a formula with its references moved."""
        was = self.rows.get(row), self.columns.get(column)
        if was[0] is None or was[1] is None:
            return None
        value = old.typed(was[0], was[1])
        return FormulaText(self._moved(value.text, old.title)) if isinstance(value, FormulaText) else value

    def _moved(self, formula: str, title: str) -> str:
        """A formula with its references where their cells are now."""
        rows = {was: now for now, was in self.rows.items()}
        columns = {was: now for now, was in self.columns.items()}

        def place(match: re.Match[str]) -> str:
            sheet = match["sheet"]
            if match["text"] or (sheet and sheet.strip("'").replace("''", "'").casefold() != title.casefold()):
                return match[0]
            column = column_number(match["column"])
            row = int(match["row"])
            prefix = f"{sheet}!" if sheet else ""
            letters = column_letter(columns.get(column, column))
            return f"{prefix}{match['a']}{letters}{match['b']}{rows.get(row, row)}"

        return _REFERENCE.sub(place, formula)


def align(
    old: SheetState,
    new: SheetState,
    written: Places,
    *,
    grown: tuple[int, int] = (0, 0),
    named: Collection[int] = (),
) -> Alignment:
    """Hold a sheet as it is now, after `written` cells were written to, against the sheet as it was read.

    `grown` says by how many rows and columns the write itself let the grid grow. A grid that is smaller than that has
    lost rows or columns: then what is missing was deleted, and is not looked for where we have written. `named` are rows
    into which Sheets may have put a Table's headings.
    """
    by_column: dict[int, set[int]] = {}
    for row, column in written:
        by_column.setdefault(column, set()).add(row)
    columns = _columns(old, new, by_column, gone=old.columns + grown[1] - new.columns)
    whole = [now for now in columns if now not in by_column]
    unknown = {*named} if whole else {*named, *(row for row, _ in written)}
    known_by = whole or list(columns)
    rows = _Matching(
        [tuple(_token(old.typed(row, columns[now])) for now in known_by) for row in range(1, _height(old) + 1)],
        [
            _UNKNOWN if row in unknown else tuple(_token(new.typed(row, now)) for now in known_by)
            for row in range(1, max(_height(old), _height(new)) + 1)
        ],
        {},
    )
    return Alignment(rows.found(gone=old.rows + grown[0] - new.rows), columns)


def _columns(
    old: SheetState, new: SheetState, written: Mapping[int, Collection[int]], *, gone: int
) -> Mapping[int, int]:
    marked = {mark.place: was.place for mark in new.marks if (was := old.mark(mark.value)) is not None}
    width = max(len(old.entered), len(new.entered), *written, *marked, 1)
    before = [_values(old, column) for column in range(1, len(old.entered) + 1)]
    now = [_UNKNOWN if column in written else _values(new, column) for column in range(1, width + 1)]
    return _Matching(before, now, marked).found(gone=gone)


def _values(state: SheetState, column: int) -> Hashable:
    """A column by what it holds, in any order."""
    values = state.entered[column - 1] if column <= len(state.entered) else ()
    counted: dict[Hashable, int] = {}
    for value in values:
        if value is not None:
            token = _token(value)
            counted[token] = counted.get(token, 0) + 1
    return frozenset(counted.items())


class _Matching:
    """Which place of `before` each place of `now` was, from 1."""

    def __init__(self, before: Sequence[Hashable], now: Sequence[Hashable], known: Mapping[int, int]) -> None:
        self._before, self._now = before, now
        self._found = dict(known)
        self._taken = set(known.values())
        self._filled = {place for place, key in enumerate(before, start=1) if not _is_blank(key)}

    def found(self, *, gone: int) -> Mapping[int, int]:
        """The matches; `gone` places of `before` were deleted.

        First those alike, in order; then those mostly alike; then those beside a match; then, if more is left than was deleted, the rest that
        holds something, in order; and last what is empty, beside a match.
        """
        self._alike()
        self._mostly_alike()
        unknown = [at for at, key in enumerate(self._now, start=1) if at not in self._found and not _is_blank(key)]
        for at in unknown:
            self._take(at, self._behind(at), self._filled)
        for at in reversed(unknown):
            self._take(at, self._found.get(at + 1, 0) - 1, self._filled)
        rest = sorted(self._filled - self._taken)
        left = [at for at in unknown if at not in self._found]
        if len(rest) > max(gone, 0):
            for at, place in zip(left, rest, strict=False):
                self._take(at, place, self._filled)
        for at in range(1, len(self._now) + 1):
            self._take(at, self._behind(at), None)
        return self._found

    def _alike(self) -> None:
        waiting: dict[Hashable, list[int]] = {}
        for place in sorted(self._filled - self._taken):
            waiting.setdefault(self._before[place - 1], []).append(place)
        for at, key in enumerate(self._now, start=1):
            if at not in self._found and waiting.get(key):
                self._take(at, waiting[key].pop(0), self._filled)

    def _mostly_alike(self) -> None:
        """Those of which somebody edited a little; not looked for where there are very many."""
        open_places = [at for at, key in enumerate(self._now, start=1) if at not in self._found and key != _UNKNOWN]
        rest = self._filled - self._taken
        if len(open_places) * len(rest) > _MOST_PAIRS:
            return
        pairs = sorted(
            (
                (_overlap(self._before[place - 1], self._now[at - 1]), -at, -place)
                for at in open_places
                for place in rest
            ),
            reverse=True,
        )
        for share, at, place in pairs:
            if share > 0.5:
                self._take(-at, -place, self._filled)

    def _behind(self, at: int) -> int:
        """The place right behind the one that the neighbour was; 0 if nobody knows."""
        return self._found.get(at - 1, 0 if at == 1 else -1) + 1

    def _take(self, at: int, place: int, among: Collection[int] | None) -> None:
        if at not in self._found and place > 0 and place not in self._taken and (among is None or place in among):
            self._found[at] = place
            self._taken.add(place)


def _overlap(one: Hashable, other: Hashable) -> float:
    """How much of two columns (values, in any order) or two rows (cell by cell) is the same, 0 to 1."""
    if isinstance(one, frozenset) and isinstance(other, frozenset):
        return 2 * len(one & other) / max(len(one) + len(other), 1)
    if isinstance(one, tuple) and isinstance(other, tuple):
        pairs = [pair for pair in zip(one, other, strict=False) if pair != (None, None)]
        return sum(1 for here, there in pairs if here == there) / max(len(pairs), 1)
    return 0


def _is_blank(key: Hashable) -> bool:
    return key == frozenset() or (isinstance(key, tuple) and all(part is None for part in key))


def _token(value: Entered) -> Hashable:
    """What stands for a cell: its value, but any formula for any other, as its references move along."""
    return "=" if isinstance(value, FormulaText) else (type(value).__name__, value) if value is not None else None


def _height(state: SheetState) -> int:
    return max((len(values) for values in state.entered), default=0)
