"""Which rows of the tracker's sheet are threads.

A thread is a row with a company, role, contact (or address) or event date that somebody put there. Everything else
stands in the sheet for another reason, and nothing is written beside it: repeated headers, section titles, legends,
totals, conflict markers of a version control, blank rows, and rows that a template filled with formulas, check boxes or
"N/A".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from sheetsync.model import Grid, Layout, Value
from sheetsync.tracker.dates import is_full_date
from sheetsync.tracker.text import ERRORS, fold, fold_all, is_blank, legends, placeholders, totals

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Mask = npt.NDArray[np.bool_]

_WHO: Final = ("company", "role", "contact", "email")
_WHEN: Final = (
    "applied_on", "interview_on", "interview_2_on", "interview_3_on", "last_contact", "reply_on", "contact_on",
    "decision_by", "due_on", "start_on",
)  # fmt: skip
_MARKER: Final = re.compile(r"(?:<{7}|={7}|>{7}|\|{7})(?: |$)")
_PERIOD: Final = re.compile(r"(?:.{0,24}\W)?(?:19|20)\d\d(?:\s?[-–/]\s?(?:19|20)?\d\d)?(?:\W.{0,12})?|.*:")
"""A lone text that names a year ("Spring 2026"), or ends in a colon, heads what is below it."""
_GAP: Final = 3
"""So many blank rows together end a table, if what comes after them looks different."""
_FULL: Final = 3
"""So many filled cells make a row that cannot be a title."""


def thread_rows(grid: Grid, layout: Layout) -> list[int]:
    """The sheet rows that are threads, ascending. A `layout.last_row` of 0 means: to the end of the sheet.

    Only the layout's columns are looked at (mapped, unmapped and touches); ours are in none of them. In a table the
    rows outside it are none.
    """
    first, last = _bounds(grid, layout)
    if last < first:
        return []
    return _Body(grid, layout, first, last).threads()


def picked(column: Sequence[Value], rows: Sequence[int]) -> Sequence[Value]:
    """The column's values at those sheet rows."""
    if not rows:
        return []
    if rows[-1] - rows[0] + 1 == len(rows):
        return column[rows[0] - 1 : rows[-1]]
    return list(itemgetter(*[row - 1 for row in rows])(column)) if len(rows) > 1 else [column[rows[0] - 1]]


def _bounds(grid: Grid, layout: Layout) -> tuple[int, int]:
    first = layout.header_row + 1  # not its first thread: what stands above that tells titles from threads
    last = min(layout.last_row or grid.n_rows, grid.n_rows)
    for table in grid.tables:
        if table.name == layout.table:
            last = min(grid.n_rows, table.area.bottom - table.totals_rows)
            if not table.totals_rows:
                last = _typed_below(grid, layout, last)
    return first, last


def _typed_below(grid: Grid, layout: Layout, last: int) -> int:
    """The last row that is filled without a gap below a table: not every program lets a table grow as one types."""
    columns = [grid.columns[layout.columns[name] - 1] for name in _WHO if name in layout.columns]
    while last < grid.n_rows and any(not is_blank(column[last]) for column in columns):
        last += 1
    return last


