"""A write taken back: cells that still hold what was written get what stood there before; what the person changed stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from sheetsync.changes import Append, Changes, Edit, Only, Receipt
from sheetsync.model import Grid, HighlightMode, Layout, Problem, Snapshot, Tracker, Value
from sheetsync.nightly.journal import AppendNote, Column, EditNote, Note, who_is_where, written
from sheetsync.nightly.rows import find_lines, find_rows, holds
from sheetsync.sheets.edits import is_same

if TYPE_CHECKING:
    from sheetsync.book import Sheet
    from sheetsync.sheets.source import Source

_CHANGED: Final = "It was changed since, so it is left as it is."
_ROW_GONE: Final = "What was written in this row then stays, because the row is gone or is about somebody else now."
_ROW_CHANGED: Final = "This row was changed or taken out since, so it is left as it is."
_COLUMN_USED: Final = "This column stays, because you put something into it."
_SHEET_USED: Final = "This sheet stays, because you put something into it."


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of it."""

    note: Note
    """What was written for it, still without a number."""
    receipts: tuple[Receipt, ...]
    left: tuple[Problem, ...]
    """What was changed since and was left, each with the place."""
    changed_cells: int

    @property
    def backup(self) -> str | None:
        """Where the file as it was is kept."""
        return next((receipt.backup for receipt in self.receipts if receipt.backup), None)


def take_back(
    source: Source,
    notes: Sequence[Note],
    *,
    moment: dt.datetime,
    toml: Mapping[str, Any],
    options: Mapping[str, Any],
    highlight: HighlightMode | None = None,
    redo: bool = False,
) -> Undone:
    """Take back one write with those of nothing but colours after it (`notes`, the last first), as one write.

    With `redo` a write that took something back is itself taken back. `highlight` is what was coloured before.
    Raises NoTrackerError, UsageError, and what `Source.apply` and `Source.remove` raise.
    """
    from sheetsync.tracker.configure import configure
    from sheetsync.tracker.normalise import normalise
    from sheetsync.tracker.recognise import recognise

    note = next((one for one in notes if not one.is_slight), notes[-1])
    snapshot = source.read()
    settings, _ = configure(snapshot, toml=toml, options={**note.options, **options})
    layout = recognise(snapshot, settings)
    tracker = normalise(snapshot, layout, settings)
    work = _Work(note, snapshot, layout, tracker)
    changes = work.changes(highlight or note.highlight)
    receipts: list[Receipt] = []
    staying = _without(changes, work.out.columns)
    if work.writes(staying) or highlight not in (None, note.highlight):
        receipts.append(source.apply(staying))
    if work.out.columns or work.out.sheets:
        receipts.append(source.remove(only=work.out))
    stub = Note(
        0,
        moment.astimezone(dt.UTC),
        "redo" if redo else "undo",
        kind="redo" if redo else "undo",
        of=tuple(one.number for one in notes),
        options=note.options,
    )
    last = receipts[-1] if receipts else Receipt(written=False, columns={})
    first = receipts[0] if receipts else last
    receipt = replace(last, backup=first.backup, columns=first.columns if changes.add else last.columns)
    done = written(changes, receipt, layout=layout, tracker=tracker, lines=work.lines, note=stub)
    done = replace(done, dropped=tuple(sorted(work.out.columns)), gone=tuple(work.gone))
    told = tuple(problem for each in receipts for problem in each.problems)
    return Undone(done, tuple(receipts), tuple(dict.fromkeys((*work.left, *told))), done.changed_cells)


