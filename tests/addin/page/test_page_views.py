"""What the page shows, in every state that a person can meet, and whether everybody can use it."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from emulator.server import Emulator
from person import PersonAtGoogle
from playwright.sync_api import expect

from page.browsing import PANE, PATIENCE, TAB, Visit, serving
from sheetsync.model import Grid
from sheetsync.sheets import open_source

DAY = "2026-11-16"
ROBOT = "robot@project.iam.gserviceaccount.com"
HEADERS = ("Company", "Position", "Contact", "Email", "Status", "Date Applied")
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft mbH & Co. KG"
LONGEST = "A" * 32_767
ARABIC, HEBREW = "شركة النور للتجارة", "מעצבת תוכן"
MARKUP = "<img src=x onerror=alert(1)><b>Bold & Co</b>"


def workbook(path: Path, rows: list[tuple[Any, ...]]) -> Path:
    """A tracker of these threads."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (HEADERS, *rows):
        sheet.append(row)
    book.save(path)
    return path


def applied(company: str, on: dt.date, position: str = "Editor", contact: str = "Ann Bay") -> tuple[Any, ...]:
    return (company, position, contact, f"{zlib.crc32(company.encode())}@bay.example.com", "Applied", on)


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """Long names, names from right to left, names that look like markup, and cells as long as cells can be."""
    due = dt.date(2026, 11, 1)
    return workbook(
        tmp_path / "odd.xlsx",
        [
            applied(LONG, due, contact="Dr. Maximiliane von Hohenlohe-Langenburg"),
            applied(ARABIC, due, position=HEBREW),
            applied(MARKUP, due),
            ("Fern", "Editor", "Cy Dune", "cy@fern.example.com", "Applied", "some day soon"),
            applied(LONGEST, due, position=LONGEST, contact=LONGEST),
        ],
    )


def test_every_view_is_accessible(visit: Callable[..., Visit], tracker: Path) -> None:
    """axe-core, wide and narrow; a link that was used is told; a reload keeps the session."""
    with serving(tracker) as server, visit(TAB) as tab:
        page = tab.page
        tab.open(server.link)
        tab.accessible()
        tab.choose(4)
        page.locator(".steps summary").click()
        tab.accessible()
        tab.press("Log contact")
        tab.accessible()
        tab.press("Cancel")
        tab.press("Draft")
        tab.sees(page.locator("#draft .body"), "Dear")
        tab.accessible()
        tab.press("Close")
        tab.press("Sync now")
        tab.told("new.")
        tab.accessible()
        tab.press("Undo")
        tab.accessible()
        tab.press("Keep it")
        with visit(PANE) as late:
            late.page.goto(server.link)
            late.sees(late.page.locator("#gate"), "This page is not connected")
            late.sees(late.page.locator("#gate-text"), "sheetsync serve")
            late.accessible()
        page.set_viewport_size({"width": PANE["width"], "height": PANE["height"]})
        page.reload()
        tab.sees(page.locator("#today"))
        tab.accessible()


def test_names_are_shown_as_they_are(visit: Callable[..., Visit], odd: Path) -> None:
    with serving(odd, DAY) as server, visit(PANE) as tab:
        page = tab.page
        tab.open(server.link)
        assert set(page.locator(".company").all_inner_texts()) == {LONG, ARABIC, MARKUP, "Fern", f"{LONGEST[:1000]}…"}
        assert page.locator("img").count() == 0
        direction = "element => getComputedStyle(element).direction"
        assert page.locator(".company bdi", has_text=ARABIC).evaluate(direction) == "rtl"
        assert page.locator(".company bdi", has_text=LONG).evaluate(direction) == "ltr"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        tab.choose(4)
        assert tab.sees(page.locator("#row-title")) == MARKUP
        tab.press("Back to the list")
        tab.focused(tab.thread(4))
        page.locator("#problems summary").click()
        tab.sees(page.locator("#problems li").first, "some day soon")
        tab.choose(6)
        page.set_viewport_size({"width": TAB["width"], "height": TAB["height"]})
        expect(page.locator("#row-log")).to_be_in_viewport(timeout=PATIENCE)


