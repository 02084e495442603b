"""How a column of dates is read: one text, one column, one order."""

from __future__ import annotations

import datetime as dt
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.model import Value
from sheetsync.tracker.date_text import NO_DATE, read_text
from sheetsync.tracker.dates import DateColumn, date_share, is_full_date, order_of, read_dates

NOON_UTC = "2026-11-03 12:00"


def read(*values: Value, **known: object) -> list[str | None]:
    """The dates of a column as ISO texts, None where there is none."""
    return shown(read_dates(values, **known))  # type: ignore[arg-type]  # the keywords of read_dates


def shown(column: DateColumn) -> list[str | None]:
    return [None if np.isnat(d) else str(d)[:16].replace("T00:00", "").replace("T", " ") for d in column.dates]


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-03", "2026/11/3", "2026.11.03", "20261103", "2026年11月3日", "2026年11月3号", "2026年11月3日（周二）",
        "3 November 2026", "3 Nov 2026", "03-Nov-26", "3rd of November, 2026", "November 3, 2026", "Nov. 3rd 2026",
        "Nov 3 '26", "2026 Nov 3", "Tuesday, November 3, 2026", "Tue 3 Nov 2026", "by 3 Nov 2026",
        "3. November 2026", "Di, 3. Nov. 2026", "den 3. November 2026", "3 novembre 2026", "le mardi 3 novembre 2026",
        "3 de noviembre de 2026", "martes, 3 de noviembre de 2026", "3 de novembro de 2026", "terça-feira, 3 de nov. de 2026",
        " 2026-11-03 ", "'2026-11-03", "Tue 03/11/2026",
    ],
)  # fmt: skip
def test_a_full_date_is_read_in_six_languages(text: str) -> None:
    assert read(text) == ["2026-11-03"]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-03T16:00", "2026-11-03 16:00"),
        ("2026-11-03 16:00:30", "2026-11-03 16:00"),
        ("16/04/2026 09:30:12", "2026-04-16 09:30"),
        ("12/25/2026 4:30 PM", "2026-12-25 16:30"),
        ("Nov 3, 2026 4pm", "2026-11-03 16:00"),
        ("4pm Nov 3, 2026", "2026-11-03 16:00"),
        ("November 3, 2026 at 12:15 a.m.", "2026-11-03 00:15"),
        ("3.11.2026 um 14.30 Uhr", "2026-11-03 14:30"),
        ("3 novembre 2026 à 16h30", "2026-11-03 16:30"),
        ("2026年11月3日 下午4:00", "2026-11-03 16:00"),
        ("3 Nov 2026, 10:00 - 11:00", "2026-11-03 10:00"),
    ],
)
def test_a_time_of_day_is_kept(text: str, moment: str) -> None:
    assert read(text) == [moment]


@pytest.mark.parametrize(
    "text",
    [
        "8-Jul", "27-Oct", "Nov 2026", "Nov 26", "2026", "2026-11", "3/11", "10/11", "4.10", "3.04", "12/12",
        "8/3/2019 and 9/9/2019", "8/5/2019 & 8/14/2019", "8/82019 ", "8/3/2019, 9/9/2019", "3 or 4 Nov 2026", "Nov 3-5, 2026",
        "03/04/26 - 05/04/26", "31/02/2026", "2026-02-30", "2026-13-01", "13/13/2026", "0000-00-00", "3/4/1026", "1/1/1989",
        "yes", "Jan", "next Tuesday", "tomorrow", "a week after the interview", "Resume_06_20_24", "+49 30 123456",
        "192.168.1.1", "1/2/3/4", "45000", "3 Nov 2026 (Zoom)", "2026-11-03 25:00", "Mon 3 Nov 2026", "Novmber 3 2026",
    ],
)  # fmt: skip
def test_what_is_no_single_full_date_is_told_and_never_guessed(text: str) -> None:
    column = read_dates([text])
    assert np.isnat(column.dates[0])
    assert column.unreadable[0]


@pytest.mark.parametrize(
    "text",
    ["", "  ", "TBD", "tbc", "n/a", "N/A", "-", "–", "?", "none", "k.A.", "offen", "aucune", "à définir", "pendiente",
     "pendente", "não", "待定", "无"],
)  # fmt: skip
def test_a_placeholder_is_an_empty_cell(text: str) -> None:
    column = read_dates([text, None])
    assert np.isnat(column.dates).all()
    assert not column.unreadable
    assert column.order == "empty"


