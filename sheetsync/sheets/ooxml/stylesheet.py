"""The styles part as tables of entries: ours are appended, noted and taken out again (ECMA-376 part 1, 18.8).

What is ours says one comment, the last child of the root. Within the tables no comment may stand: some programs count
comments as entries.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from sheetsync.errors import RefusedFileError, UnreadableFileError
from sheetsync.sheets.ooxml.markup import (
    COMPATIBILITY,
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
from sheetsync.sheets.ooxml.workbook import place_of

ORDER: Final = (
    "numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles", "colors",
    "extLst",
)  # fmt: skip
"""The order of the stylesheet's children (CT_Stylesheet)."""
ENTRIES: Final = {
    "numFmts": "numFmt", "fonts": "font", "fills": "fill", "borders": "border", "cellXfs": "xf", "dxfs": "dxf",
}  # fmt: skip
"""Table -> the name of its entries."""

_ROOT: Final = "styleSheet"


@dataclass(slots=True)
class Noted:
    """What the stylesheet holds of ours."""

    entries: dict[str, dict[int, str]] = field(default_factory=dict)
    """Table -> place of an entry of ours, from 0 -> what it was made for."""
    made: dict[str, int] = field(default_factory=dict)
    """Tables that were not there -> how many entries they began with that no note speaks of."""
    closed: dict[str, bytes] = field(default_factory=dict)
    """Tables that were written `<so/>` -> how."""

    def text(self) -> bytes:
        """As the comment says it: a line each."""
        lines = [
            f"{table} {place} {text}".rstrip() for table, ours in self.entries.items() for place, text in ours.items()
        ]
        lines += [f"made {table} {more}" for table, more in self.made.items()]
        lines += [f"closed {table} {quote(raw)}" for table, raw in self.closed.items()]
        return "\n".join(lines).encode()

    def read(self, text: bytes) -> None:
        """Take in what the comment says; lines that nobody understands are left out."""
        for line in text.decode("utf-8", "replace").split("\n"):
            word, _, rest = line.partition(" ")
            name, _, value = rest.partition(" ")
            if word == "made" and value.isdigit():
                self.made[name] = int(value)
            elif word == "closed":
                self.closed[name] = unquote_to_bytes(value)
            elif word in ENTRIES and name.isdigit():
                self.entries.setdefault(word, {})[int(name)] = value


