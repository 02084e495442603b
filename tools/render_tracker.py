"""Draw docs/tracker.png: the sample tracker after a sync, as LibreOffice shows it.

    python tools/render_tracker.py [--width 2000] [-o docs/tracker.png]

Needs LibreOffice and pdftoppm. The colours depend on the day, so LibreOffice runs under faketime on the sample's own
date; where there is no faketime, the sample's dates are moved to today instead. The columns between the status and our
own are hidden and long texts wrapped, so that the picture can be read at the width of a page.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from make_demo import move_dates
from openpyxl import load_workbook
from PIL import Image, ImageChops

from sheetsync.model import OWNED, column_letter
from sheetsync.sheets.contents import sample_date
from sheetsync.words import column_words

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

ROOT: Final = Path(__file__).parent.parent
SHOWN: Final = {
    "Company": 21, "Status": 16, "Next contact": 12, "Contact by": 12, "Next action": 30, "Follow-up": 10,
    "Days overdue": 8, "Why": 60,
}  # fmt: skip
"""Header -> width in the picture, in characters."""
UNWRAPPED: Final = re.compile(rb'(<alignment (?![^>]*wrapText)[^>]*vertical="center"[^>/]*)/>')
MARGIN: Final = 12
STAND_IN: Final = "DejaVu Sans Condensed"
"""As narrow as Calibri, where neither that nor Carlito is there."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw a synced sample tracker with LibreOffice.")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "docs" / "tracker.png")
    parser.add_argument("--width", type=int, default=2000, help="of the picture, in pixels (2000)")
    options = parser.parse_args()
    for program in ("soffice", "pdftoppm"):
        if shutil.which(program) is None:
            sys.exit(f"{program} is not installed: LibreOffice and poppler draw the picture.")
    with tempfile.TemporaryDirectory(prefix="sheetsync-picture-") as name:
        folder = Path(name)
        today = sample_date() if shutil.which("faketime") else dt.datetime.now().astimezone().date()
        tracker = folder / "tracker.xlsx"
        move_dates(ROOT / "sample_tracker.xlsx", tracker, today=today)
        prepare(tracker)
        command = [sys.executable, "-m", "sheetsync", "sync", str(tracker), "--as-of", today.isoformat()]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        wrap(tracker)
        page = draw(tracker, today)
        options.output.parent.mkdir(parents=True, exist_ok=True)
        crop(page, options.width).save(options.output, optimize=True)
    print(f"{options.output}: drawn as of {today:%-d %b %Y}.")


def prepare(tracker: Path) -> None:
    """Hide in a copy what the picture does not show, before the sync adds its columns."""
    book = load_workbook(tracker)
    for other in book.worksheets[1:]:
        other.sheet_state = "hidden"
    sheet: Worksheet = book.worksheets[0]
    headers = [str(cell.value) for cell in sheet[1]]
    headers += [column_words()[key] for key in OWNED]
    for column, header in enumerate(headers, start=1):
        shape = sheet.column_dimensions[column_letter(column)]
        shape.hidden = header not in SHOWN
        shape.width = SHOWN.get(header, shape.width)
    if not any(font in fonts() for font in ("Calibri", "Carlito")):
        for row in sheet.iter_rows():
            for cell in row:
                font: Any = copy(cell.font)
                font.name = STAND_IN
                cell.font = font
    sheet.sheet_format.defaultRowHeight = 31
    sheet.print_area = f"A1:{column_letter(len(headers))}{sheet.max_row}"
    sheet.page_setup.paperSize = 8  # A3
    book.save(tracker)


def wrap(tracker: Path) -> None:
    """Let the cells of a synced copy wrap their text. openpyxl must not save it: the picture is of what the sync wrote."""
    with zipfile.ZipFile(tracker) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts["xl/styles.xml"] = UNWRAPPED.sub(rb'\1 wrapText="1"/>', parts["xl/styles.xml"])
    with zipfile.ZipFile(tracker, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)


def fonts() -> str:
    """The fonts of this machine; nothing where fontconfig is absent."""
    if shutil.which("fc-list") is None:
        return ""
    return subprocess.run(["fc-list", ":", "family"], check=True, capture_output=True, text=True).stdout


def draw(tracker: Path, today: dt.date) -> Path:
    """Turn a workbook's first page into a PNG beside it."""
    clock = ["faketime", f"{today.isoformat()} 09:00:00"] if shutil.which("faketime") else []
    profile = f"-env:UserInstallation={(tracker.parent / 'profile').as_uri()}"
    command = [
        *clock,
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(tracker.parent),
        str(tracker),
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=180)
    page = tracker.with_suffix("")
    command = [
        "pdftoppm",
        "-r",
        "220",
        "-f",
        "1",
        "-l",
        "1",
        "-singlefile",
        "-png",
        str(tracker.with_suffix(".pdf")),
        str(page),
    ]
    subprocess.run(command, check=True, timeout=60)
    return page.with_suffix(".png")


def crop(page: Path, width: int, *, colours: int = 128) -> Image.Image:
    """The page without its white margins, scaled to a width; with 0 all its colours are kept."""
    picture = Image.open(page).convert("RGB")
    box = ImageChops.difference(picture, Image.new("RGB", picture.size, "white")).getbbox()
    if box is None:
        sys.exit("The page is empty.")
    left, top, right, bottom = box
    picture = picture.crop((left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN))
    small = picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
    return small.quantize(colours, dither=Image.Dither.NONE) if colours else small


if __name__ == "__main__":
    main()
