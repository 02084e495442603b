"""Copy the sample tracker with its dates moved, so that it looks as fresh as on the day it was made.

python tools/make_demo.py sample_tracker.xlsx demo/tracker.xlsx [--as-of 2026-12-24]
"""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

from openpyxl import load_workbook

from sheetsync.sheets.contents import sample_date


def move_dates(source: Path, target: Path, *, today: dt.date) -> int:
    """Copy a workbook, each date moved by the days between the sample's date and `today`; returns how many moved.

    openpyxl is safe here: the sample was made with it.
    """
    shift = today - sample_date()
    book = load_workbook(source)
    moved = 0
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, dt.date):
                    cell.value = cell.value + shift
                    moved += 1
    target.parent.mkdir(parents=True, exist_ok=True)
    book.save(target)
    return moved


def main() -> None:
    parser = argparse.ArgumentParser(description="Copy the sample tracker with its dates moved to today.")
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--as-of", type=dt.date.fromisoformat, help="the day to move the dates to (today)")
    options = parser.parse_args()
    today = options.as_of or dt.datetime.now().astimezone().date()
    moved = move_dates(options.source, options.target, today=today)
    print(f"{options.target}: a copy of {options.source}, {moved} dates moved to {today:%-d %b %Y}.")


if __name__ == "__main__":
    main()
