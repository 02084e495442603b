"""LibreOffice as a judge is judged: it truly calculates, and truly evaluates the rules that colour cells."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from judges import office
from judges.marks import needs_office
from judges.specimen import HEADER_ROW, HIDDEN_ROW, SHEET, alter, copied, make_specimen, replacing

if TYPE_CHECKING:
    from pathlib import Path

RULES = "xl/worksheets/sheet1.xml"
RED, AMBER = "#FFC7CE", "#FFC000"

pytestmark = needs_office


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The specimen, its red rule being: applied more than a week ago, by TODAY()."""
    path = make_specimen(tmp_path_factory.mktemp("office") / "dated.xlsx")
    alter(path, {RULES: replacing('$E5="Rejected"', "AND(ISNUMBER($F5),TODAY()-$F5&gt;7)")})
    return path


def coloured(path: Path, today: dt.date) -> set[int]:
    """The rows whose company cell is red on a day."""
    (seen,) = office.examine([path], today=today)
    return {row for (row, column), colour in seen.pages[SHEET].colours.items() if column == 1 and colour == RED}


def test_a_rule_colours_what_its_formula_says_on_the_day_it_is(dated: Path) -> None:
    assert coloured(dated, dt.date(2026, 11, 9)) == {6, 7, 8, 11}
    assert coloured(dated, dt.date(2026, 11, 10)) == {5, 6, 7, 8, 11}


def test_a_rule_that_never_holds_colours_nothing(dated: Path, tmp_path: Path) -> None:
    other = copied(dated, tmp_path / "other.xlsx")
    alter(other, {RULES: replacing("ISNUMBER($F5)", "ISTEXT($F5)")})
    assert coloured(other, dt.date(2026, 11, 10)) == set()


def test_a_hidden_row_keeps_its_place(dated: Path) -> None:
    assert HIDDEN_ROW in coloured(dated, dt.date(2026, 11, 20))


def test_formulas_are_calculated_anew(dated: Path) -> None:
    (seen,) = office.examine([dated], today=dt.date(2026, 11, 20))
    assert seen.pages[SHEET].values[HEADER_ROW + 1, 9] == 18
    assert seen.pages["Costs"].values[7, 3] == 3
    assert all(not page.errors for page in seen.pages.values())


def test_a_formula_that_fails_is_found(dated: Path, tmp_path: Path) -> None:
    other = copied(dated, tmp_path / "other.xlsx")
    alter(other, {RULES: replacing('<f>IF(F5="","",TODAY()-F5)</f>', "<f>1/0</f>")})
    (seen,) = office.examine([other])
    assert seen.pages[SHEET].errors == {(5, 9)}


def test_a_file_that_is_no_workbook_is_an_error(tmp_path: Path) -> None:
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(b"PK\x03\x04 no workbook")
    (seen,) = office.examine([bad])
    assert seen.error


def test_a_workbook_is_converted_and_drawn(dated: Path, tmp_path: Path) -> None:
    assert office.convert(dated, "csv", tmp_path).read_text(encoding="utf-8").startswith("Applications 2026")
    assert office.picture(dated, tmp_path)[0].read_bytes().startswith(b"\x89PNG")
