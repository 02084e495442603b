"""Picks that go wrong: each stays where it is and is told, and the rest of the sync goes on."""

from __future__ import annotations

import cProfile
import datetime as dt
import pstats
from dataclasses import replace

import pytest
from recording import HISTORY, TODAY, cell, job, log_column, logged, rows_to_columns, run, tracker

from sheetsync.model import Area, Grid, TableArea, Value
from sheetsync.records.reading import Records
from sheetsync.sheets.memory import MemorySource

NAMES = ("Company", "Role", "Contact", "Status", "Date applied")


def with_log(*grids: Grid) -> MemorySource:
    """A tracker on the first grid with its Log columns."""
    source = MemorySource(grids)
    run(source, lambda _: Records(owned={"log": {}, "log_date": {}}))
    return source


def pick(source: MemorySource, row: int, word: Value, *, formula: bool = False, key: str = "log") -> None:
    owned = source.read().owned
    assert owned
    column = owned.columns[key]
    assert column
    source.set("Jobs", row, column, word, formula=formula)


def told(source: MemorySource) -> str:
    return " | ".join(problem.message for problem in run(source).proposal.problems)


def jobs(*rows: tuple[Value, ...], dropdown: tuple[str, ...] = ()) -> Grid:
    grid = Grid("Jobs", rows_to_columns([NAMES, *rows]))
    return replace(grid, dropdowns={4: dropdown}) if dropdown else grid


ASH: tuple[Value, ...] = ("Ash", "Analyst", "Ann Bay", "Applied", dt.date(2026, 11, 2))


def test_a_pick_that_is_a_formula_is_never_logged_again_and_again() -> None:
    source = with_log(jobs(ASH))
    pick(source, 2, "Emailed", formula=True)
    assert "This pick is a formula" in told(source)
    assert len(source.read().grids) == 1, "no History was made for it"


def test_a_log_date_that_is_a_formula_is_read_and_stays() -> None:
    source = with_log(jobs(ASH), Grid("History", rows_to_columns([HISTORY])))
    pick(source, 2, "Emailed")
    pick(source, 2, dt.date(2026, 11, 13), formula=True, key="log_date")
    run(source)
    assert logged(source)[0]["Date"] == dt.date(2026, 11, 13)
    assert (cell(source, "log", 2), cell(source, "log_date", 2)) == (None, dt.date(2026, 11, 13))


@pytest.mark.parametrize("word", ["Close", "They said no"])
def test_a_status_by_formula_is_not_written_and_the_pick_stays(word: str) -> None:
    grid = replace(jobs(ASH), formulas={4: frozenset({2})})
    source = with_log(grid)
    pick(source, 2, word)
    assert "holds a formula" in told(source)
    assert cell(source, "log", 2) == word
    assert source.read().grid("Jobs").cell(2, 4) == "Applied"


@pytest.mark.parametrize("word", ["Close", "They said no"])
def test_without_a_status_column_nothing_can_be_closed(word: str) -> None:
    grid = Grid("Jobs", rows_to_columns([row[:3] + row[4:] for row in (NAMES, ASH)]))
    source = with_log(grid)
    pick(source, 2, word)
    assert "no status column" in told(source)
    assert cell(source, "log", 2) == word


def test_a_drop_down_without_a_word_for_it_is_not_given_another() -> None:
    source = with_log(jobs(ASH, dropdown=("Applied", "Interview", "No response")))
    pick(source, 2, "Close")
    assert "The status list has no word that ends a thread this way: add one, such as “Withdrawn”." in told(source)
    assert source.read().grid("Jobs").cell(2, 4) == "Applied"


def test_a_word_of_the_drop_down_goes_before_one_that_another_row_uses() -> None:
    other = ("Birch", "Analyst", "Bo", "turned down", dt.date(2026, 11, 2))
    source = with_log(jobs(ASH, other, dropdown=("Applied", "Absage")))
    pick(source, 2, "They said no")
    run(source)
    assert source.read().grid("Jobs").cell(2, 4) == "Absage"


def test_snooze_needs_a_column_and_a_cell_that_is_no_formula() -> None:
    source = with_log(jobs(ASH))
    pick(source, 2, "Snooze a week")
    assert "add one called Paused until" in told(source)
    assert cell(source, "log", 2) == "Snooze a week"
    paused = Grid("Jobs", (*jobs(ASH).columns, ("Paused until", dt.date(2026, 11, 1))), formulas={6: frozenset({2})})
    source = with_log(paused)
    pick(source, 2, "Snooze a week")
    assert "holds a formula" in told(source)
    assert cell(source, "log", 2) == "Snooze a week"


def test_snooze_never_ends_a_pause_sooner() -> None:
    paused = Grid("Jobs", (*jobs(ASH).columns, ("Paused until", dt.date(2026, 12, 24))))
    source = with_log(paused)
    pick(source, 2, "Snooze a week")
    result = run(source)
    assert result.proposal.records.told == ("Row 2, Ash, is paused until 24 Dec 2026 anyway.",)
    assert source.read().grid("Jobs").cell(2, 6) == dt.date(2026, 12, 24)
    assert cell(source, "log", 2) is None


