"""Which rows of a tracker are threads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from sheetsync.model import Area, Grid, Layout, TableArea, Value
from sheetsync.tracker.rows import thread_rows

HEADER: list[Value] = ["Company", "Role", "Status", "Applied", "Notes"]
FIELDS = {"company": 1, "role": 2, "stage": 3, "applied_on": 4, "notes": 5}
DAY = dt.date(2026, 11, 2)
ACME: list[Value] = ["Acme", "Engineer", "Applied", DAY, "by mail"]
GLOBEX: list[Value] = ["Globex", "Analyst", "Applied", DAY, "by post"]


def rows_of(
    *lines: list[Value], columns: Mapping[str, int] | None = None, table: str | None = None, **grid: Any
) -> list[int]:
    """The threads below a header in row 1; each line is a row, short ones are filled up."""
    all_lines = [HEADER, *lines]
    width = max(map(len, all_lines))
    cells = tuple([line[column] if column < len(line) else None for line in all_lines] for column in range(width))
    names = dict(columns or FIELDS)
    headers = {column: str(text) for column, text in enumerate(HEADER, start=1)}
    unmapped = {column: text for column, text in headers.items() if column not in names.values()}
    layout = Layout("Jobs", 1, 2, 0, names, {}, headers, unmapped, right=width, table=table)
    return thread_rows(Grid("Jobs", cells, **grid), layout)


def test_a_company_a_role_or_an_event_date_makes_a_thread() -> None:
    assert rows_of(["Acme"], [None, "Engineer"], [None, None, None, DAY], [None, None, None, "2026-11-02"]) == [
        2,
        3,
        4,
        5,
    ]


def test_a_contact_or_an_address_makes_a_thread() -> None:
    assert rows_of(["Ada"], columns={"contact": 1}) == [2]
    assert rows_of(["ada@example.com"], columns={"email": 1}) == [2]


def test_a_status_or_a_note_alone_makes_none() -> None:
    assert rows_of([None, None, "Applied", None, "call them"]) == []


@pytest.mark.parametrize("cell", ["n/a", "TBD", "-", "  ", "", "#REF!", True, False])
def test_placeholders_errors_and_boxes_make_no_thread(cell: Value) -> None:
    assert rows_of(ACME, [cell, cell, "Applied", cell]) == [2]


def test_a_text_that_is_no_date_is_no_event() -> None:
    assert rows_of([None, None, None, "soon"]) == []


def test_blank_rows_between_threads_are_left_out() -> None:
    assert rows_of(ACME, [], [], [], GLOBEX) == [2, 6]


def test_rows_that_hold_only_formulas_are_left_out() -> None:
    formulas = {1: {3}, 4: {3}, 5: {2, 3}}
    assert rows_of(ACME, ["Acme", None, None, DAY, "7"], formulas=formulas) == [2]


def test_a_company_fetched_by_a_formula_counts_beside_something_typed() -> None:
    assert rows_of(["Acme", None, None, None, "met at the fair"], formulas={1: {2}}) == [2]
    assert rows_of(["Acme", None, "Applied"], formulas={1: {2}}, dropdowns={3: ("Applied", "Offer")}) == []


@pytest.mark.parametrize("copy", [HEADER, ["company", "ROLE", "Status ", "Applied", None], [*HEADER, "More"]])
def test_a_repeated_header_is_left_out(copy: list[Value]) -> None:
    assert rows_of(ACME, copy, GLOBEX) == [2, 4]


def test_a_company_named_like_a_header_is_a_thread() -> None:
    assert rows_of(["Notes", "Engineer", "Applied", DAY]) == [2]


@pytest.mark.parametrize("marker", ["<<<<<<< HEAD", "=======", ">>>>>>> 1f2e3d4"])
def test_a_conflict_marker_of_a_version_control_is_left_out(marker: str) -> None:
    assert rows_of(ACME, [marker], GLOBEX) == [2, 4]


def test_a_title_across_merged_cells_is_left_out() -> None:
    assert rows_of(ACME, ["Autumn"], GLOBEX, merges=(Area(3, 1, 3, 5),)) == [2, 4]


@pytest.mark.parametrize("title", ["Spring 2026", "Applications 2025/26", "Waiting for an answer:"])
def test_a_lone_period_or_a_lone_text_with_a_colon_is_a_title(title: str) -> None:
    assert rows_of(ACME, [title], GLOBEX) == [2, 4]


def test_a_lone_text_above_a_repeated_header_is_a_title() -> None:
    assert rows_of(ACME, ["Autumn"], HEADER, GLOBEX) == [2, 5]


def test_lone_texts_between_a_blank_row_and_full_rows_are_titles() -> None:
    assert rows_of(["Open"], ACME, [], ["Closed"], GLOBEX) == [3, 6]


def test_a_company_alone_among_others_is_a_thread() -> None:
    assert rows_of(["Initech"], ACME, ["Hooli"], GLOBEX) == [2, 3, 4, 5]


@pytest.mark.parametrize(
    "line",
    [["Total", None, 2], ["Total", None, 2, 3, 4], ["Summe:", 2], ["Total applied", 2], ["合计", 2], ["Grand total"]],
)
def test_a_row_of_totals_is_left_out(line: list[Value]) -> None:
    assert rows_of(ACME, GLOBEX, line) == [2, 3]


def test_a_company_called_total_is_a_thread() -> None:
    assert rows_of(["Total", "Engineer"], ["Total Wine", None, None, DAY], ["Totality", None, 3]) == [2, 3, 4]


def test_a_legend_after_a_gap_is_left_out() -> None:
    legend: list[list[Value]] = [["Applied", "waiting"], ["Offer", "hurray"]]
    assert rows_of(ACME, GLOBEX, [], [], [], *legend) == [2, 3]
    assert rows_of(ACME, GLOBEX, [], ["Legend"], ["Green", "good"], ["Red", "bad"]) == [2, 3]


def test_new_rows_after_a_gap_are_threads() -> None:
    assert rows_of(ACME, GLOBEX, [], [], [], [], ["Initech", "Analyst"], ["Hooli", "Engineer"]) == [2, 3, 8, 9]


def test_the_rows_of_a_table_end_with_it_and_its_totals_do_not_count() -> None:
    table = TableArea("Jobs", Area(1, 1, 4, 5), totals_rows=1)
    assert rows_of(ACME, GLOBEX, ["All", 2], ["Hooli", "Engineer"], table="Jobs", tables=(table,)) == [2, 3]


def test_columns_outside_the_layout_do_not_count() -> None:
    assert rows_of([None, None, None, None, None, "Acme"], columns=FIELDS) == []


def test_a_sheet_with_a_header_only_has_no_threads() -> None:
    assert rows_of() == []


def test_a_row_typed_right_below_a_table_is_a_thread() -> None:
    table = TableArea("Jobs", Area(1, 1, 2, 5))
    assert rows_of(ACME, GLOBEX, [], ["A legend"], tables=(table,), table="Jobs") == [2, 3]


def test_a_row_below_a_table_with_totals_is_none() -> None:
    table = TableArea("Jobs", Area(1, 1, 3, 5), totals_rows=1)
    assert rows_of(ACME, ["Total"], GLOBEX, tables=(table,), table="Jobs") == [2]
