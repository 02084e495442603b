"""What is recorded besides the plan: picks in the Log column, contacts as rows of History, ids; over the story itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from recording import TODAY, cell, job, log_column, logged, run, tracker

from sheetsync.errors import UsageError
from sheetsync.model import Grid, Value
from sheetsync.records.contacts import Contact, record_contacts, strike_last
from sheetsync.sheets.memory import MemorySource


def test_a_contact_is_a_row_of_history_and_moves_the_next_date_in_the_same_write() -> None:
    source = tracker(job("Ash", contact="Ann Bay"))
    run(source)
    assert cell(source, "next_contact", 2) == dt.date(2026, 11, 9)
    outcome = run(source, lambda reading: record_contacts(reading, [Contact(2, TODAY, "out", "Email", "Ann Bay")]))
    assert logged(source) == [
        {"Date": TODAY, "Company": "Ash", "Contact": "Ann Bay", "Direction": "out", "Channel": "Email"}
    ]
    assert cell(source, "next_contact", 2) == dt.date(2026, 11, 23)
    assert outcome.proposal.records.told == ("Logged: 16 Nov 2026, contacted Ann Bay of Ash by email (row 2).",)


def test_history_is_made_where_there_is_none() -> None:
    source = tracker(job("Ash"), history=None)
    run(source, lambda reading: record_contacts(reading, [Contact(2, TODAY, "out", "Email")]))
    assert source.read().grid("History").cell(2, 2) == "Ash"
    assert len(run(source).proposal.tracker.history) == 1


def test_threads_of_one_company_and_person_get_ids_only_where_they_are_needed() -> None:
    source = tracker(job("Ash"), job("Ash"), job("Birch"))
    run(source, lambda reading: record_contacts(reading, [Contact(4, TODAY, "out"), Contact(3, TODAY, "out")]))
    birch, ash = logged(source)
    assert "ID" not in birch
    assert ash["ID"] == cell(source, "id", 3)
    assert [cell(source, "id", row) for row in (2, 4)] == [None, None]
    assert sorted(run(source).proposal.tracker.history["row"]) == [3, 4]


def test_an_id_stays_with_its_thread_when_rows_are_sorted() -> None:
    source = tracker(job("Ash"), job("Ash", status="Applied"), job("Birch"))
    run(source, lambda reading: record_contacts(reading, [Contact(3, TODAY, "out")]))
    identity = cell(source, "id", 3)
    source.sort_rows("Jobs", 2, 4, by=1, descending=True)
    row = next(row for row in (2, 3, 4) if cell(source, "id", row) == identity)
    assert list(run(source).proposal.tracker.history["row"]) == [row]


def test_without_a_column_for_ids_it_says_what_to_do() -> None:
    source = tracker(job("Ash"), job("Ash"), history=None)
    source = MemorySource([*source.read().grids, Grid("History", (("Date",), ("Company",)))])
    with pytest.raises(UsageError, match="add a column called ID"):
        run(source, lambda reading: record_contacts(reading, [Contact(3, TODAY, "out")]))


def test_the_last_contact_is_taken_back() -> None:
    first, second = Contact(2, dt.date(2026, 11, 9), "out", "Email"), Contact(2, TODAY, "out", "Phone")
    source = tracker(job("Ash"))
    run(source, lambda reading: record_contacts(reading, [first, second]))
    told = run(source, strike_last).proposal.records.told
    assert told == ("Took back row 3 of sheet History: 16 Nov 2026, Ash, Phone.",)
    assert [row["Date"] for row in logged(source)] == [first.on]
    run(source, lambda reading: record_contacts(reading, [replace(second, channel="Email")]))
    assert [row["Channel"] for row in logged(source)] == ["Email", "Email"]


def test_nothing_to_take_back_is_said() -> None:
    with pytest.raises(UsageError, match="nothing to take back"):
        run(tracker(job("Ash")), strike_last)


@pytest.mark.parametrize(
    ("pick", "expected"),
    [
        ("Emailed", {"Direction": "out", "Channel": "Email"}),
        ("called", {"Direction": "out", "Channel": "Phone"}),
        ("Called, no answer", {"Direction": "out", "Channel": "Phone", "Note": "no answer"}),
        ("Met", {"Direction": "out", "Channel": "In person"}),
        ("They replied", {"Direction": "in"}),
        ("They replied, nothing to answer", {"Direction": "in", "Step": "nothing to answer"}),
        ("They said no", {"Direction": "in"}),
    ],
)
def test_a_pick_becomes_a_row_of_history_and_both_cells_are_emptied(pick: str, expected: dict[str, Value]) -> None:
    source = tracker(job("Ash", contact="Ann Bay"))
    log_column(source, {2: pick}, {2: dt.date(2026, 11, 13)})
    run(source)
    assert logged(source) == [{"Date": dt.date(2026, 11, 13), "Company": "Ash", "Contact": "Ann Bay", **expected}]
    assert (cell(source, "log", 2), cell(source, "log_date", 2)) == (None, None)
    assert not run(source).receipt.written


@pytest.mark.parametrize(("pick", "word"), [("They said no", "Rejected"), ("Close", "Withdrawn")])
def test_a_pick_that_closes_writes_the_status(pick: str, word: str) -> None:
    source = tracker(job("Ash"))
    log_column(source, {2: pick})
    run(source)
    assert source.read().grid("Jobs").cell(2, 4) == word
    assert cell(source, "follow_up", 2) in {"Closed", "Due", "Upcoming"}


def test_the_status_is_a_word_of_the_trackers_own() -> None:
    source = tracker(job("Ash"), job("Birch", status="turned down by them"))
    log_column(source, {2: "They said no"})
    run(source)
    assert source.read().grid("Jobs").cell(2, 4) == "turned down by them"


def test_snooze_pauses_for_a_week() -> None:
    source = tracker(job("Ash"))
    log_column(source, {2: "Snooze a week"})
    run(source)
    assert source.read().grid("Jobs").cell(2, 7) == dt.date(2026, 11, 23)
    assert cell(source, "follow_up", 2) == "Paused"


def test_a_pick_without_a_date_is_dated_the_evening_before_if_the_sync_is_the_nights() -> None:
    source = tracker(job("Ash"))
    log_column(source, {2: "Emailed"})
    run(source, today=dt.datetime(2026, 11, 17, 2, 30))
    assert [(row["Date"], row["Note"]) for row in logged(source)] == [(TODAY, "day inferred")]


@pytest.mark.parametrize(
    ("row", "pick", "date", "told"),
    [
        (2, "Wrote to them", None, "none of what Log offers"),
        (2, "Emailed", dt.date(2026, 11, 20), "still to come"),
        (2, "Emailed", "some day", "cannot be read"),
        (4, "Emailed", None, "nothing to log it for"),
    ],
)
def test_a_pick_that_cannot_be_carried_out_stays_and_is_told(row: int, pick: str, date: Value, told: str) -> None:
    source = tracker(job("Ash"), job("Birch"), (None, None, None, None, None, None, None))
    log_column(source, {row: pick, 3: "Emailed"}, {row: date} if date else {})
    problems = [problem.message for problem in run(source).proposal.problems]
    assert any(told in message for message in problems)
    assert cell(source, "log", row) == pick
    assert [entry["Company"] for entry in logged(source)] == ["Birch"]
