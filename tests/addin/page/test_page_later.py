"""The page after something else happened: another tab wrote, the server was started again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner

from page.browsing import SAMPLE_DAY, Visit, serving
from sheetsync.cli import cli


def log(tracker: Path, row: int) -> None:
    """Log a call on the command line."""
    given = ["log", str(tracker), str(row), "--channel", "phone", "--as-of", SAMPLE_DAY]
    done = CliRunner().invoke(cli, given)
    assert done.exit_code == 0, done.output


def test_undo_asks_about_the_last_change_by_now(visit: Callable[..., Visit], tracker: Path) -> None:
    """What a command writes meanwhile is asked about; what it writes while the question stands is not taken back."""
    with serving(tracker) as server, visit() as tab:
        page = tab.page
        tab.open(server.link)
        first, second = (page.locator("button.thread").nth(place) for place in (0, 1))
        rows = [int(thread.get_attribute("data-row") or 0) for thread in (first, second)]
        names = [thread.locator(".company").inner_text() for thread in (first, second)]
        assert page.locator("#undo").get_attribute("aria-disabled") == "true"
        log(tracker, rows[0])
        page.locator("#undo").click(force=True)  # it looks as if there was nothing, for the page was read before
        tab.sees(page.locator("#undo-what"), names[0])
        log(tracker, rows[1])
        page.locator("#undo-yes").click()
        tab.sees(page.locator("#trouble"), "Nothing was taken back")
        page.locator("#undo").click()
        tab.sees(page.locator("#undo-what"), names[1])
        page.locator("#undo-yes").click()
        tab.told("Took back what log wrote")


def test_new_link_pasted_into_the_same_tab(visit: Callable[..., Visit], tracker: Path) -> None:
    """Only its code is another one; it connects the page, and does not stay in the address."""
    with serving(tracker) as server, visit() as tab:
        page = tab.page
        address = server.link.split("#", maxsplit=1)[0]
        page.goto(address)
        tab.sees(page.locator("#gate-text"), "open the address that it prints")
        page.evaluate("window.same = true")
        tab.open(server.link)
        assert page.evaluate("window.same")
        assert page.url == address
