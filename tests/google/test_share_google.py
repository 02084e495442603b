"""A coach's own Google spreadsheet: made, shared, changed, ended, and what Google refuses."""

from __future__ import annotations

import datetime as dt

import click
import pytest
from click.testing import CliRunner
from coaching import (
    COACH,
    DAY,
    AtCopy,
    asked,
    at_google,
    copy_of,
    ended,
    first_company,
    given,
    google,
    notes,
    run,
    shares,
    synced,
    tracker,
)
from emulator.faults import Fault
from emulator.server import Emulator
from moving import ME

from sheetsync.cli import cli, sharing
from sheetsync.cli.sharing import Given, Terms
from sheetsync.errors import DeniedError, SheetsyncError, UsageError
from sheetsync.sheets.google.address import spreadsheet_id

__all__ = ["google", "synced", "tracker"]


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


def test_how_many_calls_a_share_takes(google: Emulator, tracker: str) -> None:
    given(tracker, Terms(COACH, "writer", DAY))
    calls = [
        (call.method, call.path.split("/")[1], call.path.rpartition("/")[2].partition(":")[2])
        for call in google.api_calls
    ]
    assert calls == [
        ("POST", "v4", ""), ("POST", "v4", "batchUpdate"), ("PATCH", "drive", ""), ("POST", "drive", ""), ("PATCH", "drive", ""),
    ]  # fmt: skip
