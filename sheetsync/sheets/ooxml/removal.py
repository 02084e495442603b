"""What to splice into a workbook so that nothing of ours is left in it. Nothing is written here."""

from __future__ import annotations

import re
from collections.abc import Collection, Container
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from sheetsync.model import Problem, column_letter
from sheetsync.sheets.ooxml.archive import Content as Part
from sheetsync.sheets.ooxml.cells import EMPTY
from sheetsync.sheets.ooxml.cleaning import RowCleaner, left_empty
from sheetsync.sheets.ooxml.conditional import standing_rules, without
from sheetsync.sheets.ooxml.formulas import Target, is_read
from sheetsync.sheets.ooxml.links import unlinked
from sheetsync.sheets.ooxml.markup import Edit, notes
from sheetsync.sheets.ooxml.package import Package
from sheetsync.sheets.ooxml.parts import Wiring, load_styles, own_styles
from sheetsync.sheets.ooxml.patch import Patch, Told
from sheetsync.sheets.ooxml.reading import tables_of
from sheetsync.sheets.ooxml.rows import Write
from sheetsync.sheets.ooxml.sheet_removal import SheetRemoval
from sheetsync.sheets.ooxml.styles import Styles
from sheetsync.sheets.ooxml.table import right_of, with_right
from sheetsync.sheets.ooxml.validations import taken_off
from sheetsync.sheets.ooxml.workbook import FILTER, SheetEntry, Workbook
from sheetsync.sheets.ooxml.worksheet import Worksheet

_STYLE: Final = re.compile(rb"""(\ss\s*=\s*["'])(\d+)(["'])""")
_USED: Final = re.compile(rb"""\s(?:s|style|customFormat)\s*=\s*["'](\d+)["']""")
_USED_HIGHLIGHT: Final = re.compile(rb"""\sdxfId\s*=\s*["'](\d+)["']""")
_FILTER: Final = b"autoFilter "


class _From(Container[int]):
    """Every row from one on."""

    def __init__(self, first: int) -> None:
        self._first = first

    def __contains__(self, row: object) -> bool:
        return isinstance(row, int) and row >= self._first


class _Removal:
    """What is wanted of each row (rows.Job): our columns' cells, from the header down."""

    def __init__(
        self,
        columns: Collection[int],
        header_row: int,
        styles: Styles,
        *,
        rows: AbstractSet[int],
        kept_headers: AbstractSet[int],
    ) -> None:
        self._writes = [Write(column, EMPTY, created=False, counted=False) for column in sorted(columns)]
        self._header_row = header_row
        self._styles = styles
        self._rows = rows
        self._kept_headers = kept_headers
        self.taken = 0

        self.touched: Container[int] = _From(header_row) if columns else ()

    def writes(self, row: int) -> list[Write]:
        return self._writes if row >= self._header_row else []

    def prepare(self, row: int, base: int) -> bool:  # noqa: ARG002 - rows.Job
        return False

    def run(self, row: int, base: int) -> None:  # noqa: ARG002 - rows.Job
        return None

    def new_style(self, row: int, column: int, base: int, replaced: str | None) -> int:  # noqa: ARG002 - rows.Job
        return base

    def kept_style(self, row: int, column: int, style: int) -> int:  # noqa: ARG002 - rows.Job
        return style

    def refused(self, row: int, column: int, reason: str) -> None:
        """Nothing is refused here: `cleaned` keeps what is the person's."""

    def cleaned(self, row: int, column: int, tag: bytes, rest: bytes) -> bytes:
        """What is left of a cell: all of it if it is the person's, the empty cell that stood there, or nothing.

        As long as our notes are in the stylesheet, a style says whether the cell was ours and what stood there. Once
        another program has saved the file, a cell is ours if its row is.
        """
        if b":f" in rest or b"<f" in rest or (row == self._header_row and column in self._kept_headers):
            return tag + rest
        match = _STYLE.search(tag)
        ours = self._styles.ours(int(match[2])) if match else None
        if ours is None and row != self._header_row and row not in self._rows:
            return tag + rest
        self.taken += bool(rest)
        if ours is None and self._styles.has_notes and row != self._header_row:
            return left_empty(tag, f"{match[2].decode() if match else ''},,c")
        if ours is None or ours.replaced is None:
            return b""
        return left_empty(tag, ours.replaced)


