"""Formulas of a sheet: where they stand, which have no saved result, and which read given columns (18.3.1.40)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Final

from sheetsync.model import Area, column_number
from sheetsync.sheets.ooxml.cells import Scanner, number
from sheetsync.sheets.ooxml.package import Package
from sheetsync.sheets.ooxml.table import read_area
from sheetsync.sheets.ooxml.workbook import SheetEntry, Workbook
from sheetsync.sheets.ooxml.worksheet import Worksheet

_REFERENCE: Final = re.compile(
    r"""(?P<text>"(?:[^"]|"")*")"""
    r"""|(?:(?:'(?P<quoted>(?:[^']|'')+)'|(?P<plain>[^\s'"!(),:;=<>&+*/^{}-]+(?::[^\s'"!(),:;=<>&+*/^{}-]+)?))(?P<bang>!))?"""
    r"""(?<![\w.\\])(?:\$?(?P<left>[A-Z]{1,3})\$?(?P<top>\d{1,7})(?::\$?(?P<right>[A-Z]{1,3})\$?\d{1,7})?"""
    r"""|\$?(?P<first>[A-Z]{1,3}):\$?(?P<last>[A-Z]{1,3})|\$?(?P<upper>\d{1,7}):\$?(?P<lower>\d{1,7}))(?![\w.(!])""",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Formulas:
    """The formulas of one sheet."""

    rows: dict[int, set[int]] = field(default_factory=dict)
    """Column -> rows that hold one; a range filled by an array formula or a data table counts whole."""
    unsaved: dict[int, set[int]] = field(default_factory=dict)
    """Column -> rows whose formula has no saved result."""


def find_formulas(sheet: Worksheet) -> Formulas:
    """Where the sheet's formulas stand."""
    found = Formulas()
    for row, column, formula_tag, _text, saved in _cells(sheet):
        found.rows.setdefault(column, set()).add(row)
        if not saved:
            found.unsaved.setdefault(column, set()).add(row)
        if b"array" in formula_tag or b"dataTable" in formula_tag:
            area = _area(formula_tag)
            for other in range(area.left, area.right + 1) if area else ():
                found.rows.setdefault(other, set()).update(range(area.top, area.bottom + 1) if area else ())
    return found


@dataclass(frozen=True, slots=True)
class Target:
    """Columns of a sheet that formulas may read."""

    sheet: str
    columns: frozenset[int]
    table: str | None = None
    """The table that stands around them."""
    headers: frozenset[str] = frozenset()


def read_target(sheet: Worksheet, target: Target, *, own_sheet: bool) -> bool:
    """Whether a formula of `sheet` reads the target. `own_sheet`: whether the target is on that very sheet.

    A formula that fills down or right counts with every place it fills.
    """
    for _row, column, formula_tag, text, _saved in _cells(sheet):
        if not text:
            continue
        area = _area(formula_tag) if b"shared" in formula_tag else None
        formula = unescape(text.decode("utf-8", "replace"))
        shift = max(area.right - column, 0) if area else 0
        if reads(formula, target, own_sheet=own_sheet, shift=shift):
            return True
    return False


def reads(formula: str, target: Target, *, own_sheet: bool, shift: int = 0) -> bool:
    """Whether a formula's text reads the target, itself or filled up to `shift` columns to the right."""
    if _names_table(formula.casefold(), target):
        return True
    name, columns = target.sheet, target.columns
    for match in _REFERENCE.finditer(formula):
        if match["text"]:
            continue
        if match["bang"]:
            sheet = (match["quoted"] or match["plain"] or "").replace("''", "'")
            if sheet.casefold() != name.casefold() and ":" not in sheet:
                continue
        elif not own_sheet:
            continue
        if match["upper"]:
            return True
        left = column_number(match["left"] or match["first"])
        right = column_number(match["right"] or match["last"] or match["left"])
        if any(min(left, right) <= column <= max(left, right) + shift for column in columns):
            return True
    return False


