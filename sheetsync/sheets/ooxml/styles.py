"""What our cells and rules look like: formats that follow the cells beside them (ECMA-376 part 1, 18.8)."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, Literal

from sheetsync.errors import RefusedFileError
from sheetsync.sheets.ooxml.date_formats import (
    BUILT_IN_DATES,
    BUILT_IN_DAYS,
    has_day_or_year,
    longest_text,
    shows_day,
    without_time,
)
from sheetsync.sheets.ooxml.markup import Element, escape, note
from sheetsync.sheets.ooxml.stylesheet import Stylesheet

Kind = Literal["header", "date", "number", "text", "link", "dated"]
"""What a style of ours is for; `dated` is a cell of the person's that gets a date and keeps its look otherwise."""

MOST_FORMATS: Final = 64_000
"""Distinct cell formats a workbook can hold."""
ISO_DATE: Final = "yyyy-mm-dd"

_NOTHING_REPLACED: Final = "-"
_FIRST_CUSTOM: Final = 164
_INDENTED: Final = {"horizontal": "left", "indent": "1"}
"""How our texts stand, so that a date or number on their left does not touch them."""
_CUT_OFF: Final = {"horizontal": "fill"}
"""How our links stand, so that a long one does not run over the cells on its right."""
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

    def note(self) -> str:
        """As the note of what is ours says it."""
        replaced = _NOTHING_REPLACED if self.replaced is None else self.replaced
        return f"{self.kind} {self.base} {replaced}"


def empty_stylesheet(namespace: str) -> bytes:
    """A stylesheet for a workbook that has none."""
    return _EMPTY_SHEET % (note(b"made"), namespace.encode())


