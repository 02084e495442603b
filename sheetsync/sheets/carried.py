"""What a spreadsheet that is to be copied holds, and what of it cannot be carried. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sheetsync.book import Book, Chart, Sheet
from sheetsync.model import Area, Problem

Redraw = Callable[[Sheet], tuple[Chart, ...]]
"""The charts that can be made anew for a sheet that was carried over: those of which we know how they were made."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A spreadsheet as sheets to be made elsewhere."""

    book: Book
    problems: tuple[Problem, ...]
    """What stays behind, a line each."""


def redrawn(sheet: Sheet, standing: Iterable[Area], redraw: Redraw) -> tuple[Chart, ...]:
    """Those charts of a sheet that stand there still; `standing` has the first values of each of the sheet's charts."""
    left = list(standing)
    found = []
    for chart in redraw(sheet) if left else ():
        if chart.series[0].values in left:
            left.remove(chart.series[0].values)
            found.append(chart)
    return tuple(found)
