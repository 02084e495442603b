"""The plan held against the sheet: what would change, and what is refused as improbable."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pandas as pd
import pytest

from sheetsync.changes import Changes
from sheetsync.diff import diff, refuse_improbable
from sheetsync.errors import ImprobableResultError, UsageError
from sheetsync.model import FIELDS, OWNED, TEXT_FIELDS, Grid, Layout, Ownership, Plan, Snapshot, Tracker, Value
from sheetsync.settings import Settings

MONDAY = dt.date(2026, 11, 2)


def make_grid(*rows: Sequence[Value], formulas: Mapping[int, set[int]] | None = None) -> Grid:
    return Grid("Jobs", tuple(zip(*rows, strict=True)), formulas=formulas or {})


def make_snapshot(grid: Grid, owned: Mapping[str, int | None] | None = None, *, epoch_1904: bool = False) -> Snapshot:
    ownership = None if owned is None else Ownership("Jobs", 1, owned)
    return Snapshot("jobs.xlsx", "v1", (grid,), ownership, epoch_1904=epoch_1904)


def make_layout(rows: int, right: int = 1) -> Layout:
    return Layout("Jobs", 1, 2, rows, {"company": 1}, {"company": 1.0}, right=right)


def make_plan(rows: Sequence[int], **columns: Sequence[object]) -> Plan:
    index = pd.Index(rows, name="row")
    empty = pd.Series(pd.NaT, index=index, dtype="datetime64[us]")
    frame = pd.DataFrame({"next_contact": empty, "contact_by": empty}, index=index)
    frame["days_overdue"] = pd.array([None] * len(rows), dtype="Int64")
    for name in ("next_action", "follow_up", "why", "kind", "stage", "action", "channel"):
        frame[name] = ""
    for name, values in columns.items():
        series = pd.Series(list(values), index=index, dtype=object)
        frame[name] = pd.to_datetime(series) if name in {"next_contact", "contact_by"} else series
    return Plan(frame, MONDAY, "balanced")


def make_tracker(rows: Sequence[int], **dates: Sequence[dt.date | None]) -> Tracker:
    frame = pd.DataFrame(index=pd.Index(rows, name="row"))
    for name in FIELDS:
        frame[name] = "" if name in TEXT_FIELDS else pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us]")
    for name, values in dates.items():
        frame[name] = pd.to_datetime(pd.Series(list(values), dtype=object)).to_numpy()
    nothing = pd.DataFrame({"row": pd.Series(dtype="int64"), "on": pd.Series(dtype="datetime64[us]")})
    return Tracker(frame, nothing, nothing, nothing, frozenset({"company"}))


def cells(changes: Changes) -> list[tuple[int, str, Value, Value]]:
    return [(cell.row, cell.column, cell.before, cell.after) for cell in changes.cells()]


def test_a_first_sync_adds_all_six_columns() -> None:
    grid = make_grid(["Company"], ["Acme"])
    plan = make_plan([2], next_contact=[MONDAY], contact_by=[MONDAY], follow_up=["Due"], why=["Because."])
    changes = diff(make_snapshot(grid), make_layout(2), plan, Settings())
    assert changes.add == OWNED
    assert cells(changes) == [
        (2, "next_contact", None, MONDAY),
        (2, "contact_by", None, MONDAY),
        (2, "follow_up", None, "Due"),
        (2, "why", None, "Because."),
    ]


@pytest.mark.parametrize(
    ("standing", "epoch_1904"),
    [(MONDAY, False), (dt.datetime(2026, 11, 2), False), (46328.0, False), (44866, True)],
    ids=["a date", "a date-time at midnight", "a serial of 1900", "a serial of 1904"],
)
def test_what_stands_there_already_is_no_change_in_whatever_form_it_comes_back(
    standing: Value, epoch_1904: bool
) -> None:
    grid = make_grid(["Company", "Next contact"], ["Acme", standing])
    snapshot = make_snapshot(grid, {"next_contact": 2}, epoch_1904=epoch_1904)
    changes = diff(snapshot, make_layout(2), make_plan([2], next_contact=[MONDAY]), Settings(columns=("next_contact",)))
    assert cells(changes) == []


def test_a_column_that_the_person_deleted_stays_deleted() -> None:
    grid = make_grid(["Company", "Next contact"], ["Acme", None])
    changes = diff(
        make_snapshot(grid, {"next_contact": 2, "why": None}), make_layout(2), make_plan([2], why=["x"]), Settings()
    )
    assert "why" not in changes.after
    assert "why" not in changes.add


def test_only_the_columns_that_the_settings_name_are_written() -> None:
    changes = diff(
        make_snapshot(make_grid(["Company"], ["Acme"])), make_layout(2), make_plan([2]), Settings(columns=("why",))
    )
    assert list(changes.after) == ["why"]


def test_a_cell_turned_into_a_formula_is_left_alone_and_reported() -> None:
    grid = make_grid(["Company", "Why"], ["Acme", "theirs"], ["Bolt", "old"], formulas={2: {2}})
    plan = make_plan([2, 3], why=["new", "new"])
    changes = diff(make_snapshot(grid, {"why": 2}), make_layout(3), plan, Settings(columns=("why",)))
    assert cells(changes) == [(3, "why", "old", "new")]
    assert [problem.place for problem in changes.problems] == ["Jobs!B2"]


def test_our_words_are_cleared_from_a_row_that_the_person_emptied() -> None:
    grid = make_grid(["Company", "Follow-up", "Why"], ["Acme", "Due", "a"], [None, "Due", "b"], ["Total", "Due", "c"])
    snapshot = make_snapshot(grid, {"follow_up": 2, "why": 3})
    plan = make_plan([2], follow_up=["Due"], why=["a"])
    changes = diff(snapshot, make_layout(2), plan, Settings(columns=("follow_up", "why")))
    assert cells(changes) == [(3, "follow_up", "Due", None), (3, "why", "b", None)]


def test_columns_on_another_sheet_stop_it() -> None:
    grid = make_grid(["Company"], ["Acme"])
    other = Snapshot("jobs.xlsx", "v1", (grid,), Ownership("Elsewhere", 1, {"why": 4}))
    with pytest.raises(UsageError, match="sheet 'Elsewhere'"):
        diff(other, make_layout(2), make_plan([2]), Settings())


def losing(count: int, *, kept: int = 0, follow_up: str = "Needs info", **dates: Sequence[dt.date | None]) -> None:
    """Plan `count` threads that lose the next date they had, and `kept` that keep it; then ask whether that is refused."""
    rows = list(range(2, 2 + count + kept))
    grid = make_grid(["Company", "Next contact"], *[("Acme", MONDAY)] * len(rows))
    plan = make_plan(
        rows, next_contact=[None] * count + [MONDAY] * kept, follow_up=[follow_up] * count + ["Due"] * kept
    )
    changes = diff(
        make_snapshot(grid, {"next_contact": 2}), make_layout(rows[-1]), plan, Settings(columns=("next_contact",))
    )
    refuse_improbable(changes, make_tracker(rows, **dates), plan, "jobs.xlsx")


def test_losing_most_next_dates_for_no_reason_is_improbable() -> None:
    with pytest.raises(ImprobableResultError, match="5 of 9 next dates in jobs.xlsx"):
        losing(5, kept=4)


@pytest.mark.parametrize(("count", "kept"), [(4, 0), (5, 5)], ids=["four threads", "half of them"])
def test_losing_few_next_dates_is_not_improbable(count: int, kept: int) -> None:
    losing(count, kept=kept)


@pytest.mark.parametrize("follow_up", ["Closed", "Paused", "Cold"])
def test_an_end_or_a_pause_explains_a_lost_date(follow_up: str) -> None:
    losing(6, follow_up=follow_up)


def test_a_contact_logged_when_it_was_planned_explains_waiting() -> None:
    losing(6, follow_up="Waiting", last_contact=[MONDAY] * 6)


def test_waiting_without_a_new_contact_is_improbable() -> None:
    with pytest.raises(ImprobableResultError):
        losing(6, follow_up="Waiting", last_contact=[MONDAY - dt.timedelta(days=7)] * 6)
