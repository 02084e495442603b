"""The rows of a sheet with our cells taken out again."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sheetsync.sheets.ooxml.markup import splice
from sheetsync.sheets.ooxml.rows import SPANS, STYLE, TYPE, Job, RowEditor, Write


class RowCleaner(RowEditor):
    """Takes cells out of rows. `cleaned` says what is left of one: its row, column, start tag and the rest of it."""

    def __init__(
        self,
        prefix: bytes,
        job: Job,
        *,
        cleaned: Callable[[int, int, bytes, bytes], bytes],
        widened: Mapping[int, bytes],
        right: int,
    ) -> None:
        super().__init__(prefix, job, neighbour=0, right=right)
        self._cleaned = cleaned
        self._widened = widened

    def _edited(self, tag: bytes, inner: bytes, row: int, writes: list[Write]) -> tuple[bytes, bytes]:
        columns = {write.column for write in writes}
        pieces: list[bytes] = []
        position = 0
        for cell in list(self._scanner.cells(inner)):
            if cell.column in columns:
                left = self._cleaned(row, cell.column, inner[cell.start : cell.inner], inner[cell.inner : cell.end])
                pieces += (inner[position : cell.start], left)
                position = cell.end
        pieces.append(inner[position:])
        new = b"".join(pieces)
        if new != inner:
            self.written += 1
            tag = self._narrowed(tag, row)
            if not new and tag.endswith(b" >"):
                tag = (tag[:-3] if tag.endswith(b"  >") else tag[:-1]) + b"/>"
        return tag, new

    def _narrowed(self, tag: bytes, row: int) -> bytes:
        match = SPANS.search(tag)
        if match is None or row not in self._widened or int(match[2]) != self._right:
            return tag
        return tag[: match.start() + 8] + self._widened[row] + tag[match.end() - 1 :]


def left_empty(tag: bytes, replaced: str) -> bytes:
    """The empty cell that stood where one of ours stands now, byte for byte.

    `replaced` says how it was written: its style, its type, and its end, which is `c` for `/>`, `s` for ` />` and `o` for
    an end tag.
    """
    style, kind, form = [*replaced.encode().split(b","), b"", b"", b""][:3]
    name = re.match(rb"<([^\s/>]+)", tag)
    head = tag[: -2 if tag.endswith(b"/>") else -1]
    if not style:
        head = re.sub(rb"""\ss\s*=\s*["']\d+["']""", b"", head)
    elif (match := STYLE.search(head)) is not None:
        head = splice(head, [(*match.span(2), style)])
    if (match := TYPE.search(head)) is not None:
        head = splice(head, [(*match.span(2), kind)] if kind else [(*match.span(), b"")])
    if form == b"o" and name is not None:
        return head + b"></" + name[1] + b">"
    return head + b"/>"
