"""The sidebar in Chromium: every view and button, light and dark, at the width that Google gives it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from script.sidebar import ANSWERS, PICKED, TODAY, sidebar
from sheetsync.addin.google_script import script_files

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is not installed (Debian: apt install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 300, "height": 700}, locale="en-GB")
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
        browser.close()
        assert errors == []


def show(page: Page, html: str) -> None:
    page.goto("about:blank")
    page.set_content(html)


def text(page: Page) -> str:
    """What is shown, once it is there."""
    from playwright.sync_api import expect

    expect(page.locator("#view")).not_to_have_attribute("aria-busy", "true", timeout=30_000)
    return " ".join(page.locator("main").inner_text().split())


def accessible(page: Page) -> None:
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        found = Axe().run(page)
        assert found.violations_count == 0, f"{scheme}: {found.generate_report()}"


def test_today(page: Page) -> None:
    show(page, sidebar("today", ANSWERS))
    shown = text(page)
    assert "As the sync of 16 Nov 2026 left it." in shown
    assert "overdue by 4 days" in shown
    assert "And 2 more in the sheet." in shown
    assert page.locator("h2").all_inner_texts() == [str(row["who"]) for row in TODAY["rows"]]  # type: ignore[attr-defined]
    assert page.locator("li b").count() == 0
    accessible(page)
    page.get_by_role("button", name="Show: Alder Ltd").click()
    page.get_by_role("button", name="Log: Alder Ltd").click()
    assert "Alder Ltd, Ann Alder, Analyst (row 2)" in text(page)
    assert page.evaluate("asked") == [["today"], ["show", 2], ["one", 2]]


def test_a_contact_is_logged(page: Page) -> None:
    show(page, sidebar("log", ANSWERS))
    text(page)
    accessible(page)
    page.get_by_label("What happened?").select_option("Called")
    assert page.get_by_label("When?").input_value() == PICKED["day"]
    page.get_by_label("When?").fill("2026-11-15")
    page.get_by_role("button", name="Log it").click()
    page.get_by_text("The next sync puts it into the History.").wait_for()
    assert page.evaluate("asked") == [["picked"], ["logPick", 2, "Alder Ltd", "Called", "2026-11-15"]]


def test_a_draft_is_a_link_to_gmail(page: Page) -> None:
    show(page, sidebar("draft", ANSWERS))
    assert "Address and subject only" in text(page)
    link = page.get_by_role("link", name="Open in Gmail")
    assert (link.get_attribute("href") or "").startswith("https://mail.google.com/mail/?view=cm")
    assert link.get_attribute("target") == "_blank"
    accessible(page)


@pytest.mark.parametrize(
    ("view", "answers", "told"),
    [
        ("today", {"today": {"error": "Run `sheetsync sync` first."}}, "Run sheetsync sync first."),
        ("today", {"today": {"asOf": "", "rows": [], "more": 0}}, "As the last sync left it. Nothing is due."),
        ("log", {"picked": None}, "Select a row of your tracker"),
        ("log", {"picked": {**PICKED, "picks": []}}, "no Log column yet"),
        ("draft", {"draftLink": {"error": "Row 2 has no address."}}, "Row 2 has no address."),
    ],
)
def test_what_is_missing_is_said(page: Page, view: str, answers: dict[str, Any], told: str) -> None:
    show(page, sidebar(view, {**ANSWERS, **answers}))
    assert told in text(page)


def test_whatever_the_sidebar_asks_for_is_there() -> None:
    """Each function that the sidebar calls is one of the script's public ones."""
    code, side = (file.source for file in script_files()[:2])
    asked = {name for name in ANSWERS if f'ask("{name}"' in side}
    assert asked | {"picked", "one"} == set(ANSWERS)
    assert all(f"\nfunction {name}(" in code for name in ANSWERS)
