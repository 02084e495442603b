"""Where our columns go, what they are called, and when lost ones are taken for ours again."""

from __future__ import annotations

import pytest

from sheetsync.errors import NoRoomError
from sheetsync.model import OWNED, Area, Grid, TableArea, Value
from sheetsync.sheets.ownership import adopt, header_texts, place_columns, runs, to_add
from sheetsync.words import column_words

WORDS = column_words()
OURS: list[Value] = [WORDS[key] for key in OWNED]


def sheet(*rows: list[Value], merges: tuple[Area, ...] = (), tables: tuple[TableArea, ...] = ()) -> Grid:
    width = max(map(len, rows))
    columns = tuple(tuple(row[i] if i < len(row) else None for row in rows) for i in range(width))
    return Grid("Jobs", columns, merges=merges, tables=tables)


def place(grid: Grid, right: int = 2, *, blocked: tuple[Area, ...] = (), limit: int = 16_384) -> list[int]:
    return place_columns(grid, right=right, count=3, blocked=blocked, location="jobs.xlsx", limit=limit)


def test_ours_adjoin_the_tracker_where_they_can() -> None:
    assert place(sheet(["Company", "Applied"], ["Ash", "x"])) == [3, 4, 5]


def test_a_single_cell_far_below_makes_a_column_taken() -> None:
    grid = sheet(["Company", "Applied"], *([[]] * 500), [None, None, None, "total"])
    assert place(grid) == [5, 6, 7]


def test_a_gap_that_is_too_narrow_is_passed_over() -> None:
    assert place(sheet(["Company", "Applied", None, None, "x"])) == [6, 7, 8]


def test_merged_cells_and_tables_and_drawings_block_what_looks_empty() -> None:
    grid = sheet(["Company"], merges=(Area(1, 1, 1, 4),), tables=(TableArea("Costs", Area(1, 8, 3, 9)),))
    assert place(grid) == [5, 6, 7]
    assert place(grid, blocked=(Area(10, 7, 30, 7),)) == [10, 11, 12]


def test_a_formula_without_a_result_makes_a_column_taken() -> None:
    grid = Grid("Jobs", (("Company", "Ash"), (None, None), (None, None)), formulas={3: frozenset({2})})
    assert place(grid, right=1) == [4, 5, 6]


def test_no_room_is_said_with_the_sheet_s_name() -> None:
    with pytest.raises(NoRoomError, match="Sheet 'Jobs' of jobs.xlsx has no 3 empty columns"):
        place(sheet(["Company", "Applied"]), limit=4)


def test_the_last_columns_of_the_sheet_are_room() -> None:
    assert place(sheet(["Company", "Applied"]), limit=5) == [3, 4, 5]


def test_nothing_to_place_needs_no_room() -> None:
    assert place_columns(sheet(["x"]), right=16_384, count=0, location="jobs.xlsx") == []


def test_a_header_that_the_person_has_gets_our_name_behind_it() -> None:
    grid = sheet(["WHY ", "why (sheetsync)", "Contact  by"])
    assert header_texts(grid, 1, OWNED, WORDS) == {
        "next_contact": "Next contact",
        "contact_by": "Contact by (sheetsync)",
        "next_action": "Next action",
        "follow_up": "Follow-up",
        "days_overdue": "Days overdue",
        "why": "Why (sheetsync 2)",
    }


def test_headers_of_ours_standing_together_are_adopted() -> None:
    owned = adopt([sheet(["x"]), sheet([], ["Company", *OURS], ["Ash"])])
    assert owned
    assert (owned.sheet, owned.header_row, owned.adopted) == ("Jobs", 2, True)
    assert list(owned.columns.items()) == list(zip(OWNED, range(2, 8), strict=True))


def test_headers_with_our_name_behind_them_are_adopted_too() -> None:
    assert adopt([sheet(["Why", *OURS[:5], "Why (sheetsync)"])])


@pytest.mark.parametrize(
    "row",
    [
        OURS[:5],
        [*OURS[:3], None, *OURS[3:]],
        list(reversed(OURS)),
        [*OURS, None, *OURS],
    ],
    ids=["one is missing", "a gap", "another order", "twice"],
)
def test_other_headers_are_left_alone(row: list[Value]) -> None:
    assert adopt([sheet(["Company", *row])]) is None


def test_a_deleted_column_is_not_added() -> None:
    assert to_add(("why", "next_contact", "follow_up"), {"why": None, "follow_up": 7}) == ("next_contact",)


def test_columns_are_grouped_into_runs() -> None:
    assert runs({7, 1, 2, 3, 9, 8}) == [(1, 3), (7, 9)]
