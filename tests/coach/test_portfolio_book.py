"""The portfolio's workbook: sheets that Excel takes, text that stays text, charts over the right cells, one page a brief."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from judges import office, validator
from judges.invariants import violations
from judges.marks import needs_validator
from openpyxl.worksheet.worksheet import Worksheet

from coach.layouts import AS_OF
from coach.standings import counts, look, portfolio, row
from sheetsync.coach.portfolio import Portfolio
from sheetsync.coach.portfolio_book import portfolio_book
from sheetsync.coach.portfolio_files import write_page, write_workbook
from sheetsync.errors import LockedError, NoTrackerError, UnwritableFileError, UsageError
from sheetsync.sheets import open_source
from sheetsync.sheets.build import workbook_bytes
from sheetsync.sync import propose

AWKWARD = (
    '=HYPERLINK("http://x")', "+49 170", "-Otto", "@Pia", "Gwen [Cardiff]: a/b\\c*?", "O'Brien", "'Quoted'", "History",
    "Portfolio", "summary", "sheetsync", "Maximiliane von Hohenstein-Wernigerode", "MAXIMILIANE VON HOHENSTEIN-WERNI two",
    "***", "李小龍", "📋" * 20, "A\nB", "Ana", "ana",
)  # fmt: skip


def workbook(of: Portfolio) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(workbook_bytes(portfolio_book(of))))


def named(names: tuple[str, ...]) -> Portfolio:
    return portfolio(*((name, look([row(2, "Alder")])) for name in names))


def lines(sheet: Worksheet) -> dict[str, dict[str, object]]:
    """The ranked view: client -> header -> value."""
    headers = [str(cell.value) for cell in sheet[4]]
    rows = ([cell.value for cell in cells] for cells in sheet.iter_rows(min_row=5))
    return {str(row[1]): dict(zip(headers, row, strict=True)) for row in rows}


def test_every_client_has_a_sheet_that_excel_takes() -> None:
    made = workbook(named(AWKWARD))
    visible = [sheet.title for sheet in made if sheet.sheet_state == "visible"]
    assert visible[:2] == ["Portfolio", "Summary"]
    assert len(visible) == 2 + len(AWKWARD)
    assert len({name.casefold() for name in made.sheetnames}) == len(made.sheetnames)
    for name in visible:
        assert 0 < len(name.encode("utf-16-le")) <= 62
        assert not re.search(r"[\[\]:*?/\\\x00-\x1f]", name)
        assert not name.startswith("'")
        assert not name.endswith("'")
        assert name != "History"


def test_a_hundred_and_twenty_clients_of_one_name_all_have_theirs() -> None:
    made = portfolio_book(named(("Maximiliane von Hohenstein-Wernigerode",) * 120))
    names = {sheet.name.casefold() for sheet in made.sheets}
    assert len(names) == 123
    assert max(map(len, names)) == 31


def test_what_looks_like_a_formula_stays_text() -> None:
    ana = look([row(2, "=1+1"), row(3, "@SUM(A1)")])
    made = workbook(portfolio(*((name, ana) for name in AWKWARD[:4]), ("=broken", None)))
    for sheet in made:
        formulas = [cell.coordinate for line in sheet.iter_rows() for cell in line if cell.data_type == "f"]
        assert all(place.endswith("3") for place in formulas) if sheet.title == "Portfolio" else not formulas
    assert set(AWKWARD[:4]) | {"=broken"} <= lines(made["Portfolio"]).keys()


def test_the_ranked_view_has_a_line_for_each_and_adds_up() -> None:
    late = look([row(2, "Alder"), row(3, "Birch", "Due", None)], contacts=2, contacts_before=1)
    early = look([row(2, "Cedar", "Due", None)], contacts=5)
    made = workbook(portfolio(("Ben", early), ("Ana", late), ("Cleo", None), session=dt.date(2026, 11, 20)))
    found = lines(made["Portfolio"])
    assert list(found) == ["Ana", "Ben", "Cleo"]
    ana = found["Ana"]
    assert (ana["#"], ana["Overdue"], ana["Due"], ana["Contacts this week"]) == (1, 1, 1, 2)
    assert ana["Next session"] == dt.datetime(2026, 11, 20)
    assert (found["Cleo"]["#"], found["Cleo"]["Overdue"], found["Cleo"]["To look at"]) == (
        None,
        None,
        "2.xlsx is broken.",
    )
    totals = {
        str(made["Portfolio"].cell(4, column).value): made["Portfolio"].cell(3, column).value for column in range(1, 19)
    }
    assert (totals["Overdue"], totals["Due"]) == ("=SUBTOTAL(109,D5:D7)", "=SUBTOTAL(109,F5:F7)")
    links = [made["Portfolio"].cell(place, 2).hyperlink for place in (5, 6, 7)]
    assert [link.location if link else None for link in links] == ["'Ana'!A1", "'Ben'!A1", None]


def test_the_charts_show_the_numbers_of_the_clients() -> None:
    ana = look([row(2, "Alder"), row(3, "Birch", "Due", None)], contacts=4, last_touch=AS_OF - dt.timedelta(days=9))
    data = workbook_bytes(portfolio_book(portfolio(("Ana", ana), ("Ben", look()))))
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Summary"]
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        charts = [package.read(name).decode() for name in sorted(package.namelist()) if "/charts/chart" in name]
    assert len(charts) == 4
    shown = {}
    for chart in charts:
        title = "".join(re.findall(r"<a:t>([^<]*)</a:t>", chart.split("</c:title>")[0].split("</title>")[0]))
        spans = re.findall(r"<(?:c:)?f>([^<]*)</", chart)
        shown[title] = [
            [cell.value for (cell,) in sheet[span.split("!")[1].replace("$", "")]] for span in spans if ":" in span
        ]
    assert shown["Overdue and due, by client"] == [["Ana", "Ben"], [1, 0], ["Ana", "Ben"], [1, 0]]
    assert shown["Messages and calls, by client"] == [["Ana", "Ben"], [0, 0], ["Ana", "Ben"], [4, 0]]
    assert shown["Days since the last touch, by client"] == [["Ana", "Ben"], [9, 0]]
    words = ["Overdue", "Due", "Upcoming", "Waiting", "Cold"]
    assert shown["All clients: a week ago and now"] == [words, [0] * 5, words, [1, 1, 0, 0, 0]]


def test_what_is_not_known_of_a_copy_is_in_no_sum_and_no_chart() -> None:
    copy = look([row(2, "Alder"), row(3, "Birch")], before=None, missed=None, undebriefed=None, shared_on=AS_OF)
    made = workbook(portfolio(("Ana", copy), ("Ben", look([row(2, "Cedar")], before=counts(Overdue=3)))))
    view, summary = made["Portfolio"], made["Summary"]
    ana = lines(view)["Ana"]
    unknown = ("Overdue a week ago", "Thank-yous missed", "Interviews without debrief")
    assert [ana[name] for name in unknown] == ["?"] * 3
    assert "? is not known of a copy" in str(view.cell(1, 3).value)
    (week,) = [line for line in summary.iter_rows(values_only=True) if line[1:3] == (3, 1)]
    assert week[0] == "Overdue"
    alone = workbook(portfolio(("Ana", copy)))
    assert {alone["Portfolio"].cell(3, column).value for column in (5, 8, 9)} == {"?"}
    assert "A week ago" not in [cell.value for line in alone["Summary"].iter_rows() for cell in line]


def test_without_any_client_there_is_still_a_workbook() -> None:
    made = workbook(portfolio(("Ana", None)))
    assert made.sheetnames == ["Portfolio", "sheetsync"]
    assert lines(made["Portfolio"])["Ana"]["To look at"] == "0.xlsx is broken."


@pytest.mark.skipif(office.missing() is not None, reason=str(office.missing()))
def test_each_brief_prints_on_one_page(tmp_path: Path) -> None:
    full = look([row(place, f"Company of quite a long name {place}", days=place) for place in range(2, 90)])
    write_workbook(tmp_path / "p.xlsx", portfolio(("Ana", full), ("Ben", look())))
    pdf = office.convert(tmp_path / "p.xlsx", "pdf", tmp_path)
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes()))
    assert pages == 4  # the view, the summary, Ana, Ben


@needs_validator
def test_microsofts_validator_finds_nothing(tmp_path: Path) -> None:
    write_workbook(tmp_path / "p.xlsx", named(AWKWARD))
    assert violations(tmp_path / "p.xlsx") == []
    assert validator.errors(tmp_path / "p.xlsx") == []


# Where it is written


def test_only_an_earlier_portfolio_is_replaced(tmp_path: Path) -> None:
    place = tmp_path / "portfolio.xlsx"
    write_workbook(place, named(("Ana",)))
    write_workbook(place, named(("Ben",)))
    assert "Ben" in openpyxl.load_workbook(place).sheetnames
    theirs = tmp_path / "budget.xlsx"
    openpyxl.Workbook().save(theirs)
    before = theirs.read_bytes()
    with pytest.raises(UsageError, match="exists already and is no earlier portfolio"):
        write_workbook(theirs, named(("Ana",)))
    assert theirs.read_bytes() == before


def test_a_portfolio_is_no_tracker(tmp_path: Path) -> None:
    write_workbook(tmp_path / "portfolio.xlsx", named(("Ana",)))
    with pytest.raises(NoTrackerError, match="it is a portfolio of several people's trackers"):
        propose(open_source(str(tmp_path / "portfolio.xlsx")), as_of=AS_OF)


def test_only_an_earlier_page_is_replaced(tmp_path: Path) -> None:
    place = tmp_path / "portfolio.html"
    write_page(place, named(("Ana",)))
    write_page(place, named(("Ben",)))
    assert "Ben" in place.read_text("utf-8")
    (tmp_path / "index.html").write_text("<h1>Mine</h1>", "utf-8")
    with pytest.raises(UsageError, match="exists already and is no earlier portfolio"):
        write_page(tmp_path / "index.html", named(("Ana",)))


def test_one_that_is_open_is_not_replaced(tmp_path: Path) -> None:
    place = tmp_path / "portfolio.xlsx"
    write_workbook(place, named(("Ana",)))
    (tmp_path / "~$portfolio.xlsx").write_bytes(b"\x03Ana")
    with pytest.raises(LockedError):
        write_workbook(place, named(("Ben",)))


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnwritableFileError, match="its folder does not exist"):
        write_page(tmp_path / "nowhere" / "p.html", named(("Ana",)))
