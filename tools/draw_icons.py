"""Draw the add-in's icons in every size that Office asks for, from the page's one drawing: templates/addin/page/icon.svg.

    python tools/draw_icons.py

Needs Chromium, through playwright: CHROMIUM names its executable.
"""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import sync_playwright

ADDIN = Path(__file__).parents[1] / "templates" / "addin"
SIZES = (16, 32, 64, 80)
"""Pixels. 16, 32 and 80 are the ribbon's, 32 and 64 the list of add-ins'."""


def main() -> None:
    drawing = (ADDIN / "page" / "icon.svg").read_text("utf-8")
    icons = ADDIN / "excel" / "icons"
    icons.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        for size in SIZES:
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(
                f"<style>body{{margin:0}}svg{{display:block;width:{size}px;height:{size}px}}</style>{drawing}"
            )
            page.screenshot(path=icons / f"icon-{size}.png", omit_background=True)
        browser.close()
    print(f"{len(SIZES)} icons in {icons}")


if __name__ == "__main__":
    main()
