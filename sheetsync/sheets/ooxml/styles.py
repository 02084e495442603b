"""The styles part: ours are appended and noted, nobody else's are touched (ECMA-376 part 1, 18.8)."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, Literal

from sheetsync.errors import RefusedFileError, UnreadableFileError
from sheetsync.sheets.ooxml.markup import (
    COMPATIBILITY,
    Edit,
    Element,
    MarkupError,
    escape,
    note,
    notes,
    parse,
    prefix_of,
    set_attribute,
    splice,
)
from sheetsync.sheets.ooxml.workbook import place_of

Kind = Literal["header", "date", "number", "text"]

ORDER: Final = (
    "numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles", "colors",
    "extLst",
)  # fmt: skip
"""The order of the stylesheet's children (CT_Stylesheet)."""
MOST_FORMATS: Final = 64_000
"""Distinct cell formats a workbook can hold."""
ISO_DATE: Final = "yyyy-mm-dd"

_NOTHING_REPLACED: Final = "-"
_BUILT_IN_DAYS: Final = frozenset({14, 15, 16, 31, 58})
"""Built-in formats that show a day and no time (ECMA-376 part 1, 18.8.30; 31 and 58 in East Asian locales)."""
_BUILT_IN_DATES: Final = frozenset({*range(14, 18), 22, *range(27, 37), *range(50, 59)})
_FIRST_CUSTOM: Final = 164
_LITERAL: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_TIME: Final = re.compile(r"[\s,;@]*\[?h+\]?[:.]m+.*$", re.IGNORECASE)
_ATTRIBUTES: Final = (
    "numFmtId", "fontId", "fillId", "borderId", "xfId", "applyNumberFormat", "applyFont", "applyFill", "applyBorder",
    "applyAlignment", "applyProtection",
)  # fmt: skip
_EMPTY_SHEET: Final = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b"%b"
    b'<styleSheet xmlns="%b">'
    b'<fonts count="1"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>'
    b'<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    b'</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    b'<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    b'<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    b'<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


@dataclass(frozen=True, slots=True)
class Request:
    """A cell style of ours: what for, whose look it follows, and which empty cell stood there before.

    `replaced` is None where no cell stood, else as rows.left_empty reads it.
    """

    kind: Kind
    base: int
    replaced: str | None

    def note(self) -> bytes:
        """As the note beside the style says it."""
        replaced = _NOTHING_REPLACED if self.replaced is None else self.replaced
        return f"{self.kind} {self.base} {replaced}".encode()


def empty_stylesheet(namespace: str) -> bytes:
    """A stylesheet for a workbook that has none."""
    return _EMPTY_SHEET % (note(b"made"), namespace.encode())