@dataclass(frozen=True)
class _Body:
    """The rows below the header. A position is a row's distance from `first`."""

    grid: Grid
    layout: Layout
    first: int
    last: int

    def threads(self) -> list[int]:
        import numpy as np

        threads = self._with_content()
        suspects = set(np.flatnonzero(threads & (self.fullness == 1)).tolist()) | self._labelled()
        for position in sorted(suspects):
            if threads[position] and self._is_furniture(position):
                threads[position] = False
        self._drop_titles(threads)
        self._drop_legends(threads)
        return [int(row) for row in np.flatnonzero(threads) + self.first]

    @cached_property
    def cells(self) -> Mapping[int, Sequence[Value]]:
        columns = sorted({*self.layout.columns.values(), *self.layout.unmapped, *self.layout.touches})
        return {
            column: self.grid.columns[column - 1][self.first - 1 : self.last]
            for column in columns
            if column <= self.grid.n_columns
        }

    @cached_property
    def size(self) -> int:
        return self.last - self.first + 1

    @cached_property
    def fullness(self) -> npt.NDArray[np.int16]:
        """How many cells of each row somebody filled: formulas, zeros and unticked boxes do not count."""
        import numpy as np

        fullness = np.zeros(self.size, dtype=np.int16)
        for column, values in self.cells.items():
            fullness += np.fromiter(map(bool, values), bool, self.size) & ~self._computed(column)
        return fullness

    def _computed(self, column: int) -> Mask:
        """The rows where a column holds a formula."""
        import numpy as np

        computed = np.zeros(self.size, dtype=bool)
        rows = [row - self.first for row in self.grid.formulas.get(column, ()) if self.first <= row <= self.last]
        computed[rows] = True
        return computed

    def _fields(self, names: Sequence[str]) -> Iterator[tuple[int, Sequence[Value]]]:
        for name in names:
            column = self.layout.columns.get(name, 0)
            if column in self.cells:
                yield column, self.cells[column]

    def _with_content(self) -> Mask:
        """The rows that name somebody, or on which something happened."""
        import numpy as np

        threads = np.zeros(self.size, dtype=bool)
        linked = np.zeros(self.size, dtype=bool)
        for column, values in self._fields(_WHO):
            computed = self._computed(column)
            filled = ~np.fromiter(map(self._texts[column].empty().__contains__, values), bool, self.size)
            threads |= filled & ~computed
            for position in np.flatnonzero(filled & computed).tolist():
                linked[position] |= isinstance(values[position], str)
        for column, values in self._fields(_WHEN):
            for position in np.flatnonzero(~threads & ~self._computed(column)).tolist():
                threads[position] = is_full_date(values[position])
        # A name that a formula fetched counts if somebody typed something beside it.
        for position in np.flatnonzero(linked & ~threads).tolist():
            threads[position] = self._has_typed_cell(position)
        return threads

    def _has_typed_cell(self, position: int) -> bool:
        row = self.first + position
        for column, values in self.cells.items():
            value = values[position]
            if row in self.grid.formulas.get(column, ()) or isinstance(value, bool) or is_blank(value):
                continue
            if value not in self.grid.dropdowns.get(column, ()):
                return True
        return False

    def _row(self, position: int) -> dict[int, Value]:
        """The filled cells of a row."""
        return {column: v for column, values in self.cells.items() if (v := values[position]) not in (None, "")}

    def _labelled(self) -> set[int]:
        """The rows that hold a header's text, a totals label or a conflict marker where a name belongs."""
        headers = {form for header in self.layout.headers.values() for form in _forms(header)}
        positions: set[int] = set()
        for column, values in self._fields(_WHO):
            texts = self._texts[column]
            found = headers.intersection(texts.own) | texts.whose(set(_label().findall(texts.joined)))
            if found:
                positions.update(position for position, value in enumerate(values) if value in found)
        return positions

    @cached_property
    def _texts(self) -> Mapping[int, _Texts]:
        """The distinct texts of each column that names somebody."""
        return {
            column: _Texts([value for value in set(values) if isinstance(value, str)])
            for column, values in self._fields(_WHO)
        }

    def _is_furniture(self, position: int) -> bool:
        """True for a repeated header, a totals row, a conflict marker and a title across merged cells."""
        row = self._row(position)
        if self._repeats_header(position):
            return True
        column, value = next(iter(row.items()))
        rest = [v for c, v in row.items() if c != column and not self._is_computed(position, c) and not is_blank(v)]
        if isinstance(value, str):
            if _MARKER.match(value) and not rest:
                return True
            label = fold(value).rstrip(": ")
            numbers = all(isinstance(v, int | float) for v in rest)
            if numbers and (label in totals() or (label.partition(" ")[0].strip(":") in totals() and len(row) > 1)):
                return True
        return len(row) == 1 and self._is_heading(position, column)

    def _repeats_header(self, position: int) -> bool:
        if not 0 <= position < self.size:
            return False
        row = self._row(position)
        same = sum(
            1
            for column, header in self.layout.headers.items()
            if isinstance(value := row.get(column), str) and fold(value) == fold(header)
        )
        return same >= min(2, len(self.layout.headers)) and 2 * same >= len(row)

    def _is_computed(self, position: int, column: int) -> bool:
        return self.first + position in self.grid.formulas.get(column, ())

    def _is_heading(self, position: int, column: int) -> bool:
        """True for a lone text that heads rows: across merged cells, above a repeated header, a period, a legend."""
        row = self.first + position
        text = self.cells[column][position]
        if any(a.top <= row <= a.bottom and a.left <= column <= a.right and a.right > a.left for a in self.grid.merges):
            return True
        if self._repeats_header(position + 1):
            return True
        if not isinstance(text, str) or column in dict(self._fields(_WHEN)):
            return False
        return bool(_PERIOD.fullmatch(text.strip())) or fold(text) in legends()

    def _drop_titles(self, threads: Mask) -> None:
        """Drop lone texts that open a section: a blank row before them, full rows after."""
        import numpy as np

        fullness = self.fullness
        opens = [
            position
            for position in np.flatnonzero(threads & (fullness == 1)).tolist()
            if position + 1 < self.size
            and fullness[position + 1] >= _FULL
            and (position == 0 or fullness[position - 1] == 0)
        ]
        if opens != [0]:  # a first row with a company alone is one, unless other sections have titles too
            threads[opens] = False

    def _drop_legends(self, threads: Mask) -> None:
        """Drop the blocks after a gap that look like a key to the table, not like its rows."""
        import numpy as np

        positions = np.flatnonzero(threads)
        if positions.size < 2:
            return
        blocks = np.split(positions, np.flatnonzero(np.diff(positions) > 1) + 1)
        usual = float(np.median(self.fullness[positions]))
        for before, block in pairwise(blocks):
            between = range(int(before[-1]) + 1, int(block[0]))
            if any(self._opens_legend(position) for position in between):
                threads[block[0] :] = False
                return
            blank = sum(1 for position in between if self.fullness[position] == 0)
            if blank >= _GAP and self._looks_like_key(block, usual):
                threads[block] = False

    def _opens_legend(self, position: int) -> bool:
        row = list(self._row(position).values())
        return len(row) == 1 and isinstance(row[0], str) and fold(row[0]).strip(": ") in legends()

    def _looks_like_key(self, block: npt.NDArray[np.intp], usual: float) -> bool:
        """True if rows fill at most two cells where rows usually fill more, and name statuses or nothing beside."""
        if usual <= _FULL or int(self.fullness[block].max()) >= _FULL:
            return False
        if int(self.fullness[block].max()) == 1:
            return True
        stage = self.layout.columns.get("stage", 0)
        statuses = {fold(v) for v in self.cells.get(stage, ()) if isinstance(v, str)}
        statuses |= {fold(choice) for choice in self.grid.dropdowns.get(stage, ())}
        texts = [fold(v) for p in block.tolist() for v in self._row(p).values() if isinstance(v, str)]
        return any(text in statuses for text in texts)


