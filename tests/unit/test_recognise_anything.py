"""Whatever stands in a sheet, it is recognised or refused; it never breaks, and a date field holds dates."""

from __future__ import annotations

import contextlib
import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from sheetsync.errors import NoTrackerError
from sheetsync.model import DATE_FIELDS, Grid, Snapshot, Value
from sheetsync.settings import Settings
from sheetsync.tracker.recognise import recognise

HEADERS = st.sampled_from(
    [
        "Company", "Role", "Status", "Date applied", "Date", "Applied", "Interview", "Phone", "Contact", "Follow-up", "Follow-up 1",
        "Email", "Firma", "Poste", "状态", "Name", "Stage", "Response", "Notes", "Last contact", "Owner", "", None,
    ]
)  # fmt: skip
CELLS: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    st.sampled_from(
        [
            "yes",
            "no",
            "Applied",
            "Rejected",
            "n/a",
            "a@ash.example",
            "https://ash.example",
            "Ash Ltd",
            "2026-03-14",
            "  ",
        ]
    ),
    st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)),
    st.integers(-5, 60_000),
    st.floats(allow_nan=True),
    st.booleans(),
    st.text("aé公 -_/#?@.1", max_size=12),
    st.times(),
)


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    width = draw(st.integers(0, 8))
    height = draw(st.integers(1, 8))
    above = draw(st.integers(0, 2))
    return Grid(
        "Sheet1",
        tuple(
            [*([None] * above), draw(HEADERS), *draw(st.lists(CELLS, min_size=height, max_size=height))]
            for _ in range(width)
        ),
    )


@given(grids())
def test_a_field_has_one_column_and_a_column_one_field(grid: Grid) -> None:
    with contextlib.suppress(NoTrackerError):
        layout = recognise(Snapshot("any.xlsx", "1", (grid,)), Settings())

        given_away = [*layout.columns.values(), *layout.touches, *layout.unmapped]
        assert len(given_away) == len(set(given_away))
        assert set(layout.columns) == set(layout.confidence)
        assert all(0 < sure <= 1 for sure in layout.confidence.values())
        assert layout.right <= grid.n_columns
        assert layout.header_row < layout.first_row
        assert layout.last_row <= grid.n_rows


@given(grids())
def test_a_date_field_never_stands_over_yes_and_no(grid: Grid) -> None:
    with contextlib.suppress(NoTrackerError):
        layout = recognise(Snapshot("any.xlsx", "1", (grid,)), Settings())

        for name in layout.columns.keys() & set(DATE_FIELDS):
            below = {v for v in grid.columns[layout.columns[name] - 1][layout.header_row :] if v not in {None, "no"}}
            # a "no" alone says that there is no date
            assert not below or not below <= {"yes", "Applied", "Rejected", "Ash Ltd"}