@dataclass(frozen=True, slots=True)
class Owned:
    """What of ours stands in a workbook."""

    keys: AbstractSet[str]
    """The keys of all our marks."""
    sheet: str | None
    header_row: int
    columns: AbstractSet[int]
    rows: AbstractSet[int]
    """Those that we have written to, as far as their values tell."""
    partly: bool = False
    """Whether other columns of ours stay, and with them our rules and what the sheet notes of its looks before us."""
    kept: bool = False
    """Whether nothing but columns with somebody's words stay, and with them what is noted of their cells' looks."""


def removal(
    package: Package,
    workbook: Workbook,
    owned: Owned,
    *,
    everything: bool = False,
    only_sheets: frozenset[str] | None = None,
) -> Patch:
    """Work out what to splice: our columns, marks, styles, sheets, and our rules on every sheet.

    Sheets that hold the person's records go only with `everything`; `only_sheets` names all that may go.

    Raises UnreadableFileError or RefusedFileError.
    """
    styles, _, _ = load_styles(package, workbook)
    taking = _Taking(package, workbook, styles, owned)
    for entry in workbook.sheets:
        if entry.kind == "worksheet":
            taking.sheet(entry)
    sheets = SheetRemoval(package, workbook, everything=everything, only=only_sheets)
    sheets.settle(taking.parts)
    dropped = sheets.take_out(taking.parts) | taking.dropped
    workbook_edits = workbook.edits(
        marks=dict.fromkeys((*owned.keys, *sheets.keys)),
        filters={index: text for index, text in taking.filters.items() if index not in sheets.indexes},
        recalculate=taking.recalculate,
        removing=True,
        gone=sheets.indexes,
    )
    if workbook_edits:
        taking.parts[workbook.part] = workbook.edited(workbook_edits)
    dropped |= _take_out_styles(
        package,
        workbook,
        styles,
        taking.parts,
        dropped,
        forget=not (owned.partly or owned.kept) and len(workbook.sheet_marks()) == len(sheets.keys),
    )
    taken = taking.taken
    problems = (*taking.problems, *sheets.problems)
    return Patch(taking.parts, {}, {}, problems, dropped, told=lambda: Told(taken, taken))


