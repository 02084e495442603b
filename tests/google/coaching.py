"""A person who shares a small tracker with coaches at the emulator, and what a coach does there."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import openpyxl
import pytest
from emulator.server import Emulator
from emulator.state import Spreadsheet, new_sheet
from moving import ME, signed_in

from sheetsync.cli import sharing
from sheetsync.cli.options import Asked
from sheetsync.cli.sharing import Given, Terms
from sheetsync.model import Value
from sheetsync.records.shares import Share
from sheetsync.sheets import open_source
from sheetsync.sheets.google.address import spreadsheet_id
from sheetsync.start import start
from sheetsync.sync import Outcome, sync

DAY = dt.date(2026, 11, 18)
COACH = "coach@example.com"
FIRMS = (("Ash & Co", 2), ("Birch", 9), ("Cedar", 16))


@pytest.fixture
def google(tmp_path: Path) -> Iterator[Emulator]:
    with signed_in(tmp_path / "home") as started:
        started.service.clock = lambda: dt.datetime(2026, 11, 18, 9, tzinfo=dt.UTC).timestamp()
        yield started


@pytest.fixture(scope="session")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small tracker that was synced once."""
    path = tmp_path_factory.mktemp("synced") / "tracker.xlsx"
    start(path)
    book = openpyxl.load_workbook(path)
    for row, (company, applied) in enumerate(FIRMS, start=2):
        values = {"Company": company, "Role": "Analyst", "Contact": f"Person at {company}", "Status": "Applied"}
        heads = [cell.value for cell in book.worksheets[0][1]]
        for name, value in values.items():
            book.worksheets[0].cell(row, heads.index(name) + 1, value)
        book.worksheets[0].cell(row, heads.index("Applied on") + 1, dt.date(2026, 11, applied))
    book.save(path)
    sync(open_source(str(path)), as_of=DAY)
    return path


@pytest.fixture
def tracker(synced: Path, tmp_path: Path) -> str:
    return str(shutil.copy(synced, tmp_path / "tracker.xlsx"))


def at_google(google: Emulator) -> str:
    """A small tracker of the person's own at Google, synced once."""
    rows: list[list[object]] = [["Company", "Role", "Contact", "Status", "Date applied"]]
    rows += [[name, "Analyst", f"Person at {name}", "Applied", f"2026-11-{day:02}"] for name, day in FIRMS]
    sheet = new_sheet(0, "Jobs", 0, rows=20, columns=20)
    for row, cells in enumerate(rows):
        for column, text in enumerate(cells):
            sheet.cells[row, column] = {"userEnteredValue": {"stringValue": str(text)}}
    found = google.new_spreadsheet("Mine", owner=ME, sheets=[sheet])
    run(found)
    return found


def asked(on: dt.date = DAY) -> Asked:
    return Asked(as_of=on)


def given(target: str, terms: Terms, *, on: dt.date = DAY) -> Given:
    with click.Context(click.Command("share"), info_name="share"):
        return sharing.share_with(target, asked(on), terms)


def ended(target: str, email: str, *, on: dt.date = DAY) -> Given:
    with click.Context(click.Command("share"), info_name="share"):
        return sharing.revoke(target, asked(on), email)


def run(target: str, *, on: dt.date = DAY) -> tuple[Outcome, tuple[str, ...], list[str]]:
    """What a sync does: the outcome, the sentences of the renewal, and every problem."""
    round_ = sharing.round_of()
    outcome = sync(open_source(target), as_of=on, act=round_.act)
    told, problems = round_.renew(outcome)
    return outcome, told, [each.message for each in (*outcome.proposal.records.problems, *problems)]


def copy_of(google: Emulator, made: Given) -> Spreadsheet:
    return google.books[spreadsheet_id(made.url)]


class AtCopy:
    """What somebody does in the coach's spreadsheet."""

    def __init__(self, google: Emulator, made: Given, email: str = ME) -> None:
        self.google, self.made, self.email = google, made, email

    def rows(self) -> dict[str, dict[str, Value]]:
        """Company -> heading -> value."""
        grid = open_source(self.made.url).read().grid("Follow-ups")
        heads = [str(value) for value in grid.row(4)]
        rows = [dict(zip(heads, grid.row(row), strict=True)) for row in range(5, grid.n_rows + 1)]
        return {str(row["Company"]): row for row in rows}

    def note(self, company: str, text: str | None, heading: str = "Coach note") -> None:
        grid = open_source(self.made.url).read().grid("Follow-ups")
        heads = list(grid.row(4))
        row = next(row for row in range(5, grid.n_rows + 1) if grid.cell(row, heads.index("Company") + 1) == company)
        self.type(row, heads.index(heading) + 1, text)

    def type(self, row: int, column: int, text: str | None) -> None:
        book = copy_of(self.google, self.made)
        sheet = book.titled("Follow-ups")
        assert sheet
        cell = {"userEnteredValue": {"stringValue": text}} if text else {}
        start = {"sheetId": sheet.id, "rowIndex": row - 1, "columnIndex": column - 1}
        block = {"start": start, "rows": [{"values": [cell]}], "fields": "userEnteredValue"}
        self.google.edit(book.id, [{"updateCells": block}], self.email)


def shares(target: str) -> tuple[Share, ...]:
    return sharing.listed(target, asked())


def notes(target: str) -> dict[str, str]:
    snapshot = open_source(target).read()
    assert snapshot.owned
    grid, column = snapshot.grid(snapshot.owned.sheet), snapshot.owned.columns.get("coach_note")
    heads = list(grid.row(snapshot.owned.header_row))
    company = heads.index("Company") + 1
    cells = {
        str(grid.cell(row, company)): grid.cell(row, column) if column else None for row in range(2, grid.n_rows + 1)
    }
    return {name: str(text) for name, text in cells.items() if text}


def first_company(target: str) -> str:
    snapshot = open_source(target).read()
    return str(snapshot.grids[0].cell(2, 1))
