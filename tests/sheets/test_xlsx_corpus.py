"""Every real workbook at hand: written, written again, and given back, with nothing else touched."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import openpyxl
import pytest
import python_calamine
from conftest import shared_folder
from excel_person import parts

from sheetsync.changes import Changes
from sheetsync.errors import FileError, RefusedFileError
from sheetsync.model import OWNED, Grid, Snapshot, Value
from sheetsync.sheets.ooxml.package import Package
from sheetsync.sheets.ooxml.workbook import Workbook
from sheetsync.sheets.ooxml.worksheet import Worksheet
from sheetsync.sheets.xlsx import XlsxSource
from sheetsync.words import column_words, follow_up_words

MOST_ROWS = 300


def workbooks() -> Iterator[Path]:
    folder = shared_folder()
    if folder is not None:
        for name in ("trackers", "xlsx"):
            yield from sorted((folder / name).rglob("*.xls[xm]"))


def every_cell(path: Path) -> dict[tuple[str, int, int], object]:
    """What calamine sees, asked in its plainest way; what openpyxl does where calamine gives up."""
    try:
        return _seen_by_calamine(path)
    except python_calamine.CalamineError:
        return {
            (sheet.title, cell.row, cell.column): cell.value
            for sheet in openpyxl.load_workbook(path, data_only=True).worksheets
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None
        }


def _seen_by_calamine(path: Path) -> dict[tuple[str, int, int], object]:
    book = python_calamine.load_workbook(str(path))
    found: dict[tuple[str, int, int], object] = {}
    for about in book.sheets_metadata:
        if about.typ != python_calamine.SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(about.name)
        top, left = sheet.start or (0, 0)
        for row, values in enumerate(sheet.to_python(), start=top + 1):
            for column, value in enumerate(values, start=left + 1):
                if value != "":
                    found[about.name, row, column] = value
    return found


def rows_of(path: Path, part: str) -> list[int]:
    """The rows that the file has, in its order."""
    body = b"".join(Worksheet(Package.open(path), part).body())
    rows: list[int] = []
    for tag in re.finditer(rb"<(?:\w+:)?row\b([^>]*)>", body):
        number = re.search(rb'\sr="(\d+)"', tag[1])
        rows.append(int(number[1]) if number else (rows[-1] if rows else 0) + 1)
    return rows


def names_styles_that_are_not_there(before: Mapping[str, bytes]) -> bool:
    """Whether cells name styles beyond the stylesheet's end, so that nobody can tell whose the last ones are."""
    table = re.search(rb"<cellXfs.*?</cellXfs>", before.get("xl/styles.xml", b""), re.DOTALL)
    sheets = b"".join(data for part, data in before.items() if "worksheets/sheet" in part)
    styles = [int(number) for number in re.findall(rb'<c [^>]*\bs="(\d+)"', sheets)]
    return table is not None and max(styles, default=0) >= len(re.findall(rb"<xf[ />]", table[0]))


def made_up(snapshot: Snapshot, grid: Grid, header_row: int, rows: list[int], right: int) -> Changes:
    """Some plan or other for a sheet, whatever it holds."""
    standing = snapshot.owned.columns if snapshot.owned else {}
    day = dt.date(2026, 11, 2)
    after: dict[str, list[Value]] = {
        "next_contact": [day + dt.timedelta(days=i % 9) if i % 3 else None for i in range(len(rows))],
        "contact_by": [day + dt.timedelta(days=4 + i % 9) if i % 3 else None for i in range(len(rows))],
        "next_action": [f'Follow up <&> "{i % 5}" _x0041_' for i in range(len(rows))],
        "follow_up": [("Overdue", "Due", "Waiting", "Closed")[i % 4] for i in range(len(rows))],
        "days_overdue": [i if i % 4 == 0 else None for i in range(len(rows))],
        "why": [f"Because {i}.\n Second line " for i in range(len(rows))],
    }
    return Changes(
        sheet=grid.name,
        header_row=header_row,
        first_row=header_row + 1,
        last_row=max(rows, default=header_row),
        version=snapshot.version,
        right=right,
        rows=rows,
        before={key: [_day(grid.cell(row, standing.get(key) or 10**6)) for row in rows] for key in OWNED},
        after=after,
        headers=column_words(),
        add=tuple(key for key in OWNED if key not in standing),
        words=follow_up_words(),
        date_like=next((c for c in range(1, grid.n_columns + 1) if _has_dates(grid, c)), None),
    )


def _has_dates(grid: Grid, column: int) -> bool:
    return any(isinstance(value, dt.date) for value in grid.columns[column - 1])


def _day(value: Value) -> Value:
    return value.date() if isinstance(value, dt.datetime) else value


@pytest.mark.shared
@pytest.mark.parametrize("original", list(workbooks()), ids=lambda path: path.name[-60:])
def test_a_real_workbook_loses_nothing(original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path / "home"))
    path = tmp_path / f"tracker{original.suffix}"
    shutil.copyfile(original, path)
    try:
        snapshot = XlsxSource(path).read()
    except FileError:
        assert path.read_bytes() == original.read_bytes()
        return
    workbook = Workbook(Package.open(path))
    sheets = [(sheet.name, rows_of(path, sheet.part)) for sheet in workbook.sheets if sheet.kind == "worksheet"]
    name, rows = max(sheets, key=lambda sheet: len(sheet[1]), default=("", []))
    if not rows:
        pytest.skip("no sheet of it has a row")
    grid = snapshot.grid(name)
    header_row, right = rows[0], max(grid.n_columns, 1)
    wanted = [row for row in rows[1 : MOST_ROWS + 1] if row <= grid.n_rows + 20]
    cells, before = every_cell(path), parts(path)

    if names_styles_that_are_not_there(before):
        with pytest.raises(RefusedFileError, match="styles are damaged"):
            XlsxSource(path).apply(made_up(snapshot, grid, header_row, wanted, right))
        assert path.read_bytes() == original.read_bytes()
        return
    receipt = XlsxSource(path).apply(made_up(snapshot, grid, header_row, wanted, right))
    assert receipt.written
    ours = set(receipt.columns.values())
    assert {at: v for at, v in every_cell(path).items() if at[0] != name or at[2] not in ours} == cells
    kept = [part for part in parts(path) if part in before]
    assert kept == list(before)
    touched = {part for part in before if parts(path)[part] != before[part]}
    assert all(
        re.search(r"sheet\d*\.xml|styles|workbook|tables/|Content_Types", part, re.IGNORECASE) for part in touched
    )

    again = XlsxSource(path).read()
    data = path.read_bytes()
    assert not XlsxSource(path).apply(made_up(again, again.grid(name), header_row, wanted, right)).written
    assert path.read_bytes() == data

    XlsxSource(path).remove()
    assert every_cell(path) == cells
    assert parts(path) == before