def test_nothing_due_then_gone(visit: Callable[..., Visit], tmp_path: Path) -> None:
    """Nothing is due; the file is locked by another program; the server ends."""
    tracker = workbook(tmp_path / "calm.xlsx", [applied("Alder", dt.date(2026, 11, 13))])
    with serving(tracker, DAY) as server, visit() as tab:
        page = tab.page
        tab.open(server.link)
        tab.sees(page.locator("#groups .calm"), "Nothing is due today.")
        lock = tmp_path / ".~lock.calm.xlsx#"
        lock.write_text(",ann,desk,16.11.2026 09:00,file:///home/ann;")
        tab.press("Sync now")
        locked = tab.sees(page.locator("#trouble"), "calm.xlsx")
        assert "--wait" not in locked
        assert "close it there and do it again" in locked
        tab.focused(page.locator("#sync"))
        lock.unlink()
        tab.press("Sync now")
        tab.told("new.")
        assert page.locator("#trouble").inner_text() == ""
        server.end()
        tab.press("Sync now")
        tab.sees(page.locator("#trouble"), "start sheetsync serve again")
        tab.focused(page.locator("#sync"))
        tab.sees(tab.threads.first, "Alder")


def test_an_empty_tracker(visit: Callable[..., Visit], tmp_path: Path) -> None:
    """The headings of a tracker without a row say what to do; without a link the page says how to come by one."""
    from click.testing import CliRunner

    from sheetsync.cli import cli

    made = CliRunner().invoke(cli, ["init", str(tmp_path / "new.xlsx")])
    assert made.exit_code == 0
    with serving(tmp_path / "new.xlsx", DAY) as server, visit() as tab:
        with visit() as other:
            other.page.goto(server.link.split("#", maxsplit=1)[0])
            other.sees(other.page.locator("#gate-text"), "open the address that it prints")
        tab.open(server.link)
        tab.sees(tab.page.locator("#groups .calm"), "There are no threads yet")
        assert tab.page.locator("#undo").get_attribute("aria-disabled") == "true"


def test_a_google_sheet(
    visit: Callable[..., Visit], google: PersonAtGoogle, emulator: Emulator, tmp_path: Path
) -> None:
    """It is synced through the page, which links to it."""
    columns = zip(HEADERS, applied("Alder", dt.date(2026, 11, 1)), strict=True)
    book = google.make_book([Grid("Jobs", tuple(columns))], share_with={ROBOT: "writer"})
    key = emulator.key_file(tmp_path, ROBOT)
    with serving(book, DAY, "--service-account", str(key)) as server, visit() as tab:
        tab.open(server.link)
        tab.sees(tab.threads.first, "Alder")
        link = tab.page.get_by_role("link", name="Open the spreadsheet")
        assert link.get_attribute("href") == f"https://docs.google.com/spreadsheets/d/{book}/edit"
        tab.press("Sync now")
        tab.told("new.")
        owned = open_source(book, service_account=str(key)).read().owned
        assert owned is not None
        assert owned.columns["next_contact"]


def test_two_thousand_rows(visit: Callable[..., Visit], tmp_path: Path) -> None:
    """All of them come, the arrow keys reach the last one, and a search finds one without its accents."""
    rows = [applied(f"Company {number}", dt.date(2026, 11, 1)) for number in range(1999)]
    tracker = workbook(tmp_path / "many.xlsx", [*rows, applied("Café Ölüdeniz", dt.date(2026, 11, 13))])
    with serving(tracker, DAY) as server, visit() as tab:
        page = tab.page
        tab.open(server.link)
        tab.threads.first.focus()
        page.keyboard.press("End")
        tab.focused(tab.threads.last)
        assert tab.threads.count() == 2000
        page.keyboard.press("Home")
        tab.focused(tab.threads.first)
        page.get_by_role("searchbox").fill("cafe olu")
        tab.sees(page.locator("#found"), "1 of 2,000 shown.")
        tab.sees(tab.threads.first, "Café Ölüdeniz")
        page.get_by_role("searchbox").fill("")
        page.get_by_role("button", name="1 Upcoming", exact=True).click()
        tab.sees(page.locator("#found"), "1 of 2,000 shown.")
        tab.focused(page.get_by_role("button", name="1 Upcoming", exact=True))
