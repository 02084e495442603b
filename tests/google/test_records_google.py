"""What a person records in a spreadsheet at Google: one read and one write a command, and a person's picks."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

import pytest
from emulator.server import Emulator
from person import PersonAtGoogle

from sheetsync.cadence.profile import load_profile
from sheetsync.model import Grid, Value
from sheetsync.records.adding import PARTS, add
from sheetsync.records.closing import sweep
from sheetsync.records.contacts import Contact, record_contacts, strike_last
from sheetsync.records.debriefs import interview_of, record_debrief
from sheetsync.records.reading import Act, Reading, Records, together
from sheetsync.sheets.source import Source
from sheetsync.sync import Outcome, sync

TODAY = dt.date(2026, 11, 16)
JOBS = Grid(
    "Jobs",
    (
        ("Company", "Ash", "Birch", "Birch", "Cedar"),
        ("Contact", "Ann Bay", "", "", "Dee Fox"),
        ("Status", "Interview", "Applied", "Applied", "Applied"),
        ("Date applied", dt.date(2026, 10, 1), dt.date(2026, 11, 2), dt.date(2026, 11, 2), dt.date(2026, 3, 2)),
        ("Interview date", TODAY, None, None, None),
        ("Paused until", None, None, None, None),
    ),
)


def run(source: Source, act: Act | None = None, *, today: dt.date | dt.datetime = TODAY) -> Outcome:
    return sync(source, as_of=today, act=act, options={"country": "GB"})


def everything(reading: Reading) -> Records:
    """All but Today, whose formulas the emulator does not work out."""
    profile, _ = load_profile("balanced")
    return together(*(add(reading, part, profile) for part in PARTS if part != "today"))


def values(source: Source, name: str) -> list[list[Value]]:
    """A sheet's rows down to the last filled one."""
    grid = source.read().grid(name)
    rows = [list(grid.row(row)) for row in range(1, grid.n_rows + 1)]
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def place(source: Source, key: str) -> int:
    owned = source.read().owned
    assert owned
    column = owned.columns[key]
    assert column
    return column


def shown(source: Source, key: str) -> Sequence[Value]:
    return source.read().grid("Jobs").columns[place(source, key) - 1][1:5]


@pytest.fixture
def tracker(google: PersonAtGoogle) -> Source:
    return google.make([JOBS])


def contact(reading: Reading) -> Records:
    return record_contacts(reading, [Contact(2, TODAY, "out", "Email", "Ann Bay")])


def test_a_contact_costs_one_read_and_one_write(tracker: Source, emulator: Emulator) -> None:
    run(tracker, everything)
    before = len(emulator.api_calls)
    run(tracker, contact)
    assert [(call.method, call.path.rpartition(":")[2] if ":" in call.path else "") for call in emulator.api_calls[before:]] == [
        ("GET", ""), ("POST", "batchUpdate")
    ]  # fmt: skip


def test_logging_moves_the_date_and_undo_brings_every_value_back(tracker: Source) -> None:
    run(tracker)
    before = values(tracker, "Jobs")
    run(tracker, contact)
    assert values(tracker, "Jobs") != before
    assert values(tracker, "History")[1][:5] == [TODAY, "Ash", "Ann Bay", "out", "Email"]
    run(tracker, strike_last)
    assert values(tracker, "Jobs") == before
    assert len(values(tracker, "History")) == 1
    assert not run(tracker).receipt.written


def test_like_threads_get_ids_and_keep_their_history_when_they_are_sorted(
    tracker: Source, google: PersonAtGoogle
) -> None:
    run(tracker, lambda reading: record_contacts(reading, [Contact(4, TODAY, "out")]))
    identity = shown(tracker, "id")[2]
    assert identity
    google.set(tracker, 4, 2, "Zed")
    google.sort_rows(tracker, 2, 5, 2)
    row = list(shown(tracker, "id")).index(identity) + 2
    assert run(tracker).proposal.tracker.history["row"].tolist() == [row]