@dataclass(slots=True)
class _Work:
    """What taking a note back comes to, worked out against the spreadsheet as it stands."""

    note: Note
    snapshot: Snapshot
    layout: Layout
    tracker: Tracker
    left: list[Problem] = field(default_factory=list)
    lines: dict[tuple[str, int], tuple[Value, ...]] = field(default_factory=dict)
    gone: list[Sheet] = field(default_factory=list)
    out: Only = field(default_factory=Only)
    _found: Mapping[int, int] = field(default_factory=dict)
    """Row then -> row now."""

    def changes(self, highlight: HighlightMode) -> Changes:
        """The write that takes it back."""
        from sheetsync.diff import date_column
        from sheetsync.words import column_words, follow_up_words

        cells = self._cells()
        edits, appends = self._edits()
        edits += self._cleared()
        self._sheets()
        layout, note = self.layout, self.note
        standing = self._standing()
        rows = sorted({row for column in cells.values() for row in column})
        grid = self.snapshot.grid(layout.sheet)
        keys = [*cells, *(key for key in note.dropped if key not in cells)]
        before = {
            key: [grid.cell(row, column) if (column := standing.get(key)) else None for row in rows] for key in keys
        }
        after = {
            key: [cells.get(key, {}).get(row, old) for row, old in zip(rows, before[key], strict=True)] for key in keys
        }
        return Changes(
            sheet=layout.sheet,
            header_row=layout.header_row,
            first_row=layout.first_row,
            last_row=layout.last_row,
            version=self.snapshot.version,
            right=layout.right,
            rows=rows,
            before=before,
            after=after,
            headers=column_words(),
            add=tuple(key for key in note.dropped if key not in standing),
            highlight=highlight,
            words=follow_up_words(),
            date_like=date_column(layout),
            read_columns=tuple(sorted({*layout.columns.values(), *layout.touches})),
            edits=tuple(edits),
            appends=tuple(appends),
            new_sheets=note.gone,
        )

    def writes(self, changes: Changes) -> bool:
        """Whether there is anything to write, what is taken out apart."""
        return bool(changes.changed_cells or changes.add or changes.edits or changes.appends or changes.new_sheets)

    # Our columns

    def _standing(self) -> Mapping[str, int | None]:
        owned = self.snapshot.owned
        return owned.columns if owned is not None and owned.sheet == self.layout.sheet else {}

    def _cells(self) -> dict[str, dict[int, Value]]:
        """Key -> row -> the value that stood there before, where what was written still stands."""
        note, standing = self.note, self._standing()
        grid = self.snapshot.grid(self.layout.sheet)
        wrote = self._wrote()
        self._found = find_rows(note.who.by_row(), wrote, who_is_where(self.tracker), grid, standing)
        cells: dict[str, dict[int, Value]] = {}
        drop: set[str] = set()
        for key, column in note.cells.items():
            place = standing.get(key)
            if place is not None:
                cells[key] = self._column_back(column, place, grid)
                if key in note.added:
                    drop |= {key} if self._is_all_ours(cells[key], place, grid) else set()
            elif key in note.dropped and key not in standing:
                pairs = zip(column.rows, column.before, strict=True)
                cells[key] = {self._found[row]: old for row, old in pairs if row in self._found and old is not None}
        drop |= self._bare(set(note.added) - set(note.cells), grid, standing)
        self.left += [Problem(grid.name, row, None, _ROW_GONE) for row in wrote if row not in self._found]
        self.out = Only(frozenset(drop), frozenset())
        return cells

    def _wrote(self) -> dict[int, dict[str, Value]]:
        """Row then -> key -> what was written, of every row of the tracker that was written to."""
        note = self.note
        wrote: dict[int, dict[str, Value]] = {}
        for key, column in note.cells.items():
            for row, after in zip(column.rows, column.after, strict=True):
                wrote.setdefault(row, {})[key] = after
        for edit in note.edits:
            if edit.sheet == note.sheet:
                wrote.setdefault(edit.row, {})
        return wrote

    def _column_back(self, column: Column, place: int, grid: Grid) -> dict[int, Value]:
        """Row -> the value before, of the cells that still hold what was written; those that were changed are told."""
        formulas = grid.formulas.get(place, frozenset())
        back: dict[int, Value] = {}
        for was, old, new in zip(column.rows, column.before, column.after, strict=True):
            row = self._found.get(was)
            if row is None:
                continue
            now = grid.cell(row, place)
            if row not in formulas and is_same(now, new):
                back[row] = old
            elif row in formulas or not is_same(now, old):
                self.left.append(Problem(grid.name, row, place, _CHANGED))
        return back

    def _is_all_ours(self, back: Mapping[int, Value], place: int, grid: Grid) -> bool:
        """Whether a column holds nothing but what was written."""
        below = range(self.layout.header_row + 1, grid.n_rows + 1)
        used = any(grid.cell(row, place) not in (None, "") and row not in back for row in below)
        if used or grid.formulas.get(place):
            self.left.append(Problem(grid.name, None, place, _COLUMN_USED))
            return False
        return True

    def _bare(self, keys: set[str], grid: Grid, standing: Mapping[str, int | None]) -> set[str]:
        """Of the columns that were made empty, those that still are."""
        return {key for key in keys if (place := standing.get(key)) and self._is_all_ours({}, place, grid)}

    # Cells and rows of the person's sheets

    def _grid(self, name: str) -> Grid | None:
        return next((grid for grid in self.snapshot.grids if grid.name == name), None)

    def _edits(self) -> tuple[list[Edit], list[Append]]:
        """The cells to put back; a whole row that was emptied and whose place is taken goes below the others."""
        edits = [back for edit in self.note.edits if edit.sheet == self.note.sheet for back in self._own_edit(edit)]
        appends: list[Append] = []
        lines: dict[tuple[str, int], list[EditNote]] = {}
        for edit in self.note.edits:
            if edit.sheet != self.note.sheet:
                lines.setdefault((edit.sheet, edit.row), []).append(edit)
        taken: set[tuple[str, int]] = set()
        for (sheet, row), noted in lines.items():
            grid = self._grid(sheet)
            if grid is None:
                continue
            before = {edit.column: edit.before for edit in noted}
            after = {**dict(enumerate(noted[0].line, start=1)), **{edit.column: edit.after for edit in noted}}
            emptied = all(value in (None, "") for value in after.values())
            found = (one for one in find_lines(grid, after, at=row, only_there=emptied) if (sheet, one) not in taken)
            at = next(found, None)
            if at is not None:
                taken.add((sheet, at))
                self.lines[sheet, at] = grid.row(at)
                edits += [Edit(sheet, at, column, grid.cell(at, column), old) for column, old in before.items()]
            elif emptied:
                appends.append(Append(sheet, (before,)))
            elif not holds(grid, row, before):
                self.left.append(Problem(sheet, row, None, _ROW_CHANGED))
        return edits, appends

    def _own_edit(self, edit: EditNote) -> Iterator[Edit]:
        """What puts a cell of the tracker back, if it still holds what was written."""
        grid = self.snapshot.grid(self.layout.sheet)
        row, column = self._found.get(edit.row), self._column(edit.field, edit.column)
        if row is None or column is None:
            return
        now = grid.cell(row, column)
        if is_same(now, edit.after) and row not in grid.formulas.get(column, ()):
            yield Edit(grid.name, row, column, now, edit.before)
        elif not is_same(now, edit.before):
            self.left.append(Problem(grid.name, row, column, _CHANGED))

    def _column(self, name: str, was: int) -> int | None:
        """Where a column of the tracker is now, by what it means or is called."""
        if name in self.layout.columns:
            return self.layout.columns[name]
        named = [column for column, header in self.layout.headers.items() if header == name and name]
        return was if was in named or not name else next(iter(named), None)

    def _cleared(self) -> list[Edit]:
        """What empties the rows that were put into lists, where they still stand as they were."""
        edits: list[Edit] = []
        made = {sheet.name for sheet in self.note.sheets}
        for append in self.note.appends:
            grid = self._grid(append.sheet)
            if grid is None or append.sheet in made:
                continue
            edits += self._cleared_of(grid, append)
        return edits

    def _cleared_of(self, grid: Grid, append: AppendNote) -> list[Edit]:
        edits: list[Edit] = []
        taken: set[int] = set()
        for cells in reversed(append.rows):
            found = (row for row in find_lines(grid, cells, at=grid.n_rows) if row not in taken)
            row = next(found, None)
            if row is None:
                self.left.append(Problem(grid.name, None, None, f"{_brief(cells)}: {_ROW_CHANGED}"))
                continue
            taken.add(row)
            self.lines[grid.name, row] = grid.row(row)
            edits += [
                Edit(grid.name, row, column, grid.cell(row, column), None)
                for column, value in cells.items()
                if value not in (None, "")
            ]
        return edits

    def _sheets(self) -> None:
        """Which of the sheets that were made go again."""
        from sheetsync.sheets.lists import with_rows

        names = set()
        for sheet in self.note.sheets:
            grid = self._grid(sheet.name)
            if grid is None:
                continue
            rows = [row for append in self.note.appends if append.sheet == sheet.name for row in append.rows]
            filled = with_rows(sheet, rows) if rows else sheet
            if _is_untouched(grid, filled):
                names.add(sheet.name)
                self.gone.append(filled)
            else:
                self.left.append(Problem(grid.name, None, None, _SHEET_USED))
        self.out = Only(self.out.columns, frozenset(names))