def test_one_cell_above_twelve_decides_for_the_whole_column() -> None:
    assert read("03/04/2026", "16/04/2026") == ["2026-04-03", "2026-04-16"]
    assert read("03/04/2026", "04/16/2026") == ["2026-03-04", "2026-04-16"]


def test_a_weekday_decides_for_the_whole_column() -> None:
    assert read("03/04/2026", "Tue 03/11/2026") == ["2026-04-03", "2026-11-03"]


def test_the_person_and_the_locale_are_asked_only_where_the_column_does_not_tell() -> None:
    assert read("03/04/2026", "16/04/2026", day_first=False, locale="en_US")[0] == "2026-04-03"
    assert read("03/04/2026", day_first=False) == ["2026-03-04"]
    assert read("03/04/2026", day_first=True, locale="en_US") == ["2026-04-03"]


@pytest.mark.parametrize(
    ("locale", "date"),
    [("en_GB", "2026-04-03"), ("de-DE", "2026-04-03"), ("fr", "2026-04-03"), ("GB", "2026-04-03"), ("en_US", "2026-03-04"),
     ("US", "2026-03-04"), ("es_US", "2026-04-03"), ("en_CA", None), ("zh_CN", None), ("en", None), (None, None)],
)  # fmt: skip
def test_a_locale_decides_only_where_one_order_is_in_use(locale: str | None, date: str | None) -> None:
    assert read("03/04/2026", locale=locale) == [date]


def test_a_column_that_does_not_tell_names_both_readings() -> None:
    column = read_dates(["03/04/2026"])
    assert column.order == "unknown"
    assert column.unreadable[0] == (
        "“03/04/2026” can be 3 April or 4 March: say --day-first or --month-first, or write the month as a word."
    )


def test_rising_dates_are_no_evidence() -> None:
    column = read_dates([f"1/{day}/1990" for day in range(1, 8)])
    assert shown(column) == ["1990-01-01", None, None, None, None, None, None]
    assert sorted(column.unreadable) == [1, 2, 3, 4, 5, 6]


def test_a_date_on_which_both_orders_agree_is_read() -> None:
    assert read("03/03/2026") == ["2026-03-03"]


def test_a_column_with_both_orders_is_mixed_and_only_its_clear_cells_are_read() -> None:
    column = read_dates(["25/12/2026", "12/26/2026", "03/04/2026", "2026-11-03"], day_first=True)
    assert column.order == "mixed"
    assert shown(column) == ["2026-12-25", "2026-12-26", None, "2026-11-03"]
    assert "both orders" in column.unreadable[2]


def test_dots_are_day_first_unless_the_column_or_the_person_says_otherwise() -> None:
    assert read("03.04.2026") == ["2026-04-03"]
    assert read("03.04.2026", "12.25.2026") == ["2026-03-04", "2026-12-25"]
    assert read("03.04.2026", day_first=False) == ["2026-03-04"]


def test_a_year_of_two_digits_is_of_this_century_up_to_68() -> None:
    assert read("25/12/26") == ["2026-12-25"]
    assert read("25/12/68") == ["2068-12-25"]
    assert read("25/12/99") == ["1999-12-25"]
    assert read("25/12/69") == [None]


def test_a_serial_number_is_a_date_in_either_system() -> None:
    assert read(46329) == ["2026-11-03"]
    assert read(46329.5) == [NOON_UTC]
    assert read(44867, epoch_1904=True) == ["2026-11-03"]
    assert read(20261103) == ["2026-11-03"]


@pytest.mark.parametrize("number", [3.04, 0, -1, 15, 2026, 32000, 99999, 20261340, float("nan"), float("inf"), True])
def test_a_number_far_from_our_time_is_no_date(number: Value) -> None:
    column = read_dates([number])
    assert np.isnat(column.dates[0])
    assert column.unreadable[0].endswith("such as 2026-11-03.")


def test_an_unticked_box_is_an_empty_cell() -> None:
    assert not read_dates([False]).unreadable


def test_native_dates_keep_their_time_of_day() -> None:
    column = read_dates([dt.date(2026, 11, 3), dt.datetime(2026, 11, 3, 12), None])
    assert shown(column) == ["2026-11-03", NOON_UTC, None]
    assert column.order == "native"


def test_a_native_date_of_an_impossible_year_is_told() -> None:
    column = read_dates([dt.datetime(1900, 1, 3), dt.date(2026, 11, 3)])
    assert shown(column) == [None, "2026-11-03"]
    assert "1900-01-03" in column.unreadable[0]


