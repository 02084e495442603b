"""What becomes of a tracker's cells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sheetsync.model import DATE_FIELDS, FIELDS, TEXT_FIELDS, Area, Grid, Layout, Snapshot, Tracker, Value
from sheetsync.settings import Settings
from sheetsync.tracker.normalise import normalise, read_kind


def tracker_of(
    columns: dict[str, Sequence[Value]],
    *,
    settings: Settings | None = None,
    touches: Sequence[Sequence[Value]] = (),
    snapshot: dict[str, Any] | None = None,
    **grid: Any,
) -> Tracker:
    """The tracker with those fields as columns A, B, ..., its header in row 1, then columns of past reminders."""
    cells = [[name, *values] for name, values in columns.items()] + [["Reminder", *values] for values in touches]
    numbers = {name: number for number, name in enumerate(columns, start=1)}
    layout = Layout(
        sheet="Jobs",
        header_row=1,
        first_row=2,
        last_row=0,
        columns=numbers,
        confidence={},
        headers={number: str(column[0]) for number, column in enumerate(cells, start=1)},
        touches=tuple(range(len(columns) + 1, len(cells) + 1)),
        right=len(cells),
    )
    book = Snapshot("jobs.xlsx", "1", (Grid("Jobs", tuple(cells), **grid),), **(snapshot or {}))
    return normalise(book, layout, settings or Settings())


def test_the_frame_has_every_field_typed_and_the_sheets_row_as_index() -> None:
    frame = tracker_of({"company": ["Acme", None, "Globex"]}).frame
    assert set(FIELDS) | {"stage_text", "stage_over"} <= set(frame.columns)
    assert frame.index.name == "row"
    assert frame.index.tolist() == [2, 4]
    assert {str(frame[name].dtype) for name in DATE_FIELDS} == {"datetime64[us]"}
    assert all((frame[name] == "").all() for name in TEXT_FIELDS if name != "company")
    assert frame["stage_over"].dtype == bool


def test_a_tracker_without_threads_has_the_same_types() -> None:
    full, empty = tracker_of({"company": ["Acme"], "applied_on": [None]}), tracker_of({"company": [], "applied_on": []})
    assert len(empty.frame) == 0
    assert empty.frame.dtypes.equals(full.frame.dtypes)
    assert empty.touches.dtypes.equals(full.touches.dtypes)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("007", "007"), (7, "7"), (7.0, "7"), (2.5, "2.5"), (True, "Yes"), (False, ""), ("  two\nlines ", "two\nlines"),
        (dt.date(2026, 11, 3), "2026-11-03"), (dt.datetime(2026, 11, 3), "2026-11-03"), (None, ""),
        (dt.datetime(2026, 11, 3, 16), "2026-11-03 16:00:00"), (491701234567.0, "491701234567"),
    ],
)  # fmt: skip
def test_a_cell_becomes_the_text_a_person_sees(cell: Value, text: str) -> None:
    assert tracker_of({"company": ["Acme"], "notes": [cell]}).frame["notes"].tolist() == [text]


def test_a_placeholder_is_no_contact_but_may_be_a_note_or_a_status() -> None:
    columns: dict[str, Sequence[Value]] = {name: ["N/A"] for name in ("contact", "email", "notes", "stage")}
    frame = tracker_of({"company": ["Acme"], **columns}).frame
    assert list(frame.loc[2, ["contact", "email", "notes", "stage_text"]]) == ["", "", "N/A", "N/A"]


def test_a_status_is_read_and_what_the_cell_says_is_kept() -> None:
    tracker = tracker_of({"company": ["A", "B", "C", "D"], "stage": ["Applied ", "Ghosted", "Quux", None]})
    assert tracker.frame["stage"].tolist() == ["applied", "no_response", "unknown", ""]
    assert tracker.frame["stage_text"].tolist() == ["Applied", "Ghosted", "Quux", ""]
    assert tracker.frame["stage_over"].tolist() == [False, True, False, False]
    assert tracker.stages == {"Applied": "applied", "Ghosted": "no_response", "Quux": "unknown"}


@pytest.mark.parametrize("cell", ["N/A", "-", "TBD", "?"])
def test_a_placeholder_is_no_status_unless_it_is_one_of_the_persons_words(cell: str) -> None:
    columns: dict[str, Sequence[Value]] = {"company": ["A"], "stage": [cell]}
    assert tracker_of(columns).frame["stage"].tolist() == [""]
    assert tracker_of(columns).stages == {}
    own = tracker_of(columns, settings=Settings(stages={"N/A": "on_hold"})).frame["stage"].tolist()
    assert own == (["on_hold"] if cell == "N/A" else [""])


def test_the_persons_own_status_words_are_known() -> None:
    tracker = tracker_of({"company": ["A"], "stage": ["Vibing"]}, settings=Settings(stages={"Vibing": "interview"}))
    assert tracker.frame["stage"].tolist() == ["interview"]


def test_the_round_comes_from_its_own_column_or_from_the_status() -> None:
    by_status = tracker_of({"company": ["A", "B"], "stage": ["Second interview", "Phone screen"]})
    assert by_status.frame["round"].tolist() == ["second", "screen"]
    own = tracker_of(
        {"company": ["A", "B"], "stage": ["Interview", "Second interview"], "round": ["Final round", None]}
    )
    assert own.frame["round"].tolist() == ["final", "second"]


@pytest.mark.parametrize(
    ("cell", "kind"),
    [("Networking", "networking"), ("Check-in", "checkin"), ("Weekly check-in", "checkin"), ("Deadline", "deadline"),
     ("Bewerbung", "application"), ("Réunion", "meeting"), ("Full-time", ""), ("Contract", ""), ("Remote", ""), ("", "")],
)  # fmt: skip
def test_a_kind_is_named_and_employment_types_are_none(cell: str, kind: str) -> None:
    assert read_kind(cell) == kind


def test_what_the_kind_cell_says_is_kept() -> None:
    frame = tracker_of({"company": ["A"], "kind": ["Bi-weekly check-in"]}).frame
    assert list(frame.loc[2, ["kind", "kind_text"]]) == ["checkin", "Bi-weekly check-in"]


def test_a_date_is_read_and_one_that_is_none_is_told_and_kept_as_text() -> None:
    tracker = tracker_of({"company": ["A", "B", "C"], "applied_on": ["25/12/2026", "8-Jul", "TBD"]})
    assert tracker.frame["applied_on"].tolist() == [pd.Timestamp(2026, 12, 25), pd.NaT, pd.NaT]
    assert tracker.unreadable == {(3, "applied_on"): "8-Jul"}
    assert [problem.place for problem in tracker.problems] == ["Jobs!B3"]


def test_settings_and_workbook_say_how_ambiguous_dates_are_meant() -> None:
    columns: dict[str, Sequence[Value]] = {"company": ["A"], "applied_on": ["03/04/2026"]}
    april, march = [pd.Timestamp(2026, 4, 3)], [pd.Timestamp(2026, 3, 4)]
    assert tracker_of(columns, settings=Settings(day_first=True)).frame["applied_on"].tolist() == april
    assert tracker_of(columns, snapshot={"locale": "en_US"}).frame["applied_on"].tolist() == march
    british = tracker_of(columns, settings=Settings(country="GB"), snapshot={"locale": "en_US"})
    assert british.frame["applied_on"].tolist() == april


def test_serials_follow_the_workbooks_epoch() -> None:
    tracker = tracker_of({"company": ["A"], "applied_on": [44867]}, snapshot={"epoch_1904": True})
    assert tracker.frame["applied_on"].tolist() == [pd.Timestamp(2026, 11, 3)]


def test_a_time_with_a_zone_is_in_the_trackers_zone() -> None:
    columns: dict[str, Sequence[Value]] = {"company": ["A"], "last_contact": ["Tue, 03 Nov 2026 23:30:00 +0000"]}
    workbook = tracker_of(columns, snapshot={"time_zone": "Europe/Berlin"})
    assert workbook.frame["last_contact"].tolist() == [pd.Timestamp(2026, 11, 4, 0, 30)]
    person = tracker_of(columns, settings=Settings(time_zone="UTC"), snapshot={"time_zone": "Europe/Berlin"})
    assert person.frame["last_contact"].tolist() == [pd.Timestamp(2026, 11, 3, 23, 30)]


def test_a_formula_without_a_saved_value_is_told() -> None:
    tracker = tracker_of({"company": ["A"], "interview_on": [None]}, formulas={2: {2}}, unsaved={2: {2}})
    assert tracker.unreadable.keys() == {(2, "interview_on")}
    assert "save it once" in tracker.problems[0].message


def test_a_broken_formula_is_told_and_its_cell_is_empty() -> None:
    tracker = tracker_of({"company": ["A"], "contact": ["#REF!"], "applied_on": ["#N/A"]})
    assert tracker.frame.loc[2, "contact"] == ""
    assert {problem.place for problem in tracker.problems} == {"Jobs!B2", "Jobs!C2"}


def test_a_cell_merged_downwards_counts_in_each_of_its_rows() -> None:
    tracker = tracker_of({"company": ["Acme", None], "role": ["Engineer", "Analyst"]}, merges=(Area(2, 1, 3, 1),))
    assert tracker.frame["company"].tolist() == ["Acme", "Acme"]


def test_the_day_of_a_promise_is_findable_however_it_was_written() -> None:
    promised: list[Value] = [dt.date(2026, 11, 3), "25.12.2026", "an article by 2026-11-03", "03/04/2026"]
    tracker = tracker_of({"company": ["A", "B", "C", "D"], "promised": promised})
    assert tracker.frame["promised"].tolist() == ["2026-11-03", "2026-12-25", "an article by 2026-11-03", "2026-04-03"]


def test_columns_of_past_reminders_become_touches() -> None:
    first, second = [dt.date(2026, 11, 9), None], ["2026-11-16", "soon"]
    tracker = tracker_of({"company": ["A", "B"]}, touches=[first, second])
    assert tracker.touches["row"].tolist() == [2, 2]
    assert tracker.touches["on"].tolist() == [pd.Timestamp(2026, 11, 9), pd.Timestamp(2026, 11, 16)]
    assert [problem.place for problem in tracker.problems] == ["Jobs!C3"]


def test_the_tracker_says_which_fields_have_a_column_and_where() -> None:
    tracker = tracker_of({"company": ["A"], "stage": ["Applied"]})
    assert tracker.mapped == {"company", "stage"}
    assert tracker.columns == {"company": 1, "stage": 2}
    assert tracker.sheet == "Jobs"
    assert not tracker.has_history


def test_the_order_of_rows_changes_nothing_but_their_order() -> None:
    names = ["A", "B", "C"]
    dates: list[Value] = ["03/04/2026", "25/12/2026", "8-Jul"]
    there = tracker_of({"company": names, "applied_on": dates}).frame["applied_on"].to_numpy()
    back = tracker_of({"company": names[::-1], "applied_on": dates[::-1]}).frame["applied_on"].to_numpy()
    assert np.array_equal(there, back[::-1], equal_nan=True)
