"""A Chromium for the tests of the page; they are skipped where there is none."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from page.browsing import SAMPLE, Visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")  # two at a time are more than playwright allows, and others have their own
def chromium() -> Iterator[Browser]:
    """Debian's Chromium without a window."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is not installed (Debian: apt install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Callable[..., Visit]:
    """Makes browser tabs, each for the length of a `with` block."""
    return lambda *given, **named: Visit(chromium, *given, **named)


@pytest.fixture
def tracker(tmp_path: Path) -> Path:
    """A copy of the sample tracker."""
    return Path(shutil.copy(SAMPLE, tmp_path / "tracker.xlsx"))
