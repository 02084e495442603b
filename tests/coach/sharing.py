"""A tracker shared as `sheetsync share` does it, without a file being written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sheetsync.coach.copying import Copy, copy_for, ids_for
from sheetsync.model import Grid
from sheetsync.records.reading import Reading, Records
from sheetsync.sheets import open_source
from sheetsync.sheets.build import workbook_bytes
from sheetsync.sync import propose

DAY = dt.date(2026, 11, 16)
"""A Monday."""


@dataclass(frozen=True)
class Shared:
    """A copy, its bytes, and the tracker's own sheet."""

    copy: Copy
    data: bytes
    sheet: str
    grid: Grid
    header_row: int

    def column(self, heading: str) -> list[object]:
        """What stands under a heading of the copy."""
        return next(list(column[4:]) for column in self.copy.book.sheets[0].columns if column[3] == heading)

    @property
    def headings(self) -> list[object]:
        return [column[3] for column in self.copy.book.sheets[0].columns]


def share(
    path: Path,
    *,
    hide: Sequence[str] = (),
    show: Sequence[str] = (),
    only_due: bool = False,
    whom: str = "",
    key: str = "",
) -> Shared:
    seen: list[Reading] = []

    def act(reading: Reading) -> Records:
        seen.append(reading)
        return ids_for(reading)

    proposal = propose(open_source(str(path)), as_of=DAY, act=act)
    copy = copy_for(seen[0], proposal, whom=whom, hide=hide, show=show, only_due=only_due, key=key)
    grid = seen[0].snapshot.grid(proposal.layout.sheet)
    return Shared(copy, workbook_bytes(copy.book), proposal.layout.sheet, grid, proposal.layout.header_row)
