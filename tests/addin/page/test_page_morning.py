"""One whole morning in the page, the file looked at after each step. `pytest -s` tells it in words."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from page.browsing import SAMPLE, SAMPLE_DAY, Visit, serving
from sheetsync.sheets import open_source
from sheetsync.sync import propose

DUE = ("Harrow & Finch Energy", "Juniper Health", "Quillfeather Press")
"""What is due in the morning's tracker: the overdue one first, then by rank."""


def say(line: str) -> None:
    print(f"  {line}")  # noqa: T201 - the transcript is what `pytest -s` is for


def history(tracker: Path) -> list[tuple[object, ...]]:
    """The rows of History, without the empty ones."""
    grid = open_source(str(tracker)).read().grid("History")
    rows = [tuple(grid.cell(row, column) for column in range(1, 6)) for row in range(2, grid.n_rows + 1)]
    return [row for row in rows if row[0] is not None]


def owned(tracker: Path) -> dict[str, dict[str, object]]:
    """Owned column -> company -> what stands there; empty before the first sync."""
    snapshot = open_source(str(tracker)).read()
    if snapshot.owned is None:
        return {}
    grid = snapshot.grid(snapshot.owned.sheet)
    rows = range(snapshot.owned.header_row + 1, grid.n_rows + 1)
    found = snapshot.owned.columns.items()
    return {key: {str(grid.cell(row, 1)): grid.cell(row, at) for row in rows} for key, at in found if at is not None}


def company_row(tracker: Path, company: str) -> int:
    """Where a company's thread is."""
    grid = open_source(str(tracker)).read().grids[0]
    return next(row for row in range(1, grid.n_rows + 1) if grid.cell(row, 1) == company)


def reject(tracker: Path, company: str) -> None:
    """What a person does in Excel: the status of a thread is another one, and the file is saved."""
    row = company_row(tracker, company)
    book = openpyxl.load_workbook(tracker)
    sheet = book.worksheets[0]
    status = next(cell.column for cell in sheet[1] if cell.value == "Status")
    sheet.cell(row, status).value = "Rejected"
    book.save(tracker)


@pytest.fixture
def tracker(tmp_path: Path) -> Path:
    """The sample tracker, of whose due threads three are left. openpyxl may write it: it made it."""
    proposal = propose(open_source(str(SAMPLE)), as_of=dt.datetime.fromisoformat(SAMPLE_DAY))
    frame = proposal.plan.frame
    due = frame.index[frame["follow_up"].isin(["Overdue", "Due"])].tolist()
    book = openpyxl.load_workbook(SAMPLE)
    gone = [row for row in due if book.worksheets[0].cell(row, 1).value not in DUE]
    names = {book.worksheets[0].cell(row, 1).value for row in gone}
    past = [row for row in range(2, book["History"].max_row + 1) if book["History"].cell(row, 2).value in names]
    for sheet, rows in ((book.worksheets[0], gone), (book["History"], past)):
        for row in reversed(rows):
            sheet.delete_rows(row)
    book.save(tmp_path / "tracker.xlsx")
    return tmp_path / "tracker.xlsx"


def test_a_morning(visit: Callable[..., Visit], tracker: Path) -> None:  # noqa: PLR0915 - one morning is one story
    at_first, before = tracker.read_bytes(), history(tracker)
    print()  # noqa: T201 - the transcript begins on a line of its own
    with serving(tracker) as server, visit() as tab:
        page = tab.page
        tab.open(server.link)
        say(f"The page opens: {tab.sees(page.locator('h1'))}, {tab.sees(page.locator('#place'))}.")
        due = page.locator("#groups ol").first.locator("button.thread")
        listed = [" ".join(text.split()) for text in due.all_inner_texts()]
        assert [line.split(" Overdue ")[0].split(" Due ")[0] for line in listed] == list(DUE)
        say("Three are to be contacted:")
        for line in listed:
            say(f"  {line}")
        assert tracker.read_bytes() == at_first
        say("The file is as it was.")

        other, third, company = DUE
        tab.choose(company_row(tracker, company))
        say(f"{company} is chosen: {tab.sees(page.locator('.why'))}")
        tab.press("Log contact")
        dialog = page.locator("#log")
        assert dialog.get_by_label("Date").input_value() == SAMPLE_DAY
        person = dialog.get_by_label("Person").input_value()
        dialog.get_by_label("Channel").select_option("Phone")
        dialog.get_by_label("Note").fill("She asks for two samples.")
        dialog.get_by_role("button", name="Log contact").click()
        say(f"A call with {person} is logged. The page says: {tab.told(company)}")
        added = [row for row in history(tracker) if row not in before]
        assert len(added) == 1
        assert added[0][:2] == (dt.date.fromisoformat(SAMPLE_DAY), company)
        assert person in added[0]
        tab.focused(page.locator("#row-log"))
        tab.sees(page.locator(".history"), "She asks for two samples.")
        say("The History sheet has one row more, and the page shows it.")
        logged = tracker.read_bytes()

        tab.choose(company_row(tracker, other))
        tab.press("Draft")
        draft = page.locator("#draft")
        body = tab.sees(draft.locator(".body"), "Dear")
        say(f"A draft for {tab.sees(draft.locator('dd').first)}: {tab.sees(draft.locator('.sum'))}")
        gaps = draft.locator(".body mark").all_inner_texts()
        assert gaps
        assert all(gap.startswith("[[") and gap in body for gap in gaps)
        draft.get_by_role("button", name="Copy the text").click()
        tab.sees(draft.get_by_role("status"), "Copied.")
        assert "".join(page.evaluate("navigator.clipboard.readText()").split()) == "".join(body.split())
        assert (draft.get_by_role("link", name="Open in mail").get_attribute("href") or "").startswith("mailto:")
        draft.get_by_role("button", name="Close").click()
        tab.focused(page.locator("#row-draft"))
        assert tracker.read_bytes() == logged
        say("It is copied, and the file is as it was.")

        assert owned(tracker)["follow_up"] | {other: "Overdue", third: "Due"} == owned(tracker)["follow_up"]
        reject(tracker, third)
        edited = owned(tracker)
        say(f"In the spreadsheet {third} is set to Rejected, and saved.")
        tab.press("Sync now")
        say(f"Sync now. The page says: {tab.told(re.compile('cells? (is|are) new'))}")
        assert owned(tracker)["follow_up"][third] == "Closed"
        tab.sees(tab.thread(company_row(tracker, third)).locator(".word"), "Closed")
        say(f"Sheet and page say of {third}: Closed. {owned(tracker)['why'][third]}")
        tab.press("Sync now")
        tab.told("up to date already")
        say("Sync now once more changes nothing.")

        tab.press("Undo")
        say(f"Undo asks: {tab.sees(page.locator('#undoing'))}")
        page.locator("#undoing").get_by_role("button", name="Take it back").click()
        say(f"The page says: {tab.told('Took back what sync wrote')}")
        tab.focused(page.locator("#undo"))
        assert owned(tracker) == edited
        assert [row for row in history(tracker) if row not in before] == added
        say("The sync is taken back, the logged call is still there.")
