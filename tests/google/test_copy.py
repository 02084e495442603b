"""Whole trackers carried over between Excel and Google Sheets, and back again."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from emulator.server import Emulator
from judges.invariants import violations
from moving import DAY, Meaning, signed_in
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule, ColorScaleRule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from sheetsync.errors import NoTrackerError, UsageError
from sheetsync.model import Value
from sheetsync.moving import copy
from sheetsync.records.reading import Reading, Records
from sheetsync.sheets import open_source
from sheetsync.sheets.contents import template_names
from sheetsync.start import start
from sheetsync.sync import sync

TIME_ZONE: Final = "Europe/London"


@pytest.fixture
def google(tmp_path: Path) -> Iterator[Emulator]:
    with signed_in(tmp_path / "home") as started:
        yield started


def to_google(path: Path, locale: str = "en_US") -> str:
    return copy(str(path), title=path.stem, locale=locale, time_zone=TIME_ZONE).target


def there_and_back(path: Path, locale: str = "en_US") -> tuple[str, Path]:
    """A workbook's copy at Google, and the workbook that was made of it."""
    url = to_google(path, locale)
    back = path.with_name("back.xlsx")
    copy(url, back)
    return url, back


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """The sample, synced."""
    start(tmp_path / "sample.xlsx", sample_on=DAY)
    sync(open_source(str(tmp_path / "sample.xlsx")), as_of=DAY)
    return tmp_path / "sample.xlsx"


@pytest.mark.usefixtures("google")
@pytest.mark.parametrize("locale", ["en_US", "de_DE"])
def test_the_sample_means_the_same_there_and_back(sample: Path, locale: str) -> None:
    url, back = there_and_back(sample, locale)
    wanted = Meaning.of(sample).told()
    assert Meaning.of(url).told() == wanted
    assert Meaning.of(back).told() == wanted


@pytest.mark.usefixtures("google")
def test_a_sync_of_a_copy_changes_nothing(sample: Path) -> None:
    for place in there_and_back(sample):
        receipt = sync(open_source(str(place)), as_of=DAY).receipt
        assert (receipt.changed_cells, receipt.written) == (0, False)


def coach_notes(location: str | Path) -> dict[Any, str]:
    return Meaning.of(location).proposal.tracker.frame["coach_notes"].to_dict()


@pytest.mark.usefixtures("google")
def test_coach_notes_go_along_in_both_directions(tmp_path: Path) -> None:
    """Those in our own column, which is still known for ours."""
    small, workbook = tmp_path / "small.xlsx", Workbook()
    assert workbook.active is not None
    for row in (["Company", "Status", "Date applied"], ["Alder Ltd", "Applied", DAY], ["Birch Co", "Applied", DAY]):
        workbook.active.append(row)
    workbook.save(small)

    def noted(_reading: Reading) -> Records:
        return Records(owned={"coach_note": {2: "Ask for the brief first.", 3: "="}})

    sync(open_source(str(small)), as_of=DAY, act=noted)
    notes = coach_notes(small)
    assert {row: note for row, note in notes.items() if note} == {2: "Ask for the brief first.", 3: "="}
    url, back = there_and_back(small)
    for copied in (url, back):
        assert coach_notes(copied) == notes
        owned = open_source(str(copied)).read().owned
        assert owned is not None
        assert owned.columns["coach_note"]
        assert not sync(open_source(str(copied)), as_of=DAY).receipt.written


@pytest.mark.usefixtures("google")
@pytest.mark.parametrize("template", template_names())
def test_every_template_means_the_same_there_and_back(tmp_path: Path, template: str) -> None:
    start(tmp_path / "new.xlsx", template=template)
    url, back = there_and_back(tmp_path / "new.xlsx")
    wanted = Meaning.of(tmp_path / "new.xlsx").told()
    assert Meaning.of(url).told() == wanted
    assert Meaning.of(back).told() == wanted


