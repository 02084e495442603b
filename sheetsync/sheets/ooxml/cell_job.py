"""Cells of the person's that a command writes: single ones, and those of rows that stand ready (rows.Job)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Final

from sheetsync.model import Problem, Value
from sheetsync.sheets.edits import FORMULA
from sheetsync.sheets.ooxml.cells import Renderer
from sheetsync.sheets.ooxml.rows import RowEditor, Write
from sheetsync.sheets.ooxml.styles import Styles

_SPANS: Final = re.compile(rb"""(\sspans\s*=\s*["'])((?:\d+:\d+\s*)+)""")


class CellEditor(RowEditor):
    """Edits cells anywhere in a row, left of what stands there too."""

    def _edited(self, tag: bytes, inner: bytes, row: int, writes: list[Write]) -> tuple[bytes, bytes]:
        tag, inner = super()._edited(tag, inner, row, writes)
        match = _SPANS.search(tag)
        if match is None:
            return tag, inner
        spans = [tuple(map(int, span.split(b":"))) for span in match[2].split()]
        if all(any(first <= write.column <= last for first, last in spans) for write in writes):
            return tag, inner
        edges = [*(edge for span in spans for edge in span), *(write.column for write in writes)]
        return tag[: match.start(2)] + b"%d:%d" % (min(edges), max(edges)) + tag[match.end(2) :], inner


class CellJob:
    """What is wanted of each row: new values in cells that keep their look."""

    def __init__(
        self,
        sheet: str,
        cells: Mapping[int, Mapping[int, Value]],
        *,
        styles: Styles,
        render: Renderer,
        look: Callable[[int], int],
    ) -> None:
        """`cells` maps a row and a column to the new value; `look` gives the style of a cell that has to be made."""
        self._sheet = sheet
        self.touched = cells
        self._styles = styles
        self._render = render
        self._look = look
        self.problems: dict[tuple[int, int], Problem] = {}

    def writes(self, row: int) -> list[Write]:
        return [
            Write(column, self._render(value), created=False, counted=True)
            for column, value in sorted(self.touched.get(row, {}).items())
        ]

    def prepare(self, row: int, base: int) -> bool:  # noqa: ARG002 - rows.Job
        return False

    def run(self, row: int, base: int) -> None:  # noqa: ARG002 - rows.Job
        return None

    def new_style(self, row: int, column: int, base: int, replaced: str | None) -> int:  # noqa: ARG002 - rows.Job
        return self.kept_style(row, column, self._look(column))

    def kept_style(self, row: int, column: int, style: int) -> int:
        is_date = isinstance(self.touched[row][column], dt.date)
        return self._styles.dated(style) if is_date else style

    def refused(self, row: int, column: int, reason: str) -> None:  # noqa: ARG002 - rows.Job
        self.problems[row, column] = Problem(self._sheet, row, column, FORMULA)
