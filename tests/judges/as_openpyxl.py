"""A second opinion on what a workbook holds: openpyxl's, which shares no code with the other judges."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final

import openpyxl
from openpyxl.utils import get_column_letter

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

    A workbook it could not open before is not judged; one it cannot open any more is a finding.
    """
    findings: list[str] = []
    for saved in (False, True):
        try:
            old = _load(before, saved=saved)
        except Exception:  # noqa: BLE001 - openpyxl raises anything over files it does not know
            return findings
        try:
            new = _load(after, saved=saved)
        except Exception as error:  # noqa: BLE001
            return [f"openpyxl cannot open it any more: {error}"]
        findings += _same_books(old, new, sheet, except_columns, saved=saved)
    return findings


def _load(path: Path, *, saved: bool) -> Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(path, data_only=saved, keep_vba=True, rich_text=True)


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
    findings: list[str] = []
    known = {place for place in one._cells if place[1] not in without}  # noqa: SLF001 - the cells there are
    found = {place for place in other._cells if place[1] not in without}  # noqa: SLF001
    for row, column in sorted(known | found):
        left, right = (_aspects(page.cell(row, column), saved=saved) for page in (one, other))
        changed = [name for name, a, b in zip(_ASPECTS, left, right, strict=False) if a != b]
        if changed:
            place = f"{one.title}!{get_column_letter(column)}{row}"
            findings.append(f"openpyxl: {place}: {', '.join(changed)} changed")
    return findings


def _aspects(cell: Any, *, saved: bool) -> tuple[object, ...]:
    if saved:
        return (repr(cell.value),)
    value = getattr(cell.value, "__dict__", None) or repr(cell.value)
    look = (cell.number_format, cell.font, cell.fill, cell.border, cell.alignment, cell.protection)
    link = cell.hyperlink.ref + str(cell.hyperlink.target or cell.hyperlink.location) if cell.hyperlink else None
    return (str(value), *map(repr, look), link, cell.comment.text if cell.comment else None)


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