class _Texts:
    """Distinct texts, as they stand and as they are compared. Long columns are searched at the speed of C."""

    def __init__(self, own: list[str]) -> None:
        self.own = own
        self.folded = fold_all(own)

    @property
    def joined(self) -> str:
        """The folded texts, one a line."""
        return "\n".join(self.folded)

    def whose(self, folded: AbstractSet[str]) -> set[str]:
        """The texts that are compared as one of `folded`."""
        return {text for text, form in zip(self.own, self.folded, strict=True) if form in folded} if folded else set()

    def empty(self) -> set[Value]:
        """The values that name nobody: blank, placeholders, errors, booleans, zero."""
        broken = [text for text in ERRORS if text in self.own] if "#" in self.joined else []
        return {None, "", False, True, *self.whose({*placeholders().intersection(self.folded), ""}), *broken}


@cache
def _label() -> re.Pattern[str]:
    """Finds, one a line, texts that begin with a totals label or are a conflict marker."""
    labels = "|".join(re.escape(label) for label in sorted(totals(), key=len, reverse=True))
    return re.compile(rf"^(?:(?:{labels})(?![^\W\d]).*|[<=>|]{{7}}.*)$", re.MULTILINE)


def _forms(header: str) -> tuple[str, ...]:
    return header, header.strip(), header.upper(), header.lower(), header.title(), header.capitalize()
