"""The sample tracker: what init makes of it, what the program makes of it, and the demo's copy."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

from sheetsync.errors import UsageError
from sheetsync.model import FOLLOW_UPS, KINDS
from sheetsync.sheets import open_source
from sheetsync.sheets.contents import sample_date
from sheetsync.start import start
from sheetsync.sync import propose

if TYPE_CHECKING:
    import pandas as pd

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample_tracker.xlsx"
Cells = dict[tuple[str, str], tuple[object, str]]


def cells(path: Path) -> Cells:
    """Every filled cell of a workbook: value and number format."""
    return {
        (sheet.title, cell.coordinate): (cell.value, cell.number_format)
        for sheet in load_workbook(path)
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def planned(path: Path, today: dt.date) -> pd.DataFrame:
    return propose(open_source(str(path)), as_of=today).plan.frame


@pytest.fixture(scope="module", params=range(7), ids=lambda days: f"{days} days on")
def any_weekday(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """The sample made and planned on each day of a week."""
    today = sample_date() + dt.timedelta(days=request.param)
    path = tmp_path_factory.mktemp("sample") / "tracker.xlsx"
    start(path, sample_on=today)
    return planned(path, today)


def test_the_committed_sample_is_what_init_makes_on_its_date(tmp_path: Path) -> None:
    start(tmp_path / "new.xlsx", sample_on=sample_date())
    assert cells(SAMPLE) == cells(tmp_path / "new.xlsx")


def test_the_sample_shows_every_kind(any_weekday: pd.DataFrame) -> None:
    assert set(KINDS) <= set(any_weekday["kind"])


def test_the_sample_shows_every_follow_up_word(any_weekday: pd.DataFrame) -> None:
    assert set(any_weekday["follow_up"]) == set(FOLLOW_UPS)


def test_the_sample_has_a_next_date_wherever_something_is_to_be_done(any_weekday: pd.DataFrame) -> None:
    busy = any_weekday[any_weekday["follow_up"].isin(["Overdue", "Due", "Upcoming"])]
    assert len(busy) >= 12
    assert busy["next_contact"].notna().all()
    assert (busy["contact_by"] >= busy["next_contact"]).all()
    assert (busy["why"] != "").all()


def test_the_sample_is_read_without_a_problem(tmp_path: Path) -> None:
    start(tmp_path / "new.xlsx", sample_on=sample_date())
    assert [
        problem.message for problem in propose(open_source(str(tmp_path / "new.xlsx")), as_of=sample_date()).problems
    ] == []


def test_the_demos_copy_is_the_sample_with_its_dates_moved(tmp_path: Path) -> None:
    today = dt.date(2027, 2, 3)
    copy, fresh = tmp_path / "demo" / "tracker.xlsx", tmp_path / "fresh.xlsx"
    command = [
        sys.executable,
        str(ROOT / "tools" / "make_demo.py"),
        str(SAMPLE),
        str(copy),
        "--as-of",
        today.isoformat(),
    ]
    subprocess.run(command, check=True, capture_output=True)
    start(fresh, sample_on=today)
    assert cells(copy) == cells(fresh)


def test_a_sample_of_another_template_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="The sample is a job search"):
        start(tmp_path / "new.xlsx", template="networking", sample_on=sample_date())
