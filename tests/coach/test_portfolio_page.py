"""The portfolio's page in a real Chromium: readable for everybody, and whole on a small laptop and a telephone."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, sync_playwright

from coach.layouts import AS_OF
from coach.standings import counts, look, portfolio, row
from sheetsync.coach.portfolio import Passed
from sheetsync.coach.portfolio_files import write_page


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is not installed (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tracker, a shared copy, one that could not be read, and a file that was passed over."""
    late = [row(2, "Alder"), row(3, "Birch", "Due", None)]
    session = dt.date(2026, 11, 25)
    own = look(late, before=counts(Overdue=2), contacts=3, contacts_before=1, last_touch=AS_OF - dt.timedelta(days=13))
    copy = look(late, before=None, missed=None, undebriefed=None, shared_on=AS_OF)
    made = portfolio(("Anna L.", own), ("Gina", copy), ("Cleo", None), session=session)
    place = tmp_path_factory.mktemp("portfolio") / "portfolio.html"
    write_page(place, replace(made, passed=(Passed("clients/emil-copy.xlsx", "it calls itself a backup or a copy"),)))
    return place


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_either_scheme(chromium: Browser, page: Path, scheme: Literal["light", "dark"]) -> None:
    with chromium.new_context(color_scheme=scheme, bypass_csp=True) as context:
        tab = context.new_page()
        tab.goto(page.as_uri())
        found = Axe().run(tab)
        assert found.violations_count == 0, found.generate_report()


def test_at_a_thousand_pixels_the_table_and_the_totals_are_whole(chromium: Browser, page: Path) -> None:
    with chromium.new_context(viewport={"width": 1000, "height": 800}) as context:
        tab = context.new_page()
        tab.goto(page.as_uri())
        inside, room = tab.evaluate(
            "(table => [table.scrollWidth, table.clientWidth])(document.querySelector('.wide'))"
        )
        assert inside <= room
        assert len(set(tab.evaluate("[...document.querySelectorAll('.totals li')].map(card => card.offsetTop)"))) == 1


def test_on_a_telephone_nothing_sticks_out(chromium: Browser, page: Path) -> None:
    with chromium.new_context(viewport={"width": 390, "height": 800}) as context:
        tab = context.new_page()
        tab.goto(page.as_uri())
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390


def test_what_was_passed_over_stands_below(page: Path) -> None:
    text = page.read_text("utf-8")
    assert "<li>clients/emil-copy.xlsx: it calls itself a backup or a copy</li>" in text
