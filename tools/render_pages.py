"""Draw docs/addin-*.png: the page over the sample tracker, and the sidebar of the Google script, in light and dark.

    python tools/render_pages.py [--out docs]

Needs Chromium. The page is the real one, served by `sheetsync serve` as of the sample's own date; the sidebar is filled with
the answers of the tests, as no spreadsheet at Google is at hand.
"""

from __future__ import annotations

import argparse
import io
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PIL import Image

ROOT: Final = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "addin"))

from page.browsing import PANE, SAMPLE, Visit, serving  # noqa: E402 - the tests' own browser
from script.sidebar import ANSWERS, sidebar  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SCHEMES: Final = ("light", "dark")
WIDE: Final = {"width": 1100, "height": 720}
SIDEBAR: Final = {"width": 300, "height": 560}
GAP: Final = 16


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the pictures of the page and the sidebar.")
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    out: Path = parser.parse_args().out
    program = shutil.which("chromium") or sys.exit("Chromium is not installed.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        tracker = Path(shutil.copy(SAMPLE, Path(folder) / "tracker.xlsx"))
        for name, size in (("page", WIDE), ("pane", PANE)):
            with serving(tracker) as server, Visit(browser, size) as tab:
                tab.open(server.link)
                draw_page(tab, out, name)
        draw_sidebar(browser, out)
        browser.close()


def draw_page(tab: Visit, out: Path, name: str) -> None:
    """The wide page with a row open; the narrow one as list, row, log and draft."""
    page = tab.page
    shots: dict[str, list[Image.Image]] = {scheme: [] for scheme in SCHEMES}
    if name == "pane":
        take(page, shots)
    tab.choose(4)
    if name == "page":
        page.locator(".steps summary").click()
    page.evaluate("document.activeElement.blur()")
    take(page, shots)
    if name == "pane":
        tab.press("Log contact")
        page.evaluate("document.activeElement.blur()")
        take(page, shots)
        tab.press("Cancel")
        tab.press("Draft")
        tab.sees(page.locator("#draft .body"), "Dear")
        page.evaluate("document.activeElement.blur()")
        take(page, shots)
    for scheme in SCHEMES:
        keep(shots[scheme], out / f"addin-{name}-{scheme}.png")


def draw_sidebar(browser: Browser, out: Path) -> None:
    """Today, Log contact and Open draft, side by side."""
    page = browser.new_page(viewport={"width": SIDEBAR["width"], "height": SIDEBAR["height"]}, locale="en-GB")
    shots: dict[str, list[Image.Image]] = {scheme: [] for scheme in SCHEMES}
    for view in ("today", "log", "draft"):
        page.goto("about:blank")
        page.set_content(sidebar(view, ANSWERS))
        page.locator("#view:not([aria-busy])").wait_for()
        take(page, shots)
    page.close()
    for scheme in SCHEMES:
        keep(shots[scheme], out / f"addin-google-{scheme}.png")


def take(page: Page, shots: dict[str, list[Image.Image]]) -> None:
    """What is shown, in light and in dark."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        shots[scheme].append(Image.open(io.BytesIO(page.screenshot(animations="disabled"))))


def keep(pictures: list[Image.Image], place: Path) -> None:
    """Pictures side by side in one file."""
    width = sum(picture.width for picture in pictures) + GAP * (len(pictures) - 1)
    sheet = Image.new("RGB", (width, max(picture.height for picture in pictures)), "#8a8f8c")
    left = 0
    for picture in pictures:
        sheet.paste(picture, (left, 0))
        left += picture.width + GAP
    sheet.quantize(128, dither=Image.Dither.NONE).save(place, optimize=True)
    print(place)


if __name__ == "__main__":
    main()
