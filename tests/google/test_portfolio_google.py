"""A portfolio of clients in Excel and at Google, from a list at Google, made as a Google spreadsheet."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.running import HEADERS, Cli, thread, write_workbook
from emulator.server import Emulator
from moving import ME, signed_in
from person import PersonAtGoogle

from sheetsync.model import Grid
from sheetsync.sheets import open_source

AS_OF = dt.date(2026, 11, 16)
ON = ("--as-of", AS_OF.isoformat())


@pytest.fixture
def google(tmp_path: Path) -> Iterator[Emulator]:
    with signed_in(tmp_path / "home") as started:
        yield started


def link(book_id: str) -> str:
    return f"https://docs.google.com/spreadsheets/d/{book_id}/edit"


def test_excel_and_google_mixed_and_one_that_is_not_shared_any_more(google: Emulator, tmp_path: Path) -> None:
    rows = [
        HEADERS,
        thread("Alder", "Applied", dt.date(2026, 10, 26)),
        thread("Birch", "Applied", dt.date(2026, 11, 9)),
    ]
    ana = write_workbook(tmp_path / "ana.xlsx", rows)
    columns = tuple(tuple(column) for column in zip(*rows, strict=True))
    person = PersonAtGoogle(google, open_source, owner=ME)
    ben = person.make_book([Grid("Jobs", columns)], title="Ben")
    cleo = PersonAtGoogle(google, open_source, owner="cleo@example.com").make_book([Grid("Jobs", columns)])
    listing = Grid(
        "Clients",
        (
            ("Name", "Ana", "Ben", "Cleo"),
            ("Tracker", str(ana), link(ben), link(cleo)),
            ("Next session", dt.date(2026, 11, 20), None, None),
        ),
    )
    listed = person.make_book([listing], title="My clients")
    before = {number: [dict(sheet.cells) for sheet in book.sheets] for number, book in google.books.items()}

    sheetsync = Cli()
    done = sheetsync("portfolio", "--clients", link(listed), *ON, "--json", "--google", "Portfolio of mine")
    assert done.exit_code == 1
    found = json.loads(done.stdout)
    first, second, failed = found["clients"]
    assert (first["name"], second["name"], failed["name"]) == ("Ana", "Ben", "Cleo")
    assert first["counts"] == second["counts"]
    assert first["next_session"] == "2026-11-20"
    assert failed["exit_code"] == 6
    assert "may not open" in failed["error"]
    assert all(
        [dict(sheet.cells) for sheet in google.books[number].sheets] == cells for number, cells in before.items()
    )

    (url,) = found["made"]
    (made,) = (book for number, book in google.books.items() if number not in before)
    assert made.id in url
    assert (made.properties["title"], made.owner) == ("Portfolio of mine", ME)
    grids = open_source(url).read()
    assert [grid.name for grid in grids.grids] == ["Portfolio", "Summary", "Ana", "Ben", "sheetsync"]
    assert list(grids.grid("Portfolio").columns[1][4:7]) == ["Ana", "Ben", "Cleo"]
    assert len(made.sheets[1].charts) == 4
