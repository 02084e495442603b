"""The Today sheet: formulas alone, recalculated by LibreOffice, and compared with what `due` says."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from judges import office
from judges.marks import needs_office
from openpyxl import load_workbook

from sheetsync.book import Book, Formula, Sheet
from sheetsync.model import OWNED
from sheetsync.resources import read_toml
from sheetsync.sheets import open_source
from sheetsync.sheets.build import build_workbook
from sheetsync.sheets.contents import sample_date
from sheetsync.sheets.house import new_book
from sheetsync.sheets.today import Places, today_sheet
from sheetsync.start import new_tracker, start
from sheetsync.sync import propose, sync
from sheetsync.words import action_words

if TYPE_CHECKING:
    import pandas as pd

DAY = sample_date()
FIRST: Final = 6
"""The list's first row."""


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("today") / "tracker.xlsx"
    start(path, sample_on=DAY)
    sync(open_source(str(path)), as_of=DAY)
    return path


def plan(path: Path, today: dt.date) -> pd.DataFrame:
    return propose(open_source(str(path)), as_of=today).plan.frame


def due(frame: pd.DataFrame) -> list[int]:
    """The rows that `due` lists, in its order."""
    now = frame[frame["follow_up"].isin(["Overdue", "Due"]) & (frame["rank"] > 0)]
    return [int(row) for row in now.sort_values("rank").index]


Values = dict[tuple[int, int], str | float]


def shown(path: Path, today: dt.date) -> tuple[Values, list[int], list[int]]:
    """The sheet as LibreOffice works it out that day, the rows listed as due, and those to come."""
    (found,) = office.examine([path], today=today)
    page = found.pages["Today"]
    assert not page.errors
    values = page.values  # noqa: PD011 - no frame of pandas
    headers = {values[FIRST - 1, column]: column for column in range(1, 12) if (FIRST - 1, column) in values}
    now: list[int] = []
    soon: list[int] = []
    for line in range(FIRST, FIRST + 30):
        row = values.get((line, headers["Row"]))
        if row not in (None, ""):
            state = str(values[line, headers["Follow-up"]])
            (now if state.startswith(("Overdue", "Due")) else soon).append(int(float(str(row))))
    return values, now, soon


@needs_office
def test_on_the_day_of_the_sync_it_lists_what_due_lists_in_its_order(synced: Path) -> None:
    _, now, _ = shown(synced, DAY)
    assert now == due(plan(synced, DAY))


@needs_office
@pytest.mark.parametrize("days", [1, 2, 3])
def test_days_later_without_a_sync_it_lists_what_due_lists(synced: Path, days: int) -> None:
    """But for rows whose step expired, went cold or was moved meanwhile, which only a sync can know."""
    before, after = plan(synced, DAY), plan(synced, DAY + dt.timedelta(days=days))
    same = (before["next_contact"] == after["next_contact"]) & (before["action"] == after["action"])
    kept = {int(row) for row in after.index[same & ~after["follow_up"].isin(["Cold", "Paused"])]}
    _, now, _ = shown(synced, DAY + dt.timedelta(days=days))
    wanted = [row for row in due(after) if row in kept]
    assert [row for row in now if row in kept] == wanted
    assert len(wanted) >= 10


@needs_office
def test_what_comes_within_a_week_stands_below_the_soonest_first(synced: Path) -> None:
    frame = plan(synced, DAY)
    last = DAY + dt.timedelta(days=7)
    coming = frame[(frame["follow_up"] == "Upcoming") & (frame["next_contact"].dt.date <= last)]
    _, _, soon = shown(synced, DAY)
    assert soon == coming.sort_values("rank").index.tolist()


@needs_office
def test_it_counts_what_is_overdue_due_and_to_come(synced: Path) -> None:
    counts = plan(synced, DAY)["follow_up"].value_counts()
    values, _, _ = shown(synced, DAY)
    assert values[2, 2] == f"{counts['Overdue']} overdue"
    assert values[2, 3] == f"{counts['Due']} due"


@needs_office
def test_a_tracker_never_synced_says_what_to_do_and_lists_nothing(tmp_path: Path) -> None:
    start(tmp_path / "new.xlsx")
    values, now, soon = shown(tmp_path / "new.xlsx", DAY)
    assert "sheetsync sync" in str(values[4, 1])
    assert (now, soon) == ([], [])


