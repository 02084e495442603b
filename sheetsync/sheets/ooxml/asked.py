"""What is wanted of a workbook beside our columns: nothing, on a plain sync, which need not import what does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sheetsync.model import Problem
from sheetsync.sheets.ooxml.archive import Content as Part
from sheetsync.sheets.ooxml.markup import Edit
from sheetsync.sheets.ooxml.worksheet import Worksheet

if TYPE_CHECKING:
    from sheetsync.sheets.ooxml.listing import ListWork


class NothingAsked:
    """No cell, no row, no sheet, no drop-down."""

    own: ListWork | None = None
    """The work on the tracker's own sheet."""

    @property
    def count(self) -> int:
        """How many cells get a value."""
        return 0

    @property
    def problems(self) -> Sequence[Problem]:
        """What is said about cells that are left alone."""
        return ()

    @property
    def entries(self) -> Sequence[bytes]:
        """The lines of the new sheets in the workbook's list."""
        return ()

    @property
    def marks(self) -> Mapping[str, tuple[str, int, int]]:
        """What marks the new sheets as ours."""
        return {}

    def offers(
        self, sheet: Worksheet, name: str, words: Mapping[int, tuple[str, tuple[str, ...]]], *, rows: tuple[int, int]
    ) -> list[Edit]:
        """What to splice into a sheet so that new columns offer their words: column -> its heading, and they.

        `rows` are the tracker's first and last one.
        """
        del sheet, name, words, rows
        return []

    def make(self, parts: dict[str, Part], filters: dict[int, str]) -> None:
        """Put the other sheets as they are to be among `parts`, and make the new ones; styles are settled after that."""

    def wire(self, parts: dict[str, Part], added: dict[str, bytes]) -> None:
        """Put the new sheets, and what wires them in, among the parts."""

    def recalculates(self) -> bool:
        """Whether there are formulas whose results are not known to be right any more."""
        return False
