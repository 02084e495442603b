"""A second opinion on what a workbook holds: openpyxl's, which shares no code with the other judges."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final

import openpyxl
from openpyxl.utils import get_column_letter

from judges.package import Package

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_ASPECTS: Final = ("value", "number format", "font", "fill", "border", "alignment", "protection", "link", "comment")
MOST_CELLS: Final = 400_000
"""Larger sheets are left to the other judges: openpyxl needs a kilobyte a cell."""


def same_to_openpyxl(
    before: Path, after: Path, sheet: str, except_columns: AbstractSet[int] = frozenset()
) -> list[str]:
    """Differences that openpyxl sees outside the columns named, in every sheet of the workbook.

    A workbook it could not open before is not judged; one it cannot open any more is a finding. The font of a workbook
    without any styles is openpyxl's invention.
    """
    findings: list[str] = []
    plain = Package(before).styles is None
    for saved in (False, True):
        try:
            old = opened(before, saved=saved)
        except Exception:  # noqa: BLE001 - openpyxl raises anything over files it does not know
            return findings
        try:
            new = opened(after, saved=saved)
        except Exception as error:  # noqa: BLE001
            return [f"openpyxl cannot open it any more: {error}"]
        findings += [
            finding
            for finding in _same_books(old, new, sheet, except_columns, saved=saved)
            if not (plain and finding.endswith(": font changed"))
        ]
    return findings


def opened(path: Path, *, saved: bool = False) -> Workbook:
    """A workbook as openpyxl reads it, with the `saved` results of formulas or the formulas; its warnings are dropped."""
    with warnings.catch_warnings(), path.open("rb") as file:
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(file, data_only=saved, rich_text=True)


def _same_books(old: Workbook, new: Workbook, sheet: str, without: AbstractSet[int], *, saved: bool) -> list[str]:
    if old.sheetnames != new.sheetnames:
        return [f"the sheets were {old.sheetnames} and are {new.sheetnames}"]
    findings: list[str] = []
    for one, other in zip(old.worksheets, new.worksheets, strict=True):
        skipped = without if one.title == sheet else frozenset()
        if (one.max_row or 0) * (one.max_column or 0) <= MOST_CELLS:
            findings += _same_cells(one, other, skipped, saved=saved)
        if not saved:
            findings += _same_things(one, other)
    return findings


def _same_cells(one: Worksheet, other: Worksheet, without: AbstractSet[int], *, saved: bool) -> list[str]:
    left, right = _cells(one, without, saved=saved), _cells(other, without, saved=saved)
    findings: list[str] = []
    for row, column in sorted(left.keys() | right.keys()):
        old, new = left.get((row, column)), right.get((row, column))
        if old == new:
            continue
        changed = ", ".join(name for name, a, b in zip(_ASPECTS, old or (), new or (), strict=False) if a != b) or "it"
        findings.append(f"openpyxl: {one.title}!{get_column_letter(column)}{row}: {changed} changed")
    return findings


def _cells(page: Worksheet, without: AbstractSet[int], *, saved: bool) -> dict[tuple[int, int], tuple[object, ...]]:
    looks: dict[bytes, tuple[str, ...]] = {}
    return {
        place: _aspects(cell, looks, saved=saved)
        for place, cell in page._cells.items()  # noqa: SLF001 - the cells that exist; the public ways make new ones
        if place[1] not in without
    }


def _aspects(cell: Any, looks: dict[bytes, tuple[str, ...]], *, saved: bool) -> tuple[object, ...]:
    value = _value(cell.value)
    if saved:
        return (value,)
    style = cell._style.tobytes() if getattr(cell, "_style", None) else b""  # noqa: SLF001 - to word each style once only
    if style not in looks:
        found = (cell.number_format, cell.font, cell.fill, cell.border, cell.alignment, cell.protection)
        looks[style] = tuple(map(repr, found))
    link = cell.hyperlink.ref + str(cell.hyperlink.target or cell.hyperlink.location) if cell.hyperlink else None
    return (value, *looks[style], link, cell.comment.text if cell.comment else None)


def _value(value: object) -> object:
    """A value that equals only its like: 1, 1.0 and True are three, an array formula is what it says."""
    if isinstance(value, str) and type(value) is str:
        return value
    return (type(value).__name__, str(getattr(value, "__dict__", None) or repr(value)))


def _same_things(one: Worksheet, other: Worksheet) -> list[str]:
    left, right = _things(one), _things(other)
    return [f"openpyxl: {one.title}: its {name} changed" for name in left if left[name] != right[name]]


def _things(page: Worksheet) -> dict[str, object]:
    return {
        "merged cells": sorted(str(area) for area in page.merged_cells.ranges),
        "validations": sorted(repr(rule) for rule in page.data_validations.dataValidation),
        "tables": sorted(page.tables),
        "images": len(page._images),  # type: ignore[attr-defined] # noqa: SLF001 - there is no public list of them
        "charts": len(page._charts),  # type: ignore[attr-defined] # noqa: SLF001
        "rules": sorted(
            f"{block.sqref} {rule.type} {rule.priority} {rule.formula}"
            for block in page.conditional_formatting
            for rule in block.rules
            if not any("sheetsync:" in str(text) for text in rule.formula)
        ),
        "frozen panes": page.freeze_panes,
        "print area": str(page.print_area),
        "protection": repr(page.protection),
    }