class Styles:
    """The styles part, parsed. Raises UnreadableFileError if damaged, RefusedFileError if it cannot be counted."""

    def __init__(self, location: str, part: str, data: bytes) -> None:
        self.location = location
        self.part = part
        self.data = data
        try:
            self._root = parse(data)
        except MarkupError:
            raise UnreadableFileError(location, f"its part {part} is damaged.") from None
        self._prefix = prefix_of(data, self._root)
        self._xfs = self._entries("cellXfs", "xf")
        self._dxfs = self._entries("dxfs", "dxf")
        self._fonts = self._entries("fonts", "font")
        self._formats = {
            int(element.attributes["numFmtId"]): element.attributes.get("formatCode", "")
            for element in self._entries("numFmts", "numFmt")
            if element.attributes.get("numFmtId", "").isdigit()
        }
        self._made_formats: dict[int, str] = {}
        self._date_format: int | None = None
        self._known = self._noted("cellXfs", self._xfs)
        self._known_dxfs = self._noted("dxfs", self._dxfs)
        self._requests: dict[Request, int] = {}
        self._new: list[bytes] = []
        self._new_dxfs: list[bytes] = []
        if self._block("cellXfs") is None:
            self._new.append(b'<%bxf numFmtId="0"/>' % self._prefix)

    # Looking up

    def shows_date(self, style: int) -> bool:
        """Whether a number in that style is a date."""
        identity = self._number_format(style)
        if identity in self._formats:
            return _has_day_or_year(self._formats[identity])
        return identity in _BUILT_IN_DATES

    def follow_dates(self, style: int) -> None:
        """Take the date format of ours from that style, its time of day left out."""
        identity = self._number_format(style)
        if identity in _BUILT_IN_DAYS and identity not in self._formats:
            self._date_format = identity
        elif identity in _BUILT_IN_DATES and identity not in self._formats:
            self._date_format = 14
        else:
            code = self._formats.get(identity, "")
            short = _TIME.sub("", code.split(";")[0])
            if not _shows_day(short):
                self._date_format = None
            elif short == code.split(";")[0]:
                self._date_format = identity
            else:
                self._date_format = self._format(short)

    def ours(self, style: int) -> Request | None:
        """What a style of ours was made for; None if it is not ours, or was saved by another program since."""
        found = self._known.get(style)
        if found is None:
            return None
        parts = found.decode("ascii", "replace").split(" ")
        if len(parts) != 3 or not parts[1].isdigit():
            return None
        replaced = None if parts[2] == _NOTHING_REPLACED else parts[2]
        return Request(parts[0], int(parts[1]), replaced)  # type: ignore[arg-type]

    @property
    def has_notes(self) -> bool:
        """Whether our notes are still there, so that `ours` knows of every style of ours."""
        return bool(self._known)

    def _number_format(self, style: int) -> int:
        if style >= len(self._xfs):
            return 0
        value = self._xfs[style].attributes.get("numFmtId", "0")
        return int(value) if value.isdigit() else 0

    # Adding

    def find(self, request: Request) -> int | None:
        """The index of the style asked for, if it is there."""
        found = self._requests.get(request)
        if found is None:
            wanted = request.note()
            made: bytes | None = None
            for index, noted in self._known.items():
                if noted == wanted:
                    made = made or self._derive(request)
                    if self._raw(self._xfs[index]) == made:
                        found = self._requests[request] = index
                        break
        return found

    def style(self, request: Request) -> int:
        """The index of the style asked for; it is appended unless it is there."""
        found = self.find(request)
        if found is not None:
            return found
        made = self._derive(request)
        wanted = request.note()
        self._new.append(note(wanted) + made)
        index = len(self._xfs) + len(self._new) - 1
        if index >= MOST_FORMATS:
            raise RefusedFileError(self.location, "it has as many cell formats as a workbook can hold.")
        self._requests[request] = index
        return index

    def highlight(self, *, fill: str, text: str, bold: bool) -> int:
        """The index of a differential format with these colours (six hexadecimal digits)."""
        p = self._prefix
        weight = b"<%bb/>" % p if bold else b""
        font = b'<%bfont>%b<%bcolor rgb="FF%b"/></%bfont>' % (p, weight, p, text.encode(), p)
        colour = fill.encode()
        made = (
            b'<%bdxf>%b<%bfill><%bpatternFill patternType="solid"><%bfgColor rgb="FF%b"/><%bbgColor rgb="FF%b"/>'
            b"</%bpatternFill></%bfill></%bdxf>" % (p, font, p, p, p, colour, p, colour, p, p, p)
        )
        for index in self._known_dxfs:
            if self._raw(self._dxfs[index]) == made:
                return index
        new = note() + made
        if new not in self._new_dxfs:
            self._new_dxfs.append(new)
        return len(self._dxfs) + self._new_dxfs.index(new)

    @property
    def highlights(self) -> int:
        """How many differential formats there are."""
        return len(self._dxfs)

    def _derive(self, request: Request) -> bytes:
        """A cell format that looks like its base but shows what it is for."""
        p = self._prefix
        if not self._xfs:
            return b'<%bxf numFmtId="%d"%b/>' % (
                p, self._own_date_format() if request.kind == "date" else self._general(),
                b' applyNumberFormat="1"' if request.kind == "date" else b"",
            )  # fmt: skip
        base = self._xfs[request.base if request.base < len(self._xfs) else 0]
        attributes = {name: value for name, value in base.attributes.items() if name in _ATTRIBUTES}
        children = base.children
        if request.kind == "header":
            inner = b"".join(self._raw(child) for child in children if child.name in ("alignment", "protection"))
        else:
            attributes["numFmtId"] = str(self._own_date_format() if request.kind == "date" else self._general())
            attributes["applyNumberFormat"] = "1"
            if self._is_link(base):
                attributes |= {"fontId": str(self._plain_font(base)), "xfId": "0"}
            alignment = base.child("alignment")
            vertical = alignment.attributes.get("vertical") if alignment else None
            attributes.pop("applyAlignment", None)
            inner = b""
            if vertical:
                attributes["applyAlignment"] = "1"
                inner = b'<%balignment vertical="%b"/>' % (p, escape(vertical))
            protection = base.child("protection")
            inner += self._raw(protection) if protection else b""
        tag = b"<%bxf" % p
        for name in _ATTRIBUTES:
            if name in attributes:
                tag += b' %b="%b"' % (name.encode(), escape(attributes[name]))
        return tag + (b">" + inner + b"</%bxf>" % p if inner else b"/>")

    def _general(self) -> int:
        """The format that shows a number as it is; some programs give its number to another one."""
        return 0 if self._formats.get(0, "General") == "General" else self._format("General")

    def _own_date_format(self) -> int:
        if self._date_format is None:
            self._date_format = self._format(ISO_DATE)
        return self._date_format

    def _format(self, code: str) -> int:
        for identity, known in {**self._formats, **self._made_formats}.items():
            if known == code:
                return identity
        identity = max([_FIRST_CUSTOM - 1, *self._formats, *self._made_formats]) + 1
        self._made_formats[identity] = code
        return identity

    def _is_link(self, xf: Element) -> bool:
        font = self._font(xf)
        underline = font.child("u") if font else None
        return underline is not None and underline.attributes.get("val", "single") != "none"

    def _plain_font(self, xf: Element) -> int:
        """A font of the same name and size that is neither underlined nor bold; else the workbook's first."""
        font = self._font(xf)
        wanted = _look(font) if font else None
        for index, other in enumerate(self._fonts):
            if _look(other) == wanted and not any(other.child(name) for name in ("u", "b", "i", "strike")):
                return index
        return 0

    def _font(self, xf: Element) -> Element | None:
        value = xf.attributes.get("fontId", "")
        return self._fonts[int(value)] if value.isdigit() and int(value) < len(self._fonts) else None

    # Taking out

    def release(self, used: AbstractSet[int], used_highlights: AbstractSet[int]) -> None:
        """Take our own formats out again, as far as they stand last and nobody uses them."""
        self._released: list[Edit] = []
        kept_formats = set()
        for block_name, entries, known, in_use in (
            ("cellXfs", self._xfs, self._known, used),
            ("dxfs", self._dxfs, self._known_dxfs, used_highlights),
        ):
            kept = len(entries)
            while kept and kept - 1 in known and kept - 1 not in in_use:
                kept -= 1
            self._drop(block_name, entries, kept)
            if block_name == "cellXfs":
                kept_formats = {self._number_format(index) for index in range(kept)}
        self._release_formats(kept_formats)

    def _release_formats(self, in_use: AbstractSet[int]) -> None:
        entries = self._entries("numFmts", "numFmt")
        known = self._noted("numFmts", entries)
        kept = len(entries)
        while kept and kept - 1 in known and int(entries[kept - 1].attributes["numFmtId"]) not in in_use:
            kept -= 1
        self._drop("numFmts", entries, kept)

    def _drop(self, block_name: str, entries: list[Element], kept: int) -> None:
        block = self._block(block_name)
        if block is None or kept == len(entries):
            return
        made = _note_before(self.data, block.start)
        if made is not None and (kept == 0 or (made[2] == b"made 1" and kept == 1)):
            self._released.append((made[0], block.end, b""))
            return
        first = _note_before(self.data, entries[kept].start)
        assert first is not None  # noqa: S101 - only noted entries are dropped
        start = first[0]
        self._released.extend(self._counted(block, kept - len(entries)))
        opened = notes(self.data, block.inner, start)
        if kept == 0 and opened and opened[0][2].startswith(b"closed "):
            self._released = [edit for edit in self._released if not block.start <= edit[0] < block.end]
            self._released.append((block.start, block.end, opened[0][2].removeprefix(b"closed ")))
        else:
            self._released.append((start, entries[-1].end, b""))

    # The bytes

    @property
    def changed(self) -> bool:
        """Whether anything was added or released."""
        return bool(self._edits())

    def edited(self) -> bytes:
        """The part's bytes with everything added and released."""
        return splice(self.data, self._edits())

    def _edits(self) -> list[Edit]:
        edits = list(getattr(self, "_released", ()))
        p = self._prefix
        formats = [
            note() + b'<%bnumFmt numFmtId="%d" formatCode="%b"/>' % (p, identity, escape(code))
            for identity, code in self._made_formats.items()
        ]
        asked = self._new if len(self._new) > (self._block("cellXfs") is None) else []
        missing = self._block("cellXfs") is None
        edits += self._append("numFmts", formats if self._made_formats else [], note())
        edits += self._append("cellXfs", asked, note(b"made 1") if missing else note())
        edits += self._append("dxfs", self._new_dxfs, note())
        root = self._root
        if root.closed and edits:
            made = b"".join(edit[2] for edit in edits)
            name = self.data[root.start + 1 : root.inner].split()[0].rstrip(b"/>")
            return [(root.inner - 2, root.inner, b">" + made + b"</" + name + b">")]
        return edits

    def _append(self, block_name: str, new: list[bytes], made: bytes) -> list[Edit]:
        if not new:
            return []
        block = self._block(block_name)
        name = self._prefix + block_name.encode()
        inner = b"".join(new)
        if block is None:
            at = place_of(self._root, block_name, ORDER)
            return [(at, at, made + b'<%b count="%d">%b</%b>' % (name, len(new), inner, name))]
        edits = self._counted(block, len(new))
        if block.closed:
            edits.append(
                (block.inner - 2, block.inner, b">" + note(b"closed " + self._raw(block)) + inner + b"</%b>" % name)
            )
        else:
            edits.append((block.inner_end, block.inner_end, inner))
        return edits

    def _counted(self, block: Element, more: int) -> list[Edit]:
        """The block's count, where it has one; a wrong one stays as wrong as it was."""
        count = block.attributes.get("count", "")
        return [set_attribute(self.data, block, b"count", b"%d" % (int(count) + more))] if count.isdigit() else []

    # Parsing

    def _block(self, name: str) -> Element | None:
        return self._root.child(name)

    def _entries(self, block_name: str, name: str) -> list[Element]:
        """The entries of a block as a spreadsheet program counts them.

        A choice between alternatives counts as the entries of one of them, so it must offer the same number in each.
        """
        block = self._block(block_name)
        if block is None:
            if any(element.name == block_name for element in self._root.walk()):
                raise self._odd()
            return []
        entries: list[Element] = []
        for child in block.children:
            if child.name == name:
                entries.append(child)
            elif child.name == f"{{{COMPATIBILITY}}}AlternateContent":
                branches = [branch.all(name) for branch in child.children]
                if not branches or len({len(branch) for branch in branches}) > 1:
                    raise self._odd()
                entries.extend(branches[-1])
        return entries

    def _odd(self) -> RefusedFileError:
        return RefusedFileError(
            self.location, f"its part {self.part} counts its formats in an unusual way: open it and save it anew."
        )

    def _noted(self, block_name: str, entries: list[Element]) -> dict[int, bytes]:
        """Which entries are ours: index -> what our note says."""
        block = self._block(block_name)
        if block is None:
            return {}
        by_end = {end: text for _, end, text in notes(self.data, block.inner, block.inner_end)}
        return {index: by_end[entry.start] for index, entry in enumerate(entries) if entry.start in by_end}

    def _raw(self, element: Element) -> bytes:
        return self.data[element.start : element.end]


def _note_before(data: bytes, at: int) -> tuple[int, int, bytes] | None:
    """Our note that ends where something begins."""
    start = data.rfind(b"<!--sheetsync", 0, at)
    found = notes(data, start, at) if start >= 0 else []
    return found[0] if found and found[0][1] == at else None


def _look(font: Element) -> tuple[str, str]:
    name, size = font.child("name"), font.child("sz")
    return (name.attributes.get("val", "") if name else "", size.attributes.get("val", "") if size else "")


def _has_day_or_year(code: str) -> bool:
    bare = _LITERAL.sub("", code.split(";", maxsplit=1)[0]).lower()
    return "general" not in bare and ("y" in bare or "d" in bare)


def _shows_day(code: str) -> bool:
    bare = _LITERAL.sub("", code).lower()
    return "d" in bare and ("m" in bare or "y" in bare) and not ("h" in bare or "s" in bare)
