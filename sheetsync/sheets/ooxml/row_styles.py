"""The styles of cells, looked at without writing anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from itertools import islice
from typing import Final

from sheetsync.sheets.ooxml.cells import Scanner
from sheetsync.sheets.ooxml.rows import STYLE

_NUMBER: Final = re.compile(rb"""\sr\s*=\s*["'](\d+)["']""")


def styles_in(body: Iterable[bytes], prefix: bytes, column: int, rows: AbstractSet[int]) -> Iterator[int]:
    """The styles of a column's cells in some rows, as far as the first of the body's chunks go."""
    scanner = Scanner(prefix)
    tag = re.compile(rb"<" + re.escape(prefix) + rb"row(?=[\s/>])[^<>]*>")
    here = 0
    block = b"".join(islice(body, 2))
    opened = list(tag.finditer(block))
    for match, following in zip(opened, [*opened[1:], None], strict=True):
        found = _NUMBER.search(match[0])
        here = int(found[1]) if found else here + 1
        if here not in rows or match[0].endswith(b"/>"):
            continue
        row = block[match.end() : following.start() if following else len(block)]
        for cell in scanner.cells(row):
            if cell.column == column:
                style = STYLE.search(row, cell.start, cell.inner)
                yield int(style[2] or 0) if style else 0
