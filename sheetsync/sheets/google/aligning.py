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


def align(old: SheetState, new: SheetState, written: Places) -> Alignment:
    """Hold a sheet as it is now, after `written` cells were written to, against the sheet as it was read."""
    by_column: dict[int, set[int]] = {}
    for row, column in written:
        by_column.setdefault(column, set()).add(row)
    columns = _columns(old, new, by_column)
    whole = [now for now in columns if now not in by_column]
    rows = _matched(
        [tuple(_token(old.typed(row, columns[now])) for now in whole) for row in range(1, _height(old) + 1)],
        [tuple(_token(new.typed(row, now)) for now in whole) for row in range(1, max(_height(old), _height(new)) + 1)],
    )
    return Alignment(rows, columns)


def _columns(old: SheetState, new: SheetState, written: Mapping[int, Collection[int]]) -> dict[int, int]:
    marked = {
        mark.place: was.place for mark in new.marks if (was := old.mark(mark.value)) is not None
    }  # fmt: skip
    width = max(len(old.entered), len(new.entered), *written, *marked, 1)
    before: list[Hashable] = [_values(old, column, ()) for column in range(1, len(old.entered) + 1)]
    now: list[Hashable] = [None if column in written else _values(new, column, ()) for column in range(1, width + 1)]
    return _matched(before, now, known=marked)


def _values(state: SheetState, column: int, without: Collection[int]) -> Hashable:
    """A column by what it holds, in any order; None if it is empty."""
    values = state.entered[column - 1] if column <= len(state.entered) else ()
    counted: dict[Hashable, int] = {}
    for row, value in enumerate(values, start=1):
        if value is not None and row not in without:
            token = _token(value)
            counted[token] = counted.get(token, 0) + 1
    return frozenset(counted.items()) or None


def _matched(
    before: Sequence[Hashable], now: Sequence[Hashable], *, known: Mapping[int, int] | None = None
) -> dict[int, int]:
    """Now -> before, from 1: those alike, in order; then those beside a match, as far as nothing else is there."""
    found = dict(known or {})
    waiting: dict[Hashable, list[int]] = {}
    taken = set(found.values())
    for place, key in enumerate(before, start=1):
        if not _is_blank(key) and place not in taken:
            waiting.setdefault(key, []).append(place)
    for at, key in enumerate(now, start=1):
        if at not in found and not _is_blank(key) and waiting.get(key):
            found[at] = waiting[key].pop(0)
    taken = set(found.values())
    for at in range(1, len(now) + 1):
        neighbour = found.get(at - 1, 0 if at == 1 else None)
        if at not in found and neighbour is not None and neighbour + 1 not in taken:
            # an empty place beside a match is that match's neighbour only if that one was empty too
            was = before[neighbour] if neighbour < len(before) else None
            if _is_blank(was) or now[at - 1] is None or not _is_blank(now[at - 1]):
                found[at] = neighbour + 1
                taken.add(neighbour + 1)
    for at in range(len(now) - 1, 0, -1):
        neighbour = found.get(at + 1)
        if at not in found and neighbour is not None and neighbour > 1 and neighbour - 1 not in taken:
            found[at] = neighbour - 1
            taken.add(neighbour - 1)
    return found


def _is_blank(key: Hashable) -> bool:
    return key is None or (isinstance(key, tuple) and all(part is None for part in key))


def _token(value: Entered) -> Hashable:
    """What stands for a cell: its value, but any formula for any other, as its references move along."""
    return "=" if isinstance(value, FormulaText) else (type(value).__name__, value) if value is not None else None


def _height(state: SheetState) -> int:
    return max((len(values) for values in state.entered), default=0)
