"""Draw docs/portfolio.png and docs/portfolio-charts.png: twelve made-up clients of a coach.

    python tools/render_portfolio.py [--width 2000] [-o docs]

The first is the page, as Chromium shows it in light and in dark (CHROMIUM names its program where playwright brought none);
the second is the workbook's summary, as LibreOffice prints it (with pdftoppm).
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import sync_playwright
from render_tracker import ROOT, crop, draw

sys.path.insert(0, str(ROOT / "tests"))

from coach.layouts import AS_OF, LAYOUTS, client_paths, make_client

NAMES: Final = (
    "Amara Okafor", "Bruno Alves", "Chloé Martin", "Dev Patel", "Elif Kaya", "Finn Larsen", "Grace Owusu", "Hana Sato",
    "Ines Costa", "Jonas Weber", "Kasia Nowak", "Liam Byrne",
)  # fmt: skip
ROWS: Final = 24
SHOWN: Final = (1150, 1000)
"""Of the part of the page that is shown, in pixels."""
SUMMARY: Final = 2
"""The workbook's page that holds the charts."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the portfolio of twelve made-up clients.")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "docs")
    parser.add_argument("--width", type=int, default=2000, help="of the pictures, in pixels (2000)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sheetsync-picture-") as name:
        folder = Path(name)
        listed = make_clients(folder)
        made = ["--out", str(folder / "portfolio.xlsx"), "--html", str(folder / "portfolio.html")]
        command = [
            sys.executable,
            "-m",
            "sheetsync",
            "portfolio",
            "--clients",
            str(listed),
            "--as-of",
            AS_OF.isoformat(),
        ]
        subprocess.run([*command, *made], check=True, stdout=subprocess.DEVNULL)
        draw_page(folder / "portfolio.html", options.width).save(options.output / "portfolio.png", optimize=True)
        charts = crop(draw_charts(folder / "portfolio.xlsx"), options.width)
        charts.save(options.output / "portfolio-charts.png", optimize=True)
    print(f"{options.output}: portfolio.png and portfolio-charts.png, drawn as of {AS_OF:%-d %b %Y}.")


def make_clients(folder: Path) -> Path:
    """The trackers, and the list of them."""
    (folder / "clients").mkdir()
    listed = folder / "clients.csv"
    with listed.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("Name", "Tracker", "Next session"))
        for number, path in client_paths(folder / "clients", len(NAMES)):
            make_client(path, number, rows=ROWS, layout=number % len(LAYOUTS))
            session = AS_OF + dt.timedelta(days=1 + number % 9) if number % 4 else ""
            out.writerow((NAMES[number], path, session))
    return listed


def draw_charts(workbook: Path) -> Path:
    """The summary as it is printed."""
    draw(workbook, AS_OF)
    place, pages = workbook.with_name("summary"), [str(SUMMARY)] * 2
    command = ["pdftoppm", "-r", "220", "-f", pages[0], "-l", pages[1], "-singlefile", "-png"]
    subprocess.run([*command, str(workbook.with_suffix(".pdf")), str(place)], check=True, timeout=60)
    return place.with_suffix(".png")


def draw_page(page: Path, width: int) -> Image.Image:
    """The upper part of the page, in light at the left and in dark at the right."""
    both = Image.new("RGB", (width, width // 2 * SHOWN[1] // SHOWN[0]))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM"), args=["--no-sandbox"])
        for place in range(2):
            tab = browser.new_page(
                viewport={"width": SHOWN[0], "height": SHOWN[1]},
                device_scale_factor=2,
                color_scheme="dark" if place else "light",
            )
            tab.goto(page.as_uri())
            target = page.with_name(f"{place}.png")
            tab.screenshot(path=target)
            picture = Image.open(target).convert("RGB")
            both.paste(picture.resize((width // 2, both.height), Image.Resampling.LANCZOS), (place * width // 2, 0))
        browser.close()
    return both.quantize(256, dither=Image.Dither.NONE)


if __name__ == "__main__":
    main()
