"""How the sheets made here look, whatever program they are made in. Pure."""

from __future__ import annotations

from typing import Final

from sheetsync.book import Style

INK: Final = "1F2D3A"
FAINT: Final = "5A6B78"
_LINE: Final = ("", "", "DDE3E8", "")
_HEADER_FILL: Final = "2F4B5C"

HEADER: Final = Style(bold=True, colour="FFFFFF", fill=_HEADER_FILL, vertical="middle", wrap=True)
BODY: Final = Style(colour=INK, vertical="middle", lines=_LINE)
ROLES: Final = {
    "text": BODY,
    "key": Style(bold=True, colour=INK, vertical="middle", lines=_LINE),
    "help": Style(colour=FAINT, vertical="middle", lines=_LINE),
}
"""A column's role -> the look of its cells."""
TITLE: Final = Style(bold=True, size=18, colour=_HEADER_FILL, vertical="middle")
REMARK: Final = Style(italic=True, colour=FAINT, vertical="middle")
TABS: Final = {"tracker": "2F4B5C", "log": "7B9BAE", "setup": "C9D3DA"}
"""What a sheet is for -> the colour of its tab."""
CHART_COLOURS: Final = ("2F4B5C", "E0A458", "B5483A", "C9D3DA")
"""Of a chart's series that name none, in order: told apart by how light they are as well."""
CHART_GAP: Final = 10
"""Pixels between a chart and what stands right of it."""
HEADER_HEIGHT: Final = 32
