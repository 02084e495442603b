"""Rows that a sheet does not have yet: they look like the row above them (ECMA-376 part 1, 18.3.1.73)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sheetsync.sheets.ooxml.cells import Content, Scanner, letters
from sheetsync.sheets.ooxml.markup import Element, splice
from sheetsync.sheets.ooxml.rows import STYLE

_NUMBER: Final = re.compile(rb"""\sr\s*=\s*["'](\d+)["']""")
_OWN: Final = re.compile(rb"""\s+(?:r|spans|hidden|collapsed|outlineLevel)\s*=\s*(?:"[^"]*"|'[^']*')""")
"""What a row says of itself alone."""


@dataclass(frozen=True, slots=True)
class RowPlace:
    """Where a row stands in the bytes between the tags of `<sheetData>`."""

    number: int
    start: int
    inner: int
    """The end of its start tag."""
    end: int


def row_places(body: bytes, prefix: bytes) -> list[RowPlace]:
    """The rows in the order of the file; one without a number follows the one before it."""
    name = re.escape(prefix + b"row")
    token = re.compile(
        rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>"
        rb"|<(?P<open>" + name + rb")(?=[\s/>])(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>|</(?P<close>" + name + rb")\s*>",
        re.DOTALL,
    )
    found: list[RowPlace] = []
    opened: tuple[int, int, int] | None = None
    row = 0
    for match in token.finditer(body):
        if match["open"]:
            number = _NUMBER.search(match[0])
            row = int(number[1]) if number else row + 1
            if match[0].endswith(b"/>"):
                found.append(RowPlace(row, match.start(), match.end(), match.end()))
            else:
                opened = row, match.start(), match.end()
        elif match["close"] and opened:
            found.append(RowPlace(*opened, match.end()))
            opened = None
    return found


def with_rows(body: bytes, prefix: bytes, rows: Mapping[int, bytes]) -> bytes:
    """The body with whole rows put where their numbers belong; none of them is there yet."""
    places = row_places(body, prefix)
    edits = []
    for number, raw in sorted(rows.items()):
        at = max((place.end for place in places if place.number < number), default=0)
        edits.append((at, at, raw))
    return splice(body, edits)


class Look:
    """How the cells of new rows look: like those of a row that stands, else as their columns say."""

    def __init__(self, root: Element, body: bytes, prefix: bytes, like: RowPlace | None) -> None:
        self._prefix = prefix
        self._tag = body[like.start : like.inner] if like else b"<" + prefix + b"row>"
        self.styles: dict[int, int] = {}
        """Column -> the style of the cell of the row to follow."""
        block = root.child("cols")
        self._columns = [
            (int(col.attributes.get("min", 0)), int(col.attributes.get("max", 0)), int(col.attributes.get("style", 0)))
            for col in (block.all("col") if block else ())
        ]
        for cell in Scanner(prefix).cells(body[like.inner : like.end]) if like else ():
            tag = body[like.inner + cell.start : like.inner + cell.inner] if like else b""
            match = STYLE.search(tag)
            self.styles[cell.column] = int(match[2] or 0) if match else 0

    def style(self, column: int) -> int:
        """The style of a cell that is made in a column."""
        if column in self.styles:
            return self.styles[column]
        return next((style for first, last, style in self._columns if first <= column <= last), 0)

    def row(self, number: int, cells: Mapping[int, tuple[int, Content]]) -> bytes:
        """A row with these cells, column -> style and content; the other cells of the row to follow are empty in it."""
        head = _OWN.sub(b"", self._tag).rstrip(b"/>").rstrip()
        name = self._prefix + b"row"
        head = head[: len(name) + 1] + b' r="%d"' % number + head[len(name) + 1 :]
        made = []
        for column in sorted({*cells, *(column for column, style in self.styles.items() if style)}):
            style, content = cells.get(column) or (self.styles[column], Content(b"", b""))
            cell = b'<%bc r="%b%d" s="%d"%b' % (self._prefix, letters(column), number, style, content.type)
            made.append(cell + (b">%b</%bc>" % (content.inner, self._prefix) if content.inner else b"/>"))
        return head + b">" + b"".join(made) + b"</" + name + b">"
