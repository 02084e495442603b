"""A coach's own Google spreadsheet: made, shared, kept up to date, its notes taken back, its right ended."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import openpyxl
import pytest
from click.testing import CliRunner
from emulator.faults import Fault
from emulator.server import Emulator
from emulator.state import Spreadsheet, new_sheet
from moving import ME, signed_in

from sheetsync.cli import cli, sharing
from sheetsync.cli.options import Asked
from sheetsync.cli.sharing import Given, Terms
from sheetsync.errors import DeniedError, SheetsyncError, UsageError
from sheetsync.model import Value
from sheetsync.records.shares import Share
from sheetsync.sheets import open_source
from sheetsync.sheets.google.address import spreadsheet_id
from sheetsync.start import start
from sheetsync.sync import Outcome, sync

DAY = dt.date(2026, 11, 18)
COACH = "coach@example.com"
FIRMS = (("Ash & Co", 2), ("Birch", 9), ("Cedar", 16))


@pytest.fixture
def google(tmp_path: Path) -> Iterator[Emulator]:
    with signed_in(tmp_path / "home") as started:
        started.service.clock = lambda: dt.datetime(2026, 11, 18, 9, tzinfo=dt.UTC).timestamp()
        yield started


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small tracker that was synced once."""
    path = tmp_path_factory.mktemp("synced") / "tracker.xlsx"
    start(path)
    book = openpyxl.load_workbook(path)
    for row, (company, applied) in enumerate(FIRMS, start=2):
        values = {"Company": company, "Role": "Analyst", "Contact": f"Person at {company}", "Status": "Applied"}
        heads = [cell.value for cell in book.worksheets[0][1]]
        for name, value in values.items():
            book.worksheets[0].cell(row, heads.index(name) + 1, value)
        book.worksheets[0].cell(row, heads.index("Applied on") + 1, dt.date(2026, 11, applied))
    book.save(path)
    sync(open_source(str(path)), as_of=DAY)
    return path


@pytest.fixture
def tracker(synced: Path, tmp_path: Path) -> str:
    return str(shutil.copy(synced, tmp_path / "tracker.xlsx"))


def at_google(google: Emulator) -> str:
    """A small tracker of the person's own at Google, synced once."""
    rows: list[list[object]] = [["Company", "Role", "Contact", "Status", "Date applied"]]
    rows += [[name, "Analyst", f"Person at {name}", "Applied", f"2026-11-{day:02}"] for name, day in FIRMS]
    sheet = new_sheet(0, "Jobs", 0, rows=20, columns=20)
    for row, cells in enumerate(rows):
        for column, text in enumerate(cells):
            sheet.cells[row, column] = {"userEnteredValue": {"stringValue": str(text)}}
    found = google.new_spreadsheet("Mine", owner=ME, sheets=[sheet])
    run(found)
    return found


def asked(on: dt.date = DAY) -> Asked:
    return Asked(as_of=on)


def given(target: str, terms: Terms, *, on: dt.date = DAY) -> Given:
    with click.Context(click.Command("share"), info_name="share"):
        return sharing.share_with(target, asked(on), terms)


def ended(target: str, email: str, *, on: dt.date = DAY) -> Given:
    with click.Context(click.Command("share"), info_name="share"):
        return sharing.revoke(target, asked(on), email)


def run(target: str, *, on: dt.date = DAY) -> tuple[Outcome, tuple[str, ...], list[str]]:
    """What a sync does: the outcome, the sentences of the renewal, and every problem."""
    round_ = sharing.round_of()
    outcome = sync(open_source(target), as_of=on, act=round_.act)
    told, problems = round_.renew(outcome)
    return outcome, told, [each.message for each in (*outcome.proposal.records.problems, *problems)]


def copy_of(google: Emulator, made: Given) -> Spreadsheet:
    return google.books[spreadsheet_id(made.url)]


