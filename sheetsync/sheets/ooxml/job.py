"""What a sync wants of each row of a sheet: which cells, what they hold and how they look (rows.Job)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from sheetsync.changes import Changes
from sheetsync.model import Problem, Value
from sheetsync.sheets.ooxml.cells import Renderer, letters
from sheetsync.sheets.ooxml.rows import Write
from sheetsync.sheets.ooxml.styles import Kind, Request, Styles

KINDS: Final[Mapping[str, Kind]] = {
    "next_contact": "date",
    "contact_by": "date",
    "log_date": "date",
    "draft": "link",
    "days_overdue": "number",
}
"""What our columns show; text if not said."""


class StylesNeededError(Exception):
    """A style turned out to be needed when the stylesheet was already on its way: patch again, carefully."""


class _Tails(dict[Value, bytes]):
    """Value -> what follows a cell's reference, in one style; each distinct value is worked out once."""

    def __init__(self, render: Renderer, style: int, opening: bytes) -> None:
        super().__init__()
        self._render = render
        self._style = style
        self._closing = b"</" + opening[1:] + b">"

    def __missing__(self, value: Value) -> bytes:
        content = self._render(value)
        made = b'" s="%d"%b' % (self._style, content.type)
        made += b">" + content.inner + self._closing if content.inner else b"/>"
        self[value] = made
        return made


class OccupiedError(Exception):
    """A column that was taken for empty holds something after all."""

    def __init__(self, column: int) -> None:
        super().__init__(column)
        self.column = column


@dataclass(slots=True)
class Column:
    """One column of ours to write."""

    key: str
    number: int
    created: bool
    before: Sequence[Value]
    after: Sequence[Value]


class SyncJob:
    """What is wanted of each row (rows.Job)."""

    def __init__(
        self,
        sheet: str,
        changes: Changes,
        columns: list[Column],
        *,
        headers: Mapping[int, str],
        closed: AbstractSet[tuple[int, int]],
        styles: Styles,
        prefix: bytes,
        epoch_1904: bool,
    ) -> None:
        """`headers` maps a new column to its header; `closed` are cells in our columns that are none of ours."""
        self._sheet = sheet
        self._header_row = changes.header_row
        self._headers = dict(sorted(headers.items()))
        self._columns = columns
        self._rows = changes.rows
        self._closed = closed
        self._styles = styles
        self._render = Renderer(prefix, epoch_1904=epoch_1904)
        self._cell = b"<" + prefix + b"c"
        self._kinds: dict[int, Kind] = {column.number: KINDS.get(column.key, "text") for column in columns}
        self._new: dict[tuple[str, int, str | None], int] = {}
        self._kept: dict[tuple[int, int], int] = {}
        self._tails: dict[int, list[tuple[bytes, Sequence[Value], _Tails]]] = {}
        self.problems: dict[tuple[int, int], Problem] = {}
        self.frozen = False
        """Whether the stylesheet is fixed: one more style is an error from now on."""
        self._creates = any(column.created for column in columns)
        self._runs = bool(columns) and all(column.created for column in columns) and not closed
        self._wanted = self._find_wanted()
        self.touched: Mapping[int, object] = self._index if self._creates else self._wanted

    def _find_wanted(self) -> dict[int, list[tuple[Column, bool]]]:
        """Row -> the columns whose cell in it is to get another value."""
        self._index = {row: at for at, row in enumerate(self._rows)}
        wanted: dict[int, list[tuple[Column, bool]]] = {}
        for column in self._columns:
            if column.created or column.before == column.after:
                continue
            for row, old, new in zip(self._rows, column.before, column.after, strict=True):
                if old != new and not _same_day(old, new) and (row, column.number) not in self._closed:
                    wanted.setdefault(row, []).append((column, True))
        if self._creates:
            self._index[self._header_row] = -1
        return wanted

    @property
    def is_idle(self) -> bool:
        """Whether no cell is wanted at all."""
        return not self.touched

    def count(self, rows: Sequence[int]) -> int:
        """How many values stand in whole runs of new cells in those rows."""
        places = [at for row in rows if (at := self._index[row]) >= 0]
        if len(places) == len(self._rows):
            return sum(len(c.after) - list(c.after).count(None) for c in self._columns)
        return sum(column.after[at] is not None for column in self._columns for at in places)

    def writes(self, row: int) -> list[Write]:
        render = self._render
        if self._creates:
            at = self._index[row]
            if at < 0:
                return [Write(c, render(text), created=True, counted=False) for c, text in self._headers.items()]
            wanted = {column.number for column, _ in self._wanted.get(row, ())}
            return [
                Write(c.number, render(c.after[at]), c.created, c.number in wanted or c.after[at] is not None)
                for c in self._columns
                if (c.created or c.number in wanted) and (row, c.number) not in self._closed
            ]
        at = self._index[row]
        return [Write(c.number, render(c.after[at]), created=False, counted=True) for c, _ in self._wanted[row]]

    def prepare(self, row: int, base: int) -> bool:
        at = self._index.get(row, -1)
        if not self._runs or at < 0:
            return False
        if base not in self._tails:
            self._tails[base] = [
                (
                    b'%b r="%b' % (self._cell, letters(column.number)),
                    column.after,
                    _Tails(self._render, self.new_style(row, column.number, base, None), self._cell),
                )
                for column in self._columns
            ]
        return True

    def run(self, row: int, base: int) -> bytes | None:
        if not self._runs:
            return None
        at = self._index.get(row, -1)
        if at < 0 or not self.prepare(row, base):
            return None
        here = b"%d" % row
        pieces: list[bytes] = []
        for head, values, tails in self._tails[base]:
            pieces += (head, here, tails[values[at]])
        return b"".join(pieces)

    def new_style(self, row: int, column: int, base: int, replaced: str | None) -> int:
        kind: Kind = "header" if row == self._header_row else self._kinds[column]
        found = self._new.get((kind, base, replaced))
        if found is None:
            found = self._new[kind, base, replaced] = self._style(Request(kind, base, replaced))
        return found

    def kept_style(self, row: int, column: int, style: int) -> int:  # noqa: ARG002 - rows.Job
        found = self._kept.get((column, style))
        if found is None:
            kind = self._kinds[column]
            if kind in ("text", "link") or self._styles.shows_date(style) == (kind == "date"):
                found = style
            else:
                ours = self._styles.ours(style)
                found = self._style(Request(kind, style, ours.replaced if ours else f"{style},,c"))
            self._kept[column, style] = found
        return found

    def _style(self, request: Request) -> int:
        found = self._styles.find(request)
        if found is None:
            if self.frozen:
                raise StylesNeededError
            found = self._styles.style(request)
        return found

    def refused(self, row: int, column: int, reason: str) -> None:
        if reason == "value":
            raise OccupiedError(column)
        self.problems[row, column] = Problem(
            self._sheet, row, column, "You turned this cell into a formula, so it is yours now and is left alone."
        )


def _same_day(old: Value, new: Value) -> bool:
    """Whether a date and a date-time at midnight are the same day; calamine gives either."""
    if not isinstance(old, dt.datetime) or isinstance(new, dt.datetime) or not isinstance(new, dt.date):
        return False
    return old.date() == new and old.time() == dt.time()
