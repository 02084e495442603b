"""The report in a real Chromium: readable for everybody, whole on a telephone, and on paper."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, sync_playwright

from cli.running import Cli

SAMPLE = Path(__file__).parents[2] / "sample_tracker.xlsx"


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
    """The sample's report, names and all."""
    target = tmp_path_factory.mktemp("report") / "report.html"
    result = Cli()("report", SAMPLE, "--as-of", "2026-11-18", "--names", "--html", target)
    assert result.exit_code == 0, result.stderr
    return target


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_either_scheme(chromium: Browser, page: Path, scheme: Literal["light", "dark"]) -> None:
    # axe is a script, which the page's own policy keeps out
    with chromium.new_context(color_scheme=scheme, bypass_csp=True) as context:
        tab = context.new_page()
        tab.goto(page.as_uri())
        found = Axe().run(tab)
        assert found.violations_count == 0, found.generate_report()


def test_on_a_telephone_nothing_sticks_out(chromium: Browser, page: Path) -> None:
    with chromium.new_context(viewport={"width": 390, "height": 800}) as context:
        tab = context.new_page()
        tab.goto(page.as_uri())
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390


def test_at_a_thousand_pixels_every_figure_is_one_line(chromium: Browser, page: Path) -> None:
    with chromium.new_context(viewport={"width": 1000, "height": 800}) as context:
        tab = context.new_page()
        tab.goto(page.as_uri())
        tab.evaluate("document.querySelector('dd').textContent = '15.5 days'")
        assert len(set(tab.evaluate("[...document.querySelectorAll('dd')].map(figure => figure.offsetHeight)"))) == 1


def test_nothing_is_asked_for_and_it_prints_on_a_few_sheets_of_a4(chromium: Browser, page: Path) -> None:
    with chromium.new_context() as context:
        tab = context.new_page()
        asked: list[str] = []
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(page.as_uri())
        paper = tab.pdf(prefer_css_page_size=True)
    assert asked == [page.as_uri()]
    sizes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", paper)
    assert {(round(float(wide)), round(float(high))) for wide, high in sizes} == {(595, 842)}
    assert len(sizes) <= 3
