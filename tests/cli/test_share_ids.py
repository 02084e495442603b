"""The ids of a coach's copy: made with a key that stays in the tracker, so no guess at a name can be confirmed by one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from cli.running import AS_OF, Cli
from sheetsync.records.ids import new_ids
from sheetsync.records.shares import keys
from sheetsync.sheets import open_source
from sheetsync.sync import propose


def share(sheetsync: Cli, tracker: Path, out: Path, *more: str) -> None:
    result = sheetsync("share", tracker, "--out", out, "--yes", "--as-of", AS_OF, *more)
    assert result.exit_code == 0, result.stderr


def ids(path: Path) -> set[str]:
    """What stands in sheetsync's column of ids."""
    snapshot = open_source(str(path)).read()
    assert snapshot.owned is not None
    column = snapshot.owned.columns["id"]
    assert column
    grid = snapshot.grid(snapshot.owned.sheet)
    return {
        str(text) for row in range(snapshot.owned.header_row + 1, grid.n_rows + 1) if (text := grid.cell(row, column))
    }


def texts(path: Path) -> set[str]:
    """Every text in a workbook, hidden sheets included."""
    return {str(value) for grid in open_source(str(path)).read().grids for column in grid.columns for value in column}


def guessed(tracker: Path) -> set[str]:
    """The ids that somebody works out who guesses every name."""
    frame = propose(open_source(str(tracker)), as_of=dt.date.fromisoformat(AS_OF)).tracker.frame
    return set(new_ids(frame.assign(id=""), frame.index.tolist()).values())


@pytest.mark.parametrize("hide", [[], ["--hide", "company"]])
def test_no_id_and_no_key_of_the_tracker_is_in_a_copy(
    sheetsync: Cli, tracker: Path, tmp_path: Path, hide: list[str]
) -> None:
    wanted = guessed(tracker)
    share(sheetsync, tracker, tmp_path / "coach.xlsx", *hide)
    assert ids(tracker) == wanted
    (key,) = keys(open_source(str(tracker)).read())
    assert len(key) == 32
    out = texts(tmp_path / "coach.xlsx")
    assert len(ids(tmp_path / "coach.xlsx")) == len(wanted)
    assert not out & {key, *wanted}


def test_two_copies_have_no_id_in_common_and_the_notes_of_both_come_back(
    sheetsync: Cli, tracker: Path, tmp_path: Path
) -> None:
    copies = [tmp_path / "ana.xlsx", tmp_path / "ben.xlsx"]
    for row, copy in enumerate(copies, start=5):
        share(sheetsync, tracker, copy, "--hide", "company")
        book = openpyxl.load_workbook(copy)
        sheet = book["Follow-ups"]
        assert isinstance(sheet, Worksheet)
        place = next(cell.column for cell in sheet[4] if cell.value == "Coach note")
        sheet.cell(row, place, f"Ask about {copy.stem}.")
        book.save(copy)
    assert not ids(copies[0]) & ids(copies[1])
    for copy in copies:
        (taken,) = sheetsync.json("notes", tracker, "--from", copy, "--as-of", AS_OF)["taken"]
        assert taken["after"] == f"Ask about {copy.stem}."
    assert {"Ask about ana.", "Ask about ben."} <= texts(tracker)


def test_a_copy_of_which_the_tracker_knows_no_more_is_refused(sheetsync: Cli, tracker: Path, tmp_path: Path) -> None:
    share(sheetsync, tracker, tmp_path / "coach.xlsx")
    book = openpyxl.load_workbook(tracker)
    shared = book["Shared"]
    assert isinstance(shared, Worksheet)
    for cell in shared[2]:
        cell.value = None
    book.save(tracker)
    result = sheetsync("notes", tracker, "--from", tmp_path / "coach.xlsx", "--as-of", AS_OF)
    assert result.exit_code == 2
    assert "its line on the tracker's sheet Shared was deleted" in result.stderr