class AtCopy:
    """What somebody does in the coach's spreadsheet."""

    def __init__(self, google: Emulator, made: Given, email: str = ME) -> None:
        self.google, self.made, self.email = google, made, email

    def rows(self) -> dict[str, dict[str, Value]]:
        """Company -> heading -> value."""
        grid = open_source(self.made.url).read().grid("Follow-ups")
        heads = [str(value) for value in grid.row(4)]
        rows = [dict(zip(heads, grid.row(row), strict=True)) for row in range(5, grid.n_rows + 1)]
        return {str(row["Company"]): row for row in rows}

    def note(self, company: str, text: str | None, heading: str = "Coach note") -> None:
        grid = open_source(self.made.url).read().grid("Follow-ups")
        heads = list(grid.row(4))
        row = next(row for row in range(5, grid.n_rows + 1) if grid.cell(row, heads.index("Company") + 1) == company)
        self.type(row, heads.index(heading) + 1, text)

    def type(self, row: int, column: int, text: str | None) -> None:
        book = copy_of(self.google, self.made)
        sheet = book.titled("Follow-ups")
        assert sheet
        cell = {"userEnteredValue": {"stringValue": text}} if text else {}
        start = {"sheetId": sheet.id, "rowIndex": row - 1, "columnIndex": column - 1}
        block = {"start": start, "rows": [{"values": [cell]}], "fields": "userEnteredValue"}
        self.google.edit(book.id, [{"updateCells": block}], self.email)


def shares(target: str) -> tuple[Share, ...]:
    return sharing.listed(target, asked())


def notes(target: str) -> dict[str, str]:
    snapshot = open_source(target).read()
    assert snapshot.owned
    grid, column = snapshot.grid(snapshot.owned.sheet), snapshot.owned.columns.get("coach_note")
    heads = list(grid.row(snapshot.owned.header_row))
    company = heads.index("Company") + 1
    cells = {
        str(grid.cell(row, company)): grid.cell(row, column) if column else None for row in range(2, grid.n_rows + 1)
    }
    return {name: str(text) for name, text in cells.items() if text}


def first_company(target: str) -> str:
    snapshot = open_source(target).read()
    return str(snapshot.grids[0].cell(2, 1))


def test_a_writer_gets_a_copy_of_which_only_the_notes_can_be_written(google: Emulator, tracker: str) -> None:
    made = given(tracker, Terms(COACH, "writer"))
    book = copy_of(google, made)
    assert (book.owner, book.permissions[COACH]) == (ME, "writer")
    assert book.drive["writersCanShare"] is False
    assert google.service.notified == []
    name = first_company(tracker)
    at = AtCopy(google, made, COACH)
    at.note(name, "Ask for a date")
    assert at.rows()[name]["Coach note"] == "Ask for a date"
    for heading in ("Company", "Next contact", "ID"):
        with pytest.raises(Exception, match="protected cell"):
            at.note(name, "mine", heading)
    assert [(share.whom, share.role, share.where, share.ended) for share in shares(tracker)] == [
        (COACH, "writer", made.url, None)
    ]


def test_a_commenter_can_type_nothing(google: Emulator, tracker: str) -> None:
    made = given(tracker, Terms(COACH))
    assert copy_of(google, made).permissions[COACH] == "commenter"
    assert [share.role for share in shares(tracker)] == ["commenter"]
    assert any("sheetsync sends no message" in sentence for sentence in made.told)


def test_notes_come_back_and_the_copy_is_renewed_with_the_sync(google: Emulator, tracker: str) -> None:
    made = given(tracker, Terms(COACH, "writer"))
    at, name = AtCopy(google, made, COACH), first_company(tracker)
    at.note(name, "=1+1")
    outcome, told, problems = run(tracker)
    assert problems == []
    assert notes(tracker) == {name: "=1+1"}
    assert outcome.proposal.records.told == (f"{name} (row 2): a note of your coach: “=1+1”",)
    assert told == (f"The copy of {COACH} was brought up to date.",)
    assert at.rows()[name]["Coach note"] == "=1+1"
    assert run(tracker)[1:] == ((), [])


