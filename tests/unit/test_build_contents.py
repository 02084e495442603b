"""What a new workbook is filled with: templates, the sample, the rows of an old list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import pytest

from sheetsync.errors import UsageError
from sheetsync.model import FIELDS, Grid, Layout, Ownership, Snapshot, Tracker, Value
from sheetsync.resources import read_toml
from sheetsync.sheets.contents import Contents, blank, carried_over, sample, sample_date, template_names

OLD: list[list[Value]] = [
    ["Firm", "State", "Sent", "Where I read it", None],
    ["Alder Foods", "waiting", "3.11.2026", "Gazette", "x"],
    ["Birch Labs", "no", "soon", "Gazette", None],
]


def carried(
    rows: Sequence[Sequence[Value]],
    columns: Mapping[str, int],
    dates: Mapping[tuple[int, str], dt.datetime] | None = None,
    *,
    threads: Sequence[int] | None = None,
    template: str = "job-search",
    owned: Ownership | None = None,
    **grid: Any,
) -> Contents:
    """`rows` carried over; the first is the header, `dates` are what the normaliser read."""
    sheet = Grid("Old", tuple(zip(*rows, strict=True)), **grid)
    headers = {number: str(text) for number, text in enumerate(rows[0], start=1) if text}
    unmapped = {number: text for number, text in headers.items() if number not in columns.values()}
    layout = Layout("Old", 1, 2, len(rows), columns, {}, headers=headers, unmapped=unmapped, right=len(rows[0]))
    found = range(2, len(rows) + 1) if threads is None else threads
    frame = pd.DataFrame({name: pd.NaT for name in FIELDS if name.endswith(("_on", "_by"))}, index=list(found))
    for (row, field), moment in (dates or {}).items():
        frame[field] = frame[field].astype("datetime64[ns]")
        frame.loc[row, field] = moment
    nothing = pd.DataFrame()
    tracker = Tracker(frame, nothing, nothing, nothing, frozenset(columns))
    return carried_over(template, Snapshot("old.csv", "1", (sheet,), owned), layout, tracker)


def read(day: int) -> dt.datetime:
    return dt.datetime(2026, 11, day)


def headers(contents: Contents) -> list[str]:
    return [column.header for column in contents.tracker.columns]


def row(contents: Contents, number: int = 0) -> dict[str, Value]:
    """One carried row, by header."""
    names = {column.key: column.header for column in contents.tracker.columns}
    return {names[key]: value for key, value in contents.tracker.rows[number].items()}


# Templates


def test_there_is_a_template_for_each_use() -> None:
    assert template_names() == ("job-search", "networking", "projects", "proposals")


def test_an_unknown_template_is_answered_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="job-search, networking, projects, proposals"):
        blank("jobsearch")


@pytest.mark.parametrize("template", template_names())
def test_a_templates_columns_are_known_fields_or_plain_ones_each_once(template: str) -> None:
    columns = blank(template).tracker.columns
    assert all(column.key in FIELDS or column.key == column.header for column in columns)
    assert len({column.key for column in columns}) == len(columns)


@pytest.mark.parametrize("template", template_names())
def test_every_drop_down_of_a_template_is_defined(template: str) -> None:
    contents = blank(template)
    for page in (contents.tracker, contents.history, contents.debrief):
        assert {column.list for column in page.columns if column.list} == set(page.lists)


# The sample


def test_the_samples_dates_move_with_today() -> None:
    one, other = sample(dt.date(2026, 11, 18)), sample(dt.date(2027, 3, 1))
    shift = dt.date(2027, 3, 1) - dt.date(2026, 11, 18)
    for before, after in zip(one.tracker.rows, other.tracker.rows, strict=True):
        for key, value in before.items():
            assert after[key] == (value + shift if isinstance(value, dt.date) else value)


def test_every_entry_of_the_sample_has_a_column() -> None:
    contents = sample(sample_date())
    for page in (contents.tracker, contents.history, contents.debrief):
        known = {column.key for column in page.columns}
        assert all(set(values) <= known for values in page.rows)


def test_the_samples_people_are_reached_at_reserved_domains_only() -> None:
    addresses = [str(values["email"]) for values in sample(sample_date()).tracker.rows if "email" in values]
    assert len(addresses) > 15
    assert all(address.endswith((".example.com", ".example.org", ".example.net")) for address in addresses)


def test_the_samples_history_names_companies_of_the_sample() -> None:
    contents = sample(sample_date())
    companies = {values["company"] for values in contents.tracker.rows}
    assert {values["company"] for values in (*contents.history.rows, *contents.debrief.rows)} <= companies


def test_the_samples_history_is_in_the_past_and_in_order_for_each_company() -> None:
    days: dict[str, list[int]] = {}
    for entry in read_toml("sample/job-search.toml")["history"]:
        days.setdefault(entry["company"], []).append(entry["date"])
    assert all(values == sorted(values) and values[-1] <= 0 for values in days.values())


# An old list


def test_a_known_column_goes_where_the_template_has_it() -> None:
    contents = carried(OLD, {"company": 1, "stage": 2, "applied_on": 3}, {(2, "applied_on"): read(3)})
    assert row(contents)["Company"] == "Alder Foods"
    assert row(contents)["Status"] == "waiting"


def test_a_text_date_that_was_read_becomes_a_date() -> None:
    contents = carried(OLD, {"company": 1, "applied_on": 3}, {(2, "applied_on"): read(3)})
    assert row(contents)["Applied on"] == dt.date(2026, 11, 3)


def test_a_text_date_that_nobody_could_read_stays_as_it_is() -> None:
    contents = carried(OLD, {"company": 1, "applied_on": 3}, {(2, "applied_on"): read(3)})
    assert row(contents, 1)["Applied on"] == "soon"


def test_a_time_of_day_is_kept() -> None:
    moment = dt.datetime(2026, 11, 3, 14, 30)
    contents = carried(OLD, {"company": 1, "applied_on": 3}, {(2, "applied_on"): moment})
    assert row(contents)["Applied on"] == moment


def test_an_unknown_column_is_kept_at_the_right_under_its_own_header() -> None:
    contents = carried(OLD, {"company": 1})
    assert headers(contents)[-4:] == ["State", "Sent", "Where I read it", "Column E"]
    assert row(contents)["Where I read it"] == "Gazette"
    assert row(contents)["Column E"] == "x"


def test_a_field_that_the_template_has_no_column_for_is_kept_too() -> None:
    contents = carried(OLD, {"company": 1, "stage": 2, "salary": 4}, template="networking")
    assert row(contents)["Where I read it"] == "Gazette"


def test_a_plain_column_finds_the_templates_column_of_the_same_name() -> None:
    rows: list[list[Value]] = [["Client", "value"], ["Alder", 400]]
    contents = carried(rows, {"company": 1}, template="proposals")
    assert row(contents)["Value"] == 400
    assert "value (2)" not in headers(contents)


def test_a_kept_header_that_the_template_uses_itself_is_told_apart() -> None:
    rows: list[list[Value]] = [["Company", "company"], ["Alder", "Birch"]]
    contents = carried(rows, {"company": 1})
    assert headers(contents)[-1] == "company (2)"
    assert row(contents)["company (2)"] == "Birch"


def test_every_value_of_the_old_list_is_in_the_new_one() -> None:
    contents = carried(OLD, {"company": 1, "stage": 2})
    for number, values in enumerate(OLD[1:]):
        assert {value for value in values if value is not None} == set(row(contents, number).values())


def test_a_number_with_leading_zeros_stays_text() -> None:
    rows: list[list[Value]] = [["Company", "Ref"], ["Alder", "007"]]
    contents = carried(rows, {"company": 1})
    assert row(contents)["Ref"] == "007"


def test_rows_that_hold_nothing_of_the_persons_are_left_behind() -> None:
    rows: list[list[Value]] = [
        ["Company", "Status", "Done"],
        ["Alder", "Applied", True],
        [None, None, None],
        ["Company", "Status", "Done"],
        [None, "Not yet", False],
    ]
    contents = carried(rows, {"company": 1, "stage": 2}, threads=[2], dropdowns={2: ("Not yet", "Applied")})
    assert len(contents.tracker.rows) == 1


def test_a_section_title_is_kept_in_its_place() -> None:
    rows: list[list[Value]] = [["Company", "Status"], ["Alder", "Applied"], ["Spring 2026", None], ["Birch", "Applied"]]
    contents = carried(rows, {"company": 1, "stage": 2}, threads=[2, 4])
    assert [values["company"] for values in contents.tracker.rows] == ["Alder", "Spring 2026", "Birch"]


def test_columns_of_ours_are_left_behind_because_they_are_worked_out_anew() -> None:
    rows: list[list[Value]] = [["Company", "Next contact"], ["Alder", dt.date(2026, 11, 3)]]
    contents = carried(rows, {"company": 1}, owned=Ownership("Old", 1, {"next_contact": 2}))
    assert "Next contact" not in headers(contents)


def test_the_persons_own_status_words_join_the_drop_down() -> None:
    contents = carried(OLD, {"company": 1, "stage": 2})
    assert contents.tracker.lists["status"][:3] == ("waiting", "no", "Saved")


def test_a_formula_without_a_saved_result_is_told() -> None:
    contents = carried(OLD, {"company": 1}, unsaved={2: {3}})
    (problem,) = contents.problems
    assert problem.place == "Old!B3"
