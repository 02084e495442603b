"""The page with the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from page.browsing import PANE, Visit, serving


def test_keys_do_everything(visit: Callable[..., Visit], tracker: Path) -> None:  # noqa: PLR0915 - one way through
    """Tab reaches the list, the arrow keys walk it; log, draft, sync and undo; the focus is never lost."""
    with serving(tracker) as server, visit(PANE) as tab:
        page, press = tab.page, tab.page.keyboard.press
        tab.open(server.link)

        def tab_to(selector: str) -> None:
            """The Tab key until the focus is there."""
            for _ in range(40):
                if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                    return
                press("Tab")
            raise AssertionError(page.evaluate("document.activeElement.outerHTML"))

        tab_to("button.thread")
        first = tab.threads.first
        tab.focused(first)
        press("ArrowDown")
        tab.focused(tab.threads.nth(1))
        press("ArrowUp")
        tab.focused(first)
        row = int(first.get_attribute("data-row") or 0)
        press("Enter")
        tab.focused(page.locator("#row-title"))
        tab.sees(page.locator("#row-body h3").first)

        tab_to("#row-log")
        press("Enter")
        tab_to("#log-note")
        page.keyboard.type("By keyboard.")
        press("Escape")
        tab.focused(page.locator("#row-log"))
        press("Enter")
        tab_to("#log-save")
        press("Enter")
        tab.told("Logged")
        tab.focused(page.locator("#row-log"))

        tab_to("#row-draft")
        press("Enter")
        tab.sees(page.locator("#draft .sum, #draft .calm").first)
        press("Escape")
        tab.focused(page.locator("#row-draft"))
        press("Escape")
        tab.focused(tab.thread(row))

        page.locator("body").press("Home")
        page.evaluate("document.activeElement.blur()")
        tab_to("#undo")
        press("Space")
        tab.sees(page.locator("#undoing"))
        tab_to("#undo-yes")
        press("Enter")
        tab.told("Took back")
        tab.focused(page.locator("#undo"))
        press("Tab")
        tab.focused(page.locator("#sync"))
        press("Enter")
        tab.told("new")
        tab.focused(page.locator("#sync"))
