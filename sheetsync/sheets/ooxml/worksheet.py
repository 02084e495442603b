"""A worksheet part: everything around its rows parsed, the rows streamed (ECMA-376 part 1, 18.3.1).

What stands before and after the rows is small, and together is a whole document. It is parsed with offsets; edits are
spliced into it. The rows pass through `rows.RowEditor`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Final

from sheetsync.errors import UnreadableFileError
from sheetsync.model import Area
from sheetsync.sheets.ooxml.cells import number
from sheetsync.sheets.ooxml.chunks import ahead, chain
from sheetsync.sheets.ooxml.markup import (
    Edit,
    Element,
    MarkupError,
    note,
    notes,
    parse,
    prefix_of,
    set_attribute,
    splice,
)
from sheetsync.sheets.ooxml.package import Package
from sheetsync.sheets.ooxml.rows import RowEditor, Spans
from sheetsync.sheets.ooxml.table import read_area, with_right
from sheetsync.sheets.ooxml.widths import widen
from sheetsync.sheets.ooxml.workbook import place_of

ORDER: Final = (
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection",
    "protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells",
    "phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup",
    "headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags",
    "drawing", "legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls",
    "webPublishItems", "tableParts", "extLst",
)  # fmt: skip
"""The order of a worksheet's children (CT_Worksheet)."""
_SMALL: Final = 24 << 20
"""A part of at most this many bytes is inflated once and kept."""
_NOTED_SPANS: Final = 64 << 10
_DATA_TAG: Final = re.compile(
    rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|(?P<tag><(?:[\w.-]+:)?sheetData(?=[\s/>])(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>)",
    re.DOTALL,
)


_FAR: Final = re.compile(rb' r="(?:[A-Za-z]{2}|[A-Za-z]?\d{6})')
_USUAL_COLUMN: Final = re.compile(rb' r="([A-Za-z]{1,20})\d')
_USUAL_ROW: Final = re.compile(rb' r="(?:[A-Za-z]{1,20})?(\d{1,20})"')
_UNUSUAL: Final = (b"='", b" =", b"= ", b"\tr=", b"\nr=")
"""What shows that references may be written in another way than ` r="A1"`."""
_COLUMN: Final = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,20})\d""")
_ROW: Final = re.compile(rb"""\sr\s*=\s*["'](?:[A-Za-z]{1,20})?(\d{1,20})["']""")
_LAST: Final = Area(1, 1, 1_048_576, 16_384)
"""As far as a sheet goes; a reader that believed more would fill all that is between."""


class Worksheet:
    """A worksheet part. Raises UnreadableFileError if it is damaged."""

    def __init__(self, package: Package, part: str) -> None:
        """Look through the part. `Worksheet.of` does so once only."""
        self.package = package
        self.part = part
        self.careful = False
        """Whether comments, CDATA or processing instructions stand between the rows, so that every tag counts."""
        self.has_formulas = False
        self.far = Area(1, 1, 1, 1)
        """From A1 to the last row and the last column that its cells name, or further."""
        self._data = package.read(part) if package.size(part) <= _SMALL else None
        self._head, self._tail, self._end = self._scan()
        try:
            self.root: Element = parse(self._head + self._tail)
        except MarkupError:
            raise self._damaged() from None
        self.skeleton = self._head + self._tail
        self.prefix = prefix_of(self.skeleton, self.root)
        data = self.root.child("sheetData")
        if data is None or self.root.name != "worksheet":
            raise self._damaged()
        self._data_element = data

    @classmethod
    def of(cls, package: Package, part: str) -> Worksheet:
        """The worksheet of that part; a package keeps it, for looking through a large part takes its time."""
        known = package.kept.get(part)
        if not isinstance(known, cls):
            known = package.kept[part] = cls(package, part)
        return known

    # Reading

    def stream(self) -> Iterator[bytes]:
        """The part in chunks."""
        if self._data is None:
            return self.package.stream(self.part)
        return (self._data[start : start + (1 << 18)] for start in range(0, len(self._data), 1 << 18))

    def body(self) -> Iterator[bytes]:
        """What stands between the tags of `<sheetData>`, in chunks."""
        position = 0
        start, end = len(self._head), self._end
        for chunk in self.stream():
            left, right = max(start - position, 0), min(end - position, len(chunk))
            if left < right:
                yield chunk[left:right] if right - left < len(chunk) else chunk
            position += len(chunk)
            if position >= end:
                if self._data is None:
                    continue  # to its end, where its length and checksum are compared
                return

    def filled(self) -> Area:
        """From A1 to the last row and the last column that hold a value; cells that only look like something aside."""
        cell = re.compile(rb"""\sr=["']([A-Z]{1,3})(\d{1,9})["'][^<>]*(?<!/)>\s*<(?:[\w.-]+:)?(?:v|is|f)[\s/>]""")
        columns: set[bytes] = set()
        bottom, carry = 1, b""
        for chunk in self.body():
            found = cell.findall(carry + chunk)
            columns.update(column for column, _ in found)
            bottom = max([bottom, *(int(row) for _, row in found)])
            carry = chunk[-512:]
        return Area(1, 1, bottom, max((number(column) for column in columns), default=1))

    def _scan(self) -> tuple[bytes, bytes, int]:
        """What stands before the rows, tags included, what stands after, and where the rows end."""
        chunks = self.stream() if self._data is not None else ahead(self.stream())
        head, rest = self._split_head(chunks)
        if head.endswith(b"/>"):
            return head, rest + b"".join(chunks), len(head)
        name = re.search(rb"<([\w.:-]*sheetData)[^<]*\Z", head)
        assert name is not None  # noqa: S101 - the head ends with that tag
        prefix = name[1].removesuffix(b"sheetData")
        end_tag, formula, odd_end = b"</" + name[1], b"<" + prefix + b"f", b"</" + prefix + b"row "
        position, carry = len(head), b""
        parts: list[bytes] = []
        odd = re.compile(rb"<(?:[!?]|" + re.escape(formula[1:]) + rb")")
        odder = re.compile(rb"<[!?]")
        for chunk in chain(rest, chunks):
            if parts:
                parts.append(chunk)
                continue
            block = carry + chunk
            at = block.find(end_tag)
            rows = block if at < 0 else block[:at]
            if not self.has_formulas and (found := odd.search(rows)) is not None:
                self.has_formulas = found[0] == formula
            if odd_end in rows or ((self.has_formulas or found is not None) and odder.search(rows)):
                self.careful = True
                return self._scan_carefully(head, end_tag)
            self._measure(rows)
            if at >= 0:
                parts.append(block[at:])
                position += at - len(carry)
            else:
                position += len(chunk)
                carry = block[-len(end_tag) - 1 :]
        if not parts:
            raise self._damaged()
        return head, b"".join(parts), position

    def _split_head(self, chunks: Iterator[bytes]) -> tuple[bytes, bytes]:
        """What stands before the rows, the tag `<sheetData>` included, and what of the chunk came behind it."""
        head = b""
        for chunk in chunks:
            head += chunk
            tag = next((match for match in _DATA_TAG.finditer(head) if match["tag"]), None)
            if tag is not None:
                return head[: tag.end()], head[tag.end() :]
        raise self._damaged()

    def _scan_carefully(self, head: bytes, end_tag: bytes) -> tuple[bytes, bytes, int]:
        data = self._data = self._data if self._data is not None else b"".join(self.package.stream(self.part))
        token = re.compile(
            rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|(?P<end>" + re.escape(end_tag) + rb"\s*>)", re.DOTALL
        )
        for match in token.finditer(data, len(head)):
            if match["end"]:
                self.has_formulas = True
                self._measure(data[len(head) : match.start()])
                return head, data[match.start() :], match.start()
        raise self._damaged()

    def _measure(self, rows: bytes) -> None:
        if self._data is not None and any(sign in rows for sign in _UNUSUAL):
            names, numbers = set(_COLUMN.findall(rows)), set(_ROW.findall(rows))
        elif _FAR.search(rows):
            names, numbers = set(_USUAL_COLUMN.findall(rows)), set(_USUAL_ROW.findall(rows))
        else:
            names, numbers = {b"Z"}, {b"99999"}
        if any(len(name) > 3 for name in names):
            raise self._damaged()
        right = max((number(name.upper()) for name in names), default=1)
        bottom = max(map(int, numbers), default=1)
        self.far = Area(1, 1, max(self.far.bottom, bottom), max(self.far.right, right))
        if self.far.bottom > _LAST.bottom or self.far.right > _LAST.right:
            raise self._damaged()

    def _damaged(self) -> UnreadableFileError:
        return UnreadableFileError(self.package.location, f"its part {self.part} is damaged.")

    # What stands around the rows

    @property
    def merges(self) -> tuple[Area, ...]:
        """The merged ranges."""
        block = self.root.child("mergeCells")
        areas = [read_area(cell.attributes.get("ref", "")) for cell in (block.all("mergeCell") if block else ())]
        return tuple(area for area in areas if area is not None)

    @property
    def filter(self) -> Area | None:
        """The sheet's own filter, not a table's."""
        element = self.root.child("autoFilter")
        return read_area(element.attributes.get("ref", "")) if element is not None else None

    # Edits

    def widen(self, columns: Mapping[int, float]) -> list[Edit]:
        """Give columns at least these widths, and note what the widths were."""
        return widen(self.root, self.skeleton, self.prefix, columns, at=place_of(self.root, "cols", ORDER))

    def extend(self, right: int, *, rows: Area) -> list[Edit]:
        """Let the used range reach to a column, and note what it was.

        One that does not cover the tracker's own rows is wrong already, so nobody relies on it: it stays.
        """
        element = self.root.child("dimension")
        area = read_area(element.attributes.get("ref", "")) if element is not None else None
        if element is None or area is None or area.right >= right:
            return []
        if area.top > rows.top or area.bottom < rows.bottom or area.right < rows.right:
            return []
        new = with_right(element.attributes["ref"], right).encode()
        old = self.skeleton[element.start : element.end]
        edits = [set_attribute(self.skeleton, element, b"ref", new)]
        if not any(end == element.start for _, end, _ in notes(self.skeleton)):
            edits.append((element.start, element.start, note(b"dimension " + old)))
        return edits

    def refilter(self, right: int) -> list[Edit]:
        """Let the sheet's own filter reach to a column."""
        element = self.root.child("autoFilter")
        if element is None:
            return []
        return [set_attribute(self.skeleton, element, b"ref", with_right(element.attributes["ref"], right).encode())]

    def restore(self, columns: Collection[int]) -> list[Edit]:
        """Give the used range and the widths back as the notes say.

        Where the notes are lost, the widths of columns that were ours alone go.
        """
        edits: list[Edit] = []
        noted: set[bytes] = set()
        for start, end, text in notes(self.skeleton):
            name, _, old = text.partition(b" ")
            element = self.root.child(name.decode()) if name in (b"cols", b"dimension") else None
            if element is not None and element.start == end:
                edits.append((start, element.end, old))
                noted.add(name)
            elif name == b"spans":
                edits.append((start, end, b""))
        block = self.root.child("cols")
        if block is not None and b"cols" not in noted:
            own = [
                element
                for element in block.all("col")
                if all(
                    column in columns
                    for column in range(int(element.attributes["min"]), min(int(element.attributes["max"]), 20_000) + 1)
                )
            ]
            if own and len(own) == len(block.children):
                edits.append((block.start, block.end, b""))
            else:
                edits += [(element.start, element.end, b"") for element in own]
        return edits

    def widened_rows(self) -> dict[int, bytes]:
        """Row -> what its `spans` were before we widened them, as far as noted."""
        found: dict[int, bytes] = {}
        for _, _, text in notes(self.skeleton):
            name, _, runs = text.partition(b" ")
            if name == b"spans":
                for run in runs.split(b","):
                    rows, _, old = run.partition(b"=")
                    first, _, last = rows.partition(b"-")
                    # the newest note stands first, and what was before all of them counts
                    found.update(dict.fromkeys(range(int(first), int(last or first) + 1), old))
        return found

    def insertion(self, name: str) -> int:
        """Where one more child of that name would stand, behind those there are."""
        last = self.root.all(name)
        return last[-1].end if last else place_of(self.root, name, ORDER)

    # Writing

    def written(
        self,
        edits: Iterable[Edit],
        editor: RowEditor | None,
        then: Callable[[Iterable[bytes]], Iterator[bytes]] | None = None,
    ) -> Callable[[], Iterator[bytes]]:
        """What makes the part's bytes with `edits` around the rows and the rows through `editor` and `then`."""
        border = len(self._head)
        before = [edit for edit in edits if edit[1] <= border and edit[0] < border]
        after = [(start - border, end - border, new) for start, end, new in edits if start >= border]

        def chunks() -> Iterator[bytes]:
            if editor is not None:
                editor.restart()
            rows = self.rewritten(editor) if editor is not None else self.body()
            yield from self._opened(splice(self._head, before), rows if then is None else then(rows))
            tail = splice(self._tail, after)
            at = tail.find(b">") + 1
            noted = _noted_spans(editor.spans) if editor is not None else b""
            yield tail[:at] + noted + tail[at:] if noted else tail

        return chunks if self._data is not None else lambda: ahead(chunks())

    def _opened(self, head: bytes, rows: Iterable[bytes]) -> Iterator[bytes]:
        """What stands before the rows, and they; `<sheetData/>` is opened where it gets some."""
        if not self._head.endswith(b"/>"):
            yield head
            yield from rows
            return
        made = b"".join(rows)
        yield head[:-2].rstrip() + b">" + made + b"</" + self.prefix + b"sheetData>" if made else head

    def surveyed(self, editor: RowEditor) -> None:
        """Let `editor` see every row, for the styles that it needs."""
        if self.careful:
            editor.rewrite_carefully(b"".join(self.body()))
            editor.written = editor.changed = 0
        else:
            editor.survey(self.body())

    def rewritten(self, editor: RowEditor) -> Iterator[bytes]:
        """The rows through `editor`."""
        if self.careful:
            yield editor.rewrite_carefully(b"".join(self.body()))
        else:
            yield from editor.rewrite(self.body())


def _noted_spans(spans: Spans) -> bytes:
    runs = [
        b"%d=%b" % (first, old) if first == last else b"%d-%d=%b" % (first, last, old)
        for first, last, old in spans.runs
    ]
    text = b",".join(runs)
    return note(b"spans " + text) if text and len(text) < _NOTED_SPANS else b""
