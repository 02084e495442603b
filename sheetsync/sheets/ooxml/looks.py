"""How the cells of sheets that we make look, as entries of the workbook's own stylesheet (ECMA-376 part 1, 18.8)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from sheetsync.book import ColumnLook, Style
from sheetsync.sheets.looks import ROLES
from sheetsync.sheets.ooxml.markup import Element, escape
from sheetsync.sheets.ooxml.styles import Styles

PURPOSE: Final = "sheet"
"""What our notes say that such an entry was made for."""
_VERTICAL: Final = {"middle": "center"}
_SIDES: Final = ("left", "right", "top", "bottom")
_LINES: Final = (3, 1, 0, 2)
"""Where each of `_SIDES` stands in `Style.lines`."""


@dataclass(frozen=True, slots=True)
class CellLook:
    """One cell's look."""

    style: Style
    shows_date: bool = False
    """Whether it is shown in the tracker's own date format."""


def body_look(look: ColumnLook, *, top: bool, is_date: bool) -> CellLook:
    """The look of a cell below the header. `top`: whether some column of the sheet wraps its text."""
    style = replace(
        ROLES[look.role],
        number_format=look.number_format,
        horizontal="left" if look.left or is_date or look.wants_date else "",
        vertical="top" if top else "middle",
        wrap=look.wrap,
    )
    return CellLook(style, shows_date=is_date and not look.number_format)


def over(base: Style, top: Style) -> Style:
    """One style on top of another: what it tells goes before what lies below."""
    told = {
        name: value for name in Style.__slots__ if (value := getattr(top, name)) not in ("", 0, False, ("", "", "", ""))
    }
    return replace(base, **told)


class Looks:
    """Cell formats by look, each made once."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._sheet = styles.sheet
        self._known: dict[CellLook, int] = {}
        self._made: dict[tuple[str, bytes], int] = {}
        self._has_all = all(len(self._sheet.entries[table]) for table in ("fonts", "borders")) and (
            len(self._sheet.entries["fills"]) > 1
        )
        """Whether fonts, fills and borders can be added: the first of them have a meaning of their own."""

    def style(self, look: CellLook) -> int:
        """The index of the cell format. Raises RefusedFileError if there are too many or the stylesheet is damaged."""
        if look not in self._known:
            self._known[look] = self._styles.append(self._xf(look), PURPOSE)
        return self._known[look]

    def _xf(self, look: CellLook) -> bytes:
        style, p = look.style, self._sheet.prefix
        number_format = (
            self._styles.date_format() if look.shows_date else self._styles.number_format(style.number_format)
        )
        font, fill, border = (self._font(style), self._fill(style), self._border(style)) if self._has_all else (0, 0, 0)
        tag = b'<%bxf numFmtId="%d" fontId="%d" fillId="%d" borderId="%d"' % (p, number_format, font, fill, border)
        tag += b' xfId="0"' if self._sheet.has("cellStyleXfs") else b""
        for name, used in ((b"NumberFormat", number_format), (b"Font", font), (b"Fill", fill), (b"Border", border)):
            tag += b' apply%b="1"' % name if used else b""
        stands = {"horizontal": style.horizontal, "vertical": _VERTICAL.get(style.vertical, style.vertical)}
        said = b"".join(b' %b="%b"' % (name.encode(), value.encode()) for name, value in stands.items() if value)
        said += b' wrapText="1"' if style.wrap else b""
        if not said:
            return tag + b"/>"
        return tag + b' applyAlignment="1"><%balignment%b/></%bxf>' % (p, said, p)

    def _font(self, style: Style) -> int:
        flags = (style.bold, style.italic, style.strike, style.underline)
        if not (any(flags) or style.font or style.size or style.colour):
            return 0
        p, base = self._sheet.prefix, self._sheet.entries["fonts"][0]
        inner = b"".join(
            b"<%b%b/>" % (p, name)
            for name, asked in ((b"b", style.bold), (b"i", style.italic), (b"strike", style.strike))
            if asked
        )
        inner += b"<%bu/>" % p if style.underline else b""
        size = f"{style.size:g}" if style.size else _said(base, "sz", "11")
        inner += b'<%bsz val="%b"/>' % (p, escape(size))
        colour = base.child("color")
        if style.colour:
            inner += b'<%bcolor rgb="FF%b"/>' % (p, style.colour.encode())
        elif colour is not None:
            inner += self._sheet.raw(colour)
        inner += b'<%bname val="%b"/>' % (p, escape(style.font or _said(base, "name", "Calibri")))
        for name in ("family", "charset", "scheme"):
            child = base.child(name)
            if child is not None and not style.font:
                inner += self._sheet.raw(child)
        return self._entry("fonts", b"<%bfont>%b</%bfont>" % (p, inner, p))

    def _fill(self, style: Style) -> int:
        if not style.fill:
            return 0
        p, colour = self._sheet.prefix, style.fill.encode()
        pattern = b'<%bpatternFill patternType="solid"><%bfgColor rgb="FF%b"/><%bbgColor indexed="64"/></%bpatternFill>'
        return self._entry("fills", b"<%bfill>%b</%bfill>" % (p, pattern % (p, p, colour, p, p), p))

    def _border(self, style: Style) -> int:
        if not any(style.lines):
            return 0
        p = self._sheet.prefix
        inner = b""
        for side, at in zip(_SIDES, _LINES, strict=True):
            name, colour = p + side.encode(), style.lines[at].encode()
            inner += (
                b'<%b style="thin"><%bcolor rgb="FF%b"/></%b>' % (name, p, colour, name) if colour else b"<%b/>" % name
            )
        return self._entry("borders", b"<%bborder>%b<%bdiagonal/></%bborder>" % (p, inner, p, p))

    def _entry(self, table: str, raw: bytes) -> int:
        for index in self._sheet.ours(table):
            if self._sheet.raw(self._sheet.entries[table][index]) == raw:
                return index
        if (table, raw) not in self._made:
            self._made[table, raw] = self._sheet.append(table, raw, PURPOSE)
        return self._made[table, raw]


def _said(font: Element, name: str, otherwise: str) -> str:
    child = font.child(name)
    return child.attributes.get("val", otherwise) if child is not None else otherwise
