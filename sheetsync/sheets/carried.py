"""What a spreadsheet that is to be copied holds, and what of it cannot be carried. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from sheetsync.book import Book
from sheetsync.model import Problem


@dataclass(frozen=True, slots=True)
class Carried:
    """A spreadsheet as sheets to be made elsewhere."""

    book: Book
    problems: tuple[Problem, ...]
    """What stays behind, a line each."""
