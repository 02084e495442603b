"""What to splice into a workbook so that our columns hold what `Changes` says. Nothing is written here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sheetsync.errors import RefusedFileError
from sheetsync.model import Area, Changes, Grid, Problem, Value, column_letter
from sheetsync.sheets.highlights import HighlightRule, highlight_rules
from sheetsync.sheets.ooxml.archive import Content as Part
from sheetsync.sheets.ooxml.cells import Renderer
from sheetsync.sheets.ooxml.conditional import are_as_wanted, block_of, standing_rules, without
from sheetsync.sheets.ooxml.formulas import Target, read_target, reads
from sheetsync.sheets.ooxml.markup import Edit
from sheetsync.sheets.ooxml.package import Package
from sheetsync.sheets.ooxml.parts import load_styles
from sheetsync.sheets.ooxml.reading import tables_of
from sheetsync.sheets.ooxml.rows import RowEditor, Write, styles_in
from sheetsync.sheets.ooxml.styles import Kind, Request, Styles
from sheetsync.sheets.ooxml.table import Table, with_right
from sheetsync.sheets.ooxml.workbook import FILTER, SheetEntry, Workbook
from sheetsync.sheets.ooxml.worksheet import OTHER_WIDTH, WIDTHS, Worksheet, column_names
from sheetsync.sheets.ownership import header_texts, place_columns

KINDS: Final[Mapping[str, Kind]] = {
    "next_contact": "date",
    "contact_by": "date",
    "log_date": "date",
    "days_overdue": "number",
}
"""What our columns show; text if not said."""
_SAMPLED: Final = 200
"""Rows whose dates are looked at for their format."""


@dataclass(frozen=True, slots=True)
class Patch:
    """The parts to replace, to add and to drop, and what they come to. Nothing to replace: the file is as it should be."""

    replaced: Mapping[str, Part]
    added: Mapping[str, bytes]
    columns: Mapping[str, int]
    changed_cells: int
    problems: tuple[Problem, ...]
    dropped: frozenset[str] = frozenset()


class _OccupiedError(Exception):
    """A column that was taken for empty holds something after all."""

    def __init__(self, column: int) -> None:
        super().__init__(column)
        self.column = column


@dataclass(slots=True)
class _Column:
    """One column of ours to write."""

    key: str
    number: int
    created: bool
    before: Sequence[Value]
    after: Sequence[Value]


@dataclass(slots=True)
class _Job:
    """What is wanted of each row (rows.Job)."""

    sheet: str
    header_row: int
    headers: Mapping[int, str]
    """New column -> header."""
    columns: list[_Column]
    index: Mapping[int, int]
    """Row -> its place in the columns' values."""
    closed: frozenset[tuple[int, int]]
    """Cells of ours that lie inside a merged range or a totals row."""
    styles: Styles
    render: Renderer
    problems: dict[tuple[int, int], Problem] = field(default_factory=dict)
    _new: dict[tuple[str, int, int | None], int] = field(default_factory=dict)
    _kept: dict[tuple[int, int], int] = field(default_factory=dict)
    _kinds: dict[int, Kind] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._kinds = {column.number: KINDS.get(column.key, "text") for column in self.columns}

    def writes(self, row: int) -> list[Write]:
        at = self.index.get(row)
        if at is None:
            if row != self.header_row:
                return []
            return [Write(c, self.render(text), created=True, counted=False) for c, text in self.headers.items()]
        render = self.render
        found = []
        for column in self.columns:
            new, old = column.after[at], column.before[at]
            counted = old != new and not _same_day(old, new)
            if counted or column.created:
                found.append(Write(column.number, render(new), column.created, counted))
        if self.closed and found:
            return [write for write in found if (row, write.column) not in self.closed]
        return found

    def new_style(self, row: int, column: int, base: int, replaced: int | None) -> int:
        kind = "header" if row == self.header_row else self._kinds[column]
        found = self._new.get((kind, base, replaced))
        if found is None:
            found = self._new[kind, base, replaced] = self.styles.style(Request(kind, base, replaced))
        return found

    def kept_style(self, column: int, style: int) -> int:
        found = self._kept.get((column, style))
        if found is None:
            kind = self._kinds[column]
            fits = kind == "text" or self.styles.shows_date(style) == (kind == "date")
            if fits:
                found = style
            else:
                ours = self.styles.ours(style)
                found = self.styles.style(Request(kind, style, ours.replaced if ours else style))
            self._kept[column, style] = found
        return found

    def refused(self, row: int, column: int, reason: str) -> None:
        if reason == "value":
            raise _OccupiedError(column)
        self.problems[row, column] = Problem(
            self.sheet, row, column, "You turned this cell into a formula, so it is yours now and is left alone."
        )


