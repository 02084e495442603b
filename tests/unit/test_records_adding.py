"""Parts of sheetsync's in a tracker of somebody else's: each once, and never over a sheet of theirs."""

from __future__ import annotations

import pytest
from recording import cell, job, log_column, run, tracker

from sheetsync.cadence.profile import load_profile
from sheetsync.errors import UsageError
from sheetsync.model import Grid
from sheetsync.records.adding import PARTS, add
from sheetsync.records.reading import Reading, Records, together
from sheetsync.sheets.memory import MemorySource


def added(source: MemorySource, *parts: str) -> tuple[str, ...]:
    def act(reading: Reading) -> Records:
        profile, _ = load_profile(reading.settings.profile)
        return together(*(add(reading, part, profile) for part in parts))

    return run(source, act).proposal.records.told


def names(source: MemorySource) -> list[str]:
    return [grid.name for grid in source.read().grids]


@pytest.mark.parametrize(
    ("part", "sheet"),
    [
        ("today", "Today"),
        ("history", "History"),
        ("debrief", "Debrief"),
        ("settings", "Settings"),
        ("cadence", "Cadence"),
    ],
)
def test_a_sheet_is_added_once(part: str, sheet: str) -> None:
    source = tracker(job("Ash"), history=None)
    run(source)
    assert added(source, part) == (f"Added sheet {sheet}.",)
    assert names(source)[1:] == [sheet]
    assert added(source, part) == (f"Sheet {sheet} is there already, so it was left as it is.",)
    assert not run(source).receipt.written


def test_log_columns_come_with_the_history_that_they_need_and_with_their_words() -> None:
    source = tracker(job("Ash"), history=None)
    (told,) = added(source, "log")
    assert told == (
        "Added columns Log and Log date: what you pick there goes into History with the next sync "
        "(sheet History was added for it)."
    )
    snapshot = source.read()
    assert snapshot.owned
    column = snapshot.owned.columns["log"]
    assert column
    assert snapshot.grid("Jobs").dropdowns[column][:2] == ("Emailed", "Called")
    assert (cell(source, "log", 2), cell(source, "log_date", 2)) == (None, None)
    assert "are there already" in added(source, "log")[0]
    assert not run(source).receipt.written


def test_everything_at_once_makes_each_sheet_once_and_the_next_sync_writes_nothing() -> None:
    source = tracker(job("Ash"), history=None)
    run(source)
    assert len(added(source, *PARTS)) == len(PARTS)
    assert sorted(names(source)[1:]) == ["Cadence", "Debrief", "History", "Settings", "Today"]
    assert not run(source).receipt.written


def test_a_history_of_another_name_is_one() -> None:
    source = tracker(job("Ash"), history=None)
    theirs = Grid("Contact log", (("When",), ("Company",)))
    source = MemorySource([*source.read().grids, theirs])
    assert added(source, "history") == ("Sheet Contact log is there already, so it was left as it is.",)
    assert added(source, "log") == ("Added columns Log and Log date: what you pick there goes into History with the next sync.",)  # fmt: skip
    assert "History" not in names(source)


@pytest.mark.parametrize(("part", "name"), [("history", "HISTORY"), ("log", "History"), ("debrief", "Debrief")])
def test_a_sheet_of_the_persons_of_that_name_is_told_apart(part: str, name: str) -> None:
    source = tracker(job("Ash"), history=None)
    source = MemorySource([*source.read().grids, Grid(name, (("Sites I visited",), ("example.com",)))])
    with pytest.raises(UsageError, match=f"Sheet {name!r} of the open workbook is yours and has no headers"):
        added(source, part)


def test_a_log_column_that_was_deleted_is_not_made_again_and_that_is_said() -> None:
    source = tracker(job("Ash"))
    log_column(source, {})
    owned = source.read().owned
    assert owned
    assert owned.columns["log"]
    source.delete_column("Jobs", owned.columns["log"])
    with pytest.raises(UsageError, match="You deleted column Log, and what you deleted is not made again"):
        added(source, "log")


def test_today_needs_our_columns() -> None:
    source = tracker(job("Ash"))
    with pytest.raises(UsageError, match=r"\(Next contact, Contact by, Follow-up\)"):
        added(source, "today")


def test_what_is_no_part_is_told() -> None:
    with pytest.raises(UsageError, match="There is no 'graphs' to add: choose one of today, log, history"):
        added(tracker(job("Ash")), "graphs")
