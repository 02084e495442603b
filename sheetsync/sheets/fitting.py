"""Sheets as Excel takes them: names of sheets and tables that it allows. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from sheetsync.book import Check, Formula, ListRange, Sheet
from sheetsync.model import Problem, TableArea
from sheetsync.sheets.carried import Carried

_MAX_NAME: Final = 31
_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\]")
_NO_NAME: Final = re.compile(r"\W")
_LIKE_A_CELL: Final = re.compile(r"[A-Z]{1,3}\d+|R\d*C\d*|[RC]", re.IGNORECASE)


def fit_for_excel(carried: Carried) -> Carried:
    """The same with sheets and tables named as Excel allows; formulas and drop-downs follow, and it is told."""
    book = carried.book
    names = _sheet_names([sheet.name for sheet in book.sheets])
    problems = [
        Problem(new, None, None, f"In Excel the sheet {old!r} has to be called {new!r}.")
        for old, new in names.items()
        if old != new
    ]
    taken: set[str] = set()
    sheets = []
    for sheet in book.sheets:
        fitted, told = _fitted(sheet, names, taken)
        sheets.append(fitted)
        problems += told
    owned = replace(book.owned, sheet=names[book.owned.sheet]) if book.owned else None
    return Carried(replace(book, sheets=tuple(sheets), owned=owned), (*carried.problems, *problems))


def _sheet_names(names: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        plain = _FORBIDDEN.sub(" ", name).strip().strip("'")[:_MAX_NAME] or "Sheet"
        new, number = plain, 1
        while new.casefold() in taken:
            number += 1
            new = f"{plain[: _MAX_NAME - 5]} ({number})"
        taken.add(new.casefold())
        found[name] = new
    return found


def _fitted(sheet: Sheet, names: Mapping[str, str], taken: set[str]) -> tuple[Sheet, list[Problem]]:
    renamed = {old: new for old, new in names.items() if old != new}
    tables, problems = [], []
    for table in filter(None, (sheet.table, *sheet.more_tables)):
        if _has_headers(sheet, table):
            tables.append(replace(table, name=_table_name(table.name, taken)))
        else:
            message = (
                "Excel wants every column of a table to have a header of its own: this table is plain cells there."
            )
            problems.append(Problem(names[sheet.name], None, None, message))
    columns = sheet.columns
    if renamed:
        columns = tuple(
            [
                replace(value, text=_renamed(value.text, renamed)) if isinstance(value, Formula) else value
                for value in values
            ]
            for values in columns
        )
    fitted = replace(
        sheet,
        name=names[sheet.name],
        columns=columns,
        table=tables[0] if tables else None,
        more_tables=tuple(tables[1:]),
        checks=tuple(_check(check, names) for check in sheet.checks),
        rules=tuple(replace(rule, formula=_renamed(rule.formula, renamed)) for rule in sheet.rules),
    )
    return fitted, problems


def _check(check: Check, names: Mapping[str, str]) -> Check:
    words = check.dropdown
    if not isinstance(words, ListRange) or words.sheet not in names:
        return check
    return replace(check, dropdown=replace(words, sheet=names[words.sheet]))


def _renamed(formula: str, renamed: Mapping[str, str]) -> str:
    for old, new in renamed.items():
        quoted = new.replace("'", "''")
        for text in ("'" + old.replace("'", "''") + "'!", f"{old}!"):
            formula = formula.replace(text, f"'{quoted}'!")
    return formula


def _has_headers(sheet: Sheet, table: TableArea) -> bool:
    area = table.area
    texts = [
        sheet.columns[column - 1][area.top - 1] if area.top <= len(sheet.columns[column - 1]) else None
        for column in range(area.left, min(area.right, len(sheet.columns)) + 1)
    ]
    plain = {text.casefold() for text in texts if isinstance(text, str) and text.strip()}
    return len(plain) == area.right - area.left + 1 and area.bottom > area.top


def _table_name(name: str, taken: set[str]) -> str:
    plain = _NO_NAME.sub("_", name) or "Table"
    if not (plain[0].isalpha() or plain[0] == "_") or _LIKE_A_CELL.fullmatch(plain):
        plain = f"_{plain}"
    new, number = plain[:200], 1
    while new.casefold() in taken:
        number += 1
        new = f"{plain[:200]}_{number}"
    taken.add(new.casefold())
    return new
