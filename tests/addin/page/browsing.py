"""A real server, a real Chromium, and a page that notes whatever goes wrong in it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

SAMPLE: Final = Path(__file__).parents[3] / "sample_tracker.xlsx"
SAMPLE_DAY: Final = "2026-11-18"
"""The day on which the sample's threads are as fresh as it says."""
PANE: Final = {"width": 360, "height": 740}
TAB: Final = {"width": 1100, "height": 800}
PATIENCE: Final = 30_000
"""Milliseconds until something counts as missing; nobody waits that long where all is well."""
_LINK: Final = re.compile(r"http://127\.0\.0\.1:\d+/#code=\S+")
_NOTED: Final = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => violations.push(`${event.violatedDirective}: ${event.blockedURI}`));
"""


class Server:
    """A running `sheetsync serve`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.link = self.next_link()

    def next_link(self) -> str:
        """The next link that it prints."""
        assert self._process.stdout is not None
        said = []
        for line in self._process.stdout:
            said.append(line)
            if found := _LINK.search(line):
                return found[0]
        raise AssertionError("".join(said))

    def end(self) -> None:
        """Stop it, as Control-C does or more firmly."""
        self._process.terminate()
        self._process.wait(timeout=60)


@contextmanager
def serving(tracker: Path | str, day: str = SAMPLE_DAY, *options: str) -> Iterator[Server]:
    """Serve a tracker as of a day."""
    command = [sys.executable, "-m", "sheetsync", "serve", str(tracker), "--as-of", day, "--no-browser", *options]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "TZ": "UTC"}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    ) as process:
        try:
            server = Server(process)
            yield server
            server.end()
        finally:
            process.kill()


class Visit:
    """One browser tab. At the end of it nothing was blocked, and no script had failed."""

    def __init__(self, browser: Browser, size: dict[str, int] = TAB) -> None:
        self._context = browser.new_context(
            viewport={"width": size["width"], "height": size["height"]},
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="UTC",
        )
        self._context.set_default_timeout(PATIENCE)
        self._context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.page: Page = self._context.new_page()
        self.errors: list[str] = []
        self.page.add_init_script(_NOTED)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.errors.append(said.text) if "Content Security" in said.text else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        violations = [] if self.page.is_closed() else self.page.evaluate("window.violations")
        self._context.close()
        if kind is None:
            assert violations == []
            assert self.errors == []

    def open(self, link: str) -> None:
        """Open a link and wait for the list."""
        self.page.goto(link)
        self.sees(self.page.locator("#today"))

    @property
    def threads(self) -> Locator:
        """The list's threads."""
        return self.page.locator("button.thread")

    def thread(self, row: int) -> Locator:
        """The thread of a row."""
        return self.page.locator(f'button.thread[data-row="{row}"]')

    def choose(self, row: int) -> None:
        """Open a row, and wait for all of it."""
        self.thread(row).click()
        self.sees(self.page.locator("#row-body h3").first)

    def press(self, name: str) -> None:
        """Press a button by the name that it shows."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def sees(self, what: Locator, text: str | re.Pattern[str] | None = None) -> str:
        """Wait until something is there, with that text in it; its words on one line."""
        expect(what).to_be_visible(timeout=PATIENCE)
        if text is not None:
            expect(what).to_contain_text(text, timeout=PATIENCE)
        return " ".join(what.inner_text().split())

    def told(self, text: str | re.Pattern[str]) -> str:
        """Wait until the page tells that."""
        return self.sees(self.page.locator("#told"), text)

    def focused(self, what: Locator) -> None:
        """Wait until the focus is there."""
        expect(what).to_be_focused(timeout=PATIENCE)

    def accessible(self) -> None:
        """axe-core finds nothing to mend in what is shown; in dark only the colours are others."""
        self.page.emulate_media(color_scheme="light")
        light = Axe().run(self.page)
        self.page.emulate_media(color_scheme="dark")
        dark = Axe().run(self.page, options={"runOnly": ["color-contrast"]})
        for name, found in (("light", light), ("dark", dark)):
            assert found.violations_count == 0, f"{name}: {found.generate_report()}"
            assert found.response["passes"], f"{name}: nothing was looked at"
