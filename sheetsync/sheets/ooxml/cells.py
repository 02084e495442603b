"""Cells as bytes: what a value looks like inside `<c>`, and where the cells of a row stand (ECMA-376 part 1, 18.3.1.4)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sheetsync.model import Value, column_letter, column_number

LONGEST: Final = 32_767
"""Characters a cell can hold."""

_ESCAPED: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\r\x0e-\x1f\ufffe\uffff]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_EPOCH: Final = dt.date(1899, 12, 30).toordinal()
_EPOCH_1904: Final = dt.date(1904, 1, 1).toordinal()
_DAY: Final = 86_400


def text_bytes(text: str) -> bytes:
    """Text as it stands inside `<t>`: markup and what XML cannot hold escaped (ECMA-376 part 1, 22.9.2.19)."""
    text = text[:LONGEST]
    if "_x" in text:
        text = _ESCAPED.sub("_x005F_", text)
    text = _SURROGATE.sub("\ufffd", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _UNWRITABLE.sub(lambda match: f"_x{ord(match[0]):04X}_", text).encode("utf-8")


def unescaped(text: str) -> str:
    """Text with its `_xHHHH_` escapes read."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def serial(day: dt.date, *, epoch_1904: bool) -> float | int:
    """A date as its number in the workbook's date system; the time of day is the fraction.

    The 1900 system counts a 29 February 1900, so days before 1 March 1900 are one less (ECMA-376 part 1, 18.17.4.1).
    """
    number = day.toordinal() - (_EPOCH_1904 if epoch_1904 else _EPOCH)
    if not epoch_1904 and number <= 60:
        number -= 1
    if isinstance(day, dt.datetime):
        seconds = day.hour * 3600 + day.minute * 60 + day.second + day.microsecond / 1e6
        return number + seconds / _DAY if seconds else number
    return number


@dataclass(frozen=True, slots=True)
class Content:
    """What a cell holds: its type attribute, with a space before it, and what stands between its tags."""

    type: bytes
    inner: bytes


EMPTY: Final = Content(b"", b"")


class Renderer:
    """Values as cell contents, each distinct value worked out once."""

    def __init__(self, prefix: bytes, *, epoch_1904: bool) -> None:
        self._epoch_1904 = epoch_1904
        self._known: dict[tuple[type, Value], Content] = {}
        self._inline = b"<%bis><%bt>%%b</%bt></%bis>" % (prefix, prefix, prefix, prefix)
        self._spaced = b'<%bis><%bt xml:space="preserve">%%b</%bt></%bis>' % (prefix, prefix, prefix, prefix)
        self._number = b"<%bv>%%b</%bv>" % (prefix, prefix)

    def __call__(self, value: Value) -> Content:
        if value is None:
            return EMPTY
        key = (type(value), value)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._render(value)
        return found

    def _render(self, value: Value) -> Content:
        if isinstance(value, str):
            if not value:
                return EMPTY
            spaced = value != value.strip() or "\n" in value or "\t" in value or "  " in value
            return Content(b' t="inlineStr"', (self._spaced if spaced else self._inline) % text_bytes(value))
        if isinstance(value, bool):
            return Content(b' t="b"', self._number % (b"1" if value else b"0"))
        if isinstance(value, dt.date):
            value = serial(value, epoch_1904=self._epoch_1904)
        elif isinstance(value, dt.time):
            value = (value.hour * 3600 + value.minute * 60 + value.second) / _DAY
        elif isinstance(value, dt.timedelta):
            value = value.total_seconds() / _DAY
        return Content(b"", self._number % repr(value).encode())


@lru_cache(maxsize=32_768)
def letters(column: int) -> bytes:
    """A column's letters as bytes."""
    return column_letter(column).encode()


@lru_cache(maxsize=32_768)
def number(name: bytes) -> int:
    """A column's number by its letters."""
    return column_number(name.decode())


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cell stands within a row's bytes."""

    column: int
    start: int
    inner: int
    """The end of its start tag."""
    end: int
    closed: bool


class Scanner:
    """Finds the cells of a row, however they are written."""

    def __init__(self, prefix: bytes) -> None:
        name = re.escape(prefix + b"c")
        self._token = re.compile(
            rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>"
            rb"|<(?P<open>" + name + rb")(?=[\s/>])(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>"
            rb"|</(?P<close>" + name + rb")\s*>",
            re.DOTALL,
        )
        self._reference = re.compile(rb"""\sr\s*=\s*["']\$?([A-Za-z]{1,3})\$?\d+["']""")

    def cells(self, row: bytes) -> Iterator[Place]:
        """The cells of a row in their order; one without a reference stands right of the one before it."""
        column = 0
        opened: tuple[int, int] | None = None
        for match in self._token.finditer(row):
            if match["open"] is not None and opened is None:
                reference = self._reference.search(row, match.start(), match.end())
                column = number(reference[1].upper()) if reference else column + 1
                if row[match.end() - 2] == 0x2F:
                    yield Place(column, match.start(), match.end(), match.end(), closed=True)
                else:
                    opened = match.start(), match.end()
            elif match["close"] is not None and opened is not None:
                yield Place(column, *opened, match.end(), closed=False)
                opened = None