@pytest.mark.slow
@pytest.mark.usefixtures("google")
def test_real_trackers_mean_the_same_there_and_back(shared: Path, tmp_path: Path) -> None:
    compared = []
    for number, original in enumerate(sorted((shared / "trackers").glob("*/*.xlsx"))):
        path = tmp_path / str(number) / original.name
        path.parent.mkdir()
        shutil.copyfile(original, path)
        try:
            wanted = Meaning.of(path).told()
        except NoTrackerError:
            continue
        url, back = there_and_back(path)
        assert Meaning.of(url).told() == wanted, original
        assert Meaning.of(back).told() == wanted, original
        compared.append(original)
    assert len(compared) >= 10


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    """A workbook of a person's own making, with a little of everything."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "My jobs"
    sheet["A1"] = "Jobs of 2026"
    sheet.merge_cells("A1:C1")
    sheet.append(["Company", "Code", "Status", "Applied on", "At", "Sure", "Days", "Odd"])
    for cell in sheet[2]:
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="336699")
    sheet.append(["Alder", "007", "Applied", dt.date(2026, 11, 2), dt.time(9, 30), True, "=TODAY()-D3", "=SUM(Codes)"])
    sheet.append(
        ["Birch", "=1+1 is text", "Interview", dt.datetime(2026, 11, 5, 14, 30), None, False, "=TODAY()-D4", None]
    )
    sheet["B4"].data_type = "s"
    sheet["D3"].number_format = "dd/mm/yyyy"
    sheet["D4"].number_format = "dd/mm/yyyy hh:mm"
    sheet["A4"].alignment = Alignment(wrap_text=True, horizontal="center")
    sheet["A3"].comment = Comment("Ask Jo", "me")
    sheet["A4"].hyperlink = "https://example.org/birch"
    sheet.column_dimensions["A"].width = 30
    sheet.column_dimensions["E"].hidden = True
    sheet.row_dimensions[4].height = 45
    sheet.freeze_panes = "B3"
    sheet.sheet_properties.tabColor = "AA0000"
    offered = DataValidation(type="list", formula1='"Applied,Interview,Offer"', sqref="C3:C100", showErrorMessage=True)
    sheet.add_data_validation(offered)
    late = CellIsRule(operator="greaterThan", formula=["7"], fill=PatternFill(bgColor="FFCC00"))  # type: ignore[no-untyped-call]
    sheet.conditional_formatting.add("G3:G9", late)
    scale = ColorScaleRule("min", None, "FF0000", "max", None, "00FF00")  # type: ignore[no-untyped-call]
    sheet.conditional_formatting.add("F3:F9", scale)
    sheet.add_chart(BarChart(), "K2")
    secret = book.create_sheet("Secret")
    secret["A1"] = "hidden"
    secret.sheet_state = "hidden"
    book.save(tmp_path / "rich.xlsx")
    return tmp_path / "rich.xlsx"


@pytest.mark.usefixtures("google")
def test_a_persons_own_layout_comes_back(rich: Path) -> None:
    _, path = there_and_back(rich)
    sheet: Any = load_workbook(path)["My jobs"]
    values: dict[str, Value] = {name: sheet[name].value for name in ("A1", "B3", "B4", "E3", "F3", "F4", "G3")}
    assert values == {
        "A1": "Jobs of 2026", "B3": "007", "B4": "=1+1 is text", "E3": dt.time(9, 30), "F3": True, "F4": False,
        "G3": "=TODAY()-D3",
    }  # fmt: skip
    assert sheet["B4"].data_type == "s"
    assert (sheet["D3"].value, sheet["D3"].number_format) == (dt.datetime(2026, 11, 2), "dd/mm/yyyy")
    assert (sheet["D4"].value, sheet["D4"].number_format) == (dt.datetime(2026, 11, 5, 14, 30), "dd/mm/yyyy hh:mm")
    assert [str(cells) for cells in sheet.merged_cells.ranges] == ["A1:C1"]
    assert (sheet["A2"].font.b, sheet["A2"].font.color.rgb, sheet["A2"].fill.fgColor.rgb) == (
        True,
        "00FFFFFF",
        "00336699",
    )
    assert (sheet["A4"].alignment.wrap_text, sheet["A4"].alignment.horizontal) == (True, "center")
    assert sheet["A3"].comment.text == "Ask Jo"
    assert sheet["A4"].hyperlink.target == "https://example.org/birch"
    assert sheet.column_dimensions["A"].width == pytest.approx(30, abs=0.2)
    assert sheet.column_dimensions["E"].hidden
    assert sheet.row_dimensions[4].height == 45
    assert sheet.freeze_panes == "B3"
    assert sheet.sheet_properties.tabColor.rgb == "00AA0000"
    (offered,) = sheet.data_validations.dataValidation
    assert (offered.formula1, str(offered.sqref)) == ('"Applied,Interview,Offer"', "C3:C100")
    (rule,) = [rule for place in sheet.conditional_formatting for rule in place.rules]
    assert (rule.formula, rule.dxf.fill.bgColor.rgb) == (["G3>7"], "00FFCC00")
    assert load_workbook(path)["Secret"].sheet_state == "hidden"


@pytest.mark.usefixtures("google")
def test_a_copy_breaks_no_rule_of_the_format(rich: Path) -> None:
    assert violations(there_and_back(rich)[1]) == []


@pytest.mark.usefixtures("google")
def test_what_stays_behind_is_named_a_line_each(rich: Path) -> None:
    told = [problem.message for problem in copy(str(rich), title="Rich").problems]
    assert told == [
        "1 chart: not carried over.",
        "This formula is not understood elsewhere: the value is carried over.",
        "1 conditional format: not carried over.",
    ]


def test_the_original_is_only_read(google: Emulator, rich: Path) -> None:
    before = rich.read_bytes(), rich.stat().st_mtime_ns
    url = to_google(rich)
    assert (rich.read_bytes(), rich.stat().st_mtime_ns) == before
    calls = len(google.api_calls)
    copy(url, rich.with_name("back.xlsx"))
    assert [call.method for call in google.api_calls[calls:]] == ["GET"]


def test_a_copy_to_google_takes_two_calls(google: Emulator, rich: Path) -> None:
    to_google(rich)
    assert len(google.api_calls) == 2


@pytest.mark.usefixtures("google")
def test_nothing_is_overwritten(rich: Path) -> None:
    taken = rich.with_name("taken.xlsx")
    taken.write_text("mine")
    url = to_google(rich)
    for source in (str(rich), url):
        with pytest.raises(UsageError, match="exists already"):
            copy(source, taken)
    assert taken.read_text() == "mine"


def test_a_workbook_is_copied_into_a_workbook_byte_by_byte(rich: Path) -> None:
    copy(str(rich), rich.with_name("twin.xlsx"))
    assert rich.with_name("twin.xlsx").read_bytes() == rich.read_bytes()


@pytest.mark.usefixtures("google")
def test_a_google_spreadsheet_is_copied_into_another(rich: Path) -> None:
    url = to_google(rich)
    twin = copy(url, title="Twin").target
    assert twin != url
    assert [grid.columns for grid in open_source(twin).read().grids] == [
        grid.columns for grid in open_source(url).read().grids
    ]


def test_a_copy_needs_one_place_to_go_to(rich: Path) -> None:
    for target, title in ((None, None), (rich.with_name("b.xlsx"), "B")):
        with pytest.raises(UsageError, match="not both"):
            copy(str(rich), target, title=title)


def test_a_csv_is_told_how_to_become_a_tracker(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("Company,Status\nAlder,Applied\n", "utf-8")
    with pytest.raises(UsageError, match="sheetsync init NEW.xlsx --from"):
        copy(str(tmp_path / "old.csv"), tmp_path / "new.xlsx")


@pytest.mark.usefixtures("google")
def test_a_column_that_the_person_deleted_stays_deleted_in_the_copy(sample: Path) -> None:
    url = to_google(sample)
    book_id = url.split("/")[5]
    source = open_source(url)
    owned = source.read().owned
    assert owned is not None
    place = owned.columns["days_overdue"]
    assert place is not None
    delete_column(book_id, place)
    back = sample.with_name("back.xlsx")
    copy(url, back)
    copied = open_source(str(back)).read().owned
    assert copied is not None
    assert copied.columns["days_overdue"] is None
    assert not sync(open_source(str(back)), as_of=DAY).proposal.changes.add


def delete_column(book_id: str, column: int) -> None:
    from moving import transport

    span = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": column - 1, "endIndex": column}
    body = {"requests": [{"deleteDimension": {"range": span}}]}
    url = f"https://sheets.googleapis.com/v4/spreadsheets/{book_id}:batchUpdate"
    transport().call("POST", url, body=body, idempotent=False)


@pytest.mark.usefixtures("google")
def test_names_that_excel_does_not_allow_are_changed_and_told(tmp_path: Path) -> None:
    from moving import transport

    from sheetsync.book import Book, Formula, Sheet
    from sheetsync.sheets.google.building import build_spreadsheet

    long = "Jobs: everything since the beginning of the year"
    columns: tuple[Sequence[Value | Formula], ...] = (["Company", "Alder"], ["Status", "Applied"], ["Sum", 3])
    other: tuple[Sequence[Value | Formula], ...] = (["Twice", Formula(f"'{long}'!C2*2", 6)],)
    made = build_spreadsheet(transport(), "Names", Book((Sheet(long, columns), Sheet("Other", other))))
    moved = copy(made.url, tmp_path / "names.xlsx")
    assert any("has to be called" in problem.message for problem in moved.problems)
    book = load_workbook(tmp_path / "names.xlsx")
    assert book["Other"]["A2"].value == f"='{book.sheetnames[0]}'!C2*2"


def test_the_command_line_makes_and_copies_with_the_persons_own_sign_in(google: Emulator, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from sheetsync.cli import cli

    def run(*arguments: str) -> dict[str, Any]:
        result = CliRunner().invoke(cli, [*arguments, "--json"], catch_exceptions=False)
        assert result.exit_code == 0, result.stderr
        told: dict[str, Any] = json.loads(result.stdout)
        return told

    made = run("init", "--google", "My job search", "--template", "networking")
    copied = run("copy", made["target"], str(tmp_path / "copy.xlsx"))
    assert copied == {"source": made["target"], "target": str(tmp_path / "copy.xlsx"), "problems": []}
    assert [book.properties["title"] for book in google.books.values()] == ["My job search"]
    assert run("inspect", copied["target"])["sheet"] == run("inspect", made["target"])["sheet"]