@pytest.mark.parametrize("cell", [dt.time(12), dt.timedelta(days=3), "#REF!", "#N/A", "#VALUE!"])
def test_times_spans_and_errors_are_told(cell: Value) -> None:
    assert read_dates([cell]).unreadable[0]


@pytest.mark.parametrize(
    "text",
    ["Tue, 03 Nov 2026 12:00:00 +0000", "Tue, 03 Nov 2026 12:00:00 +0000 (UTC)", "Tue, 03 Nov 2026 12:00:00 GMT",
     "Tue, 3 Nov 2026 05:00:00 -0700 (MST)", "Tue, 3 Nov 2026 06:00 -0600", "2026-11-03T12:00:00Z", "2026-11-03T13:00:00+01:00",
     "3 Nov 2026 13:00 CET"],
)  # fmt: skip
def test_a_time_with_a_zone_is_turned_into_the_trackers_zone(text: str) -> None:
    assert read(text, time_zone="UTC") == [NOON_UTC]
    assert read(text, time_zone="Asia/Tokyo") == ["2026-11-03 21:00"]


def test_without_a_known_zone_the_clock_stays_as_written() -> None:
    assert read("Tue, 03 Nov 2026 23:30:00 -0700") == ["2026-11-03 23:30"]
    assert read("3 Nov 2026 23:30 IST", time_zone="UTC") == ["2026-11-03 23:30"]


def test_a_native_time_with_a_zone_is_turned_as_well() -> None:
    late = dt.datetime(2026, 11, 3, 23, tzinfo=dt.UTC)
    assert read(late, None, time_zone="Europe/Berlin") == ["2026-11-04", None]


def test_native_dates_and_texts_share_a_column() -> None:
    column = read_dates([dt.date(2026, 4, 1), "2026-04-02", 46329])
    assert shown(column) == ["2026-04-01", "2026-04-02", "2026-11-03"]
    assert column.order == "iso"


@pytest.mark.parametrize(
    ("values", "order"),
    [([dt.date(2026, 1, 1)], "native"), (["2026-01-01"], "iso"), (["25/12/2026"], "dmy"), (["12/25/2026"], "mdy"),
     (["12/25/2026", "25/12/2026"], "mixed"), (["03/04/2026"], "unknown"), ([None, "", "TBD"], "empty"), (["soon"], "empty"), ([3.04, 4.2], "empty"),
     ([46329], "native"), ([True], "empty")],
)  # fmt: skip
def test_the_order_of_a_column_is_named(values: list[Value], order: str) -> None:
    assert order_of(values) == order
    assert read_dates(values).order == order


def test_the_share_of_dates_leaves_placeholders_out_and_counts_no_numbers() -> None:
    assert date_share([None, "TBD", "2026-11-03", dt.date(2026, 11, 3)]) == 1.0
    assert date_share(["03/04/2026", "Acme"]) == 0.5
    assert date_share([46329, 46330]) == 0.0
    assert date_share([None, ""]) == 0.0
    assert date_share(["2026-11-03"] * 5000 + ["Acme"] * 5000) == pytest.approx(0.5, abs=0.01)


def test_one_cell_is_a_full_date_in_any_form() -> None:
    assert all(is_full_date(cell) for cell in (dt.date(2026, 11, 3), "03/04/2026", 46329))
    assert not any(is_full_date(cell) for cell in (None, "8-Jul", 3.04, True, "TBD"))


@given(st.dates(dt.date(1990, 1, 1), dt.date(2068, 12, 31)), st.sampled_from(["%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y"]))
def test_day_first_dates_are_never_read_another_way(date: dt.date, form: str) -> None:
    if form.endswith("y") and date.year < 2000:
        return
    assert read(date.strftime(form), "31/12/2026") == [date.isoformat(), "2026-12-31"]


@given(st.text(alphabet="0123456789/.-: ,apmNov年月日", max_size=24))
def test_no_text_makes_the_grammar_fail_or_a_year_out_of_range(text: str) -> None:
    reading = read_text(text)
    for date in (reading.fixed, reading.day_first, reading.month_first):
        assert date is None or 1990 <= date.year <= 2100


@pytest.mark.parametrize("parts", list(permutations(["2026", "Nov", "3"])))
def test_a_month_by_name_leaves_nothing_open(parts: tuple[str, ...]) -> None:
    reading = read_text(" ".join(parts))
    assert reading == NO_DATE or reading.fixed == dt.datetime(2026, 11, 3)
