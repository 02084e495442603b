"""What to splice into a workbook so that our columns hold what `Changes` says. Nothing is written here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from sheetsync.changes import Changes
from sheetsync.model import Area, Grid, Problem, column_letter
from sheetsync.sheets.highlights import HighlightRule, highlight_rules
from sheetsync.sheets.links import LINKED
from sheetsync.sheets.ooxml.archive import Content as Part
from sheetsync.sheets.ooxml.asked import NothingAsked
from sheetsync.sheets.ooxml.conditional import are_as_wanted, block_of, standing_rules, without
from sheetsync.sheets.ooxml.formulas import Target, is_read
from sheetsync.sheets.ooxml.job import KINDS, Column, OccupiedError, SyncJob
from sheetsync.sheets.ooxml.markup import Edit, note, notes
from sheetsync.sheets.ooxml.obstacles import anchors, pivots
from sheetsync.sheets.ooxml.package import Package
from sheetsync.sheets.ooxml.parts import load_styles, refuse_unknown_styles
from sheetsync.sheets.ooxml.reading import tables_of
from sheetsync.sheets.ooxml.row_styles import styles_in
from sheetsync.sheets.ooxml.rows import RowEditor
from sheetsync.sheets.ooxml.table import Table, right_of, with_right
from sheetsync.sheets.ooxml.widths import OTHER_WIDTH, WIDTHS
from sheetsync.sheets.ooxml.workbook import FILTER, Workbook
from sheetsync.sheets.ooxml.worksheet import Worksheet
from sheetsync.sheets.ownership import header_texts, place_new

_SAMPLED: Final = 200
"""Rows whose dates are looked at for their format."""


class Told(NamedTuple):
    """What came of a write."""

    spliced: int
    """How many places were spliced in the rows."""
    changed_cells: int
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Patch:
    """The parts to replace, to add and to drop, and what they come to. Nothing to replace: the file is as it should be."""

    replaced: Mapping[str, Part]
    added: Mapping[str, bytes]
    columns: Mapping[str, int]
    problems: tuple[Problem, ...]
    dropped: frozenset[str] = frozenset()
    told: Callable[[], Told] = lambda: Told(0, 0)
    """What is known only after the write."""
    only_cells: bool = False
    """Whether nothing but cells is to be written, so that no place spliced means nothing to write."""


def patch(
    package: Package,
    workbook: Workbook,
    changes: Changes,
    *,
    standing: Mapping[str, int | None],
    marked_row: int | None,
    grid: Grid,
    whole: Callable[[str], Grid],
    careful: bool = False,
) -> Patch:
    """Work out what to splice. `standing` says where our columns are; `grid` is the sheet, its values may be cut short.

    `whole` gives a sheet's grid with all its values, and raises UsageError if there is none of that name. `marked_row` is the header row that our marks name, None if there are none yet. Writing the patch may raise
    StylesNeededError; with `careful` every row is looked at before, and it cannot.
    Raises SourceChangedError or FileError.
    """
    sheet = Worksheet.of(package, workbook.sheet(changes.sheet).part)
    occupied: list[Area] = []
    while True:
        try:
            attempt = _Patching(
                package,
                workbook,
                changes,
                sheet,
                standing=standing,
                marked_row=marked_row,
                grid=grid,
                whole=whole,
                occupied=occupied,
            )
            return attempt.patch(careful=careful)
        except OccupiedError as error:
            occupied.append(Area(1, error.column, 1, error.column))


class _Patching:
    """One attempt, for one choice of new columns."""

    def __init__(
        self,
        package: Package,
        workbook: Workbook,
        changes: Changes,
        sheet: Worksheet,
        *,
        standing: Mapping[str, int | None],
        marked_row: int | None,
        grid: Grid,
        whole: Callable[[str], Grid],
        occupied: list[Area],
    ) -> None:
        self._whole = whole
        self._package, self._workbook, self._changes = package, workbook, changes
        entry = workbook.sheet(changes.sheet)
        self._entry, self._sheet = entry, sheet
        self._problems: list[Problem] = []
        self._styles, self._added, self._wired = load_styles(package, workbook)
        self._tables = tables_of(package, entry.part)
        new = [key for key in changes.add if key not in standing]
        blocked = [*occupied, *anchors(sheet), *pivots(sheet)] if new else []
        self._new = place_new(
            grid, new, standing=standing, right=changes.right, location=package.location, blocked=blocked
        )
        texts = header_texts(grid, changes.header_row, new, changes.headers)
        self._headers = {self._new[key]: texts[key] for key in new}
        self._standing = {key: column for key, column in standing.items() if column is not None}
        self._columns = {**self._standing, **self._new}
        self._new_relations: dict[str, bytes] = {}
        self._marked_row = marked_row if marked_row is not None else changes.header_row

    def patch(self, *, careful: bool) -> Patch:
        changes, sheet = self._changes, self._sheet
        edits: list[Edit] = []
        parts: dict[str, Part] = {}
        filters: dict[int, str] = {}
        columns = self._sorted_columns()
        commands = self._commands()
        own = commands.own
        if self._new:
            edits += sheet.widen(self._widths())
            edits += self._grow(parts, filters)
            last = max(changes.last_row, changes.header_row)
            edits += sheet.extend(max(self._new.values()), rows=Area(changes.header_row, 1, last, changes.right))
        job = self._job(columns)
        editor = RowEditor(sheet.prefix, job, neighbour=changes.right, right=max(self._columns.values(), default=0))
        if careful:
            for _ in sheet.rewritten(editor):
                pass
            editor.runs.clear()
            editor.written = editor.changed = 0
        elif self._new:
            sheet.surveyed(editor)
        job.frozen = True
        edits += self._highlights()
        edits += self._dropdowns(commands)
        edits += self._links(columns, parts)
        if own is not None and not self._new:
            edits += own.edits
        if edits or own is not None or not job.is_idle:
            parts[sheet.part] = sheet.written(edits, editor, own.rewritten if own is not None else None)
        commands.make(parts, filters)
        self._put_styles(parts)
        self._added.update(self._new_relations)
        commands.wire(parts, self._added)
        self._problems += commands.problems
        marks = {key: (self._entry.name, self._marked_row, column) for key, column in self._columns.items()}
        recalculate = not self._workbook.recalculates and (
            (not job.is_idle and self._is_read()) or commands.recalculates()
        )
        workbook_edits = self._workbook.edits(
            marks={**marks, **commands.marks}, filters=filters, recalculate=recalculate, sheets=commands.entries
        )
        only_cells = not (edits or own or workbook_edits) and set(parts) <= {sheet.part}
        if workbook_edits:
            parts[self._workbook.part] = self._workbook.edited(workbook_edits)

        def told() -> Told:
            changed = editor.changed + job.count(editor.runs) + commands.count
            return Told(editor.written, changed, tuple(job.problems.values()))

        return Patch(parts, self._added, self._columns, tuple(self._problems), told=told, only_cells=only_cells)

    def _commands(self) -> NothingAsked:
        """What is wanted beside our columns."""
        changes = self._changes
        if not (changes.edits or changes.appends or changes.new_sheets or changes.dropdowns.keys() & self._new.keys()):
            return NothingAsked()
        from sheetsync.sheets.ooxml.commands import Commands, asks_for_dates

        if changes.date_like is not None and asks_for_dates(changes):
            self._follow_dates(changes.date_like)
        return Commands(self._package, self._workbook, changes, self._styles, whole=self._whole)

    def _put_styles(self, parts: dict[str, Part]) -> None:
        """Put the stylesheet where it belongs, if anything was added to it."""
        styles = self._styles
        if styles.grows:
            refuse_unknown_styles(self._package, self._workbook, styles)
        if not styles.sheet.changed:
            self._added.clear()
        elif styles.sheet.part in self._added:
            self._added[styles.sheet.part] = styles.sheet.edited()
            parts.update(self._wired)
        else:
            parts[styles.sheet.part] = styles.sheet.edited()

    def _sorted_columns(self) -> list[Column]:
        """What of ours is to be written; the styles know from here on how the tracker's dates look."""
        changes = self._changes
        columns = [
            Column(key, self._columns[key], key in self._new, changes.before[key], changes.after[key])
            for key in changes.after
            if key in self._columns
        ]
        if changes.date_like is not None and any(KINDS.get(column.key) == "date" for column in columns):
            self._follow_dates(changes.date_like)
        return sorted(columns, key=lambda column: column.number)

    def _widths(self) -> dict[int, float]:
        """How wide each new column is to be at least."""
        dates = self._styles.date_width
        return {
            column: max(WIDTHS.get(key, OTHER_WIDTH), dates if KINDS.get(key) == "date" else 0)
            for key, column in self._new.items()
        }

    def _job(self, columns: list[Column]) -> SyncJob:
        changes = self._changes
        return SyncJob(
            self._entry.name,
            changes,
            columns,
            headers=self._headers,
            closed=self._closed(),
            styles=self._styles,
            prefix=self._sheet.prefix,
            epoch_1904=self._workbook.date_1904,
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
            right = max(self._new.values()) if table.name == self._grown_table else table.area.right
            for column in ours.intersection(range(table.area.left, right + 1)):
                bottom = table.area.bottom
                found.update((row, column) for row in range(bottom - table.totals_rows + 1, bottom + 1))
        return frozenset(found)

    def _follow_dates(self, column: int) -> None:
        """Take the date format of the first dates in a column of the tracker's."""
        changes = self._changes
        wanted = set((changes.rows or range(changes.first_row, changes.last_row + 1))[:_SAMPLED])
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
        own_filter = sheet.filter
        if own_filter is not None and own_filter.left <= changes.right:
            if first > own_filter.right + 1:
                outside = "filter" if changes.right <= own_filter.right else outside
            elif own_filter.top == changes.header_row:
                edits += self._filtered(own_filter, last, filters)
        if outside:
            self._problems.append(
                Problem(
                    self._entry.name, None, first,
                    f"Our columns {column_letter(first)} to {column_letter(last)} stand outside the {outside}, "
                    "so sorting or filtering it does not take them along.",
                )
            )  # fmt: skip
        return edits

    def _filtered(self, area: Area, last: int, filters: dict[int, str]) -> list[Edit]:
        """Let the sheet's filter reach to our last column, and note how far it did."""
        element = self._sheet.root.child("autoFilter")
        if element is None or area.right > last:
            return []
        noted = note(b"autoFilter " + element.attributes["ref"].encode())
        is_noted = any(end == element.start for _, end, _ in notes(self._sheet.skeleton))
        edits: list[Edit] = [] if is_noted else [(element.start, element.start, noted)]
        if area.right < last:
            edits += self._sheet.refilter(last)
            for name in self._workbook.names:
                if name.name == FILTER and name.scope == self._entry.index and right_of(name.text) == area.right:
                    filters[self._entry.index] = with_right(name.text, last)
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
        edits = without(standing)
        if wanted:
            made = block_of(sheet.root, sheet.prefix, standing, wanted, self._format, formats=formats)
            at = sheet.insertion("conditionalFormatting")
            edits.append((at, at, made))
        return edits

    def _dropdowns(self, commands: NothingAsked) -> list[Edit]:
        words = {column: self._changes.dropdowns.get(key, ()) for key, column in self._new.items()}
        last = max(self._changes.last_row, self._changes.first_row)
        offered = {column: (self._headers[column], some) for column, some in words.items() if some}
        return commands.offers(self._sheet, self._entry.name, offered, rows=(self._changes.first_row, last))

    def _links(self, columns: list[Column], parts: dict[str, Part]) -> list[Edit]:
        """Let the addresses in a column of links open on a click."""
        column = next((column for column in columns if column.key in LINKED), None)
        if column is None or self._package.content_type("sheet.rels") is None:
            return []
        from sheetsync.sheets.ooxml.links import relinked

        done = relinked(self._sheet, column.number, dict(zip(self._changes.rows, column.after, strict=True)))
        if done.data is not None:
            (self._new_relations if done.is_new else parts)[done.relations] = done.data
        return done.edits

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
