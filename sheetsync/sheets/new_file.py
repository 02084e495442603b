"""A new file: the same bytes for the same contents."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import Final

from lxml import etree
from openpyxl.utils.datetime import to_excel

from sheetsync.book import Chart
from sheetsync.model import Value

_FONT_ORDER: Final = (
    "b", "i", "strike", "condense", "extend", "outline", "shadow", "u", "vertAlign", "sz", "color", "name", "family",
    "charset", "scheme",
)  # fmt: skip
_STAMPS: Final = re.compile(rb"<dcterms:(created|modified)\b.*?</dcterms:\1>", re.DOTALL)
_DRAWING: Final = re.compile(r"xl/drawings/drawing(\d+)\.xml")
_NO_NAMES: Final = re.compile(rb"<definedNames\s*/>")
"""openpyxl writes the list even where it has nothing in it, which ECMA-376 section 18.2.6 does not allow."""
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def finished(
    data: bytes,
    results: Mapping[str, Mapping[str, Value]] | None = None,
    *,
    charts: Sequence[tuple[Chart, ...]] = (),
) -> bytes:
    """The same package, valid, and without the moment of its making, so that equal contents are equal bytes.

    `results` are the known results of formulas, by part and cell, which openpyxl cannot write: a program that only reads
    (ours among them) finds nothing in a formula's cell otherwise. `charts` are those of each sheet that has some, in order:
    openpyxl cannot say what a chart shows to whoever cannot see it.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":
                part = _STAMPS.sub(b"", part)
            elif name == "xl/workbook.xml":
                part = _NO_NAMES.sub(b"", part)
            elif name == "xl/styles.xml":
                part = _fonts_in_order(part)
            elif charts and (drawing := _DRAWING.fullmatch(name)):
                from sheetsync.sheets.charts import described

                part = described(part, charts[int(drawing[1]) - 1])
            elif results and results.get(name):
                part = _with_results(part, results[name])
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            new.writestr(entry, part)
    return stream.getvalue()


def _with_results(part: bytes, results: Mapping[str, Value]) -> bytes:
    """A sheet whose formulas have their results (ECMA-376 section 18.3.1.4)."""
    root = etree.fromstring(part)
    for cell in root.iter(f"{{{_MAIN}}}c"):
        result = results.get(cell.get("r") or "")
        formula = cell.find(f"{{{_MAIN}}}f")
        if result is None or formula is None:
            continue
        for old in cell.findall(f"{{{_MAIN}}}v"):
            cell.remove(old)
        kind, text = _as_saved(result)
        cell.set("t", kind)
        etree.SubElement(cell, f"{{{_MAIN}}}v").text = text
    return etree.tostring(root)


def _as_saved(result: Value) -> tuple[str, str]:
    """A result's type and text."""
    if isinstance(result, bool):
        return "b", str(int(result))
    if isinstance(result, str):
        return "str", escape(result)[:MAX_TEXT]
    dated = isinstance(result, dt.date | dt.time | dt.timedelta)
    return "n", str(to_excel(result)) if dated else repr(result)  # type: ignore[no-untyped-call]


def _fonts_in_order(styles: bytes) -> bytes:
    """A stylesheet whose fonts hold their properties as the schema wants them (ECMA-376 18.8.22); openpyxl does not."""
    root = etree.fromstring(styles)
    for font in root.iter(f"{{{_MAIN}}}font"):
        font[:] = sorted(font, key=lambda item: _FONT_ORDER.index(etree.QName(item).localname))
    return etree.tostring(root)


MAX_TEXT: Final = 32_767
"""Characters of a cell."""
_ESCAPED: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f]")


def escape(text: str) -> str:
    """A text as a file holds it.

    "_x0041_" typed by a person must not be read as an escaped "A"; control characters may only stand escaped.
    """
    return _ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