def test_picks_are_carried_out_and_emptied_in_the_same_write(
    tracker: Source, google: PersonAtGoogle, emulator: Emulator
) -> None:
    run(tracker, everything)
    for row, word in ((2, "Emailed"), (3, "Close"), (4, "Snooze a week"), (5, "Waved")):
        google.set(tracker, row, place(tracker, "log"), word)
        google.set(tracker, row, place(tracker, "log_date"), dt.date(2026, 11, 13))
    before = len(emulator.api_calls)
    outcome = run(tracker)
    assert len(emulator.api_calls) - before == 2
    assert list(shown(tracker, "log")) == [None, None, None, "Waved"]
    assert list(shown(tracker, "log_date")) == [None, None, None, dt.date(2026, 11, 13)]
    assert [problem.row for problem in outcome.proposal.records.problems] == [5]
    jobs = source_grid(tracker)
    assert (jobs.cell(3, 3), jobs.cell(4, 6)) == ("Withdrawn", dt.date(2026, 11, 20))
    assert [row[1] for row in values(tracker, "History")[1:]] == ["Ash"]
    assert not run(tracker).receipt.written


def source_grid(source: Source) -> Grid:
    return source.read().grid("Jobs")


@pytest.mark.parametrize(("hour", "day"), [(2, 15), (7, 16)])
def test_a_pick_without_a_date_belongs_to_the_evening_before_a_nightly_sync(
    tracker: Source, google: PersonAtGoogle, hour: int, day: int
) -> None:
    run(tracker, everything)
    google.set(tracker, 2, place(tracker, "log"), "Called")
    run(tracker, today=dt.datetime(2026, 11, 16, hour, 30))
    head, logged = values(tracker, "History")
    assert dict(zip(head, logged, strict=True))["Note"] == "day inferred"
    assert logged[0] == dt.date(2026, 11, day)


def test_a_row_deleted_by_hand_counts_as_taken_back(tracker: Source, google: PersonAtGoogle) -> None:
    run(tracker)
    before = values(tracker, "Jobs")
    run(tracker, contact)
    book = google.book(tracker)
    history = next(sheet for sheet in book.sheets if sheet.properties["title"] == "History")
    area = {"sheetId": history.properties["sheetId"], "dimension": "ROWS", "startIndex": 1, "endIndex": 2}
    google.edit(tracker, {"deleteDimension": {"range": area}})
    run(tracker)
    assert values(tracker, "Jobs") == before


def test_a_debrief_is_made_the_day_before_and_filled_in_later(tracker: Source) -> None:
    run(tracker, everything, today=TODAY - dt.timedelta(days=1))
    run(tracker, today=TODAY - dt.timedelta(days=1))
    assert [row[:4] for row in values(tracker, "Debrief")[1:]] == [["Ash", None, TODAY, "Ann Bay"]]
    run(
        tracker,
        lambda reading: record_debrief(
            reading, interview_of(reading, 2), {"decision_by": dt.date(2026, 12, 4), "culture": "Quiet"}
        ),
    )
    (row,) = values(tracker, "Debrief")[1:]
    assert {dt.date(2026, 12, 4), "Quiet"} <= set(row)
    assert not run(tracker).receipt.written


def test_a_sweep_closes_with_one_write(tracker: Source, emulator: Emulator) -> None:
    run(tracker)
    before = len(emulator.api_calls)
    told = run(tracker, lambda reading: sweep(reading, older=None)).proposal.records.told
    assert len(emulator.api_calls) - before == 2
    assert told == ("Closed row 5, Cedar: “Applied” became “No response (closed)”.",)
    assert shown(tracker, "follow_up")[3] == "Closed"


def test_everything_is_added_once_and_taken_out_again(tracker: Source, google: PersonAtGoogle) -> None:
    before = dataclasses.replace(tracker.read(), version="")
    theirs = google.theirs(tracker)
    run(tracker)
    run(tracker, everything)
    assert {grid.name for grid in tracker.read().grids} >= {"History", "Debrief", "Settings", "Cadence"}
    assert run(tracker).proposal.records.told == ("Debrief ready for 16 Nov 2026 at Ash.",)
    assert not run(tracker).receipt.written
    assert not run(tracker, everything).receipt.written
    tracker.remove(everything=True)
    assert dataclasses.replace(tracker.read(), version="") == before
    assert google.theirs(tracker) == theirs