def patch(
    package: Package,
    workbook: Workbook,
    changes: Changes,
    *,
    standing: Mapping[str, int | None],
    marked_row: int | None,
    grid: Grid,
) -> Patch:
    """Work out what to splice. `standing` says where our columns are; `grid` is the sheet, its values may be cut short.

    `marked_row` is the header row that our marks name, None if there are none yet.
    Raises NoRoomError, UnreadableFileError or RefusedFileError.
    """
    entry = workbook.sheet(changes.sheet)
    sheet = Worksheet(package, entry.part)
    occupied: list[Area] = []
    while True:
        try:
            return _Patching(package, workbook, changes, entry, sheet, dict(standing), marked_row, grid, occupied).patch()
        except _OccupiedError as error:
            occupied.append(Area(1, error.column, 1, error.column))


class _Patching:
    """One attempt, for one choice of new columns."""

    def __init__(
        self,
        package: Package,
        workbook: Workbook,
        changes: Changes,
        entry: SheetEntry,
        sheet: Worksheet,
        standing: dict[str, int | None],
        marked_row: int | None,
        grid: Grid,
        occupied: list[Area],
    ) -> None:
        self._package, self._workbook, self._changes = package, workbook, changes
        self._entry, self._sheet = entry, sheet
        self._problems: list[Problem] = []
        self._styles, self._added, self._wired = load_styles(package, workbook)
        self._tables = tables_of(package, entry.part)
        new = [key for key in changes.add if key not in standing]
        blocked = [*occupied, *sheet.anchors(), *sheet.pivots()] if new else []
        if new and sheet.filter is not None:
            blocked.append(sheet.filter)
        places = place_columns(
            grid, right=changes.right, count=len(new), location=package.location, blocked=blocked
        )
        self._new = dict(zip(new, places, strict=True))
        texts = header_texts(grid, changes.header_row, new, changes.headers)
        self._headers = {self._new[key]: texts[key] for key in new}
        self._standing = {key: column for key, column in standing.items() if column is not None}
        self._columns = {**self._standing, **self._new}
        self._marked_row = marked_row if marked_row is not None else changes.header_row

    def patch(self) -> Patch:
        changes, sheet = self._changes, self._sheet
        edits: list[Edit] = []
        parts: dict[str, Part] = {}
        filters: dict[int, str] = {}
        if self._new:
            edits += sheet.widen({c: WIDTHS.get(key, OTHER_WIDTH) for key, c in self._new.items()})
            edits += self._grow(parts, filters)
            last = max(changes.last_row, changes.header_row)
            edits += sheet.extend(max(self._new.values()), rows=Area(changes.header_row, 1, last, changes.right))
        job = self._job()
        editor = RowEditor(sheet.prefix, job, neighbour=changes.right)
        for _ in sheet.rewritten(editor):
            pass  # the first time through says which styles are needed, and whether anything changes at all
        if self._new and not editor.written:
            raise RefusedFileError(self._package.location, f"its part {sheet.part} has no row {changes.header_row}.")
        changed_cells = editor.changed
        edits += self._highlights()
        if editor.written or edits:
            parts[sheet.part] = sheet.written(edits, editor)
        if self._styles.changed:
            if self._styles.part in self._added:
                self._added[self._styles.part] = self._styles.edited()
            else:
                parts[self._styles.part] = self._styles.edited()
            parts.update(self._wired)
        elif self._added:
            self._added.clear()
        marks = {key: (self._entry.name, self._marked_row, column) for key, column in self._columns.items()}
        recalculate = bool(editor.written) and self._is_read()
        workbook_edits = self._workbook.edits(marks=marks, filters=filters, recalculate=recalculate)
        if workbook_edits:
            parts[self._workbook.part] = self._workbook.edited(workbook_edits)
        problems = (*self._problems, *job.problems.values())
        return Patch(parts, self._added, self._columns, changed_cells, problems)

    def _job(self) -> _Job:
        changes = self._changes
        columns = [
            _Column(key, self._columns[key], key in self._new, changes.before[key], changes.after[key])
            for key in changes.after
            if key in self._columns
        ]
        columns.sort(key=lambda column: column.number)
        dated = any(KINDS.get(column.key) == "date" for column in columns)
        if changes.date_like is not None and dated:
            self._follow_dates(changes.date_like)
        return _Job(
            self._entry.name,
            changes.header_row,
            dict(sorted(self._headers.items())),
            columns,
            {row: at for at, row in enumerate(changes.rows)},
            self._closed(),
            self._styles,
            Renderer(self._sheet.prefix, epoch_1904=self._workbook.date_1904),
        )

    def _closed(self) -> frozenset[tuple[int, int]]:
        """Cells in our columns that are no cells of ours: within a merged range, or in a table's totals row."""
        found: set[tuple[int, int]] = set()
        ours = set(self._columns.values())
        for merge in self._sheet.merges:
            for column in ours.intersection(range(merge.left, merge.right + 1)):
                top = merge.top if column > merge.left else merge.top + 1
                found.update((row, column) for row in range(top, merge.bottom + 1))
        for table in self._tables:
            for column in ours.intersection(range(table.area.left, table.area.right + 1)):
                bottom = table.area.bottom
                found.update((row, column) for row in range(bottom - table.totals_rows + 1, bottom + 1))
        return frozenset(found)

    def _follow_dates(self, column: int) -> None:
        """Take the date format of the first dates in a column of the tracker's."""
        wanted = set(self._changes.rows[:_SAMPLED])
        for style in styles_in(self._sheet.body(), self._sheet.prefix, column, wanted):
            if self._styles.shows_date(style):
                self._styles.follow_dates(style)
                return

    def _grow(self, parts: dict[str, Part], filters: dict[int, str]) -> list[Edit]:
        """Let the table or the filter that adjoins the new columns grow over them."""
        changes, sheet = self._changes, self._sheet
        first, last = min(self._new.values()), max(self._new.values())
        headers = [self._headers[column] for column in range(first, last + 1)]
        outside: str | None = None
        edits: list[Edit] = []
        for table in self._tables:
            area = table.area
            if not (area.left <= changes.right <= area.right and area.top <= changes.header_row <= area.bottom):
                continue
            if self._may_grow(table) and area.right + 1 == first:
                parts[table.part] = table.grown(headers)
                self._grown_table = table.name
            else:
                outside = f"table {table.name}"
        area_of_filter = sheet.filter
        if area_of_filter is not None and area_of_filter.top == changes.header_row:
            if area_of_filter.right + 1 == first and area_of_filter.left <= changes.right:
                edits += sheet.refilter(last)
                for name in self._workbook.names:
                    if name.name == FILTER and name.scope == self._entry.index:
                        filters[self._entry.index] = with_right(name.text, last)
            elif area_of_filter.left <= changes.right <= area_of_filter.right:
                outside = "filter"
        if outside:
            self._problems.append(
                Problem(
                    self._entry.name, None, first,
                    f"Our columns {column_letter(first)} to {column_letter(last)} stand outside the {outside}, "
                    "so sorting or filtering it does not take them along.",
                )
            )  # fmt: skip
        return edits

    _grown_table: str | None = None

    def _may_grow(self, table: Table) -> bool:
        return table.has_header and not table.is_fed and table.area.top == self._changes.header_row

    def _highlights(self) -> list[Edit]:
        changes, sheet = self._changes, self._sheet
        wanted = highlight_rules(
            self._columns,
            first_row=changes.first_row,
            last_row=max(changes.last_row, changes.first_row),
            words=changes.words,
            mode=changes.highlight,
            tracker=(1, changes.right),
        )
        standing = standing_rules(sheet.root)
        formats = self._styles.highlights
        if are_as_wanted(standing, wanted, formats=formats):
            return []
        edits = without(sheet.root, standing)
        if wanted:
            made = block_of(sheet.root, sheet.prefix, standing, wanted, self._format, formats=formats)
            at = sheet.insertion("conditionalFormatting")
            edits.append((at, at, made))
        return edits

    def _format(self, rule: HighlightRule) -> int:
        return self._styles.highlight(fill=rule.fill, text=rule.font, bold=rule.bold)

    def _is_read(self) -> bool:
        """Whether a formula of the person reads our columns, so that it must be worked out anew."""
        ours = frozenset(self._columns.values())
        around = next((t for t in self._tables if ours & set(range(t.area.left, t.area.right + 1))), None)
        table = around.name if around else self._grown_table
        target = Target(self._entry.name, ours, table, frozenset(self._headers.values()))
        if around is not None:
            left = around.area.left
            names = around.column_names
            own = {names[c - left] for c in ours if 0 <= c - left < len(names)}
            target = Target(self._entry.name, ours, table, frozenset(own | target.headers))
        return is_read(self._package, self._workbook, self._sheet, self._entry, target)


def is_read(package: Package, workbook: Workbook, sheet: Worksheet, entry: SheetEntry, target: Target) -> bool:
    """Whether a formula or a name of the person reads the target."""
    if any(reads(name.text, target, own_sheet=False) for name in workbook.names if not name.name.startswith("_")):
        return True
    for other in workbook.sheets:
        if other.kind == "worksheet":
            own = other.index == entry.index
            part = sheet if own else Worksheet(package, other.part)
            if read_target(part, target, own_sheet=own):
                return True
    return False


def _same_day(old: Value, new: Value) -> bool:
    """Whether a date and a date-time at midnight are the same day; calamine gives either."""
    if not isinstance(old, dt.datetime) or isinstance(new, dt.datetime) or not isinstance(new, dt.date):
        return False
    return old.date() == new and old.time() == dt.time()
