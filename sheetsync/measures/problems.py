"""Problems put together: what is the same on many rows is one thing to look at."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from sheetsync.model import Problem

_MONTHS: Final = "January|February|March|April|May|June|July|August|September|October|November|December"
_QUOTED: Final = re.compile(rf"'[^']*'|\"[^\"]*\"|“[^”]*”|‘[^’]*’|\d+|\b(?:{_MONTHS})\b")
"""What two messages about the same thing may differ in: the cell they quote, its numbers, its months."""


def alike(problems: Iterable[Problem]) -> list[list[Problem]]:
    """Groups of problems that differ only in their row and the cell they quote, each in its first one's place."""
    groups: dict[tuple[str, str, int | None], list[Problem]] = {}
    for problem in problems:
        groups.setdefault((problem.sheet, _QUOTED.sub("", problem.message), problem.column), []).append(problem)
    return list(groups.values())
