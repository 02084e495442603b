"""The page after something else happened: another tab wrote, the server was started again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner
from playwright.sync_api import expect

from page.browsing import PATIENCE, SAMPLE_DAY, Visit, serving
from sheetsync.cli import cli
from sheetsync.sheets import open_source
from sheetsync.sync import propose


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


def test_a_row_without_a_message_speaks_of_no_sending(visit: Callable[..., Visit], tracker: Path) -> None:
    """A closed row says why there is no draft, without a command's options; one with a draft has its buttons in view."""
    plan = propose(open_source(str(tracker)), as_of=dt.date.fromisoformat(SAMPLE_DAY)).plan.frame
    closed = int(plan.index[plan["follow_up"] == "Closed"][0])
    with serving(tracker) as server, visit() as tab:
        page, after = tab.page, tab.page.locator("#draft-after")
        tab.open(server.link)
        tab.choose(int(tab.threads.first.get_attribute("data-row") or 0))
        tab.press("Draft")
        tab.sees(page.locator("#draft .sum"))
        tab.sees(after, "log it")
        expect(page.get_by_role("button", name="Copy the text")).to_be_in_viewport(timeout=PATIENCE)
        gaps = page.locator("#draft .body mark").all_inner_texts()
        assert gaps
        remarks = " ".join(page.locator("#draft .remarks").all_inner_texts())
        assert [gap for gap in gaps if gap.strip("[]") in remarks] == []
        page.keyboard.press("Escape")
        tab.choose(closed)
        tab.press("Draft")
        told = tab.sees(page.locator("#draft .calm"), "is closed")
        assert "--" not in told
        assert not after.is_visible()