class _Taking:
    """The parts as they are without us, sheet by sheet."""

    def __init__(self, package: Package, workbook: Workbook, styles: Styles, owned: Owned) -> None:
        self._package, self._workbook, self._styles, self._owned = package, workbook, styles, owned
        self.parts: dict[str, Part] = {}
        self.filters: dict[int, str] = {}
        self.problems: list[Problem] = []
        self.dropped: frozenset[str] = frozenset()
        """The sheet's relations, if there were none before ours."""
        self.recalculate = False
        self.taken = 0

    def sheet(self, entry: SheetEntry) -> None:
        """Take our rules out of a sheet, and our columns if they are on it."""
        part = Worksheet.of(self._package, entry.part)
        edits = [] if self._owned.partly else without(standing_rules(part.root))
        if entry.name == self._owned.sheet and self._owned.columns:
            self._columns(entry, part, edits)
        elif edits:
            self.parts[entry.part] = self._joined(part, edits, self._cleaner(part, frozenset()))

    def _columns(self, entry: SheetEntry, part: Worksheet, edits: list[Edit]) -> None:
        columns = self._owned.columns
        if not self._owned.partly:
            edits += part.restore(columns)
        edits += taken_off(part.root, part.skeleton, columns)
        links = unlinked(part, columns)
        edits += links.edits
        if links.goes:
            self.dropped = frozenset({links.relations})
        elif links.data is not None:
            self.parts[links.relations] = links.data
        edits += self._filter(entry, part)
        job = _Removal(
            columns,
            self._owned.header_row,
            self._styles,
            rows=self._owned.rows,
            kept_headers=self._tables(entry),
        )
        cleaner = RowCleaner(
            part.prefix,
            job,
            cleaned=job.cleaned,
            widened={} if self._owned.partly else part.widened_rows(),
            right=max(columns),
        )
        for _ in part.rewritten(cleaner):
            pass
        self.taken = job.taken
        target = Target(entry.name, frozenset(columns))
        self.recalculate = job.taken > 0 and is_read(self._package, self._workbook, part, entry, target)
        if edits or cleaner.written:
            self.parts[entry.part] = self._joined(part, edits, cleaner)

    def _tables(self, entry: SheetEntry) -> set[int]:
        """Shrink the tables that grew over our columns; answer which of these must keep their headers."""
        columns = self._owned.columns
        kept: set[int] = set()
        for table in tables_of(self._package, entry.part):
            shrunk = table.shrunk(columns)
            right = table.area.right
            if shrunk is not None:
                self.parts[table.part] = shrunk[0]
                right -= shrunk[1]
            inside = {column for column in columns if table.area.left <= column <= right}
            kept |= inside
            self.problems += [
                Problem(
                    entry.name, self._owned.header_row, column,
                    f"Column {column_letter(column)} stays in table {table.name} as an empty column, "
                    "because it stands between yours: delete it there.",
                )
                for column in sorted(inside)
            ]  # fmt: skip
        return kept

    def _filter(self, entry: SheetEntry, part: Worksheet) -> list[Edit]:
        """Let the sheet's filter end where it did before; without our note, left of our columns."""
        area, element = part.filter, part.root.child("autoFilter")
        if area is None or element is None:
            return []
        columns = self._owned.columns
        right = area.right
        edits: list[Edit] = []
        noted = next(((start, text) for start, end, text in notes(part.skeleton) if end == element.start), (0, b""))
        if noted[1].startswith(_FILTER) and not self._owned.partly:
            edits.append((noted[0], element.start, b""))
            right = right_of(noted[1].removeprefix(_FILTER).decode()) or right
        else:
            while right in columns and right > area.left:
                right -= 1
        if right >= area.right or area.right not in columns:
            return edits
        for name in self._workbook.names:
            if name.name == FILTER and name.scope == entry.index and right_of(name.text) == area.right:
                self.filters[entry.index] = with_right(name.text, right)
        return edits + part.refilter(right)

    def _cleaner(self, part: Worksheet, columns: AbstractSet[int]) -> RowCleaner:
        job = _Removal(columns, 1, self._styles, rows=frozenset(), kept_headers=frozenset())
        return RowCleaner(part.prefix, job, cleaned=job.cleaned, widened={}, right=0)

    def _joined(self, part: Worksheet, edits: list[Edit], cleaner: RowCleaner) -> bytes:
        return b"".join(part.written(edits, cleaner)())


def _take_out_styles(
    package: Package,
    workbook: Workbook,
    styles: Styles,
    parts: dict[str, Part],
    gone: AbstractSet[str],
    *,
    forget: bool,
) -> frozenset[str]:
    """Take our styles out where nobody uses them any more; answer which part goes altogether.

    `gone` are the parts that go anyway; with `forget` the notes of what is ours go too.
    """
    used: set[int] = set()
    highlights: set[int] = set()
    for name in package.names:
        if not name.lower().endswith(".xml") or name == styles.sheet.part or not package.part(name) or name in gone:
            continue
        if not any(kind in name.lower() for kind in ("sheet", "table", "pivot")):
            continue
        data = parts.get(name)
        chunks = (data,) if isinstance(data, bytes) else package.stream(name)
        carry = b""
        for chunk in chunks:
            block = carry + chunk
            used.update(map(int, set(_USED.findall(block))))
            highlights.update(map(int, set(_USED_HIGHLIGHT.findall(block))))
            carry = chunk[-64:]
    unwired = own_styles(package, workbook)
    if unwired is not None and used <= {0, 1}:
        wiring = Wiring(package, workbook)
        wiring.without_relation(unwired[0])
        wiring.without_type(unwired[1])
        wiring.put_into(parts)
        return frozenset({unwired[1]})
    styles.release(used, highlights, forget=forget)
    if styles.sheet.changed:
        parts[styles.sheet.part] = styles.sheet.edited()
    return frozenset()