def test_nothing_new_is_two_questions_and_no_write(google: Emulator, tracker: str) -> None:
    given(tracker, Terms(COACH, "writer"))
    run(tracker)
    before = len(google.api_calls)
    outcome, told, problems = run(tracker)
    calls = [(call.method, call.path.split("/")[1]) for call in google.api_calls[before:]]
    assert calls == [("GET", "drive"), ("GET", "v4")]
    assert (outcome.receipt.written, told, problems) == (False, (), [])


def test_a_change_in_the_tracker_is_two_reads_and_one_write(google: Emulator, tracker: str) -> None:
    made = given(tracker, Terms(COACH, "writer"))
    before = len(google.api_calls)
    run(tracker, on=DAY + dt.timedelta(days=9))
    calls = [(call.method, call.path.rpartition(":")[2][-12:]) for call in google.api_calls[before:]]
    assert [method for method, _ in calls] == ["GET", "GET", "GET", "POST"]
    assert calls[-1][1] == "batchUpdate"
    grid = open_source(made.url).read().grid("Follow-ups")
    assert "27 Nov 2026" in str(grid.cell(1, 1))


def test_what_is_typed_between_the_reads_stays_and_comes_next_time(google: Emulator, tracker: str) -> None:
    made = given(tracker, Terms(COACH, "writer"))
    at, name = AtCopy(google, made, COACH), first_company(tracker)
    round_ = sharing.round_of()
    outcome = sync(open_source(tracker), as_of=DAY + dt.timedelta(days=9), act=round_.act)
    at.note(name, "typed in that minute")
    assert round_.renew(outcome)[1] == ()
    assert at.rows()[name]["Coach note"] == "typed in that minute"
    assert notes(tracker) == {}
    run(tracker, on=DAY + dt.timedelta(days=9))
    assert notes(tracker) == {name: "typed in that minute"}


def test_two_coaches_of_one_thread_are_both_kept(google: Emulator, tracker: str) -> None:
    name = first_company(tracker)
    for email in (COACH, "other@example.com"):
        AtCopy(google, given(tracker, Terms(email, "writer")), email).note(name, f"from {email}")
    assert len(google.books) == 2
    run(tracker)
    both = f"from {COACH}\n\nFrom the coach’s copy: from other@example.com"
    assert notes(tracker) == {name: both}
    assert run(tracker)[1:] == ((), [])
    assert notes(tracker) == {name: both}


def test_a_row_whose_thread_is_gone_stays_with_its_note_until_it_is_cleared(google: Emulator) -> None:
    target = at_google(google)
    made = given(target, Terms(COACH, "writer"))
    at, name = AtCopy(google, made, COACH), first_company(target)
    at.note(name, "keep this")
    book = google.books[spreadsheet_id(target)]
    span = {"sheetId": book.sheets[0].id, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}
    google.edit(book.id, [{"deleteDimension": {"range": span}}], ME)
    told = run(target)[0].proposal.records.told
    assert any("keep this" in sentence and "no longer in the tracker" in sentence for sentence in told)
    row = at.rows()[name]
    assert (row["Coach note"], str(row["Next action"])[:26]) == ("keep this", "No longer in the tracker: ")
    assert run(target)[1] == ()
    at.note(name, None)
    run(target)
    assert name not in at.rows()


def test_the_right_ends_with_its_day(google: Emulator, tracker: str) -> None:
    until = DAY + dt.timedelta(days=5)
    made = given(tracker, Terms(COACH, "writer", until))
    name = first_company(tracker)
    assert copy_of(google, made).expirations == {COACH: "2026-11-24T12:00:00Z"}
    run(tracker, on=until)
    assert COACH in copy_of(google, made).permissions
    AtCopy(google, made, COACH).note(name, "my last note")
    outcome, _, problems = run(tracker, on=until + dt.timedelta(days=1))
    assert problems == []
    assert COACH not in copy_of(google, made).permissions
    assert notes(tracker) == {name: "my last note"}
    assert [share.ended for share in shares(tracker)] == [until + dt.timedelta(days=1)]
    assert outcome.proposal.records.told[-1] == f"{COACH} could see the copy until 23 Nov 2026, and no longer can."