class Stylesheet:
    """The styles part, parsed. Raises UnreadableFileError if damaged, RefusedFileError if it cannot be counted."""

    def __init__(self, location: str, part: str, data: bytes) -> None:
        self.location = location
        self.part = part
        self.data = data
        try:
            self._root = parse(data)
        except MarkupError:
            raise UnreadableFileError(location, f"its part {part} is damaged.") from None
        self.prefix = prefix_of(data, self._root)
        self.entries = {table: self._counted_entries(table) for table in ENTRIES}
        self._noted = Noted()
        self._comment: tuple[int, int] | None = None
        for start, end, text in notes(data, self._root.inner, self._root.inner_end):
            self._comment = start, end
            self._noted.read(text)
        self._new: dict[str, list[bytes]] = {}
        self._released: list[Edit] = []
        self._kept: dict[str, int] = {}
        """How many entries are left in the tables from which some were released."""

    def has(self, table: str) -> bool:
        """Whether the table is there at all."""
        return self._root.child(table) is not None

    def raw(self, element: Element) -> bytes:
        """An element's bytes."""
        return self.data[element.start : element.end]

    def ours(self, table: str) -> dict[int, str]:
        """Which entries of a table are ours: place from 0 -> what it was made for."""
        count = len(self.entries[table])
        return {place: text for place, text in self._noted.entries.get(table, {}).items() if place < count}

    def append(self, table: str, raw: bytes, made_for: str = "") -> int:
        """Put an entry at a table's end; answer its place, from 0."""
        new = self._new.setdefault(table, [])
        if not self.has(table):
            self._noted.made.setdefault(table, 0)
        new.append(raw)
        place = len(self.entries[table]) + len(new) - 1
        self._noted.entries.setdefault(table, {})[place] = made_for
        return place

    def begin(self, table: str, raw: bytes) -> None:
        """Make a table that is not there, with an entry that is there for its place alone."""
        self.append(table, raw)
        self._noted.made[table] = 1
        del self._noted.entries[table]

    def release(self, table: str, in_use: AbstractSet[int]) -> int:
        """Take our entries out of a table, as far as they stand last and nobody uses them; answer how many are left.

        `in_use` are places.
        """
        entries, known = self.entries[table], self.ours(table)
        kept = len(entries)
        while kept and kept - 1 in known and kept - 1 not in in_use:
            kept -= 1
        block = self._root.child(table)
        if block is None or kept == len(entries):
            return kept
        self._kept[table] = kept
        if kept <= self._noted.made.get(table, -1):
            self._released.append((block.start, block.end, b""))
        elif kept == 0 and table in self._noted.closed:
            self._released.append((block.start, block.end, self._noted.closed[table]))
        else:
            self._released += self._recounted(block, kept - len(entries))
            self._released.append((entries[kept].start, entries[-1].end, b""))
        return kept

    def forget(self, *, everything: bool) -> None:
        """Take out of the comment that says what is ours what was released, or `everything`."""
        if self._comment is None:
            return
        if everything:
            self._released.append((*self._comment, b""))
            return
        old = self._noted.text()
        for table, kept in self._kept.items():
            ours = self._noted.entries.get(table, {})
            self._noted.entries[table] = {place: text for place, text in ours.items() if place < kept}
            if kept <= self._noted.made.get(table, -1):
                del self._noted.made[table]
        if self._noted.text() != old:
            self._released.append((*self._comment, note(self._noted.text())))

    # The bytes

    @property
    def changed(self) -> bool:
        """Whether anything was added or released."""
        return bool(self._released or self._asked())

    def edited(self) -> bytes:
        """The part's bytes with everything added and released."""
        return splice(self.data, self._edits())

    def _asked(self) -> list[str]:
        """The tables with something new in them, but for entries that are there for their place alone."""
        asked = {table for table, new in self._new.items() if len(new) > self._begun(table)}
        return [table for table in ORDER if table in asked]

    def _begun(self, table: str) -> int:
        return 0 if self.has(table) else self._noted.made.get(table, 0)

    def _edits(self) -> list[Edit]:
        root = self._root
        if self._released:
            emptied = {edit[:2] for edit in self._released if not edit[2]} >= {(c.start, c.end) for c in root.children}
            if emptied and _ROOT in self._noted.closed:
                return [(root.inner - 1, root.end, b"/>")]
            return self._released
        asked = self._asked()
        if not asked:
            return []
        edits = [edit for table in asked for edit in self._appended(table)]
        if root.closed:
            self._noted.closed[_ROOT] = b""
            inner = b"".join(new for _, _, new in edits)
            name = self.data[root.start + 1 : root.inner].split()[0].rstrip(b"/>")
            return [(root.inner - 2, root.inner, b">" + inner + note(self._noted.text()) + b"</" + name + b">")]
        at = self._comment or (root.inner_end, root.inner_end)
        return [*edits, (*at, note(self._noted.text()))]

    def _appended(self, table: str) -> list[Edit]:
        new = self._new[table]
        block = self._root.child(table)
        name = self.prefix + table.encode()
        inner = b"".join(new)
        if block is None:
            at = place_of(self._root, table, ORDER)
            return [(at, at, b'<%b count="%d">%b</%b>' % (name, len(new), inner, name))]
        edits = self._recounted(block, len(new))
        if block.closed:
            self._noted.closed[table] = self.raw(block)
            edits.append((block.inner - 2, block.inner, b">" + inner + b"</%b>" % name))
        else:
            edits.append((block.inner_end, block.inner_end, inner))
        return edits

    def _recounted(self, block: Element, more: int) -> list[Edit]:
        """The block's count, where it has one; a wrong one stays as wrong as it was."""
        count = block.attributes.get("count", "")
        return [set_attribute(self.data, block, b"count", b"%d" % (int(count) + more))] if count.isdigit() else []

    # Parsing

    def _counted_entries(self, table: str) -> list[Element]:
        """The entries of a table as a spreadsheet program counts them.

        A choice between alternatives counts as the entries of one of them, so it must offer the same number in each.
        """
        block = self._root.child(table)
        if block is None:
            if any(element.name == table for element in self._root.walk()):
                raise self._odd()
            return []
        entries: list[Element] = []
        for child in block.children:
            if child.name == ENTRIES[table]:
                entries.append(child)
            elif child.name == f"{{{COMPATIBILITY}}}AlternateContent":
                branches = [branch.all(ENTRIES[table]) for branch in child.children]
                if not branches or len({len(branch) for branch in branches}) > 1:
                    raise self._odd()
                entries.extend(branches[-1])
        return entries

    def _odd(self) -> RefusedFileError:
        return RefusedFileError(
            self.location, f"its part {self.part} counts its formats in an unusual way: open it and save it anew."
        )
