"""What the person sorts or deletes in the file while the page is open is never taken for another thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl

from page.browsing import Visit, serving
from sheetsync.sheets import open_source


def company(tracker: Path, row: int) -> str:
    return str(open_source(str(tracker)).read().grids[0].cell(row, 1))


def swap(tracker: Path, one: int, other: int) -> None:
    """What sorting does to two rows."""
    book = openpyxl.load_workbook(tracker)
    sheet = book.worksheets[0]
    for cell, swapped in zip(sheet[one], sheet[other], strict=True):
        cell.value, swapped.value = swapped.value, cell.value
    book.save(tracker)


def test_thread_that_was_sorted_elsewhere_is_the_one_that_is_shown_and_logged(
    visit: Callable[..., Visit], tracker: Path
) -> None:
    with serving(tracker) as server, visit() as tab:
        tab.open(server.link)
        first, second = (int(tab.threads.nth(place).get_attribute("data-row") or 0) for place in (0, 1))
        meant = company(tracker, first)
        swap(tracker, first, second)
        assert company(tracker, second) == meant
        tab.choose(first)
        tab.sees(tab.page.locator("#row-title"), meant)
        tab.sees(tab.page.locator(f'button.thread[data-row="{second}"]'), meant)
        swap(tracker, first, second)
        tab.press("Log contact")
        tab.page.locator("#log-save").click()
        tab.told(meant)
    grid = open_source(str(tracker)).read().grid("History")
    last = max(row for row in range(2, grid.n_rows + 1) if grid.cell(row, 1) is not None)
    assert meant in grid.row(last)


def test_thread_that_is_gone_is_told_and_the_list_is_shown_anew(visit: Callable[..., Visit], tracker: Path) -> None:
    with serving(tracker) as server, visit() as tab:
        tab.open(server.link)
        row = int(tab.threads.nth(0).get_attribute("data-row") or 0)
        gone = company(tracker, row)
        book = openpyxl.load_workbook(tracker)
        book.worksheets[0].cell(row, 1).value = "Renamed Ltd"
        book.save(tracker)
        tab.thread(row).click()
        tab.sees(tab.page.locator("#trouble"), "is another one than the page shows")
        tab.sees(tab.thread(row), "Renamed Ltd")
        assert gone not in (tab.thread(row).inner_text())
