"""Cells that are alike, as rectangles. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

from sheetsync.model import Area

T = TypeVar("T", bound=Hashable)


def rectangles(cells: Mapping[tuple[int, int], T]) -> list[tuple[Area, T]]:
    """Cells by row and column -> areas of equal ones, no two of which overlap; each row's runs are joined downwards."""
    rows: dict[int, list[tuple[int, T]]] = {}
    for (row, column), value in cells.items():
        rows.setdefault(row, []).append((column, value))
    found: list[tuple[Area, T]] = []
    open_: dict[tuple[int, int, T], int] = {}
    last = 0
    for row in sorted(rows):
        here: dict[tuple[int, int, T], int] = {}
        for left, right, value in _runs(sorted(rows[row], key=lambda cell: cell[0])):
            top = open_.pop((left, right, value), row) if row == last + 1 else row
            here[left, right, value] = top
        found += [(Area(top, left, last, right), value) for (left, right, value), top in open_.items()]
        open_, last = here, row
    found += [(Area(top, left, last, right), value) for (left, right, value), top in open_.items()]
    return sorted(found, key=lambda part: (part[0].left, part[0].top))


def _runs(cells: list[tuple[int, T]]) -> list[tuple[int, int, T]]:
    runs: list[tuple[int, int, T]] = []
    for column, value in cells:
        if runs and runs[-1][1] == column - 1 and runs[-1][2] == value:
            runs[-1] = (runs[-1][0], column, value)
        else:
            runs.append((column, column, value))
    return runs
