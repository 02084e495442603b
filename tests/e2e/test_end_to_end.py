"""The installed command on a tracker that has a bit of everything, looked at by judges that are not ours."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from judges import as_openpyxl, compare, invariants, office, validator
from judges.marks import needs_office, needs_validator
from judges.package import Package, descend
from judges.specimen import HEADER_ROW, HIDDEN_ROW, LAST_ROW, SHEET, copied, make_specimen

from e2e.corpus import number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openpyxl.worksheet.worksheet import Worksheet

OVERDUE, DUE = "#F8C4B4", "#FFE9A8"
MONDAY = "2026-11-09"
TITLES = ["Next contact", "Contact by", "Next action", "Follow-up", "Days overdue", "Why"]


def sheetsync(*args: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the installed command as people do."""
    command = Path(sys.executable).with_name("sheetsync")
    return subprocess.run(
        [str(command), *map(str, args)], capture_output=True, text=True, encoding="utf-8", check=False, timeout=120
    )


def sync(path: Path, day: str = MONDAY, *options: str) -> dict[str, Any]:
    """Sync a file as of a day; what it said as JSON."""
    done = sheetsync("sync", path, "--json", "--as-of", day, *options)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def follow_ups(said: dict[str, Any]) -> dict[str, str | None]:
    """Company -> follow-up."""
    return {row["company"]: row["follow_up"] for row in said["rows"]}


def columns(said: dict[str, Any]) -> frozenset[int]:
    """The columns that are ours."""
    return frozenset(map(number, said["owned"].values()))


@pytest.fixture
def tracker(tmp_path: Path) -> Path:
    return make_specimen(tmp_path / "tracker.xlsx")


@pytest.fixture
def before(tracker: Path, tmp_path: Path) -> Path:
    return copied(tracker, tmp_path / "before.xlsx")


def test_every_row_says_what_is_next(tracker: Path) -> None:
    rows = {row["company"]: row for row in sync(tracker)["rows"]}
    told = {
        company: (row["follow_up"], row["action"], row["next_contact"], row["contact_by"], row["days_overdue"])
        for company, row in rows.items()
    }
    assert told == {
        "Aldgate Foods": ("Due", "application.followup_1", "2026-11-09", "2026-11-16", None),
        "Birch & Co": ("Upcoming", "interview.followup_1", "2026-11-10", "2026-11-11", None),
        "Cobalt Rail": ("Closed", None, None, None, None),
        "Dunlin Press": ("Due", "application.followup_1", "2026-11-04", "2026-11-11", None),
        "Elmwood Care": (None, None, None, None, None),
        "Fennel Labs": ("Upcoming", "application.followup_1", "2026-11-13", "2026-11-20", None),
        "Garnet Bank": ("Overdue", "interview.thank_you", "2026-11-06", "2026-11-06", 3),
    }


def test_the_sheet_holds_what_the_command_said(tracker: Path) -> None:
    said = sync(tracker)
    sheet = page(tracker)
    owned = said["owned"]
    assert list(owned.values()) == ["J", "K", "L", "M", "N", "O"], "right of the tracker, in order"
    assert [sheet[f"{column}{HEADER_ROW}"].value for column in owned.values()] == TITLES
    for row in said["rows"]:
        at = {key: sheet[f"{column}{row['row']}"].value for key, column in owned.items()}
        assert day(at["next_contact"]) == row["next_contact"]
        assert day(at["contact_by"]) == row["contact_by"]
        assert at["follow_up"] == row["follow_up"]
        assert at["days_overdue"] == row["days_overdue"]
        assert at["why"] == row["why"]
    assert sheet[f"{owned['next_contact']}{HIDDEN_ROW}"].value is not None, "a hidden row is written like the others"


def test_dates_are_written_in_the_tracker_s_own_format(tracker: Path) -> None:
    column = sync(tracker)["owned"]["next_contact"]
    assert page(tracker)[f"{column}{HEADER_ROW + 1}"].number_format == "dd/mm/yyyy"


def test_openpyxl_sees_our_rules_in_their_colours(tracker: Path) -> None:
    sync(tracker)
    colours = {
        mark[1]: rule.dxf.fill.bgColor.rgb
        for block in page(tracker).conditional_formatting
        for rule in block.rules
        for formula in rule.formula
        if (mark := re.search(r'N\("sheetsync:(\w+)"\)', formula))
    }
    assert set(colours) == {"overdue", "due", "upcoming", "waiting", "closed"}
    assert len(set(colours.values())) == 5
    assert colours["overdue"][-6:] == OVERDUE[1:]
    assert colours["due"][-6:] == DUE[1:]


def test_the_table_takes_our_columns_in(tracker: Path) -> None:
    sync(tracker)
    table = page(tracker).tables["Applications"]
    assert table.ref == f"A{HEADER_ROW}:O{LAST_ROW}"
    assert table.autoFilter.ref == table.ref
    assert [column.name for column in table.tableColumns][-6:] == TITLES