def test_a_history_that_cannot_tell_sides_keeps_their_messages_picked() -> None:
    history = Grid("History", rows_to_columns([("Date", "Company", "Contact")]))
    source = with_log(jobs(ASH, ("Birch", "Clerk", "Bo", "Applied", dt.date(2026, 11, 2))), history)
    pick(source, 2, "They replied")
    pick(source, 3, "Emailed")
    assert "add one called Direction" in told(source)
    assert (cell(source, "log", 2), cell(source, "log", 3)) == ("They replied", None)
    assert source.read().grid("History").cell(2, 2) == "Birch"


def test_a_thread_that_no_row_of_history_can_name_keeps_its_pick() -> None:
    history = Grid("History", rows_to_columns([("Date", "Company")]))
    source = with_log(jobs(ASH, ASH), history)
    pick(source, 3, "Emailed")
    assert "add a column called ID to sheet 'History'" in told(source)
    assert cell(source, "log", 3) == "Emailed"


def test_a_history_without_room_keeps_all_picks() -> None:
    totals = TableArea("Contacts", Area(1, 1, 3, 2), totals_rows=1)
    history = Grid(
        "History",
        rows_to_columns([("Date", "Company"), (dt.date(2026, 11, 3), "Ash"), ("Total", 1)]),
        tables=(totals,),
    )
    source = with_log(jobs(ASH), history)
    pick(source, 2, "Emailed")
    assert "ends in a row of totals: make room there" in told(source)
    assert cell(source, "log", 2) == "Emailed"


def test_a_sheet_called_history_that_is_none_keeps_the_pick() -> None:
    source = with_log(jobs(ASH), Grid("History", (("Sites I visited",), ("example.com",))))
    pick(source, 2, "Emailed")
    assert "has no headers Date and Company" in told(source)
    assert cell(source, "log", 2) == "Emailed"


def test_many_picks_at_once_are_one_write_and_nothing_is_logged_twice() -> None:
    words = ("Emailed", "Called", "Met", "They replied", "Close", "They said no", "Snooze a week", "Called, no answer")
    rows = [job(f"Company {number}") for number in range(80)]
    source = tracker(*rows)
    log_column(source, {number + 2: words[number % len(words)] for number in range(80)})
    version = int(source.read().version)
    run(source)
    assert int(source.read().version) == version + 1
    assert len(logged(source)) == 60
    assert not run(source).receipt.written
    assert len(logged(source)) == 60


def test_two_picks_of_one_thread_on_two_days_are_two_rows() -> None:
    source = tracker(job("Ash"))
    for day in (dt.date(2026, 11, 10), dt.date(2026, 11, 12)):
        log_column(source, {2: "Emailed"}, {2: day})
        run(source)
    assert [row["Date"] for row in logged(source)] == [dt.date(2026, 11, 10), dt.date(2026, 11, 12)]


@pytest.mark.parametrize(
    ("typed", "day"),
    [("2026-11-13", 13), ("13 Nov 2026", 13), (dt.datetime(2026, 11, 13, 18, 30), 13), (46339, 13)],
)
def test_a_log_date_may_be_typed_in_any_way_that_dates_are_read(typed: Value, day: int) -> None:
    source = tracker(job("Ash"))
    log_column(source, {2: "Emailed"}, {2: typed})
    run(source)
    assert logged(source)[0]["Date"] == dt.date(2026, 11, day)


def test_a_log_date_without_a_pick_is_left_alone() -> None:
    source = tracker(job("Ash"))
    log_column(source, {}, {2: TODAY})
    assert not run(source).receipt.written
    assert cell(source, "log_date", 2) == TODAY


def test_columns_of_ours_that_stand_elsewhere_may_be_moved_by_the_person() -> None:
    source = tracker(job("Ash"))
    log_column(source, {2: "Emailed"})
    owned = source.read().owned
    assert owned
    assert owned.columns["log"]
    source.move_column("Jobs", owned.columns["log"], before=1)
    run(source)
    assert [row["Company"] for row in logged(source)] == ["Ash"]
    assert cell(source, "log", 2) is None


def test_looking_for_picks_in_many_rows_costs_next_to_nothing_a_row() -> None:
    from sheetsync.records.picks import log_picks
    from sheetsync.sync import propose

    rows = [job(f"Company {number}") for number in range(2_000)]
    source = tracker(*rows)
    log_column(source, {1_000: "Emailed"})
    watch = cProfile.Profile()  # which counts calls: they are the same on every machine, however busy it is

    def act(reading: object) -> Records:
        found = watch.runcall(log_picks, reading)  # type: ignore[arg-type]
        assert len(found.appends) == 1
        return Records()

    propose(source, as_of=TODAY, act=act)
    calls = pstats.Stats(watch).total_calls  # type: ignore[attr-defined]
    assert calls < 4 * len(rows), "most of it is knowing every company, once"
