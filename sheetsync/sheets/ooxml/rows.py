"""The rows of a sheet, streamed: the cells asked for are spliced in, every other byte passes as it stands.

A sheet of 100,000 rows has tens of megabytes of XML. So rows are cut apart at `</row>` and looked into only where
something is to be written, by searching for a cell's reference. Markup that this reads wrongly (comments, CDATA,
processing instructions, spaces in end tags) is noticed before, and then every tag is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from sheetsync.sheets.ooxml.cells import Content, Place, Scanner, letters, number
from sheetsync.sheets.ooxml.markup import splice

SPANS: Final = re.compile(rb'(\sspans=["\'](?:\d+:\d+ )*\d+:)(\d+)(["\'])')
_NUMBER: Final = re.compile(rb"""\sr\s*=\s*["'](\d+)["']""")
STYLE: Final = re.compile(rb"""(\ss\s*=\s*["'])\s*(\d*)\s*(["'])""")
TYPE: Final = re.compile(rb"""(\st\s*=\s*["'])(\w*)(["'])""")
_VALUE_METADATA: Final = re.compile(rb"""\s+vm\s*=\s*(?:"[^"]*"|'[^']*')""")
_SLASH: Final = 0x2F
_EMPTIED: Final = b"\0"
"""What XML cannot hold, so it stands in no sheet."""


class Write(NamedTuple):
    """A cell to write."""

    column: int
    content: Content
    created: bool
    """Whether the column is made now: an empty cell is made too, so that the row's look goes on through it."""
    counted: bool
    """Whether its value differs from what stood there."""


class Job(Protocol):
    """What is wanted of each row."""

    @property
    def touched(self) -> Container[int]:
        """The rows in which something is wanted."""
        ...

    def writes(self, row: int) -> list[Write]:
        """The cells to write in a row, by ascending column."""
        ...

    def run(self, row: int, base: int) -> bytes | None:
        """All the cells to write in a row, ready to stand behind its last one, which is in style `base`.

        None where that is not known, so that `writes` must be asked.
        """
        ...

    def prepare(self, row: int, base: int) -> bool:
        """Get ready for `run`; False where `writes` will be asked."""
        ...

    def new_style(self, row: int, column: int, base: int, replaced: str | None) -> int:
        """The style for a cell that is made beside one in style `base`; `replaced` is how `left_empty` reads it."""
        ...

    def kept_style(self, row: int, column: int, style: int) -> int:
        """The style for a cell that stands already."""
        ...

    def refused(self, row: int, column: int, reason: str) -> None:
        """Take notice of a cell that was left alone: it holds a formula (`formula`) or a value (`value`)."""
        ...


@dataclass(slots=True)
class Spans:
    """Which rows' `spans` were widened, and what they were, as runs of rows alike."""

    runs: list[tuple[int, int, bytes]] = field(default_factory=list)

    def add(self, row: int, old: bytes) -> None:
        if self.runs and self.runs[-1][2] == old:
            self.runs[-1] = self.runs[-1][0], row, old
        else:
            self.runs.append((row, row, old))


class RowEditor:
    """Edits rows for a job. `neighbour` is the column whose look new cells follow, `right` the last one written."""

    def __init__(self, prefix: bytes, job: Job, *, neighbour: int, right: int = 0) -> None:
        self._job = job
        self._neighbour = neighbour
        self._right = right
        self._surveying = False
        self._scanner = Scanner(prefix)
        self._name = prefix + b"c"
        self._open = b"<" + prefix + b"row"
        self._close = b"</" + prefix + b"row>"
        self._cell = b"<" + prefix + b"c "
        self._name_end = len(self._cell) - 1
        self._cell_end = b"</" + prefix + b"c>"
        self._formula = b"<" + prefix + b"f"
        self._extension = b"<" + prefix + b"extLst"
        self._tag = re.compile(re.escape(self._open) + rb"(?=[\s/>])[^<>]*>")
        self._plain = re.compile(re.escape(self._open) + rb' r="(\d+)"(?: spans="[\d:]+")?>')
        self._last = re.compile(re.escape(self._cell) + rb'r="([A-Z]+)\d+"(?: s="(\d+)")?[^<>]*>')
        self._previous = 0
        self.spans = Spans()
        self.written = 0
        self.changed = 0
        """How many cells got another value, those of `runs` left out."""
        self.runs: list[int] = []
        """The rows that got a whole run of cells."""

    def restart(self) -> None:
        """Forget what was counted and noted the last time through."""
        self.spans = Spans()
        self.written = self.changed = 0
        self.runs.clear()

    def survey(self, body: Iterable[bytes]) -> None:
        """Go through the rows only to let the job see which styles it needs."""
        self._surveying = True
        for _ in self.rewrite(body):
            pass
        self._surveying = False
        self.restart()

    def rewrite(self, body: Iterable[bytes]) -> Iterator[bytes]:
        """The rows, edited, in blocks. `body` is what stands between the tags of `<sheetData>`."""
        self._previous = 0
        carry = b""
        for chunk in body:
            block = carry + chunk if carry else chunk
            cut = block.rfind(self._close)
            if cut < 0:
                carry = block
                continue
            cut += len(self._close)
            carry = block[cut:]
            yield self._block(block[:cut])
        if carry:
            yield self._block(carry)

    def rewrite_carefully(self, body: bytes) -> bytes:
        """The rows, edited, whatever stands between and in them."""
        self._previous = 0
        name = re.escape(self._open[1:])
        token = re.compile(
            rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>"
            rb"|<(?P<open>" + name + rb")(?=[\s/>])(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>|</(?P<close>" + name + rb")\s*>",
            re.DOTALL,
        )
        pieces: list[bytes] = []
        position = 0
        opened: tuple[int, int] | None = None
        for match in token.finditer(body):
            if match["open"] is not None:
                if body[match.end() - 2] == _SLASH:
                    pieces += (body[position : match.start()], self._closed_row(match[0]))
                    position = match.end()
                else:
                    opened = match.span()
            elif match["close"] is not None and opened is not None:
                pieces.append(body[position : opened[0]])
                tag, inner = self._row(body[slice(*opened)], body[opened[1] : match.start()])
                pieces += (tag, inner)
                position = match.end() if tag.endswith(b"/>") else match.start()
                opened = None
        pieces.append(body[position:])
        return b"".join(pieces)

    def _block(self, block: bytes) -> bytes:
        rows = block.split(self._close)
        touched, plain = self._job.touched, self._plain
        for index, row in enumerate(rows):
            tag = plain.match(row)
            if tag is not None:
                here = self._previous = int(tag[1])
            else:
                tag = self._tag.match(row)
                if tag is None or row[tag.end() - 2] == _SLASH:
                    if self._open in row:
                        rows[index] = self._mixed(row)
                    continue
                found = _NUMBER.search(row, 0, tag.end())
                here = self._previous = int(found[1]) if found else self._previous + 1
            if here not in touched:
                continue
            run = self._run(row, tag.end(), here)
            if run is not None:
                rows[index] = run
            elif writes := self._job.writes(here):
                rows[index] = self._joined(*self._edited(row[: tag.end()], row[tag.end() :], here, writes))
        return self._close.join(rows).replace(_EMPTIED + self._close, b"")

    def _run(self, row: bytes, inner_at: int, here: int) -> bytes | None:
        """The row with a whole run of new cells at its end; None if that is not what is wanted."""
        base = self._style_at_end(row, inner_at)
        if base is None:
            return None
        if self._surveying:
            return row if self._job.prepare(here, base) else None
        run = self._job.run(here, base)
        if run is None:
            return None
        self.written += 1
        self.runs.append(here)
        tag = row[:inner_at]
        return (self._spanned(tag, here, self._right) + row[inner_at:] if b" spans=" in tag else row) + run

    def _style_at_end(self, row: bytes, inner_at: int) -> int | None:
        """The style of the row's last cell if new cells belong right behind it."""
        at = row.rfind(self._cell, inner_at)
        last = self._last.match(row, at) if at >= 0 else None
        if last is None or number(last[1]) > self._neighbour:
            return None
        if not row.endswith(self._cell_end) and not (last.end() == len(row) and row[-2] == _SLASH):
            return None
        return int(last[2] or 0)

    def _joined(self, tag: bytes, inner: bytes) -> bytes:
        """A row up to its end tag; one that was emptied says so, because it has none."""
        return tag + (_EMPTIED if tag.endswith(b"/>") else inner)

    def _mixed(self, row: bytes) -> bytes:
        """Rows that are written `<row/>`, and one that is open, perhaps."""
        pieces: list[bytes] = []
        position = 0
        while tag := self._tag.search(row, position):
            pieces.append(row[position : tag.start()])
            position = tag.end()
            if row[tag.end() - 2] == _SLASH:
                pieces.append(self._closed_row(tag[0]))
            else:
                pieces.append(self._joined(*self._row(tag[0], row[position:])))
                return b"".join(pieces)
        pieces.append(row[position:])
        return b"".join(pieces)

    def _row(self, tag: bytes, inner: bytes) -> tuple[bytes, bytes]:
        found = _NUMBER.search(tag)
        here = self._previous = int(found[1]) if found else self._previous + 1
        writes = self._job.writes(here) if here in self._job.touched else []
        return self._edited(tag, inner, here, writes) if writes else (tag, inner)

    def _closed_row(self, tag: bytes) -> bytes:
        # two spaces before the end say that it was written `<row/>`, one that it was written `<row />`
        opened = tag[:-2] if tag[:-2].endswith(b" ") else tag[:-2] + b"  "
        new_tag, inner = self._row(opened + b">", b"")
        return new_tag + inner + self._close if inner else tag

    def _edited(self, tag: bytes, inner: bytes, row: int, writes: list[Write]) -> tuple[bytes, bytes]:
        new = (
            self._appended(inner, row, writes)
            or self._replaced(inner, row, writes)
            or self._spliced(inner, row, writes)
        )
        if new != inner:
            tag = self._spanned(tag, row, writes[-1].column)
        return tag, new

    def _spanned(self, tag: bytes, row: int, right: int) -> bytes:
        match = SPANS.search(tag)
        if match is None or int(match[2]) >= right:
            return tag
        self.spans.add(row, tag[match.start() + 8 : match.end() - 1])
        return b"%b%b%d%b" % (tag[: match.start()], match[1], right, tag[match.end() - 1 :])

    def _appended(self, inner: bytes, row: int, writes: list[Write]) -> bytes | None:
        """The row with all cells put at its end; None if that is not where they belong."""
        base = self._style_at_end(inner, 0)
        if base is None or writes[0].column <= self._neighbour:
            return None
        return inner + b"".join(self._made(row, write, base) for write in writes)

    def _replaced(self, inner: bytes, row: int, writes: list[Write]) -> bytes | None:
        """The row with cells replaced where they stand; None if one does not."""
        if writes[0].created or b"<!" in inner or b"<?" in inner:
            return None
        pieces: list[bytes] = []
        position = 0
        for write in writes:
            at = inner.find(b' r="%b%d"' % (letters(write.column), row), position)
            start = inner.rfind(b"<", position, at) if at >= 0 else -1
            stop = inner.find(b">", start) + 1
            if start < 0 or stop <= at or not inner.startswith(self._cell, start):
                return None
            if inner[stop - 2] == _SLASH:
                end = stop
            else:
                end = inner.find(self._cell_end, stop) + len(self._cell_end)
                if end < stop:
                    return None
            pieces += (inner[position:start], self._renewed(inner[start:end], stop - start, row, write, 0))
            position = end
        pieces.append(inner[position:])
        return b"".join(pieces)

    def _spliced(self, inner: bytes, row: int, writes: list[Write]) -> bytes:
        """The row with cells replaced or put where they belong, after a look at each of its cells."""
        cells = list(self._scanner.cells(inner))
        standing = {cell.column: cell for cell in cells}
        base = self._base(inner, cells, writes[0].column)
        pieces: list[bytes] = []
        position = 0
        for write in writes:
            cell = standing.get(write.column)
            if cell is not None:
                renewed = self._renewed(inner[cell.start : cell.end], cell.inner - cell.start, row, write, base)
                pieces += (inner[position : cell.start], renewed)
                position = cell.end
                continue
            at = max((cell.end for cell in cells if cell.column < write.column), default=0)
            if not cells:
                at = self._end_of_cells(inner)
            at = max(at, position)
            pieces += (inner[position:at], self._made(row, write, base))
            position = at
        pieces.append(inner[position:])
        return b"".join(pieces)

    def _end_of_cells(self, inner: bytes) -> int:
        at = inner.find(self._extension)
        return len(inner) if at < 0 else at

    def _base(self, inner: bytes, cells: list[Place], first: int) -> int:
        """The style of the neighbour, or of the cell nearest to our columns on their left."""
        left = [cell for cell in cells if cell.column < first]
        if not left:
            return 0
        cell = next((cell for cell in left if cell.column == self._neighbour), None) or max(
            (cell for cell in left if cell.column <= self._neighbour), key=lambda cell: cell.column, default=left[-1]
        )
        return self._style_of(inner[cell.start : cell.inner])[0]

    def _style_of(self, tag: bytes) -> tuple[int, re.Match[bytes] | None]:
        match = STYLE.search(tag)
        return (int(match[2] or 0) if match else 0), match

    def _made(self, row: int, write: Write, base: int) -> bytes:
        content = write.content
        style = self._job.new_style(row, write.column, base, None)
        self.written += 1
        self.changed += write.counted
        if not content.inner:
            return b'<%b r="%b%d" s="%d"/>' % (self._name, letters(write.column), row, style)
        return b'<%b r="%b%d" s="%d"%b>%b</%b>' % (
            self._name, letters(write.column), row, style, content.type, content.inner, self._name,
        )  # fmt: skip

    def _renewed(self, cell: bytes, inner_at: int, row: int, write: Write, base: int) -> bytes:
        """A cell that stands, with another content; its own reference, style and order of attributes are kept."""
        tag, inner = cell[:inner_at], cell[inner_at:]
        if self._formula in inner:
            self._job.refused(row, write.column, "formula")
            return cell
        closed = tag[-2] == _SLASH
        if write.created and not closed and inner != self._cell_end:
            self._job.refused(row, write.column, "value")
            return cell
        head = _VALUE_METADATA.sub(b"", tag[: -2 if closed else -1])
        style, match = self._style_of(head)
        kind = TYPE.search(head)
        if write.created:
            stood = b"%b,%b,%b" % (match[2] if match else b"", kind[2] if kind else b"", _form(tag, closed=closed))
            new = self._job.new_style(row, write.column, base, stood.decode("ascii", "replace"))
        else:
            new = self._job.kept_style(row, write.column, style)
        content = write.content
        edits = []
        if match is None:
            edits.append((self._name_end, self._name_end, b' s="%d"' % new if new else b""))
        elif new != style:
            edits.append((*match.span(2), b"%d" % new))
        if kind is not None:
            edits.append((*kind.span(2), content.type[4:-1] or b"n"))
        elif content.type:
            end = len(head.rstrip())
            edits.append((end, end, content.type))
        head = splice(head, edits)
        renewed = head + (b">" + content.inner + self._cell_end if content.inner else b"/>")
        if renewed == cell:
            return cell
        self.written += 1
        self.changed += write.counted
        return renewed


def _form(tag: bytes, *, closed: bool) -> bytes:
    if not closed:
        return b"o"
    return b"s" if tag[-3:-2].isspace() else b"c"
