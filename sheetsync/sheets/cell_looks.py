"""How a cell of a workbook looks, in no program's own terms: openpyxl's styles and the workbook's theme."""

from __future__ import annotations

import colorsys
import re
from typing import Any, Final

from openpyxl.styles.colors import COLOR_INDEX

from sheetsync.book import Style

_DEFAULT_FONTS: Final = frozenset({"Calibri", "Aptos Narrow", "Arial"})
_DEFAULT_SIZES: Final = frozenset({10, 11, 12})
_BLACK: Final = "000000"
_SCHEME: Final = ("lt1", "dk1", "lt2", "dk2", *(f"accent{n}" for n in range(1, 7)), "hlink", "folHlink")
"""The theme's colours in the order in which cells number them (ECMA-376 section 18.8.3)."""
_PART: Final = re.compile(
    rb"<a:(lt1|dk1|lt2|dk2|accent[1-6]|hlink|folHlink)>.*?(?:lastClr|srgbClr val)=\"([0-9A-Fa-f]{6})\"", re.DOTALL
)


class Palette:
    """Colours of a workbook as six hexadecimal digits."""

    def __init__(self, theme: bytes | str | None) -> None:
        data = theme.encode() if isinstance(theme, str) else theme or b""
        found = {name.decode(): digits.decode().upper() for name, digits in _PART.findall(data)}
        self._theme = [found.get(name, _BLACK) for name in _SCHEME]

    def six(self, colour: Any) -> str:
        """A colour; "" if there is none, or it is the program's own default."""
        if colour is None:
            return ""
        if colour.type == "rgb" and isinstance(colour.rgb, str):
            return "" if colour.rgb == "00000000" and not colour.tint else colour.rgb[-6:].upper()
        if colour.type == "theme" and isinstance(colour.theme, int) and colour.theme < len(self._theme):
            return _tinted(self._theme[colour.theme], colour.tint or 0)
        if colour.type == "indexed" and isinstance(colour.indexed, int) and colour.indexed < len(COLOR_INDEX):
            return COLOR_INDEX[colour.indexed][-6:].upper()
        return ""


def style_of(cell: Any, palette: Palette) -> Style:
    """A cell's look; what every program does anyway is left out."""
    font, alignment = cell.font, cell.alignment
    colour = palette.six(font.color)
    fill = cell.fill
    vertical = {"top": "top", "center": "middle"}.get(alignment.vertical, "")
    horizontal = alignment.horizontal if alignment.horizontal in ("left", "center", "right") else ""
    return Style(
        number_format="" if cell.number_format == "General" else cell.number_format,
        font="" if font.name in _DEFAULT_FONTS else font.name or "",
        size=0 if font.sz in _DEFAULT_SIZES else font.sz or 0,
        bold=bool(font.b),
        italic=bool(font.i),
        underline=bool(font.u),
        strike=bool(font.strike),
        colour="" if colour == _BLACK else colour,
        fill=palette.six(fill.fgColor) if fill.fill_type == "solid" else "",
        horizontal=horizontal,  # type: ignore[arg-type]
        vertical=vertical,  # type: ignore[arg-type]
        wrap=bool(alignment.wrap_text),
        lines=tuple(
            (palette.six(side.color) or _BLACK) if side is not None and side.style else ""
            for side in (cell.border.top, cell.border.right, cell.border.bottom, cell.border.left)
        ),  # type: ignore[arg-type]
    )


def _tinted(digits: str, tint: float) -> str:
    """A theme's colour made lighter (tint above 0) or darker (ECMA-376 section 18.3.1.15)."""
    if not tint:
        return digits
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    hue, light, strength = colorsys.rgb_to_hls(red, green, blue)
    light = light * (1 + tint) if tint < 0 else light * (1 - tint) + tint
    return "".join(f"{round(255 * part):02X}" for part in colorsys.hls_to_rgb(hue, light, strength))
