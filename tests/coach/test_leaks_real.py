"""Real trackers are shared, and nothing that stays at home is anywhere in the copy's package."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from coach.leaks import Hidden, Package, package, plain
from coach.sharing import DAY, Shared, share
from sheetsync.errors import NoTrackerError
from sheetsync.model import Value, column_number
from sheetsync.resources import read_toml

pytestmark = pytest.mark.shared

PRIVATE = {"email", "phone", "salary", "notes", "link"}
COMMON = {
    word
    for text in (read_toml("coach/redaction.toml")["common"], json.dumps(read_toml("words/en.toml"), default=str))
    for word in re.findall(r"\w[\w-]*", text.lower())
}


@cache
def plainly(path: Path) -> Shared:
    return share(path)


def hidden_values(shared: Shared, exempt: Counter[str]) -> list[Hidden]:
    """What of the tracker stays at home and says something; why the rest is not looked for is counted."""
    sheet = shared.copy.book.sheets[0]
    cells = [value for column in sheet.columns for value in column[3:]]
    shown = {plain(value) for value in cells if isinstance(value, str)}
    days = {_day(value) for value in cells if isinstance(value, dt.date)} | {DAY}
    numbers = {float(value) for value in cells if isinstance(value, int | float)}
    fields = [column.key for column in shared.copy.columns if column.shown and column.place]
    names = [value for column in sheet.columns if _is_name(column[3], shared) for value in column[4:]]
    said = "\n".join(plain(value) for value in names if isinstance(value, str))
    assert fields
    found: dict[Hidden, None] = {}
    for column in shared.copy.columns:
        if column.shown or not column.place:
            continue
        for value in shared.grid.columns[column.place - 1][shared.header_row :]:
            if value is None or isinstance(value, bool | dt.time | dt.timedelta):
                continue
            reason = _exempt(value, shown, days, numbers)
            if not reason and column.key not in PRIVATE and isinstance(value, str):
                reason = "part of a shown name" if re.search(rf"(?<!\w){re.escape(plain(value))}(?!\w)", said) else ""
            if reason:
                exempt[reason] += 1
            else:
                found[_day(value) if isinstance(value, dt.date) else value] = None
    return list(found)


def _is_name(heading: object, shared: Shared) -> bool:
    named = {column.name for column in shared.copy.columns if column.key in {"company", "role", "contact", "location"}}
    return heading in named


def _exempt(value: Value, shown: set[str], days: set[dt.date], numbers: set[float]) -> str:
    if isinstance(value, dt.date):
        return "a day that is shown" if _day(value) in days else ""
    if isinstance(value, int | float):
        return "a small number" if abs(value) < 1000 else "a number that is shown" if float(value) in numbers else ""
    text = plain(str(value))
    if text in shown:
        return "shown as a whole"
    letters = [sign for sign in text if sign.isalnum()]
    if len(letters) < 4:
        return "too short"
    parts = text.split()
    return "common words" if len(parts) <= 2 and all(part.strip(".,;:!?()") in COMMON for part in parts) else ""


def _day(value: dt.date) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value


@pytest.fixture(scope="module")
def neutral(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """What the package of any copy says: that of a tracker of three made-up words."""
    from cli.running import write_workbook

    rows: list[list[object]] = [["Company", "Status", "Date Applied"], ["Zzyzx", "Applied", dt.date(2026, 11, 2)]]
    path = write_workbook(tmp_path_factory.mktemp("neutral") / "neutral.xlsx", rows)
    return package(share(path).data)


def test_nothing_of_what_stays_at_home_is_in_the_copy_of_a_real_tracker(
    shared: Path, neutral: Package, record_property: Callable[[str, object], None]
) -> None:
    exempt: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    leaks: list[str] = []
    for label in _labels(shared):
        path = shared / "trackers" / label["file"]
        try:
            one = plainly(path)
        except NoTrackerError:
            continue
        values = hidden_values(one, exempt)
        searched = package(one.data)
        totals += Counter(trackers=1, values=len(values), parts=len(searched.parts))
        leaks += [f"{label['file']}: {leak.value!r} in {leak.part}" for leak in searched.leaks(values, beside=neutral)]
    figures = {**totals, "found": len(leaks), "not searched": dict(exempt)}
    record_property("leak search", figures)
    print(figures)  # noqa: T201 - the figures, seen with -s
    assert totals["trackers"] >= 12
    assert totals["values"] > 1000
    assert leaks == []


def test_a_company_and_a_contact_that_are_hidden_by_name_are_in_no_part_whatever_else_they_are(
    shared: Path, neutral: Package
) -> None:
    leaks: list[str] = []
    count = 0
    for label in _labels(shared):
        one = plainly(shared / "trackers" / label["file"])
        named = [column for column in one.copy.columns if column.key in {"company", "contact"} and column.place]
        one = share(shared / "trackers" / label["file"], hide=[column.key for column in named])
        held = {value for column in named for value in one.grid.columns[column.place - 1][one.header_row :]}
        # the package's own words ("applied", "role") are no company here
        names = [name for name in held if isinstance(name, str) and plain(name) not in COMMON]
        long = [name for name in names if len(plain(name)) > 3]
        count += len(names)
        leaks += [f"{leak.value!r} in {leak.part}" for leak in package(one.data).leaks(long, beside=neutral)]
        cells = "\n".join(str(value) for sheet in one.copy.book.sheets for column in sheet.columns for value in column)
        # a short name is known by its spelling: UPS is not in "Follow-ups"
        leaks += [name for name in names if re.search(rf"(?<!\w){re.escape(name.strip())}(?!\w)", cells)]
    assert count > 300
    assert leaks == []


def test_private_columns_as_people_label_them_stay_at_home(shared: Path) -> None:
    out = []
    for label in _labels(shared):
        if label["tracker_certainty"] != "sure":
            continue
        one = plainly(shared / "trackers" / label["file"])
        goes = {column.place: column for column in one.copy.columns if column.shown and column.place}
        if one.sheet != label["sheet"]:
            continue
        for letter, column in label["columns"].items():
            place = column_number(letter)
            if column["certainty"] == "sure" and column["field"] in PRIVATE and place in goes:
                out.append((label["file"], column["header"], goes[place].key))
    assert out == []


def _labels(shared: Path) -> list[dict[str, Any]]:
    labels: list[dict[str, Any]] = json.loads((shared / "trackers" / "labels.json").read_text("utf-8"))
    return [label for label in labels if label["tracker"] and label["file"].endswith((".xlsx", ".xlsm"))]