def test_nothing_else_changed(tracker: Path, before: Path) -> None:
    ours = columns(sync(tracker))
    assert compare.untouched(before, tracker, compare.may_change(before, SHEET)) == []
    assert compare.same_cells(before, tracker, SHEET, ours) == []
    assert compare.same_elsewhere(before, tracker, SHEET, ours) == []
    assert as_openpyxl.same_to_openpyxl(before, tracker, SHEET, ours) == []
    assert invariants.violations(tracker) == []


@needs_validator
def test_the_validator_finds_no_error(tracker: Path) -> None:
    sync(tracker)
    assert validator.errors(tracker) == []


def test_our_names_are_hidden_and_lead_to_our_headers(tracker: Path) -> None:
    owned = sync(tracker)["owned"]
    package = Package(tracker)
    names = {
        name.get("name"): ((name.text or "").replace("'", ""), name.get("hidden"))
        for name in descend(package.root(package.workbook), "definedNames", "definedName")
    }
    for key, column in owned.items():
        assert names[f"_sheetsync_{key}"] == (f"{SHEET}!${column}${HEADER_ROW}", "1")


def test_a_second_sync_writes_nothing(tracker: Path) -> None:
    sync(tracker)
    content, stamp = tracker.read_bytes(), tracker.stat().st_mtime_ns
    said = sync(tracker)
    assert said["written"] is False
    assert said["backup"] is None
    assert (tracker.read_bytes(), tracker.stat().st_mtime_ns) == (content, stamp)


def test_a_dry_run_writes_nothing_and_says_the_same(tracker: Path, before: Path) -> None:
    dry = sync(tracker, MONDAY, "--dry-run")
    assert tracker.read_bytes() == before.read_bytes()
    wet = sync(tracker)
    assert dry["rows"] == wet["rows"]
    assert dry["changed_cells"] == wet["changed_cells"] > 0
    assert dry["written"] is False


def test_the_backup_is_the_file_as_it_was(tracker: Path, before: Path) -> None:
    backup = sync(tracker)["backup"]
    assert Path(backup).read_bytes() == before.read_bytes()


def test_remove_leaves_no_trace(tracker: Path, before: Path) -> None:
    sync(tracker)
    sync(tracker, "2026-11-17")
    assert sheetsync("remove", tracker).returncode == 0
    assert compare.leftovers(tracker) == []
    assert compare.untouched(before, tracker, compare.may_change(before, SHEET)) == []
    assert compare.same_parts(before, tracker) == []


@needs_office
def test_the_colours_are_right_on_the_day_and_stay_right_without_a_sync(tracker: Path) -> None:
    column = number(sync(tracker)["owned"]["follow_up"])

    def colours(today: dt.date) -> dict[int, str]:
        (seen,) = office.examine([tracker], today=today)
        return {
            row: colour for (row, at), colour in seen.pages[SHEET].colours.items() if at == column and row > HEADER_ROW
        }

    aldgate, garnet, cobalt = HEADER_ROW + 1, HEADER_ROW + 7, HEADER_ROW + 3
    monday, later = colours(dt.date(2026, 11, 9)), colours(dt.date(2026, 11, 17))
    assert (monday[aldgate], monday[garnet]) == (DUE, OVERDUE)
    assert later[aldgate] == later[garnet] == OVERDUE
    assert monday[cobalt] == later[cobalt] not in {DUE, OVERDUE}
    assert HEADER_ROW + 5 not in monday, "a row that has not begun is not coloured"


@needs_office
def test_libreoffice_calculates_as_before(tracker: Path, before: Path) -> None:
    ours = columns(sync(tracker))
    old, new = office.examine([before, tracker], today=dt.date(2026, 11, 9))
    for name, seen in new.pages.items():
        assert not seen.errors
        kept = {place: value for place, value in seen.values.items() if name != SHEET or place[1] not in ours}
        assert kept == old.pages[name].values


@needs_office
def test_a_trip_through_libreoffice_keeps_our_columns_ours(tracker: Path, tmp_path: Path) -> None:
    first = sync(tracker)
    folder = tmp_path / "saved"
    folder.mkdir()
    saved = office.convert(tracker, "xlsx", folder, today=dt.date(2026, 11, 9))
    again = sync(saved)
    assert again["owned"] == first["owned"]
    assert again["rows"] == first["rows"]
    headers = [cell.value for cell in page(saved)[HEADER_ROW]]
    assert [headers.count(title) for title in TITLES] == [1] * 6
    assert sync(saved)["written"] is False


