"""What a coach's Google spreadsheet is to be, from a new copy and from how it stands. Pure.

Its rows stay in the order in which they stand, new ones come last, and a note that was not taken over stays where it is,
with its row, also when its thread is gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from sheetsync.model import Grid, Snapshot, Value
from sheetsync.records.shares import is_base
from sheetsync.resources import read_toml
from sheetsync.sheets.google.renewing import Renewal, reordered
from sheetsync.tracker.text import as_text, fold
from sheetsync.words import column_words

if TYPE_CHECKING:
    from sheetsync.book import Book, Formula, Sheet
    from sheetsync.coach.noting import Left
    from sheetsync.coach.returned import Returned

_BASE_HEADER: Final = 2
_AS_OF_ROW: Final = 1


def renewals(
    book: Book, snapshot: Snapshot, returned: Returned, left: Sequence[Left], unseen: frozenset[int] = frozenset()
) -> tuple[Renewal, Renewal]:
    """The sheet of follow-ups and the hidden one, as they are to be.

    `left` are the notes that were not taken over, `unseen` the rows whose note was typed after that was decided.
    """
    owned = book.owned
    assert owned is not None  # noqa: S101  # every copy says which columns are ours
    sheet = next(sheet for sheet in book.sheets if sheet.name == owned.sheet)
    base = next(sheet for sheet in book.sheets if sheet.hidden and sheet is not book.sheets[0])
    identity, note = owned.columns["id"], owned.columns["coach_note"]
    assert identity and note  # noqa: S101, PT018  # and has both
    wanted = {fold(as_text(_plain(row[identity - 1]))): row for row in _rows(sheet, sheet.header_row)}
    waiting = {each.row.row: each for each in left}
    stands = waiting.keys() | unseen
    grid = snapshot.grid(returned.sheet)
    rows: list[Sequence[Value | Formula]] = []
    gone: list[int] = []
    ids = {row.row: row for row in returned.rows}
    for place in range(returned.header_row + 1, grid.n_rows + 1):
        found = ids.get(place)
        fresh = wanted.pop(fold(found.id), None) if found and found.id else None
        if fresh is not None and found is not None:
            rows.append(_with(fresh, {note: found.note or None}) if place in stands else fresh)
        elif found is not None and place in stands:
            each = waiting.get(place)
            rows.append(_kept(grid, sheet, place, each))
        else:
            gone.append(place)
    rows += wanted.values()
    bases = returned.base.notes if returned.base else {}
    pending = {fold(ids[place].id): bases[ids[place].id] for place in stands if ids[place].id in bases}
    return (
        Renewal(returned.sheet, reordered(sheet, rows), tuple(gone), sheet.header_row - 1, owned),
        Renewal(_base_name(snapshot), _with_bases(base, pending), silent=_AS_OF_ROW),
    )


def typed_since(first: Returned, now: Returned) -> frozenset[int]:
    """The rows of `now` with another note than the row of that id had."""
    before: dict[str, set[str]] = {}
    for row in first.rows:
        before.setdefault(row.id, set()).add(row.note)
    return frozenset(row.row for row in now.rows if row.note and row.note not in before.get(row.id, ()))


def _rows(sheet: Sheet, header_row: int) -> list[tuple[Value | Formula, ...]]:
    return list(zip(*(values[header_row:] for values in sheet.columns), strict=True))


def _with(row: Sequence[Value | Formula], cells: Mapping[int, Value]) -> tuple[Value | Formula, ...]:
    return tuple(cells.get(column, value) for column, value in enumerate(row, start=1))


def _kept(grid: Grid, sheet: Sheet, place: int, left: Left | None) -> tuple[Value | Formula, ...]:
    """A row as it stands; marked, where there is a column for that, if its note was not taken over."""
    words: Mapping[str, str] = read_toml("words/en.toml")["coach"]
    headings = [fold(as_text(_plain(values[sheet.header_row - 1]))) for values in sheet.columns]
    names = [fold(column_words()[key]) for key in ("next_action", "why", "follow_up")]
    column = next((headings.index(name) + 1 for name in names if name in headings), None)
    standing = tuple(grid.cell(place, each) for each in range(1, len(sheet.columns) + 1))
    return _with(standing, {column: words["gone" if left.gone else "unknown"]}) if left and column else standing


def _with_bases(base: Sheet, pending: Mapping[str, str]) -> Sheet:
    """The hidden sheet, in which a note that was not taken over keeps the text that it began with."""
    rows = [
        _with(row, {2: pending[key] or None}) if (key := fold(as_text(_plain(row[0])))) in pending else row
        for row in _rows(base, _BASE_HEADER)
    ]
    columns = tuple(
        (*values[:_BASE_HEADER], *(row[place] for row in rows)) for place, values in enumerate(base.columns)
    )
    from dataclasses import replace

    return replace(base, columns=columns)


def _base_name(snapshot: Snapshot) -> str:
    return next(grid.name for grid in snapshot.grids if is_base(grid))


def _plain(value: Value | Formula) -> Value:
    from sheetsync.book import Formula

    return value.result if isinstance(value, Formula) else value
