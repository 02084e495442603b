"""Draw docs/dashboard.png and docs/report.png: how the sample tracker's follow-ups go.

    python tools/render_dashboard.py [--width 2000] [-o docs]

The Dashboard is drawn by LibreOffice (and pdftoppm), the report by Chromium through playwright (CHROMIUM names its program
where playwright brought none), in light and in dark.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from make_demo import move_dates
from PIL import Image
from playwright.sync_api import sync_playwright
from render_tracker import ROOT, crop, draw

from sheetsync.measures.dashboard import dashboard_sheet
from sheetsync.sheets.contents import sample_date

SHOWN: Final = (1000, 1500)
"""Of the part of the report that is shown, in pixels."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the sample tracker's Dashboard and report.")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "docs")
    parser.add_argument("--width", type=int, default=2000, help="of the pictures, in pixels (2000)")
    options = parser.parse_args()
    today = sample_date()
    with tempfile.TemporaryDirectory(prefix="sheetsync-picture-") as name:
        folder = Path(name)
        tracker = folder / "tracker.xlsx"
        move_dates(ROOT / "sample_tracker.xlsx", tracker, today=today)
        run("add", str(tracker), "dashboard", "--as-of", today.isoformat())
        run("report", str(tracker), "--as-of", today.isoformat(), "--html", str(folder / "report.html"))
        page = draw_dashboard(tracker, today)
        crop(page, options.width, colours=0).save(options.output / "dashboard.png", optimize=True)
        draw_report(folder / "report.html", options.width).save(options.output / "report.png", optimize=True)
    print(f"{options.output}: dashboard.png and report.png, drawn as of {today:%-d %b %Y}.")


def run(*args: str) -> None:
    subprocess.run([sys.executable, "-m", "sheetsync", *args], check=True, stdout=subprocess.DEVNULL)


def draw_dashboard(tracker: Path, today: dt.date) -> Path:
    """The Dashboard as LibreOffice shows it: in a workbook of its own, filled with what the sync wrote."""
    from dataclasses import replace

    from sheetsync.book import Book
    from sheetsync.sheets.build import build_workbook
    from sheetsync.sheets.xlsx import XlsxSource

    sheet = dashboard_sheet()
    standing = XlsxSource(tracker).read().grid(sheet.name)
    alone = tracker.with_name("dashboard.xlsx")
    build_workbook(alone, Book((replace(sheet, columns=standing.columns),)))
    return draw(alone, today)


def draw_report(page: Path, width: int) -> Image.Image:
    """The upper part of the report, in light at the left and in dark at the right."""
    shots = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM"), args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            tab = browser.new_page(
                viewport={"width": SHOWN[0], "height": SHOWN[1]},
                device_scale_factor=2,
                color_scheme="dark" if scheme == "dark" else "light",
            )
            tab.goto(page.as_uri())
            target = page.with_name(f"{scheme}.png")
            tab.screenshot(path=target)
            picture = Image.open(target).convert("RGB")
            half = width // 2
            shots.append(picture.resize((half, picture.height * half // picture.width), Image.Resampling.LANCZOS))
        browser.close()
    both = Image.new("RGB", (2 * shots[0].width, shots[0].height))
    for place, shot in enumerate(shots):
        both.paste(shot, (place * shot.width, 0))
    return both


if __name__ == "__main__":
    main()
