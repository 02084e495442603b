"""An exchange and a sync of the same file come to the same: plan, cells, marks; and nothing is taken on trust."""

from __future__ import annotations

import copy
import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from as_excel import book_of
from click.testing import CliRunner
from openpyxl.utils.cell import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from writing import at, written

from sheetsync.addin.exchange import BookSource
from sheetsync.cli import cli
from sheetsync.errors import NoTrackerError, UsageError
from sheetsync.model import Snapshot, TableArea, Value
from sheetsync.records.contacts import Contact, record_contacts
from sheetsync.records.reading import Reading, Records
from sheetsync.sheets import open_source
from sheetsync.sync import propose, sync

DAY = dt.date(2026, 11, 23)
LISTS = "sheetsync lists"
SAMPLE = Path(__file__).parents[2] / "sample_tracker.xlsx"
Json = dict[str, Any]


@pytest.fixture
def tracker(tmp_path: Path) -> Path:
    """The sample tracker, not yet synced on that day."""
    return Path(shutil.copy(SAMPLE, tmp_path / "tracker.xlsx"))


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Json:
    """The sample tracker's workbook, synced on that day."""
    path = Path(shutil.copy(SAMPLE, tmp_path_factory.mktemp("synced") / "tracker.xlsx"))
    sync(open_source(str(path)), as_of=DAY)
    return book_of(path)


@pytest.fixture
def book(synced: Json) -> Json:
    """The same, to be changed."""
    return copy.deepcopy(synced)


def cells(snapshot: Snapshot) -> dict[str, dict[tuple[int, int], Value]]:
    """Sheet -> place -> value, of every filled cell."""
    return {
        grid.name: {
            (row, column): value.date() if isinstance(value, dt.datetime) and value.time() == dt.time() else value
            for column, values in enumerate(grid.columns, start=1)
            for row, value in enumerate(values, start=1)
            if value is not None and row not in grid.formulas.get(column, ())
        }
        for grid in snapshot.grids
        if grid.name != LISTS  # the words of drop-downs, which a file has to keep somewhere
    }


def tables(snapshot: Snapshot) -> list[tuple[TableArea, ...]]:
    return [grid.tables for grid in snapshot.grids if grid.name != LISTS]


def assert_alike(path: Path, act: Callable[[Reading], Records] | None = None) -> None:
    """Sync the file, and its workbook over an exchange: both come out alike, and a second exchange has nothing to do."""
    book = book_of(path)
    source = BookSource(book)
    try:
        there = sync(source, as_of=DAY, act=act)
    except NoTrackerError:
        with pytest.raises(NoTrackerError):
            propose(open_source(str(path)), as_of=DAY)
        return
    here = sync(open_source(str(path)), as_of=DAY, act=act)
    assert there.proposal.plan.frame.equals(here.proposal.plan.frame)
    assert there.receipt.columns == here.receipt.columns
    assert there.receipt.changed_cells == here.receipt.changed_cells
    assert there.receipt.written == here.receipt.written == (source.changes is not None)
    after = written(book, source.changes) if source.changes else book
    again = BookSource(after)
    file = open_source(str(path)).read()
    assert cells(again.read()) == cells(file)
    assert again.read().owned == file.owned
    assert tables(again.read()) == tables(file)
    assert not sync(again, as_of=DAY).receipt.written
    assert again.changes is None


def test_sample_comes_out_as_its_file(tracker: Path) -> None:
    assert_alike(tracker)
    # the file is synced now: an exchange over it has nothing to do
    assert not sync(BookSource(book_of(tracker)), as_of=DAY).receipt.written


def test_logged_contact_comes_out_as_in_the_file(tracker: Path) -> None:
    contact = Contact(3, DAY, "out", "email", note="=1+1 is no formula here")
    assert_alike(tracker, lambda reading: record_contacts(reading, [contact]))


@pytest.mark.parametrize("template", ["job-search", "networking", "proposals", "projects"])
def test_templates_come_out_as_their_files(tmp_path: Path, template: str) -> None:
    path = tmp_path / "new.xlsx"
    assert CliRunner().invoke(cli, ["init", str(path), "--template", template]).exit_code == 0
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    for row in (2, 3):
        for column in range(1, 6):
            cell = sheet.cell(row, column)
            cell.value = DAY - dt.timedelta(days=10 * row) if "y" in cell.number_format else f"Firm {row}"
    book.save(path)
    assert_alike(path)


