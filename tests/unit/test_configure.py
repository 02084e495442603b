"""What the person set: on the Settings sheet, in the file beside it, as options."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import tomllib
from typing import Any

import pytest

from sheetsync.errors import UsageError
from sheetsync.model import OWNED, Grid, Problem, Snapshot, Value
from sheetsync.resources import read_toml
from sheetsync.settings import Settings
from sheetsync.tracker.configure import configure


def workbook(*rows: list[Value], name: str = "Settings") -> Snapshot:
    width = max(map(len, rows), default=0)
    cells = tuple([row[column] if column < len(row) else None for row in rows] for column in range(width))
    return Snapshot("jobs.xlsx", "1", (Grid(name, cells),))


def on_sheet(*rows: list[Value]) -> tuple[Settings, tuple[Problem, ...]]:
    return configure(workbook(["Setting", "Value"], *rows), toml={}, options={})


def in_file(text: str) -> tuple[Settings, tuple[Problem, ...]]:
    return configure(workbook(), toml=tomllib.loads(text), options={})


def asked(**options: Any) -> Settings:
    return configure(workbook(), toml={}, options=options)[0]


def test_nothing_set_gives_the_defaults() -> None:
    assert configure(workbook(), toml={}, options={}) == (Settings(), ())


def test_an_option_comes_before_the_sheet_the_sheet_before_the_file() -> None:
    sheet = workbook(["Setting", "Value"], ["min_gap", 4], ["per_day", 7])
    settings, _ = configure(sheet, toml={"min_gap": 5, "per_day": 8, "cold_after": 40}, options={"min_gap": 3})
    assert (settings.min_gap, settings.per_day, settings.cold_after) == (3, 7, 40)


@pytest.mark.parametrize("key", ["time_zone", "Time zone", "TIME ZONE", " time-zone ", "Timezone", "time zone:"])
def test_a_key_is_known_however_it_is_written(key: str) -> None:
    assert on_sheet([key, "Europe/Berlin"])[0].time_zone == "Europe/Berlin"


def test_the_table_may_stand_anywhere_on_the_sheet() -> None:
    sheet = workbook(
        ["How to use this sheet"], [], [None, "Setting", "Value", "Help"], [None, "per day", 7, "a number"]
    )
    assert configure(sheet, toml={}, options={})[0].per_day == 7


def test_a_settings_sheet_without_that_header_is_somebodys_own() -> None:
    assert configure(workbook(["per_day", "many"]), toml={}, options={}) == (Settings(), ())


def test_a_settings_sheet_of_another_program_is_left_alone() -> None:
    assert on_sheet(["DefaultOwner", "me"], ["FollowUpAlertDays", 3]) == (Settings(), ())
    assert len(on_sheet(["DefaultOwner", "me"], ["per day", 3])[1]) == 1


def test_an_empty_value_leaves_the_default() -> None:
    assert on_sheet(["profile", None], ["quiet", " "], [None, None]) == (Settings(), ())


@pytest.mark.parametrize(
    ("key", "cell", "name", "value"),
    [
        ("profile", "Reserved", "profile", "reserved"),
        ("country", "de", "country", "DE"),
        ("country", "Germany", "country", "DE"),
        ("country", "UK", "country", "GB"),
        ("weekend", "Friday, Saturday", "weekend", frozenset({4, 5})),
        ("weekend", "Sundays", "weekend", frozenset({6})),
        ("weekend", "none", "weekend", frozenset()),
        ("quiet", "24 December to 1 January", "quiet", (((12, 24), (1, 1)),)),
        ("quiet", "12-24..01-01", "quiet", (((12, 24), (1, 1)),)),
        ("quiet", "24.12. - 1.1.", "quiet", (((12, 24), (1, 1)),)),
        ("quiet", "Dec 24 – Jan 1; 1 May", "quiet", (((12, 24), (1, 1)), ((5, 1), (5, 1)))),
        ("quiet", dt.datetime(2026, 12, 24), "quiet", (((12, 24), (12, 24)),)),
        ("away", "2026-12-20 to 2026-12-31", "away", ((dt.date(2026, 12, 20), dt.date(2026, 12, 31)),)),
        ("away", "3 Aug 2026", "away", ((dt.date(2026, 8, 3), dt.date(2026, 8, 3)),)),
        (
            "away",
            "2026-08-03..2026-08-14; 20 Dec 2026 - 31 Dec 2026",
            "away",
            ((dt.date(2026, 8, 3), dt.date(2026, 8, 14)), (dt.date(2026, 12, 20), dt.date(2026, 12, 31))),
        ),
        ("cold after", 45.0, "cold_after", 45),
        ("cold after", "45 days", "cold_after", 45),
        ("min gap", 0, "min_gap", 0),
        ("highlight", "Row", "highlight", "row"),
        ("columns", "Why; Next contact", "columns", ("next_contact", "why")),
        ("columns", "all", "columns", OWNED),
        ("day first", "yes", "day_first", True),
        ("Month first", "yes", "day_first", False),
        ("sheet", "Jobs 2026", "sheet", "Jobs 2026"),
        ("header row", 3.0, "header_row", 3),
        ("field.company", "B", "fields", {"company": "B"}),
        ("Field.Applied on", "Date sent", "fields", {"applied_on": "Date sent"}),
        ("field.notes", "-", "fields", {"notes": "-"}),
        ("status.Vibing", "Interview", "stages", {"Vibing": "interview"}),
        ("status.on ice", "on hold", "stages", {"on ice": "on_hold"}),
    ],
)
def test_a_value_is_read_as_a_person_writes_it(key: str, cell: Value, name: str, value: object) -> None:
    assert getattr(on_sheet([key, cell])[0], name) == value


def test_a_region_is_named_by_code_or_by_name() -> None:
    assert on_sheet(["country", "DE"], ["region", "Bayern"])[0].region == "BY"
    assert on_sheet(["region", "SCT"], ["country", "GB"])[0].region == "SCT"


def test_several_lines_of_away_add_up_and_of_others_the_last_counts() -> None:
    settings, _ = on_sheet(["away", "2026-08-03"], ["away", "2026-12-24"], ["per day", 5], ["per day", 6])
    assert len(settings.away) == 2
    assert settings.per_day == 6


def test_the_file_has_tables_for_fields_and_status_words() -> None:
    settings, problems = in_file(
        """
        min_gap = 2
        weekend = ["Friday", "Saturday"]
        away = ["2026-08-03 to 2026-08-14", 2026-12-24, [2026-12-27, 2026-12-31]]
        columns = ["next_contact", "why"]
        field.role = "C"
        [fields]
        company = "B"
        [stages]
        "Vibing" = "interview"
        """
    )
    assert not problems
    assert settings.fields == {"role": "C", "company": "B"}
    assert settings.stages == {"Vibing": "interview"}
    assert settings.weekend == frozenset({4, 5})
    assert settings.away[1:] == (
        (dt.date(2026, 12, 24), dt.date(2026, 12, 24)),
        (dt.date(2026, 12, 27), dt.date(2026, 12, 31)),
    )


def test_fields_of_sheet_and_file_are_joined_one_by_one() -> None:
    sheet = workbook(["Setting", "Value"], ["field.company", "B"])
    settings, _ = configure(sheet, toml={"fields": {"company": "A", "role": "C"}}, options={"fields": {"stage": "D"}})
    assert settings.fields == {"company": "B", "role": "C", "stage": "D"}


def test_an_unknown_key_is_told_with_the_one_that_was_meant() -> None:
    settings, problems = on_sheet(["highligt", "row"])
    assert settings == Settings()
    assert problems == (Problem("Settings", 2, 2, "There is no setting “highligt”: did you mean highlight?"),)


@pytest.mark.parametrize(
    ("key", "cell", "allowed"),
    [
        ("profile", "bold", "balanced"), ("time zone", "Berlin", "Europe/Berlin"), ("time zone", "Europe", "Europe/Berlin"),
        ("time zone", "../etc", "Europe/Berlin"), ("country", "Atlantis", "two letters"), ("weekend", "Someday", "Saturday"),
        ("weekend", "Mon, Tue, Wed, Thu, Fri, Sat, Sun", "working day"), ("quiet", "Christmas", "24 December"),
        ("quiet", "30 February", "24 December"), ("quiet", "1/2 to 3/4", "24 December"), ("away", "03/04/2026", "2026-12-20"),
        ("away", "2026-12-31 to 2026-12-20", "before the first"), ("away", "soon", "2026-12-20"), ("cold after", "a month", "1 or more"),
        ("cold after", 0, "1 or more"), ("min gap", -1, "0 or more"), ("per day", 2.5, "1 or more"), ("per day", True, "1 or more"),
        ("highlight", "rainbow", "columns, row or none"), ("columns", "Whim", "next_contact"), ("day first", "perhaps", "yes or no"),
        ("field.firm", "B", "the fields") , ("field.compny", "B", "company"), ("status.Vibing", "great", "interview"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_read_is_told_with_what_is_allowed(key: str, cell: Value, allowed: str) -> None:
    settings, problems = on_sheet([key, cell])
    assert settings == Settings()
    assert len(problems) == 1
    assert problems[0].place == "Settings!B2"
    assert allowed in problems[0].message or "there are" in problems[0].message


def test_a_region_without_its_country_or_of_another_one_is_told() -> None:
    assert "set country" in on_sheet(["region", "BY"])[1][0].message
    settings, problems = on_sheet(["country", "GB"], ["region", "BY"])
    assert settings.region is None
    assert "SCT" in problems[0].message


def test_what_is_wrong_in_the_file_names_the_file() -> None:
    _, problems = in_file('profile = "bold"\n[nonsense]\nx = 1')
    assert {problem.place for problem in problems} == {"sheetsync.toml"}
    assert len(problems) == 2


@pytest.mark.parametrize(
    "options",
    [{"profile": "bold"}, {"header_row": 0}, {"highlight": "rainbow"}, {"fields": {"compny": "B"}}, {"nonsense": 1}],
)
def test_an_option_that_cannot_be_meant_is_a_usage_error(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="."):
        asked(**options)


def test_options_arrive_as_their_own_types() -> None:
    settings = asked(day_first=False, header_row=2, fields={"company": "A"}, sheet="Jobs", highlight="none")
    assert (settings.day_first, settings.header_row, settings.fields) == (False, 2, {"company": "A"})
    assert (settings.sheet, settings.highlight) == ("Jobs", "none")


def test_every_setting_that_init_offers_is_known_and_its_own_value_is_fine() -> None:
    offered = read_toml("sheets/settings.toml")["settings"]
    settings, problems = on_sheet(*([line["key"], line.get("value", "")] for line in offered))
    assert not problems
    assert settings.profile == "balanced"
    unknown = on_sheet(*([line["key"], "?"] for line in offered))[1]
    assert not [problem for problem in unknown if "no setting" in problem.message]


def test_how_messages_are_signed() -> None:
    settings, problems = on_sheet(
        ["Your name", "Robin Ashe"], ["Your phone", "0117 496 0100"], ["Signature", "R. Ashe\nBristol"]
    )
    assert not problems
    assert (settings.your_name, settings.your_phone, settings.signature) == (
        "Robin Ashe",
        "0117 496 0100",
        "R. Ashe\nBristol",
    )


def test_holidays_are_loaded_only_if_a_country_is_set() -> None:
    code = (
        "import sys; from sheetsync.model import Snapshot; from sheetsync.tracker.configure import configure;"
        "configure(Snapshot('x', '1', ()), toml={'per_day': 3, 'quiet': '1 May'}, options={});"
        "sys.exit('holidays' in sys.modules or 'pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