def _without(changes: Changes, keys: AbstractSet[str]) -> Changes:
    """The write without the columns that are taken out afterwards, cells and all."""
    return replace(
        changes,
        before={key: values for key, values in changes.before.items() if key not in keys},
        after={key: values for key, values in changes.after.items() if key not in keys},
    )


def _is_untouched(grid: Grid, sheet: Sheet) -> bool:
    """Whether a sheet holds what was put into it and nothing else; what formulas give may differ."""
    from sheetsync.book import Formula

    for column in range(1, max(grid.n_columns, len(sheet.columns)) + 1):
        made = sheet.columns[column - 1] if column <= len(sheet.columns) else ()
        formulas = {row for row, value in enumerate(made, start=1) if isinstance(value, Formula)}
        for row in range(1, max(grid.n_rows, len(made)) + 1):
            value = made[row - 1] if row <= len(made) else None
            typed = row in grid.formulas.get(column, ())
            if (row in formulas and typed) or (isinstance(value, Formula) and sheet.house is False):
                continue
            if typed or isinstance(value, Formula) or not is_same(grid.cell(row, column), value):
                return False
    return True


def _brief(cells: Mapping[int, Value]) -> str:
    """The first words of a row, by which a person knows it."""
    return ", ".join(str(value) for value in list(cells.values())[:3] if value not in (None, ""))