def is_read(package: Package, workbook: Workbook, sheet: Worksheet, entry: SheetEntry, target: Target) -> bool:
    """Whether a formula or a name of the person reads the target."""
    if any(reads(name.text, target, own_sheet=False) for name in workbook.names if not name.name.startswith("_")):
        return True
    for other in workbook.sheets:
        if other.kind == "worksheet":
            own = other.index == entry.index
            part = sheet if own else Worksheet.of(package, other.part)
            if read_target(part, target, own_sheet=own):
                return True
    return False


def _names_table(formula: str, target: Target) -> bool:
    """Whether a structured reference covers the target: one of its columns by name, a span of columns, or the whole."""
    if any(f"[{header.casefold()}]" in formula for header in target.headers):
        return True
    if target.table is None or (table := target.table.casefold()) not in formula:
        return False
    return (
        re.search(rf"(?<![\w.]){re.escape(table)}(?![\w.\[]|\[[^\]]*\w)|\[#(?:all|data)\]\]?(?!,)|\]:\[", formula)
        is not None
    )


def _cells(sheet: Worksheet) -> Iterator[tuple[int, int, bytes, bytes, bool]]:
    """The formula cells: row, column, the formula's start tag, its text, and whether it has a saved result."""
    if not sheet.has_formulas:
        return
    prefix = re.escape(sheet.prefix)
    cell = re.compile(
        rb"<" + prefix + rb"c(?P<tag>\s[^<>]*|)>\s*(?P<formula><" + prefix + rb"f(?:\s[^<>]*)?>)"
        rb"(?:(?<!/>)(?P<text>[^<]*)</" + prefix + rb"f\s*>)?\s*"
        rb"(?P<value><" + prefix + rb"v(?:\s[^<>]*)?>(?P<saved>[^<]*))?"
    )
    reference = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,3})(\d+)["']""")
    kind = re.compile(rb"""\st\s*=\s*["']str["']""")
    close = b"</" + sheet.prefix + b"row>"
    if not sheet.careful:
        carry = b""
        for chunk in sheet.body():
            block = carry + chunk
            cut = block.rfind(close)
            if cut < 0:
                carry = block
                continue
            carry = block[cut:]
            for match in cell.finditer(block, 0, cut):
                place = reference.search(match["tag"])
                if place is None:
                    yield from _all_cells(sheet, cell, kind)
                    return
                saved = bool(match["saved"]) or (match["value"] is not None and kind.search(match["tag"]) is not None)
                yield int(place[2]), number(place[1].upper()), match["formula"], match["text"] or b"", saved
    else:
        yield from _all_cells(sheet, cell, kind)


def _all_cells(
    sheet: Worksheet, cell: re.Pattern[bytes], kind: re.Pattern[bytes]
) -> Iterator[tuple[int, int, bytes, bytes, bool]]:
    """The same, where rows and cells may have no reference or comments stand between: every cell is looked at."""
    body = re.sub(rb"<!--.*?-->|<\?.*?\?>", b"", b"".join(sheet.body()), flags=re.DOTALL)
    scanner = Scanner(sheet.prefix)
    name = re.escape(sheet.prefix)
    row = 0
    for match in re.finditer(
        rb"<" + name + rb"row(?=[\s/>])([^<>]*)>(.*?)(?=<" + name + rb"row[\s/>]|\Z)", body, re.DOTALL
    ):
        found = re.search(rb"""\sr\s*=\s*["'](\d+)["']""", match[1])
        row = int(found[1]) if found else row + 1
        for place in scanner.cells(match[2]):
            raw = match[2][place.start : place.end]
            formula = cell.match(raw)
            if formula is not None:
                saved = bool(formula["saved"]) or (
                    formula["value"] is not None and kind.search(formula["tag"]) is not None
                )
                yield row, place.column, formula["formula"], formula["text"] or b"", saved


def _area(formula_tag: bytes) -> Area | None:
    match = re.search(rb"""\sref\s*=\s*["']([^"']+)["']""", formula_tag)
    return read_area(match[1].decode("ascii", "replace")) if match else None
