"""Table parts: a table grows over columns that adjoin it, and shrinks again (ECMA-376 part 1, 18.5)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from sheetsync.errors import UnreadableFileError
from sheetsync.model import Area, TableArea, column_letter, column_number
from sheetsync.sheets.ooxml.markup import (
    Edit,
    Element,
    MarkupError,
    escape,
    parse,
    prefix_of,
    set_attribute,
    splice,
)

_RANGE = re.compile(r"^\$?([A-Za-z]{1,3})\$?(\d+)(?::\$?([A-Za-z]{1,3})\$?(\d+))?$")


class Table:
    """A table part, parsed. Raises UnreadableFileError if it is damaged."""

    def __init__(self, location: str, part: str, data: bytes) -> None:
        self.part = part
        self.data = data
        try:
            self._root = parse(data)
        except MarkupError:
            raise UnreadableFileError(location, f"its part {part} is damaged.") from None
        attributes = self._root.attributes
        area = read_area(attributes.get("ref", ""))
        if area is None:
            raise UnreadableFileError(location, f"its part {part} names no range.")
        self.area = area
        self.name = attributes.get("displayName") or attributes.get("name", "")
        identity = attributes.get("id", "0")
        self.identity = int(identity) if identity.isdigit() else 0
        self.has_header = attributes.get("headerRowCount", "1") != "0"
        totals = attributes.get("totalsRowCount", "0")
        self.totals_rows = int(totals) if totals.isdigit() else 0

    @property
    def value(self) -> TableArea:
        """The table as a snapshot shows it."""
        return TableArea(self.name, self.area, self.totals_rows)

    @property
    def is_fed(self) -> bool:
        """Whether a query or an XML map decides which columns it has."""
        if self._root.attributes.get("tableType", "worksheet") != "worksheet":
            return True
        return any(
            "queryTableFieldId" in column.attributes or column.child("xmlColumnPr") is not None
            for column in self._columns()
        )

    @property
    def column_names(self) -> list[str]:
        """The columns' names, left to right."""
        return [column.attributes.get("name", "") for column in self._columns()]

    def grown(self, headers: Sequence[str]) -> bytes:
        """The part with columns of these names added at the right."""
        right = self.area.right + len(headers)
        edits = self._resized(right)
        block = self._block()
        columns = self._columns()
        prefix = prefix_of(self.data, block)
        identities = [int(c.attributes["id"]) for c in columns if c.attributes.get("id", "").isdigit()]
        first = max(identities, default=0) + 1
        new = b"".join(
            b'<%btableColumn id="%d" name="%b"/>' % (prefix, first + step, escape(header))
            for step, header in enumerate(headers)
        )
        edits.append((block.inner_end, block.inner_end, new))
        edits += self._counted(len(columns) + len(headers))
        return splice(self.data, edits)

    def lengthened(self, bottom: int) -> bytes:
        """The part with the table reaching down to another row; it must have no totals."""
        edits = [_lengthened(self.data, self._root, bottom)]
        own_filter = self._root.child("autoFilter")
        if own_filter is not None and "ref" in own_filter.attributes:
            edits.append(_lengthened(self.data, own_filter, bottom))
        return splice(self.data, edits)

    def shrunk(self, columns: Collection[int]) -> tuple[bytes, int] | None:
        """The part without those of the sheet's columns that stand at its right end, and how many were taken off.

        None if none stand there.
        """
        right = self.area.right
        while right in columns and right > self.area.left:
            right -= 1
        gone = self.area.right - right
        own = self._columns()
        if not gone or len(own) != self.area.right - self.area.left + 1:
            return None
        edits = self._resized(right)
        edits += [(column.start, column.end, b"") for column in own[len(own) - gone :]]
        edits += self._counted(len(own) - gone)
        return splice(self.data, edits), gone

    def _resized(self, right: int) -> list[Edit]:
        edits = [set_attribute(self.data, self._root, b"ref", _with_right(self._root.attributes["ref"], right))]
        own_filter = self._root.child("autoFilter")
        if own_filter is not None:
            area = read_area(own_filter.attributes.get("ref", ""))
            if area is not None and area.right == self.area.right:
                new = _with_right(own_filter.attributes["ref"], right)
                edits.append(set_attribute(self.data, own_filter, b"ref", new))
        return edits

    def _counted(self, count: int) -> list[Edit]:
        block = self._block()
        return [set_attribute(self.data, block, b"count", b"%d" % count)] if "count" in block.attributes else []

    def _block(self) -> Element:
        block = self._root.child("tableColumns")
        return block if block is not None else self._root

    def _columns(self) -> list[Element]:
        return self._block().all("tableColumn")


def _lengthened(data: bytes, element: Element, bottom: int) -> Edit:
    return set_attribute(data, element, b"ref", escape(with_bottom(element.attributes["ref"], bottom)))


def read_area(text: str) -> Area | None:
    """A reference such as `A4:H20` or `$A$4`; None if it is none."""
    match = _RANGE.match(text.strip())
    if match is None:
        return None
    left, top = column_number(match[1]), int(match[2])
    return Area(top, left, int(match[4] or top), column_number(match[3]) if match[3] else left)


def with_right(text: str, right: int) -> str:
    """The reference with its right edge at another column, written as it was."""
    head, colon, last = text.rpartition(":")
    if not colon:
        return f"{text}:{_relettered(text.rpartition('!')[2], right)}"
    return f"{head}:{_relettered(last, right)}"


def with_bottom(text: str, bottom: int) -> str:
    """The reference with its lower edge at another row, written as it was."""
    head, colon, last = text.rpartition(":")
    if not colon:
        return f"{text}:{_renumbered(text.rpartition('!')[2], bottom)}"
    return f"{head}:{_renumbered(last, bottom)}"


def right_of(text: str) -> int | None:
    """The right edge of a reference, which may name its sheet; None if it is none."""
    area = read_area(text.rpartition("!")[2])
    return area.right if area is not None else None


def _with_right(text: str, right: int) -> bytes:
    return escape(with_right(text, right))


def _relettered(cell: str, column: int) -> str:
    return re.sub(r"[A-Za-z]{1,3}", column_letter(column), cell, count=1)


def _renumbered(cell: str, row: int) -> str:
    return re.sub(r"[0-9]+$", str(row), cell)
