"""References in formulas: found without being fooled by texts and function names, and rewritten when cells move."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from emulator.a1 import column_number, letters

_TOKEN = re.compile(
    r'"(?:[^"]|"")*"'
    r"|(?P<sheet>(?:'(?:[^']|'')+'|[A-Za-z_][A-Za-z0-9_.]*)!)?"
    r"(?:(?P<c1>\$?[A-Za-z]{1,3})(?P<r1>\$?[1-9][0-9]*)?:(?P<c2>\$?[A-Za-z]{1,3})(?P<r2>\$?[1-9][0-9]*)?"
    r"|(?P<c>\$?[A-Za-z]{1,3})(?P<r>\$?[1-9][0-9]*)"
    r"|(?P<ra>\$?[1-9][0-9]*):(?P<rb>\$?[1-9][0-9]*))(?![A-Za-z0-9_.(!])"
    r"|'(?:[^']|'')*'"
    r"|[A-Za-z_][A-Za-z0-9_.]*"
    r"|[0-9][0-9.]*"
)


@dataclass(frozen=True)
class Mark:
    """One side of a reference in one dimension: a 0-based index, and whether a `$` holds it."""

    index: int
    fixed: bool


@dataclass(frozen=True)
class Reference:
    """A cell or a block: rows and columns from first to last; None where the side is open (`A:C`, `2:3`, `A2:C`)."""

    sheet: str | None
    top: Mark | None
    bottom: Mark | None
    left: Mark | None
    right: Mark | None
    single: bool

    def text(self) -> str:
        """The reference in A1 notation, without its sheet."""
        first = _side(self.left, self.top)
        return first if self.single else f"{first}:{_side(self.right, self.bottom)}"


def rewrite(formula: str, change: Callable[[Reference], Reference | None]) -> str:
    """The formula with every reference changed; None makes it `#REF!`. Texts and names are left alone."""
    if not formula.startswith("="):
        return formula

    def replaced(match: re.Match[str]) -> str:
        reference = _read(match)
        if reference is None:
            return match[0]
        changed = change(reference)
        if changed == reference:
            return match[0]
        return f"{changed.sheet or ''}{changed.text()}" if changed else f"{match['sheet'] or ''}#REF!"

    return _TOKEN.sub(replaced, formula)


def shifted(formula: str, rows: int, columns: int) -> str:
    """The formula as it reads when copied that far: what no `$` holds moves along."""
    if not (rows or columns):
        return formula

    def move(reference: Reference) -> Reference | None:
        top, bottom = _moved(reference.top, rows), _moved(reference.bottom, rows)
        left, right = _moved(reference.left, columns), _moved(reference.right, columns)
        if any(mark is not None and mark.index < 0 for mark in (top, bottom, left, right)):
            return None
        return Reference(reference.sheet, top, bottom, left, right, reference.single)

    return rewrite(formula, move)


def title_of(reference: Reference) -> str | None:
    """The title of the sheet a reference names."""
    if reference.sheet is None:
        return None
    name = reference.sheet.removesuffix("!")
    return name[1:-1].replace("''", "'") if name.startswith("'") else name


def _moved(mark: Mark | None, distance: int) -> Mark | None:
    return mark if mark is None or mark.fixed else Mark(mark.index + distance, fixed=False)


def _side(column: Mark | None, row: Mark | None) -> str:
    text = ""
    if column is not None:
        text += "$" * column.fixed + letters(column.index)
    if row is not None:
        text += "$" * row.fixed + str(row.index + 1)
    return text


def _read(match: re.Match[str]) -> Reference | None:
    sheet = match["sheet"]
    if match["c"]:
        row, column = _row(match["r"]), _column(match["c"])
        return Reference(sheet, row, row, column, column, single=True)
    if match["c1"]:
        return Reference(
            sheet, _row(match["r1"]), _row(match["r2"]), _column(match["c1"]), _column(match["c2"]), single=False
        )
    if match["ra"]:
        return Reference(sheet, _row(match["ra"]), _row(match["rb"]), None, None, single=False)
    return None


def _row(text: str | None) -> Mark | None:
    return Mark(int(text.lstrip("$")) - 1, text.startswith("$")) if text else None


def _column(text: str) -> Mark:
    return Mark(column_number(text), text.startswith("$"))