def test_a_search_day_by_day(tmp_path: Path) -> None:
    """A person starts with two applications, follows up, is invited, thanks late, gets an offer, and leaves."""
    path = tmp_path / "search.xlsx"
    assert sheetsync("init", path).returncode == 0
    places = inspect(path)
    write(path, places, company="Aldgate Foods", stage="Applied", applied_on=dt.date(2026, 11, 2))
    write(path, places, company="Birch & Co", stage="Applied", applied_on=dt.date(2026, 11, 2))
    write(path, places, company="Cobalt Rail", stage="Saved")

    assert follow_ups(sync(path, "2026-11-03")) == {
        "Aldgate Foods": "Upcoming",
        "Birch & Co": "Upcoming",
        "Cobalt Rail": None,
    }
    assert follow_ups(sync(path, "2026-11-09")) == {"Aldgate Foods": "Due", "Birch & Co": "Due", "Cobalt Rail": None}

    change(path, places, "Aldgate Foods", last_contact=dt.date(2026, 11, 10))
    said = sync(path, "2026-11-10")
    assert row_of(said, "Aldgate Foods")["next_contact"] == "2026-11-17"
    assert row_of(said, "Aldgate Foods")["follow_up"] == "Upcoming"
    said = sync(path, "2026-11-17")
    assert follow_ups(said) == {"Aldgate Foods": "Due", "Birch & Co": "Overdue", "Cobalt Rail": None}
    assert row_of(said, "Birch & Co")["days_overdue"] == 1

    change(path, places, "Birch & Co", stage="Interview", interview_on=dt.date(2026, 11, 18))
    said = sync(path, "2026-11-20")
    assert (row_of(said, "Birch & Co")["action"], row_of(said, "Birch & Co")["days_overdue"]) == (
        "interview.thank_you",
        1,
    )

    turn_round(path, places)
    assert {row["company"]: row["next_contact"] for row in sync(path, "2026-11-20")["rows"]} == {
        row["company"]: row["next_contact"] for row in said["rows"]
    }, "sorting the rows changes no answer"

    change(path, places, "Birch & Co", stage="Offer", reply_on=dt.date(2026, 11, 23))
    change(path, places, "Aldgate Foods", stage="Rejected")
    said = sync(path, "2026-11-23")
    assert row_of(said, "Birch & Co")["action"] == "offer.acknowledge"
    assert row_of(said, "Birch & Co")["follow_up"] == "Due"
    assert row_of(said, "Aldgate Foods")["follow_up"] == "Closed"
    assert invariants.violations(path) == []

    assert sheetsync("remove", path).returncode == 0
    assert compare.leftovers(path) == []
    assert not set(TITLES) & {cell.value for row in page(path).iter_rows() for cell in row}


def inspect(path: Path) -> dict[str, Any]:
    """Where the tracker is: sheet, header row, and field -> column."""
    done = sheetsync("inspect", path, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def page(path: Path, name: str | None = None) -> Worksheet:
    """A sheet as openpyxl reads it, the tracker's first."""
    book = as_openpyxl.opened(path)
    found: Worksheet = book[name or book.sheetnames[0]]
    return found


def day(value: object) -> str | None:
    """A cell's date in ISO form."""
    return value.date().isoformat() if isinstance(value, dt.datetime) else None


def row_of(said: dict[str, Any], company: str) -> dict[str, Any]:
    """What was said of one company."""
    found: dict[str, Any] = next(row for row in said["rows"] if row["company"] == company)
    return found


def write(path: Path, places: dict[str, Any], **values: str | dt.date) -> None:
    """Type a new row below the last one, as a person does."""
    book = as_openpyxl.opened(path)
    sheet = book[places["sheet"]]
    row = next(
        row
        for row in range(places["header_row"] + 1, 999)
        if sheet[f"{places['columns']['company']}{row}"].value is None
    )
    _fill(sheet, places, row, values)
    book.save(path)


def change(path: Path, places: dict[str, Any], company: str, **values: str | dt.date) -> None:
    """Change cells of a company's row, as a person does."""
    book = as_openpyxl.opened(path)
    sheet = book[places["sheet"]]
    row = next(cell.row for cell in sheet[places["columns"]["company"]] if cell.value == company)
    _fill(sheet, places, row, values)
    book.save(path)


def _fill(sheet: Worksheet, places: dict[str, Any], row: int, values: Mapping[str, str | dt.date]) -> None:
    for field, value in values.items():
        sheet[f"{places['columns'][field]}{row}"] = value


def turn_round(path: Path, places: dict[str, Any]) -> None:
    """Sort the three rows the other way round, every column with them."""
    book = as_openpyxl.opened(path)
    sheet = book[places["sheet"]]
    first = places["header_row"] + 1
    rows = [[cell.value for cell in sheet[row]] for row in range(first, first + 3)]
    for offset, values in enumerate(reversed(rows)):
        for column, value in enumerate(values, 1):
            sheet.cell(first + offset, column, value)
    book.save(path)
