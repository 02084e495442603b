"""What to splice into a workbook so that nothing of ours is left in it. Nothing is written here."""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from sheetsync.model import Problem, column_letter
from sheetsync.sheets.ooxml.archive import Content as Part
from sheetsync.sheets.ooxml.cells import EMPTY
from sheetsync.sheets.ooxml.conditional import standing_rules, without
from sheetsync.sheets.ooxml.formulas import Target
from sheetsync.sheets.ooxml.markup import Edit
from sheetsync.sheets.ooxml.package import Package
from sheetsync.sheets.ooxml.parts import load_styles, unwired_styles
from sheetsync.sheets.ooxml.patch import Patch, Told, is_read
from sheetsync.sheets.ooxml.reading import tables_of
from sheetsync.sheets.ooxml.rows import RowCleaner, Write, left_empty
from sheetsync.sheets.ooxml.styles import Styles
from sheetsync.sheets.ooxml.table import with_right
from sheetsync.sheets.ooxml.workbook import FILTER, Workbook
from sheetsync.sheets.ooxml.worksheet import Worksheet

_STYLE: Final = re.compile(rb"""(\ss\s*=\s*["'])(\d+)(["'])""")
_USED: Final = re.compile(rb"""\s(?:s|style|customFormat)\s*=\s*["'](\d+)["']""")
_USED_HIGHLIGHT: Final = re.compile(rb"""\sdxfId\s*=\s*["'](\d+)["']""")


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

        self.touched = _From(header_row if columns else 1 << 30)

    def writes(self, row: int) -> list[Write]:
        return self._writes if row >= self._header_row else []

    def prepare(self, row: int, base: int) -> bool:  # noqa: ARG002 - rows.Job
        return False

    def run(self, row: int, base: int) -> None:  # noqa: ARG002 - rows.Job
        return None

    def new_style(self, row: int, column: int, base: int, replaced: str | None) -> int:  # noqa: ARG002 - rows.Job
        return base

    def kept_style(self, column: int, style: int) -> int:  # noqa: ARG002 - rows.Job
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


def removal(
    package: Package,
    workbook: Workbook,
    *,
    sheet: str | None,
    header_row: int,
    columns: Mapping[str, int | None],
    rows: AbstractSet[int],
) -> Patch:
    """Work out what to splice. `columns` says where our columns stand on `sheet`, None for deleted ones; `rows` are
    those that we have written to, as far as their values tell.

    Our rules are taken out of every sheet. Raises UnreadableFileError or RefusedFileError.
    """
    numbers = {column for column in columns.values() if column is not None}
    styles, _, _ = load_styles(package, workbook)
    parts: dict[str, Part] = {}
    problems: list[Problem] = []
    filters: dict[int, str] = {}
    changed = 0
    recalculate = False
    rewritten: dict[str, Worksheet] = {}
    for entry in workbook.sheets:
        if entry.kind != "worksheet":
            continue
        part = Worksheet(package, entry.part)
        edits: list[Edit] = without(standing_rules(part.root))
        own = entry.name == sheet and numbers
        kept: set[int] = set()
        if own:
            edits += part.restore(numbers)
            for table in tables_of(package, entry.part):
                shrunk = table.shrunk(numbers)
                right = table.area.right
                if shrunk is not None:
                    parts[table.part] = shrunk[0]
                    right -= shrunk[1]
                inside = {c for c in numbers if table.area.left <= c <= right}
                if inside:
                    kept |= inside
                    problems += [
                        Problem(
                            entry.name, header_row, column,
                            f"Column {column_letter(column)} stays in table {table.name} as an empty column, "
                            "because it stands between yours: delete it there.",
                        )
                        for column in sorted(inside)
                    ]  # fmt: skip
            own_filter = part.filter
            if own_filter is not None and own_filter.right in numbers:
                right = own_filter.right
                while right in numbers and right > own_filter.left:
                    right -= 1
                edits += part.refilter(right)
                for name in workbook.names:
                    if name.name == FILTER and name.scope == entry.index:
                        filters[entry.index] = with_right(name.text, right)
        job = _Removal(numbers if own else (), header_row, styles, rows=rows, kept_headers=kept)
        cleaner = RowCleaner(
            part.prefix,
            job,
            cleaned=job.cleaned,
            widened=part.widened_rows() if own else {},
            right=max(numbers, default=0),
        )
        if own:
            for _ in part.rewritten(cleaner):
                pass
            changed = job.taken
            target = Target(entry.name, frozenset(numbers))
            recalculate = changed > 0 and is_read(package, workbook, part, entry, target)
        if edits or cleaner.written:
            parts[entry.part] = b"".join(part.written(edits, cleaner)())
            rewritten[entry.part] = part
    gone = dict.fromkeys(columns)
    workbook_edits = workbook.edits(marks=gone, filters=filters, recalculate=recalculate, removing=True)
    if workbook_edits:
        parts[workbook.part] = workbook.edited(workbook_edits)
    dropped = _take_out_styles(package, workbook, styles, parts)
    return Patch(parts, {}, {}, tuple(problems), dropped, told=lambda: Told(changed, changed))


def _take_out_styles(package: Package, workbook: Workbook, styles: Styles, parts: dict[str, Part]) -> frozenset[str]:
    """Take our styles out where nobody uses them any more; answer which part goes altogether."""
    used: set[int] = set()
    highlights: set[int] = set()
    for name in package.names:
        if not name.lower().endswith(".xml") or name == styles.part or not package.part(name):
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
    unwired = unwired_styles(package, workbook)
    if unwired is not None and used <= {0, 1}:
        parts.update(unwired[1])
        return frozenset({unwired[0]})
    styles.release(used, highlights)
    if styles.changed:
        parts[styles.part] = styles.edited()
    return frozenset()
