"""A cell's text as it is compared: without accents, case, or stray blanks. And what stands for an empty cell."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, Final

from sheetsync.model import Value
from sheetsync.resources import read_toml

ERRORS: Final = frozenset(
    {
        "#REF!",
        "#N/A",
        "#NAME?",
        "#VALUE!",
        "#DIV/0!",
        "#NULL!",
        "#NUM!",
        "#ERROR!",
        "#SPILL!",
        "#CALC!",
        "#GETTING_DATA",
    }
)
"""What a formula shows that could not be worked out."""

_SEAM: Final = "\x00"
"""Stands in no cell: XML cannot hold it."""
_EXACT: Final = 2**53
"""Whole numbers up to here are exact as spreadsheets keep them."""
_COMBINING: Final = re.compile("[\u0300-\u036f]+")
_ODD_BLANKS: Final = frozenset(
    "\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"
) | frozenset(map(chr, range(0x2000, 0x200B)))


@lru_cache(maxsize=1 << 16)
def fold(text: str) -> str:
    """The text for comparing: small letters, no accents, full-width forms as plain ones, single blanks."""
    if not text.isascii():
        text = _COMBINING.sub("", unicodedata.normalize("NFKD", text))
    return " ".join(text.casefold().split())


def fold_all(texts: Sequence[str]) -> list[str]:
    """Fold many texts at once: the same as `fold` of each, in a fraction of the time."""
    together = _SEAM.join(texts)
    if together.count(_SEAM) != len(texts) - 1 or "  " in together or not _ODD_BLANKS.isdisjoint(together):
        return list(map(fold, texts))
    if not together.isascii():
        together = _COMBINING.sub("", unicodedata.normalize("NFKD", together))
    return list(map(str.strip, together.casefold().split(_SEAM)))


@cache
def placeholders() -> frozenset[str]:
    """Every folded text that stands for an empty cell ("tbd", "n/a", "-")."""
    return _words("empty")


@cache
def totals() -> frozenset[str]:
    """Every folded label of a row that sums up a table."""
    return _words("totals")


@cache
def legends() -> frozenset[str]:
    """Every folded label that opens a key below a table."""
    return _words("legends")


def is_blank(value: object) -> bool:
    """True for an empty cell, blank text, and a placeholder such as "TBD" or "n/a"."""
    if value is None:
        return True
    return isinstance(value, str) and (not value or value.isspace() or fold(value) in placeholders())


def as_text(value: Value) -> str:
    """A cell as text, trimmed: whole numbers without ".0", dates in ISO form, a ticked box as "Yes"; "" if empty."""
    if isinstance(value, str):
        return value.strip()
    if value is None or isinstance(value, bool):
        return "Yes" if value else ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _EXACT else f"{value:.15g}"
    if isinstance(value, dt.datetime):
        return value.isoformat(" ") if value.time() != dt.time() else value.date().isoformat()
    return str(value)


def is_error(value: object) -> bool:
    """True for what a broken formula shows, such as "#REF!"."""
    return isinstance(value, str) and value.startswith("#") and value.strip().upper() in ERRORS


def _words(key: str) -> frozenset[str]:
    data: dict[str, Any] = read_toml("reading/placeholders.toml")
    return frozenset(fold(word) for word in data[key])
