"""Dates and rows of real trackers, judged by labels that people made. The judge reads dates in its own way."""

from __future__ import annotations

import datetime as dt
import email.utils
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sheetsync.model import Layout, Value, column_number
from sheetsync.sheets import open_source
from sheetsync.tracker.dates import date_share, read_dates
from sheetsync.tracker.rows import thread_rows

FORMATS = {
    "iso": ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M"),
    "mdy": ("%m/%d/%Y", "%m/%d/%y"),
    "dmy": ("%d/%m/%Y", "%d/%m/%Y %H:%M:%S"),
}


class Labelled:
    """One labelled file: its label, its grid, and the layout that the label says."""

    def __init__(self, folder: Path, label: dict[str, Any]) -> None:
        self.label = label
        self.name: str = label["file"]
        snapshot = open_source(str(folder / self.name)).read()
        self.grid = snapshot.grid(label["sheet"]) if label["sheet"] else snapshot.grids[0]
        columns = {column_number(letters): column for letters, column in label["columns"].items()}
        table = next((t.name for t in self.grid.tables if t.area.top == label["header_row"]), None)
        self.layout = Layout(
            sheet=self.grid.name,
            header_row=label["header_row"],
            first_row=label["header_row"] + 1,
            last_row=0,
            columns={c["field"]: number for number, c in columns.items() if c["field"] != "other"},
            confidence={},
            headers={number: c["header"] for number, c in columns.items()},
            unmapped={number: c["header"] for number, c in columns.items() if c["field"] == "other"},
            right=max(columns),
            table=table,
        )

    def date_columns(self) -> Iterator[tuple[str, dict[str, Any], list[Value]]]:
        """Place, label and cells (of threads) of each labelled date column."""
        rows = thread_rows(self.grid, self.layout)
        for letters, label in self.label["date_columns"].items():
            column = self.grid.columns[column_number(letters) - 1]
            yield f"{self.name} {letters}", label, [column[row - 1] for row in rows]


@pytest.fixture(scope="module")
def labelled(shared: Path) -> list[Labelled]:
    """Every labelled file that has a table."""
    folder = shared / "trackers"
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    return [Labelled(folder, label) for label in labels if label["header_row"]]


def _judged(text: str, order: str) -> dt.datetime | None:
    if order == "rfc2822":
        return email.utils.parsedate_to_datetime(text).replace(tzinfo=None)
    for form in FORMATS["iso" if order == "mixed" else order]:
        try:
            return dt.datetime.strptime(text.strip(), form)  # noqa: DTZ007 (as the cell has it)
        except ValueError:
            continue
    return None


@pytest.mark.shared
def test_every_text_date_of_an_unambiguous_column_is_read_and_none_is_read_wrongly(labelled: list[Labelled]) -> None:
    expected = parsed = told = 0
    wrong: list[str] = []
    for file in labelled:
        for place, label, cells in file.date_columns():
            if label["order"] in {"native", "other"}:
                continue
            column = read_dates(cells)
            undecided = column.order == "unknown"
            for position, cell in enumerate(cells):
                if not isinstance(cell, str) or cell in label["unparseable"]:
                    continue
                found = column.dates[position]
                judged = np.datetime64(_judged(cell, label["order"]), "us")
                told += position in column.unreadable
                parsed += bool(found == judged)
                expected += not undecided
                if not (np.isnat(found) or found == judged):
                    wrong.append(f"{place} {cell!r} read as {found}")
                if np.isnat(found) and not undecided:
                    wrong.append(f"{place} {cell!r} not read")
    figures = f"{parsed} parsed, {expected} expected of unambiguous columns, {told} told as Problems"
    assert not wrong, figures
    assert parsed >= expected > 300, figures


@pytest.mark.shared
def test_a_text_that_is_no_single_full_date_is_told_or_empty(labelled: list[Labelled]) -> None:
    guessed = []
    for file in labelled:
        for place, label, cells in file.date_columns():
            column = read_dates(cells)
            for position, cell in enumerate(cells):
                if cell in label["unparseable"] and not np.isnat(column.dates[position]):
                    guessed.append(f"{place} {cell!r}")
    assert not guessed


@pytest.mark.shared
def test_numbers_that_mean_month_and_day_are_told_and_never_read(labelled: list[Labelled]) -> None:
    numbers = [
        read_dates(cells) for file in labelled for _, label, cells in file.date_columns() if label.get("number_cells")
    ]
    assert numbers
    for column in numbers:
        assert np.isnat(column.dates).all()
        assert len(column.unreadable) == len(column.dates)


@pytest.mark.shared
def test_native_dates_are_all_read(labelled: list[Labelled]) -> None:
    for file in labelled:
        for place, label, cells in file.date_columns():
            native = [cell for cell in cells if isinstance(cell, dt.date)]
            assert len(native) == label["native_cells"], place
            assert int((~np.isnat(read_dates(native).dates)).sum()) == len(native), place


@pytest.mark.shared
def test_a_column_of_dates_shows_it(labelled: list[Labelled]) -> None:
    shares = {
        place: date_share(cells)
        for file in labelled
        for place, label, cells in file.date_columns()
        if label["native_cells"] + label["text_cells"] - len(label["unparseable"]) > 0
    }
    assert shares
    assert {place: share for place, share in shares.items() if share < 0.6} == {}


@pytest.mark.shared
def test_the_threads_are_the_labelled_rows(labelled: list[Labelled]) -> None:
    differing = []
    for file in labelled:
        label = file.label
        rows = thread_rows(file.grid, file.layout)
        first, last = (rows[0], rows[-1]) if rows else (label["header_row"] + 1, label["header_row"])
        found = len(rows), first, last, sorted(set(rows) & set(label["skip_rows"]))
        if found != (label["data_rows"], label["first_data_row"], label["last_data_row"], []):
            differing.append(f"{file.name}: {found}")
    assert not differing