def test_an_account_to_which_google_gives_no_end_is_told_that_the_night_does_it(google: Emulator, tracker: str) -> None:
    google.service.expirations = False
    made = given(tracker, Terms(COACH, "commenter", DAY))
    assert COACH in copy_of(google, made).permissions
    assert "the next sync takes the right away" in made.told[-1]


def test_sharing_again_prolongs_and_widens_the_right(google: Emulator, tracker: str) -> None:
    first = given(tracker, Terms(COACH, "commenter", DAY))
    later = DAY + dt.timedelta(days=1)
    again = given(tracker, Terms(COACH, "writer"), on=later)
    assert again.url == first.url
    assert copy_of(google, first).permissions[COACH] == "writer"
    assert copy_of(google, first).expirations == {}
    assert [(share.role, share.until, share.ended) for share in shares(tracker)] == [("writer", None, None)]


def test_another_choice_of_columns_is_another_spreadsheet(google: Emulator, tracker: str) -> None:
    first = given(tracker, Terms(COACH))
    second = given(tracker, Terms(COACH, hide=("contact",)))
    assert first.url != second.url
    assert COACH not in copy_of(google, first).permissions
    assert [bool(share.ended) for share in shares(tracker)] == [True, False]


def test_revoking_takes_the_notes_back_first(google: Emulator, tracker: str) -> None:
    made = given(tracker, Terms(COACH, "writer"))
    name = first_company(tracker)
    AtCopy(google, made, COACH).note(name, "before it ends")
    done = ended(tracker, COACH.upper())
    assert done.told[-1] == f"{COACH} can no longer see the copy."
    assert COACH not in copy_of(google, made).permissions
    assert notes(tracker) == {name: "before it ends"}
    assert [share.ended for share in shares(tracker)] == [DAY]
    with pytest.raises(UsageError, match="Nothing of .* is shared with"):
        ended(tracker, COACH)


def test_a_spreadsheet_that_was_deleted_and_a_coach_who_was_removed_end_the_share(
    google: Emulator, tracker: str
) -> None:
    deleted = given(tracker, Terms(COACH))
    removed = given(tracker, Terms("other@example.com"))
    copy_of(google, deleted).drive["trashed"] = True
    google.share(spreadsheet_id(removed.url), "other@example.com", "")
    outcome, _, problems = run(tracker)
    assert problems == []
    assert outcome.proposal.records.told == (
        f"You deleted the copy of {COACH}, so it is shared no more.",
        "Somebody took the right of other@example.com away at Google, so the copy is shared no more.",
    )
    assert all(share.ended for share in shares(tracker))


def test_a_copy_that_is_not_there_is_told_and_the_sync_goes_on(google: Emulator, tracker: str) -> None:
    made = given(tracker, Terms(COACH))
    del google.books[spreadsheet_id(made.url)]
    _, _, problems = run(tracker)
    assert len(problems) == 1
    assert "is not there any more, or this sign-in may not see it" in problems[0]