@needs_office
def test_a_sync_after_it_was_made_fills_it(tmp_path: Path) -> None:
    """Rows added below, sorted and inserted are seen: the references are to whole columns."""
    book, _ = new_tracker(sample_on=DAY)
    first = book.sheets[0]
    turned = Sheet(
        first.name,
        tuple([values[0], *list(values[1:])[::-1]] for values in first.columns),
        first.looks,
        table=first.table,
        row_height=first.row_height,
        tab="tracker",
    )
    path = tmp_path / "turned.xlsx"
    build_workbook(path, Book((turned, *book.sheets[1:]), owned=book.owned))
    sync(open_source(str(path)), as_of=DAY)
    _, now, _ = shown(path, DAY)
    assert now == due(plan(path, DAY))


def test_it_is_not_taken_for_a_tracker(synced: Path) -> None:
    layout = propose(open_source(str(synced)), as_of=DAY).layout
    assert layout.sheet == "Job search"
    assert "Today" not in layout.other_trackers


def test_a_second_sync_changes_nothing(synced: Path) -> None:
    before = synced.read_bytes()
    assert not sync(open_source(str(synced)), as_of=DAY).receipt.written
    assert synced.read_bytes() == before


def test_the_first_sync_adds_no_column_where_init_made_them_ready(tmp_path: Path) -> None:
    start(tmp_path / "new.xlsx", sample_on=DAY)
    changes = propose(open_source(str(tmp_path / "new.xlsx")), as_of=DAY).changes
    assert (changes.add, set(changes.after)) == ((), set(OWNED))


def formulas(sheet: Sheet) -> list[str]:
    return [value.text for values in sheet.columns for value in values if isinstance(value, Formula)]


@pytest.fixture(scope="module")
def made() -> Sheet:
    columns = {"company": 1, "role": 2, "contact": 3, "email": 4, "kind": 5, "stage": 6}
    return today_sheet(Places("Bob's jobs", 3, 40, {**columns, **{key: 7 + n for n, key in enumerate(OWNED)}}))


def test_no_formula_breaks_a_limit_of_excel(made: Sheet) -> None:
    for text in formulas(made):
        assert len(text) <= 8192
        assert all(len(constant) - 2 <= 255 for constant in re.findall(r'"(?:[^"]|"")*"', text))


def test_only_functions_of_every_program_are_used(made: Sheet) -> None:
    known = (
        "AND CHAR CHOOSE COUNT COUNTIF COUNTIFS FIND HYPERLINK IF IFERROR INDEX INT ISNUMBER LEFT LEN MATCH MAX MIN OR "
        "ROW SUBSTITUTE SUMPRODUCT TODAY"
    )
    used = {name for text in formulas(made) for name in re.findall(r"\b([A-Z]+)\(", re.sub(r'"[^"]*"', '""', text))}
    assert sorted(used) == known.split()


def test_a_tracker_with_few_columns_has_a_list_without_the_others() -> None:
    needed = {"company": 2, "link": 3, "next_contact": 4, "contact_by": 5, "follow_up": 6}
    sheet = today_sheet(Places("Clients", 1, 5, needed))
    headers = [values[FIRST - 2] for values in sheet.columns if values[FIRST - 2] is not None]
    assert headers[:4] == ["Company", "Follow-up", "Contact by", "Row"]
    assert "Email" not in headers


def test_it_holds_no_value_of_the_tracker(synced: Path) -> None:
    texts: set[object] = {
        cell.value for row in load_workbook(synced)["Today"].iter_rows() for cell in row if cell.data_type != "f"
    }
    assert "Larkspur Libraries" not in texts


def test_a_new_book_has_it_for_every_template() -> None:
    from sheetsync.sheets.contents import blank, template_names

    for template in template_names():
        assert [sheet.name for sheet in new_book(blank(template)).sheets][1] == "Today"


def test_every_action_that_a_sync_writes_has_its_place_in_the_order() -> None:
    ranked = {entry["action"] for entry in read_toml("sheets/today.toml")["ranks"]}
    assert ranked == set(action_words())