class Styles:
    """The workbook's formats. Raises UnreadableFileError or RefusedFileError, as Stylesheet does."""

    def __init__(self, location: str, part: str, data: bytes) -> None:
        self.location = location
        self.sheet = Stylesheet(location, part, data)
        self._xfs = self.sheet.entries["cellXfs"]
        self._dxfs = self.sheet.entries["dxfs"]
        self._formats = {
            int(element.attributes["numFmtId"]): element.attributes.get("formatCode", "")
            for element in self.sheet.entries["numFmts"]
            if element.attributes.get("numFmtId", "").isdigit()
        }
        self._made_formats: dict[int, str] = {}
        self._date_format: int | None = None
        self._date_alignment: dict[str, str] = {}
        self._date_scale = 1.0
        self._known = self.sheet.ours("cellXfs")
        self._requests: dict[Request, int] = {}
        self._made_highlights: dict[bytes, int] = {}
        self._checked = False
        if not self.sheet.has("cellXfs"):
            self.sheet.begin("cellXfs", b'<%bxf numFmtId="0"/>' % self.sheet.prefix)

    # Looking up

    @property
    def count(self) -> int:
        """How many cell formats there were before we added any."""
        return max(len(self._xfs), 1)

    @property
    def grows(self) -> bool:
        """Whether cell formats were added."""
        return self._checked

    def shows_date(self, style: int) -> bool:
        """Whether a number in that style is a date."""
        identity = self._number_format(style)
        if identity in self._formats:
            return has_day_or_year(self._formats[identity])
        return identity in BUILT_IN_DATES

    def follow_dates(self, style: int) -> None:
        """Take the date format of ours from that style, its time of day left out, and where in the cell dates stand."""
        identity = self._number_format(style)
        if identity in BUILT_IN_DAYS and identity not in self._formats:
            self._date_format = identity
        elif identity in BUILT_IN_DATES and identity not in self._formats:
            self._date_format = 14
        else:
            code = self._formats.get(identity, "")
            short = without_time(code)
            if not shows_day(short):
                self._date_format = None
            elif short == code.split(";", maxsplit=1)[0]:
                self._date_format = identity
            else:
                self._date_format = self._format(short)
        if style < len(self._xfs):
            alignment = self._xfs[style].child("alignment")
            stands = alignment.attributes if alignment is not None else {}
            if stands.get("horizontal") in ("left", "center", "right"):
                self._date_alignment = {name: stands[name] for name in ("horizontal", "indent") if name in stands}
            own, usual = _size(self._font(self._xfs[style])), _size(next(iter(self.sheet.entries["fonts"]), None))
            self._date_scale = min(max(own / usual, 1), 2)

    @property
    def date_width(self) -> float:
        """How wide a column must be for our dates, in characters of the workbook's usual font."""
        if self._date_format is None:
            return 0
        codes = {**self._formats, **self._made_formats}
        indent = self._date_alignment.get("indent", "0")
        extra = 2 + (int(indent) if indent.isdigit() else 0)
        return (longest_text(codes.get(self._date_format)) + extra) * self._date_scale

    def ours(self, style: int) -> Request | None:
        """What a style of ours was made for; None if it is not ours, or was saved by another program since."""
        parts = self._known.get(style, "").split(" ")
        if len(parts) != 3 or not parts[1].isdigit():
            return None
        replaced = None if parts[2] == _NOTHING_REPLACED else parts[2]
        return Request(parts[0], int(parts[1]), replaced)  # type: ignore[arg-type]

    @property
    def has_notes(self) -> bool:
        """Whether our notes are still there, so that `ours` knows of every style of ours."""
        return any(" " in noted for noted in self._known.values())

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
                    if self.sheet.raw(self._xfs[index]) == made:
                        found = self._requests[request] = index
                        break
        return found

    def style(self, request: Request) -> int:
        """The index of the style asked for; it is appended unless it is there.

        Raises RefusedFileError if there are too many, or if those there are name fonts, fills or borders that are not.
        """
        found = self.find(request)
        if found is None:
            found = self._requests[request] = self._appended(self._derive(request), request.note())
        return found

    def append(self, raw: bytes, made_for: str) -> int:
        """The index of a cell format of ours that stands in these bytes; it is appended unless it is there.

        Raises as `style` does.
        """
        for index in self.sheet.ours("cellXfs"):
            if self.sheet.raw(self._xfs[index]) == raw:
                return index
        return self._appended(raw, made_for)

    def _appended(self, raw: bytes, made_for: str) -> int:
        if not self._checked:
            self._check()
        index = self.sheet.append("cellXfs", raw, made_for)
        if index >= MOST_FORMATS:
            raise RefusedFileError(self.location, "it has as many cell formats as a workbook can hold.")
        return index

    def dated(self, style: int) -> int:
        """A style that shows a date: the one given, or one like it with the date format of ours. Raises as `style` does."""
        return style if self.shows_date(style) else self.style(Request("dated", style, None))

    def _check(self) -> None:
        self._checked = True
        for name, table in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")):
            count = max(len(self.sheet.entries[table]), 1)
            values = (xf.attributes.get(name, "") for xf in self._xfs)
            if any(value.isdigit() and int(value) >= count for value in values):
                raise self.damaged()

    def damaged(self) -> RefusedFileError:
        """What to raise where a style names something that is not there: ours would take its place."""
        return RefusedFileError(self.location, "its cell styles are damaged: open and save it anew.")

    def highlight(self, *, fill: str, text: str, bold: bool) -> int:
        """The index of a differential format with these colours (six hexadecimal digits, "" for none)."""
        p = self.sheet.prefix
        weight = b"<%bb/>" % p if bold else b""
        weight += b'<%bcolor rgb="FF%b"/>' % (p, text.encode()) if text else b""
        inner = b"<%bfont>%b</%bfont>" % (p, weight, p) if weight else b""
        colour = fill.encode()
        inner += (
            (
                b'<%bfill><%bpatternFill patternType="solid"><%bfgColor rgb="FF%b"/><%bbgColor rgb="FF%b"/>'
                b"</%bpatternFill></%bfill>" % (p, p, p, colour, p, colour, p, p)
            )
            if fill
            else b""
        )
        made = b"<%bdxf>%b</%bdxf>" % (p, inner, p)
        for index in self.sheet.ours("dxfs"):
            if self.sheet.raw(self._dxfs[index]) == made:
                return index
        if made not in self._made_highlights:
            self._made_highlights[made] = self.sheet.append("dxfs", made)
        return self._made_highlights[made]

    @property
    def highlights(self) -> int:
        """How many differential formats there are."""
        return len(self._dxfs)

    def _derive(self, request: Request) -> bytes:
        """A cell format that looks like its base but shows what it is for."""
        p = self.sheet.prefix
        if not self._xfs:
            shows_date = request.kind in ("date", "dated")
            inner = self._alignment(request.kind, None)
            tag = b'<%bxf numFmtId="%d"' % (p, self._own_date_format() if shows_date else self._general())
            tag += b' applyNumberFormat="1"' if shows_date else b""
            tag += b' applyAlignment="1"' if inner else b""
            return tag + (b">" + inner + b"</%bxf>" % p if inner else b"/>")
        base = self._xfs[request.base if request.base < len(self._xfs) else 0]
        attributes = {name: value for name, value in base.attributes.items() if name in _ATTRIBUTES}
        children = base.children
        if request.kind in ("header", "dated"):
            if request.kind == "dated":
                attributes |= {"numFmtId": str(self._own_date_format()), "applyNumberFormat": "1"}
            inner = b"".join(self.sheet.raw(child) for child in children if child.name in ("alignment", "protection"))
        else:
            attributes["numFmtId"] = str(self._own_date_format() if request.kind == "date" else self._general())
            attributes["applyNumberFormat"] = "1"
            if self._is_link(base):
                attributes |= {"fontId": str(self._plain_font(base)), "xfId": "0"}
            inner = self._alignment(request.kind, base.child("alignment"))
            attributes.pop("applyAlignment", None)
            if inner:
                attributes["applyAlignment"] = "1"
            protection = base.child("protection")
            inner += self.sheet.raw(protection) if protection else b""
        tag = b"<%bxf" % p
        for name in _ATTRIBUTES:
            if name in attributes:
                tag += b' %b="%b"' % (name.encode(), escape(attributes[name]))
        return tag + (b">" + inner + b"</%bxf>" % p if inner else b"/>")

    def _alignment(self, kind: Kind, base: Element | None) -> bytes:
        """Where our text, date or number stands in its cell: as high as what it follows; text indented."""
        stands = {"text": _INDENTED, "link": _CUT_OFF, "date": self._date_alignment}.get(kind, {})
        if base is not None and "vertical" in base.attributes:
            stands = {**stands, "vertical": base.attributes["vertical"]}
        said = b"".join(b' %b="%b"' % (name.encode(), escape(value)) for name, value in stands.items())
        return b"<%balignment%b/>" % (self.sheet.prefix, said) if said else b""

    def number_format(self, code: str) -> int:
        """The id of a number format by its code, "" being General; it is appended unless it is there."""
        return self._format(code) if code else self._general()

    def date_format(self) -> int:
        """The id of the format that our dates are shown in."""
        return self._own_date_format()

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
        made = b'<%bnumFmt numFmtId="%d" formatCode="%b"/>' % (self.sheet.prefix, identity, escape(code))
        self.sheet.append("numFmts", made)
        return identity

    def _is_link(self, xf: Element) -> bool:
        font = self._font(xf)
        underline = font.child("u") if font else None
        return underline is not None and underline.attributes.get("val", "single") != "none"

    def _plain_font(self, xf: Element) -> int:
        """A font of the same name and size that is neither underlined nor bold; else the workbook's first."""
        font = self._font(xf)
        wanted = _look(font) if font else None
        for index, other in enumerate(self.sheet.entries["fonts"]):
            if _look(other) == wanted and not any(other.child(name) for name in ("u", "b", "i", "strike")):
                return index
        return 0

    def _font(self, xf: Element) -> Element | None:
        value = xf.attributes.get("fontId", "")
        fonts = self.sheet.entries["fonts"]
        return fonts[int(value)] if value.isdigit() and int(value) < len(fonts) else None

    # Taking out

    def release(self, used: AbstractSet[int], used_highlights: AbstractSet[int], *, forget: bool) -> None:
        """Take our own formats out again, as far as they stand last and nobody uses them; `forget` which others are ours."""
        kept = self.sheet.release("cellXfs", used)
        for name, table in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")):
            texts = [xf.attributes.get(name, "") for xf in self._xfs[:kept]]
            self.sheet.release(table, {int(text) for text in texts if text.isdigit()})
        self.sheet.release("dxfs", used_highlights)
        shown = {str(self._number_format(index)) for index in range(kept)}
        formats = enumerate(self.sheet.entries["numFmts"])
        self.sheet.release("numFmts", {at for at, each in formats if each.attributes.get("numFmtId") in shown})
        self.sheet.forget(everything=forget)


def _look(font: Element) -> tuple[str, str]:
    name, size = font.child("name"), font.child("sz")
    return (name.attributes.get("val", "") if name else "", size.attributes.get("val", "") if size else "")


def _size(font: Element | None) -> float:
    """A font's size in points; 11 if it says none."""
    size = font.child("sz") if font is not None else None
    try:
        return float(size.attributes["val"]) if size is not None else 11
    except (KeyError, ValueError):
        return 11
