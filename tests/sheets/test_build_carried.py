"""An old list becomes a new tracker: read, recognised, carried over, and read again."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from sheetsync.errors import NoTrackerError, UsageError
from sheetsync.model import Value
from sheetsync.sheets import open_source
from sheetsync.start import start
from sheetsync.sync import propose

OLD = [
    ["My job hunt 2026"],
    [],
    ["Unternehmen", "Stelle", "Stand", "Beworben am", "Ansprechpartner", "Aktenzeichen", "Farbe"],
    ["Alder Foods", "Redakteurin", "Absage", "03.11.2026", "Jana Weber", "007", "=rot"],
    ["Birch Labs", "Texterin", "beworben", "14.11.2026", "", "=1+1", ""],
    ["Cobalt Media", "Lektorin", "beworben", "irgendwann", "", "-", "blau"],
]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "alt.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(OLD)
    return path


@pytest.fixture
def new(old: Path, tmp_path: Path) -> Path:
    path = tmp_path / "new.xlsx"
    start(path, old=open_source(str(old)))
    return path


def table(path: Path) -> list[dict[str, Value]]:
    """The rows of a workbook's first sheet by header, empty cells left out."""
    header, *rows = load_workbook(path).worksheets[0].iter_rows(values_only=True)
    return [{str(name): value for name, value in zip(header, row, strict=True) if value is not None} for row in rows]  # type: ignore[misc]


def test_the_rows_of_a_csv_stand_in_the_templates_columns(new: Path) -> None:
    assert [row["Company"] for row in table(new)] == ["Alder Foods", "Birch Labs", "Cobalt Media"]
    assert table(new)[0]["Role"] == "Redakteurin"
    assert table(new)[0]["Contact"] == "Jana Weber"


def test_text_dates_become_dates_and_unreadable_ones_stay(new: Path) -> None:
    applied = [row["Applied on"] for row in table(new)]
    assert applied == [dt.datetime(2026, 11, 3), dt.datetime(2026, 11, 14), "irgendwann"]


def test_columns_the_template_does_not_know_stay_at_the_right(new: Path) -> None:
    assert table(new)[0]["Farbe"] == "=rot"
    assert "007" in table(new)[0].values()


def test_no_cell_of_the_old_list_becomes_a_formula(new: Path) -> None:
    sheet = load_workbook(new).worksheets[0]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_the_old_list_is_not_touched(old: Path, tmp_path: Path) -> None:
    before = old.read_bytes(), old.stat().st_mtime_ns
    start(tmp_path / "new.xlsx", old=open_source(str(old)))
    assert (old.read_bytes(), old.stat().st_mtime_ns) == before


def test_the_new_tracker_is_planned_like_any_other(new: Path) -> None:
    plan = propose(open_source(str(new)), as_of=dt.date(2026, 11, 18)).plan.frame
    assert plan["follow_up"].tolist() == ["Closed", "Upcoming", "Needs info"]


def test_a_table_of_something_else_is_refused_and_makes_nothing(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Planet", "Moons", "Radius"], ["Mars", 2, 3390], ["Earth", 1, 6371]):
        sheet.append(row)
    book.save(tmp_path / "planets.xlsx")
    with pytest.raises(NoTrackerError):
        start(tmp_path / "new.xlsx", old=open_source(str(tmp_path / "planets.xlsx")))
    assert not (tmp_path / "new.xlsx").exists()


def test_an_unknown_template_makes_nothing(old: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="choose one of"):
        start(tmp_path / "new.xlsx", template="jobs", old=open_source(str(old)))
    assert not (tmp_path / "new.xlsx").exists()
