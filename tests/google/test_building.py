"""A new Google spreadsheet: what is in it, by which calls, and what is said when Google refuses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from emulator.faults import Fault
from emulator.server import Emulator
from emulator.state import Spreadsheet
from moving import DAY, ME, Meaning, signed_in, transport

from sheetsync.book import Book, Formula, Sheet
from sheetsync.errors import DeniedError, GoogleError, SignInError, UsageError
from sheetsync.model import OWNED
from sheetsync.moving import make_google
from sheetsync.sheets import open_source
from sheetsync.sheets.contents import template_names
from sheetsync.sheets.google.building import build_spreadsheet
from sheetsync.start import new_tracker, start
from sheetsync.sync import sync

ROBOT = "robot@project.iam.gserviceaccount.com"


@pytest.fixture
def google(tmp_path: Path) -> Iterator[Emulator]:
    with signed_in(tmp_path / "home") as started:
        yield started


def made(title: str = "My job search", **what: Any) -> str:
    book, _ = new_tracker(**{"locale": "en_GB", "time_zone": "Europe/London", **what})
    return make_google(title, book).target


def only(google: Emulator) -> Spreadsheet:
    (book,) = google.books.values()
    return book


def test_it_takes_two_calls(google: Emulator) -> None:
    made(sample_on=DAY)
    assert [(call.method, call.path.rpartition(":")[2]) for call in google.api_calls] == [
        ("POST", "/v4/spreadsheets"),
        ("POST", "batchUpdate"),
    ]


def test_the_first_sync_takes_two_calls_and_writes_what_it_writes_in_excel(google: Emulator, tmp_path: Path) -> None:
    url = made(sample_on=DAY)
    start(tmp_path / "sample.xlsx", sample_on=DAY)
    before = len(google.api_calls)
    outcome = sync(open_source(url), as_of=DAY)
    assert len(google.api_calls) - before == 2
    assert (
        outcome.receipt.changed_cells
        == sync(open_source(str(tmp_path / "sample.xlsx")), as_of=DAY).receipt.changed_cells
    )
    assert outcome.proposal.changes.add == ()
    again = sync(open_source(url), as_of=DAY)
    assert not again.receipt.written


@pytest.mark.parametrize("template", template_names())
@pytest.mark.usefixtures("google")
def test_every_template_means_the_same_in_both(tmp_path: Path, template: str) -> None:
    url = made(template=template)
    start(tmp_path / "new.xlsx", template=template)
    assert Meaning.of(url).told() == Meaning.of(tmp_path / "new.xlsx").told()


def test_it_belongs_to_the_person_in_their_language_and_time_zone(google: Emulator) -> None:
    made()
    book = only(google)
    assert book.owner == ME
    properties = {name: book.properties[name] for name in ("title", "locale", "timeZone")}
    assert properties == {"title": "My job search", "locale": "en_GB", "timeZone": "Europe/London"}


def test_a_drop_down_offers_the_words_of_the_lists_sheet_and_accepts_others(google: Emulator) -> None:
    made()
    tracker = only(google).sheets[0]
    rule = tracker.cells[1, 2]["dataValidation"]
    assert rule["condition"] == {"type": "ONE_OF_RANGE", "values": [{"userEnteredValue": "='Lists'!$A$2:$A"}]}
    assert not rule.get("strict")


def test_a_text_in_a_date_column_is_warned_of_not_refused(google: Emulator) -> None:
    made()
    tracker = only(google).sheets[0]
    column = next(c for (r, c), cell in tracker.cells.items() if r == 0 and "Applied on" in str(cell))
    rule = tracker.cells[1, column]["dataValidation"]
    assert rule["condition"]["type"] == "DATE_IS_VALID"
    assert not rule.get("strict")


def test_help_is_a_note_on_the_header(google: Emulator) -> None:
    made()
    notes = [cell["note"] for (row, _), cell in only(google).sheets[0].cells.items() if row == 0 and "note" in cell]
    assert any("Several people" in note for note in notes)


def test_values_are_typed_and_no_text_becomes_a_formula(google: Emulator) -> None:
    texts = ["=1+1", "+44 20", "007", "@home", "1/2", "TRUE"]
    book = Book((Sheet("A", (["Text", *texts, True, 12.5, DAY, Formula("SUM(1,2)")],)),))
    build_spreadsheet(transport(), "A", book)
    cells = only(google).sheets[0].cells
    assert [cells[row, 0]["userEnteredValue"] for row in range(1, 7)] == [{"stringValue": text} for text in texts]
    assert cells[7, 0]["userEnteredValue"] == {"boolValue": True}
    assert cells[8, 0]["userEnteredValue"] == {"numberValue": 12.5}
    assert cells[9, 0]["userEnteredValue"] == {"numberValue": 46344}
    assert cells[9, 0]["userEnteredFormat"]["numberFormat"]["type"] == "DATE"
    assert cells[10, 0]["userEnteredValue"] == {"formulaValue": "=SUM(1;2)"}


@pytest.mark.usefixtures("google")
def test_our_columns_are_marked() -> None:
    owned = open_source(made()).read().owned
    assert owned is not None
    assert tuple(owned.columns) == OWNED
    assert None not in owned.columns.values()


def test_today_is_there_and_its_working_is_hidden(google: Emulator) -> None:
    made()
    today = next(sheet for sheet in only(google).sheets if sheet.properties["title"] == "Today")
    hidden = {column for column, shape in today.columns.items() if shape.get("hiddenByUser")}
    headers = [today.cells[4, column]["userEnteredValue"]["stringValue"] for column in range(9)]
    assert (headers[0], headers[-1]) == ("Company", "Row")
    assert hidden == set(range(10, 26))


def test_a_service_account_is_told_that_it_cannot_own_files(google: Emulator, tmp_path: Path) -> None:
    key = google.key_file(tmp_path, ROBOT)
    book, _ = new_tracker()
    with pytest.raises(DeniedError, match="cannot own files.*sign in yourself with `sheetsync auth google`"):
        make_google("Mine", book, service_account=str(key))
    assert not google.books


@pytest.mark.usefixtures("google")
def test_who_is_not_signed_in_is_not_told_to_take_a_service_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "nobody"))
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    with pytest.raises(SignInError, match="run `sheetsync auth google` once; docs/google.md"):
        made()


def test_a_title_of_nothing_is_refused(google: Emulator) -> None:
    book, _ = new_tracker()
    with pytest.raises(UsageError, match="title"):
        make_google("  ", book)
    assert not google.books


def test_a_write_without_an_answer_is_not_done_twice(google: Emulator) -> None:
    google.faults.add(Fault(status=503, after_commit=True, method="POST", path="batchUpdate"))
    made(sample_on=DAY)
    writes = [call for call in google.api_calls if call.path.endswith(":batchUpdate")]
    assert len(writes) == 1
    assert only(google).sheets[0].cells[1, 0]["userEnteredValue"]["stringValue"]


def test_where_tables_are_refused_there_are_filters_and_it_is_told(google: Emulator) -> None:
    google.faults.add(Fault(status=400, method="POST", path="batchUpdate"))
    book, _ = new_tracker(sample_on=DAY)
    moved = make_google("My job search", book)
    assert {problem.sheet for problem in moved.problems} >= {"Job search", "History"}
    tracker = only(google).sheets[0]
    assert (tracker.tables, tracker.basic_filter is None) == ([], False)
    assert sync(open_source(moved.target), as_of=DAY).receipt.written


def test_a_language_that_google_does_not_know_is_left_to_the_account(google: Emulator) -> None:
    google.faults.add(Fault(status=400, method="POST", path="/v4/spreadsheets"))
    book, _ = new_tracker(locale="tlh_AA")
    (problem,) = make_google("Mine", book).problems
    assert "File > Settings" in problem.message


def test_a_half_made_spreadsheet_is_named(google: Emulator) -> None:
    google.faults.add(Fault(status=400, method="POST", path="batchUpdate", times=None))
    book, _ = new_tracker()
    with pytest.raises(GoogleError, match=r"not complete: delete it \(https://docs.google.com/"):
        make_google("Mine", book)