def test_real_trackers_are_read_and_planned_as_their_files(shared: Path) -> None:
    found = sorted((shared / "trackers").rglob("*.xlsx"))
    assert found
    for path in found:
        source = BookSource(book_of(path))
        try:
            here = propose(open_source(str(path)), as_of=DAY)
        except NoTrackerError:
            with pytest.raises(NoTrackerError):
                propose(source, as_of=DAY)
            continue
        there = propose(source, as_of=DAY)
        assert there.plan.frame.equals(here.plan.frame), path
        assert list(there.changes.cells()) == list(here.changes.cells()), path
        assert (there.layout.columns, there.changes.add) == (here.layout.columns, here.changes.add), path
        assert set(there.problems) == set(here.problems), path
        source.apply(there.changes)
        assert source.changes is not None


def plain_tracker(path: Path, rows: int = 3) -> Path:
    """A tracker that somebody laid out by hand, two rows below a title, one column in."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Jobs & more"
    sheet["B2"] = "My applications"
    for column, header in enumerate(("Company", "Position", "Status", "Applied on"), start=2):
        sheet.cell(4, column, header)
    for row in range(5, 5 + rows):
        for column, value in enumerate((f"Firm {row}", "Clerk", "Applied"), start=2):
            sheet.cell(row, column, value)
        sheet.cell(row, 5, dt.date(2026, 11, row % 20 + 1)).number_format = "d mmm yyyy"
    book.save(path)
    return path


def test_first_exchange_marks_columns_and_makes_a_history(tmp_path: Path) -> None:
    path = plain_tracker(tmp_path / "jobs.xlsx")
    source = BookSource(book_of(path))
    sync(source, as_of=DAY, act=lambda reading: record_contacts(reading, [Contact(5, DAY, "in", "phone")]))
    assert source.changes is not None
    assert [column["key"] for column in source.changes["columns"]] == [
        "next_contact", "contact_by", "next_action", "follow_up", "days_overdue", "why",
    ]  # fmt: skip
    assert source.changes["columns"][0]["format"] == "d mmm yyyy"
    assert source.changes["names"][0] == {
        "name": "_sheetsync_next_contact", "sheet": "Jobs & more", "row": 4, "column": 6,
    }  # fmt: skip
    assert [sheet["name"] for sheet in source.changes["sheets"]] == ["History"]
    assert source.changes["names"][-1]["name"] == "_sheetsync_record_history"
    assert_alike(path, lambda reading: record_contacts(reading, [Contact(5, DAY, "in", "phone")]))


def test_each_row_is_named_by_what_it_was_read_from(tmp_path: Path) -> None:
    source = BookSource(book_of(plain_tracker(tmp_path / "jobs.xlsx")))
    sync(source, as_of=DAY)
    assert source.changes is not None
    assert source.changes["key_columns"] == [2, 3, 4, 5]
    assert source.changes["rows"]["5"] == ["Firm 5", "Clerk", "Applied", 46332]
    assert [2, "Company"] in source.changes["headers"]


def test_columns_are_found_where_they_were_moved_to(book: Json) -> None:
    before = BookSource(book).read().owned
    assert before is not None
    sheet = book["sheets"][0]
    for row in sheet["values"]:
        row.insert(0, "")
    for run in (*sheet["formats"], *sheet["formulas"], *sheet["dropdowns"]):
        run[0] += 1
    for table in sheet["tables"]:
        table["area"][1] += 1
        table["area"][3] += 1
    shifted = {key: (place or 0) + 1 for key, place in before.columns.items()}
    for name in book["names"]:
        for key, place in shifted.items():
            if name["name"] == f"_sheetsync_{key}":
                letter = get_column_letter(place)
                name["refers_to"] = f"='{sheet['name']}'!${letter}$1"
    owned = BookSource(book).read().owned
    assert owned is not None
    assert owned.columns == shifted


def test_deleted_column_stays_deleted(book: Json) -> None:
    for name in book["names"]:
        if name["name"] == "_sheetsync_why":
            name["refers_to"] = "=#REF!"
    source = BookSource(book)
    sync(source, as_of=DAY + dt.timedelta(days=1))
    assert source.changes is not None
    assert "why" not in {column["key"] for column in source.changes["columns"]}


def test_formula_in_our_column_is_left_alone(book: Json) -> None:
    owned = BookSource(book).read().owned
    assert owned is not None
    column = owned.columns["why"]
    book["sheets"][0]["formulas"].append([column, 2, 3])
    source = BookSource(book)
    outcome = sync(source, as_of=DAY + dt.timedelta(days=9))
    assert source.changes is not None
    touched = {(cell["row"], cell["column"]) for cell in source.changes["cells"]}
    assert not touched & {(2, column), (3, column)}
    assert any(problem.row == 2 and "formula" in problem.message for problem in outcome.proposal.problems)


def test_dates_of_the_other_date_system(tmp_path: Path) -> None:
    path = plain_tracker(tmp_path / "jobs.xlsx")
    old = openpyxl.load_workbook(path)
    old.epoch = CALENDAR_MAC_1904
    old.save(path)
    assert_alike(path)


def test_text_that_looks_like_a_formula_stays_text(book: Json) -> None:
    source = BookSource(book)
    contact = Contact(3, DAY, "out", "email", note='=HYPERLINK("http://x.test","x")')
    sync(source, as_of=DAY, act=lambda reading: record_contacts(reading, [contact]))
    assert source.changes is not None
    notes = [cell["after"] for cell in source.changes["cells"] if cell["sheet"] == "History"]
    assert contact.note in notes
    assert all(not isinstance(cell["after"], dict) for cell in source.changes["cells"])


def _without(key: str) -> Callable[[Json], object]:
    return lambda book: book.pop(key)


def _first(key: str, value: object) -> Callable[[Json], object]:
    return lambda book: book["sheets"][0].update({key: value})


MALFORMED: dict[str, Callable[[Json], object]] = {
    "no format": _without("format"),
    "another version": lambda book: book.update(format=2),
    "sheets that are no list": lambda book: book.update(sheets={}),
    "a sheet that is text": lambda book: book.update(sheets=["Jobs"]),
    "rows of different length": _first("values", [["a"], ["a", "b"]]),
    "a cell that is an object": _first("values", [[{"formula": "=1+1"}]]),
    "a cell that is a list": _first("values", [[["a"]]]),
    "a sheet at row 0": _first("row", 0),
    "a sheet beyond the edge": _first("column", 16_384),
    "a row that is a text": _first("row", "1"),
    "a run without a format": _first("formats", [[1, 1, 5]]),
    "a run outside the sheet": _first("formats", [[1, 1, 2_000_000, "d/m/y"]]),
    "formulas with their text": _first("formulas", [[1, 1, 1, "=1+1"]]),
    "a table of three numbers": _first("tables", [{"name": "T", "area": [1, 1, 2]}]),
    "a merge of texts": _first("merges", [["A1", "B2", "C3", "D4"]]),
    "a drop-down without words": _first("dropdowns", [[1]]),
    "a rule that is a text": _first("rules", ["=TRUE"]),
    "a name without a place": lambda book: book.update(names=[{"name": "_sheetsync_why"}]),
    "two sheets of one name": lambda book: book["sheets"].append(copy.deepcopy(book["sheets"][0])),
    "a save that is no date": lambda book: book.update(saved="yesterday"),
    "a locale that is a number": lambda book: book.update(locale=1),
}


@pytest.mark.parametrize("spoil", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_book_is_refused_in_one_sentence(book: Json, spoil: Callable[[Json], object]) -> None:
    spoil(book)
    with pytest.raises(UsageError, match="cannot be read"):
        BookSource(book)


@pytest.mark.parametrize("book", [None, [], "C:/tracker.xlsx", 3])
def test_what_is_no_object_is_refused(book: object) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        BookSource(book)


def test_unknown_time_zone_is_none_at_all(book: Json) -> None:
    book.update(time_zone="Mars/Olympus", locale="de-DE", saved="2026-11-22T20:00:00+01:00")
    snapshot = BookSource(book).read()
    assert (snapshot.time_zone, snapshot.locale) == (None, "de_DE")
    assert snapshot.saved == dt.datetime(2026, 11, 22, 19, tzinfo=dt.UTC)


def test_remove_is_for_the_file(book: Json) -> None:
    with pytest.raises(UsageError, match="sheetsync remove"):
        BookSource(book).remove()


def test_value_before_is_as_it_was_sent(book: Json) -> None:
    source = BookSource(book)
    sync(source, as_of=DAY + dt.timedelta(days=9))
    assert source.changes is not None
    changed = [cell for cell in source.changes["cells"] if cell["before"] is not None]
    assert changed
    sheets = {sheet["name"]: sheet for sheet in book["sheets"]}
    assert all(at(sheets[cell["sheet"]], cell["row"], cell["column"]) == cell["before"] for cell in changed)


def test_pick_in_the_log_column_goes_into_history_and_is_emptied(tmp_path: Path) -> None:
    path = plain_tracker(tmp_path / "jobs.xlsx")
    assert CliRunner().invoke(cli, ["add", str(path), "log"]).exit_code == 0
    typed = openpyxl.load_workbook(path)
    sheet = typed["Jobs & more"]
    column = next(cell.column for cell in sheet[4] if cell.value == "Log")
    sheet.cell(6, column, "Called, no answer")
    typed.save(path)
    book = book_of(path)
    source = BookSource(book)
    sync(source, as_of=DAY)
    assert source.changes is not None
    (emptied,) = [cell for cell in source.changes["cells"] if cell["column"] == column and cell["row"] == 6]
    assert (emptied["before"], emptied["after"], emptied["must"]) == ("Called, no answer", None, True)
    assert any(cell["sheet"] == "History" and cell["after"] == "Firm 6" for cell in source.changes["cells"])
    assert_alike(path)
