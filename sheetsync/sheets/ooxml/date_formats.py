"""Number formats that show dates: which they are, and how long their text gets (ECMA-376 part 1, 18.8.30 and 18.8.31)."""

from __future__ import annotations

import re
from typing import Final

BUILT_IN_DAYS: Final = frozenset({14, 15, 16, 31, 58})
"""Built-in formats that show a day and no time (31 and 58 in East Asian locales)."""
BUILT_IN_DATES: Final = frozenset({*range(14, 18), 22, *range(27, 37), *range(50, 59)})

_LITERAL: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_TIME: Final = re.compile(r"[\s,;@]*\[?h+\]?[:.]m+.*$", re.IGNORECASE)
_PIECE: Final = re.compile(r'"([^"]*)"|\\(.)|_(.)|\*.|\[[^\]]*\]|([ymd])\4*|(.)', re.IGNORECASE | re.DOTALL)
_LONGEST: Final = {
    "y": (2, 2, 4, 4), "m": (2, 2, 3, 9, 1), "d": (2, 2, 3, 9),
}  # fmt: skip
"""The most characters that a year, a month or a day takes, by how often its letter stands there."""
_LONGEST_BUILT_IN: Final = 11


def has_day_or_year(code: str) -> bool:
    """Whether a format shows a number as a date."""
    bare = _LITERAL.sub("", code.split(";", maxsplit=1)[0]).lower()
    return "general" not in bare and ("y" in bare or "d" in bare)


def shows_day(code: str) -> bool:
    """Whether a format shows a day with its month or year, and no time of day."""
    bare = _LITERAL.sub("", code).lower()
    return "d" in bare and ("m" in bare or "y" in bare) and not ("h" in bare or "s" in bare)


def without_time(code: str) -> str:
    """A format with its time of day left out."""
    return _TIME.sub("", code.split(";", maxsplit=1)[0])


def longest_text(code: str | None) -> int:
    """About how many characters the longest date takes in a format; None is a built-in one."""
    if code is None:
        return _LONGEST_BUILT_IN
    length = 0
    for piece in _PIECE.finditer(code.split(";", maxsplit=1)[0]):
        quoted, *others, letters, other = (*piece.groups()[:3], piece[0] if piece[4] else None, piece[5])
        if letters:
            known = _LONGEST[letters[0].lower()]
            length += known[min(len(letters), len(known)) - 1]
        else:
            length += len(quoted or "") + sum(map(bool, (*others, other)))
    return length
