"""What `init` makes is recognised for what it is: the tracker by its columns, the sheets beside it as none."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from sheetsync.model import FIELDS
from sheetsync.settings import Settings
from sheetsync.sheets import open_source
from sheetsync.sheets.build import build_workbook
from sheetsync.sheets.contents import blank, sample, template_names
from sheetsync.sheets.house import new_book
from sheetsync.tracker.recognise import recognise


@pytest.mark.parametrize("template", template_names())
def test_a_new_tracker_is_recognised_column_by_column(template: str, tmp_path: Path) -> None:
    contents = blank(template)
    build_workbook(tmp_path / "new.xlsx", new_book(contents))
    layout = recognise(open_source(str(tmp_path / "new.xlsx")).read(), Settings())

    assert layout.sheet == contents.tracker.sheet
    assert layout.other_trackers == ()
    keys = [column.key for column in contents.tracker.columns]
    assert layout.columns == {key: at for at, key in enumerate(keys, start=1) if key in FIELDS}


def test_the_sample_is_recognised_with_all_its_rows(tmp_path: Path) -> None:
    contents = sample(dt.date(2026, 11, 12))
    build_workbook(tmp_path / "sample.xlsx", new_book(contents))
    layout = recognise(open_source(str(tmp_path / "sample.xlsx")).read(), Settings())

    assert (layout.sheet, layout.other_trackers) == (contents.tracker.sheet, ())
    assert layout.last_row - layout.header_row == len(contents.tracker.rows)
