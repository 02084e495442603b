"""Made-up trackers in six languages are recognised column by column, and lists that are none are refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sheetsync.errors import NoTrackerError
from sheetsync.model import DATE_FIELDS, Grid, Snapshot, Value, column_letter
from sheetsync.settings import Settings
from sheetsync.tracker.recognise import recognise


@dataclass
class Case:
    """A workbook of `look_alikes.txt`, and what is expected of it."""

    name: str
    grids: list[Grid] = field(default_factory=list)
    sheet: str | None = None
    header_row: int = 0
    expected: list[str] = field(default_factory=list)

    @property
    def snapshot(self) -> Snapshot:
        return Snapshot(self.name, "1", tuple(self.grids))


def cell(text: str) -> Value:
    text = text.strip()
    if text.startswith("@"):
        return dt.date.fromisoformat(text[1:])
    if text in {"TRUE", "FALSE"}:
        return text == "TRUE"
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text or None


def cases() -> Iterator[Case]:
    text = (Path(__file__).parent / "look_alikes.txt").read_text(encoding="utf-8")
    for block in text.split("\n# ")[1:]:
        name, *sheets = block.split("\n== ")
        case = Case(name.strip())
        for sheet in sheets:
            title, *lines = sheet.strip("\n").split("\n")
            rows: list[list[Value]] = []
            for line in lines:
                if line.startswith("> "):
                    case.sheet, case.header_row = title, len(rows)
                    case.expected = [part.strip() for part in line[2:].split("|")]
                else:
                    rows.append([cell(part) for part in line.split("|")])
            width = max(map(len, rows), default=0)
            columns = tuple([row[at] if at < len(row) else None for row in rows] for at in range(width))
            case.grids.append(Grid(title.removesuffix(" (hidden)"), columns, hidden=title.endswith("(hidden)")))
        yield case


CASES = list(cases())
TRACKERS = [case for case in CASES if case.sheet]
OTHERS = [case for case in CASES if not case.sheet]


def test_there_are_enough_of_both_sorts() -> None:
    assert len(TRACKERS) >= 50
    assert len(OTHERS) >= 12


@pytest.mark.parametrize("case", TRACKERS, ids=lambda case: case.name)
def test_every_column_is_given_its_field_or_left_alone(case: Case) -> None:
    layout = recognise(case.snapshot, Settings())

    assert (layout.sheet, layout.header_row) == (case.sheet, case.header_row)
    field_of = {column: name for name, column in layout.columns.items()} | dict.fromkeys(layout.touches, "touch")
    found = {column: field_of.get(column, "-") for column in range(1, len(case.expected) + 1)}
    wrong = {
        f"{column_letter(column)} {layout.headers.get(column)!r}": f"{found[column]}, not {wanted}"
        for column, wanted in enumerate(case.expected, start=1)
        if wanted != "?" and found[column] not in wanted.split("/")
    }
    assert not wrong


@pytest.mark.parametrize("case", TRACKERS, ids=lambda case: case.name)
def test_no_date_field_stands_over_a_column_without_dates(case: Case) -> None:
    layout = recognise(case.snapshot, Settings())
    grid = next(grid for grid in case.grids if grid.name == layout.sheet)

    for name in layout.columns.keys() & set(DATE_FIELDS):
        values = [v for v in grid.columns[layout.columns[name] - 1][layout.header_row :] if v is not None]
        assert not values or any(isinstance(v, dt.date) or any(map(str.isdigit, str(v))) for v in values)


@pytest.mark.parametrize("case", OTHERS, ids=lambda case: case.name)
def test_a_list_that_is_no_tracker_is_refused_with_a_reason(case: Case) -> None:
    with pytest.raises(NoTrackerError) as refused:
        recognise(case.snapshot, Settings())

    assert refused.value.reason.endswith(".")
