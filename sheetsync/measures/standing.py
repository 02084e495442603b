"""How a Dashboard is known, apart from all that it shows: every sync asks, and most trackers have none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sheetsync.book import Sheet
from sheetsync.model import Grid

Place = tuple[int, int]
"""Row and column."""

MARK: Final = "sheetsync:dashboard"
_SEARCHED: Final = (20, 30)
"""Rows and columns within which the mark is looked for."""


def is_dashboard(grid: Grid | Sheet) -> bool:
    """Whether a sheet is one, whatever it is called now."""
    return mark_in(grid.columns) is not None


def mark_in(columns: Sequence[Sequence[object]]) -> Place | None:
    """Where the mark stands now."""
    deep, wide = _SEARCHED
    for column, values in enumerate(columns[:wide], start=1):
        for row, value in enumerate(values[:deep], start=1):
            if value == MARK:
                return row, column
    return None