REFUSALS = {
    "invalid": (
        400,
        "invalid",
        "The specified emailAddress is invalid or not applicable for the given permission type.",
        "no address",
    ),
    "policy": (403, "shareOutNotPermitted", "Sharing outside of the domain is not permitted.", "organisation"),
    "often": (403, "sharingRateLimitExceeded", "Rate limit exceeded. User message: Sorry, cannot share.", "tomorrow"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_is_one_sentence_and_leaves_nothing_behind(google: Emulator, tracker: str, name: str) -> None:
    status, reason, message, word = REFUSALS[name]
    google.faults.add(Fault(status, method="POST", path="/permissions", reason=reason, message=message))
    with pytest.raises(SheetsyncError) as refused:
        given(tracker, Terms(COACH))
    assert refused.value.exit_code == 6
    assert word in str(refused.value)
    assert [book.drive["trashed"] for book in google.books.values()] == [True]
    assert shares(tracker) == ()


def test_an_address_without_an_account_is_told_of_a_file(google: Emulator, tracker: str) -> None:
    google.service.without_account.add(COACH)
    with pytest.raises(DeniedError, match="has no Google account: .*--out"):
        given(tracker, Terms(COACH))
    assert google.service.notified == []


@pytest.mark.parametrize(
    ("email", "until", "told"), [("coach", None, "no e-mail"), (COACH, dt.date(2026, 1, 1), "is over")]
)
def test_terms_that_cannot_be_meant(tracker: str, email: str, until: dt.date | None, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        given(tracker, Terms(email, until=until))


def test_the_whole_tracker_is_shared_where_sheetsync_made_it(google: Emulator) -> None:
    target = at_google(google)
    google.service.made.add((ME, target))
    with click.Context(click.Command("share"), info_name="share"):
        sharing.share_whole(target, asked(), Terms(COACH, "writer"))
    book = google.books[spreadsheet_id(target)]
    assert book.permissions[COACH] == "writer"
    assert [(share.whole, share.where) for share in shares(target)] == [(True, target)]
    assert run(target)[2] == []
    ended(target, COACH)
    assert COACH not in google.books[book.id].permissions


def test_a_spreadsheet_that_sheetsync_did_not_make_is_shared_in_the_browser(google: Emulator) -> None:
    other = google.new_spreadsheet("Theirs", owner=ME)
    with pytest.raises(DeniedError, match="open .* in the browser, click Share"):
        sharing.share_whole(other, asked(), Terms(COACH))


def test_a_file_cannot_be_shared_whole(tracker: str) -> None:
    with pytest.raises(UsageError, match="is a file"):
        sharing.share_whole(tracker, asked(), Terms(COACH))


def test_a_new_thread_comes_last_and_its_note_can_be_written(google: Emulator, tracker: str) -> None:
    made = given(tracker, Terms(COACH, "writer"))
    book = openpyxl.load_workbook(tracker)
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    sheet.insert_rows(2)
    new: dict[str, Any] = {"Company": "Elm", "Status": "Applied", "Applied on": dt.date(2026, 11, 3)}
    for name, value in new.items():
        sheet.cell(2, heads.index(name) + 1, value)
    book.save(tracker)
    run(tracker)
    # its id comes with the copy in which it is shown first
    at = AtCopy(google, made, COACH)
    assert list(at.rows()) == ["Ash & Co", "Birch", "Cedar", "Elm"]
    at.note("Elm", "a good one")
    run(tracker)
    assert notes(tracker) == {"Elm": "a good one"}


def test_on_the_command_line(google: Emulator, tracker: str) -> None:
    def do(*words: str) -> str:
        done = CliRunner().invoke(cli, [*words], catch_exceptions=False)
        assert done.exit_code == 0, done.stderr
        return done.stdout

    day = ("--as-of", DAY.isoformat())
    told = do("share", tracker, "--with", COACH, "--role", "writer", "--yes", *day)
    (book,) = google.books.values()
    assert book.permissions[COACH] == "writer"
    assert book.id in told
    at = AtCopy(google, Given(book.id, ()), COACH)
    at.note("Birch", "Ask for a date")
    assert "Birch (row 3): a note of your coach: “Ask for a date”" in do("sync", tracker, "--dry-run", *day)
    assert notes(tracker) == {}
    assert "Birch (row 3): a note of your coach: “Ask for a date”" in do("sync", tracker, *day)
    assert notes(tracker) == {"Birch": "Ask for a date"}
    at.note("Cedar", "And here")
    assert "1 note would be taken over" in do("notes", tracker, "--from", book.id, "--dry-run", *day)
    do("sync", tracker, "--night", *day)
    assert notes(tracker) == {"Birch": "Ask for a date", "Cedar": "And here"}
    assert COACH in do("share", tracker, "--list", *day)
    do("undo", tracker)
    assert [share.ended for share in shares(tracker)] == [None]
    assert "can still see" in do("remove", tracker)
    do("share", tracker, "--revoke", COACH, *day)
    assert COACH not in google.books[book.id].permissions


def test_a_copy_that_its_owner_laid_out_anew_is_put_right_once(google: Emulator, tracker: str) -> None:
    made = given(tracker, Terms(COACH, "writer"))
    book = copy_of(google, made)
    follow = book.titled("Follow-ups")
    assert follow
    column = list(open_source(made.url).read().grid("Follow-ups").row(4)).index("Coach note")
    columns = {"sheetId": follow.id, "dimension": "COLUMNS", "startIndex": column, "endIndex": column + 1}
    rows = {"sheetId": follow.id, "startRowIndex": 4, "endRowIndex": 7, "startColumnIndex": 0, "endColumnIndex": 20}
    google.edit(
        book.id,
        [
            {"sortRange": {"range": rows, "sortSpecs": [{"dimensionIndex": 0, "sortOrder": "DESCENDING"}]}},
            {"moveDimension": {"source": columns, "destinationIndex": 0}},
            {"updateSheetProperties": {"properties": {"sheetId": follow.id, "title": "Ours"}, "fields": "title"}},
        ],
        ME,
    )
    google.edit(
        book.id,
        [{"updateCells": {"start": {"sheetId": follow.id, "rowIndex": 5, "columnIndex": 0}, "fields": "userEnteredValue",
                          "rows": [{"values": [{"userEnteredValue": {"stringValue": "for Birch"}}]}]}}],
        COACH,
    )  # fmt: skip
    assert run(tracker)[2] == []
    assert notes(tracker) == {"Birch": "for Birch"}
    grid = open_source(made.url).read().grid("Ours")
    assert [grid.cell(row, 1) for row in range(5, 8)] == ["Cedar", "Birch", "Ash & Co"]
    assert run(tracker)[1:] == ((), [])
    owned = open_source(made.url).read().owned
    assert owned
    assert grid.cell(4, owned.columns["coach_note"] or 0) == "Coach note"


def test_an_answer_that_is_lost_renews_once(google: Emulator, tracker: str) -> None:
    made = given(tracker, Terms(COACH, "writer"))
    AtCopy(google, made, COACH).note("Cedar", "one")
    google.faults.add(Fault(503, method="POST", path="batchUpdate", after_commit=True))
    _, told, problems = run(tracker)
    assert (len(told), problems) == (1, [])
    assert run(tracker)[1:] == ((), [])


def test_google_out_of_reach_does_not_stop_the_sync(google: Emulator, tracker: str) -> None:
    given(tracker, Terms(COACH, "writer"))
    google.faults.add(Fault(403, method="GET", path="/files/", reason="insufficientFilePermissions", message="No."))
    outcome, _, problems = run(tracker, on=DAY + dt.timedelta(days=9))
    assert outcome.receipt.written
    assert len(problems) == 1
    assert problems[0].startswith(f"{COACH}: {ME} may not open")


def test_how_many_calls_a_share_takes(google: Emulator, tracker: str) -> None:
    given(tracker, Terms(COACH, "writer", DAY))
    calls = [
        (call.method, call.path.split("/")[1], call.path.rpartition("/")[2].partition(":")[2])
        for call in google.api_calls
    ]
    assert calls == [
        ("POST", "v4", ""), ("POST", "v4", "batchUpdate"), ("PATCH", "drive", ""), ("POST", "drive", ""), ("PATCH", "drive", ""),
    ]  # fmt: skip
