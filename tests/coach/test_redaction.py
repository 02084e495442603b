"""What a coach's copy shows and what it takes out, rule by rule."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest
from cli.running import write_workbook

from coach.sharing import Shared, share
from sheetsync.coach.money import amounts
from sheetsync.coach.scrubbing import Matcher, Scrubber, number_forms
from sheetsync.errors import UsageError

HEADERS = ("Company", "Position", "Contact", "Status", "Date Applied", "Next step", "Salary", "Notes", "Mood", "Viewed")
Tracker = Callable[..., Path]

scrub = Scrubber(Matcher()).text


def package_text(data: bytes) -> bytes:
    """All parts of a package, one after another."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


@pytest.fixture
def tracker(tmp_path: Path) -> Tracker:
    """Makes a tracker of those rows; a short one is filled up with empty cells."""

    def make(*rows: Sequence[object], headers: Sequence[str] = HEADERS) -> Path:
        filled = [[*row, *[None] * (len(headers) - len(row))] for row in rows]
        return write_workbook(tmp_path / "tracker.xlsx", [headers, *filled])

    return make


def row(
    company: str, *, step: object = None, salary: object = None, notes: object = None, mood: object = None, viewed: object = None,
    role: object = "Analyst", contact: str | None = None,
) -> list[object]:  # fmt: skip
    return [company, role, contact, "Applied", dt.date(2026, 11, 2), step, salary, notes, mood, viewed]


@pytest.mark.parametrize(
    "text",
    [
        "+44 20 7946 0958", "0171 1234567", "(020) 7946-0123", "01.23.45.67.89", "601 234 567", "+1 555 123 4567", "5551234567",
        "ann@acme.example", "mailto:a@b.co", "ann (at) acme.com", "@ann_miller", "https://www.linkedin.com/in/ann",
        "linkedin.com/in/ann?x=1", "www.acme.example", "$95,000", "60 000 EUR", "€ 60.000 - 70.000", "£40k", "95k",
        "０２０－７９４６－０９５８", "+44‑20‑7946‑0958", "٠١٢٣٤٥٦٧٨٩", "0171_123_4567", "mob07700900123", "07700 900123 ext. 4",
        "ann＠acme.com", "ann@\u200bacme.com", "ann at acme dot com", "ann [at] acme [dot] com", "ann@localhost", "bit.ly/ann",
        "EUR85000", "₽85000", "8,5 Mio. €", "85.000,- Euro", "12 LPA", "SEK 50000", "65/h", "85000 per year", "30万",
        "72,5 k", "6,2k", "85 T€", "72-78 T€", "85TEUR", "74 Tsd.", "6500/Monat", "4000 netto", "85 grand",
        "78 T€", "6,2 kEUR", "TEUR 72", "5,5k netto", "6k mtl.", "6500 mtl.", "6500/mo", "1800 net", "85000 p.a.", "50/Std.",
        "72 bis 78 k", "120 тыс. руб.", "100 tys. zł", "72 mil €", "CHF 120'000", "30万元", "800 am Tag", "650 par jour",
    ],
)  # fmt: skip
def test_contact_details_and_amounts_are_taken_out_of_any_text(text: str) -> None:
    assert scrub(f"ask Ann, {text} today")[0] == "ask Ann, [hidden] today"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-03 10:15", "03/11/2026", "3.11.2026 14:30", "01.02.2026-03.02.2026", "2024-2026", "1,000,000 users",
        "1.000.000", "REQ-1234567", "Indeed.com", "Next.js/React", "5-10 years", "24/7", "and/or", "3 Nov", "K8s 5k run",
        "ASP.NET/C# developer", "CAD 3D designer", "try 3 times", "meet at noon", "AI/ML", "48h", "3 people",
        "10.30 p.m.", "3 Mars 2026", "Mrs 4 kids", "PHP 8", "rate 100%", "ISO 27001", "90 days", "2 of 3", "in 2026 in Rome",
    ],
)  # fmt: skip
def test_dates_and_plain_numbers_stay(text: str) -> None:
    assert scrub(text) == (text, frozenset())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ask ZOE  SMITH’s team", "ask [hidden]’s team"),
        ("Zoe\nSmith", "[hidden]"),
        ("Zo\u200be Smith", "[hidden]"),
        ("a Berliner bank", "a [hidden] bank"),
        ("STRAUSS GmbH", "[hidden] GmbH"),
        ("请给张三打电话", "请给[hidden]打电话"),
        ("SAP, not a sap", "[hidden], not a sap"),
        ("85.000 or 85k or 85000", "[hidden] or [hidden] or [hidden]"),
        ("185000", "185000"),
    ],
)
def test_a_hidden_text_is_found_however_it_is_written(text: str, expected: str) -> None:
    matcher = Matcher()
    for hidden in ("Zoë Smith", "Berlin", "Strauß", "张三"):
        matcher.add(hidden, "")
    matcher.add("SAP", "", exact=True)
    matcher.add_all(number_forms(85000), "")
    assert Scrubber(matcher, allowed=["salary"]).text(text)[0] == expected


@pytest.mark.parametrize("text", ["Gehalt: {}", "wants a salary of {}", "day rate {}", "月薪{}"])
def test_a_number_behind_a_word_of_pay_is_taken_out_and_the_word_stays(text: str) -> None:
    assert scrub(text.format("72500"))[0] == text.format("[hidden]")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("72,5 T€", [72500]), ("72-78k", [72000, 78000]), ("£52,250.50", [52250.5]), ("12,00,000", [1200000]),
        ("85.000 bis 90.000", [85000, 90000]), ("1,2 Mio", [1200000]), ("12 LPA", [1200000]), ("none", []),
    ],
)  # fmt: skip
def test_pay_is_read_in_ones(text: str, expected: list[float]) -> None:
    assert list(amounts(text)) == expected


def test_hidden_pay_by_the_hour_is_found_with_its_cents(tracker: Tracker) -> None:
    copy = share(tracker(row("Alder", step="stay at 45,00", salary=45)))
    assert copy.column("Next step") == ["stay at [hidden]"]


def test_hidden_pay_is_found_as_germans_write_it(tracker: Tracker) -> None:
    said = "72.5k, 72,5 k, 72,5 T, 72,5 Tsd"
    copy = share(
        tracker(row("Alder", step=said, salary=72500), row("Birch", salary="£52,250.50", step="ask for 52250"))
    )
    assert copy.column("Next step") == [", ".join(["[hidden]"] * 4), "ask for [hidden]"]


def test_a_number_that_is_kept_as_a_text_is_found_as_a_number(tracker: Tracker) -> None:
    copy = share(tracker(row("Alder", step="6k if asked", mood="6000")))
    assert copy.column("Next step") == ["[hidden] if asked"]


def test_a_column_of_coach_notes_goes_out_and_says_so(tracker: Tracker) -> None:
    path = tracker([*row("Alder"), "ask about Berlin"], headers=(*HEADERS, "Coach notes"))
    copy = share(path)
    (notes,) = (column for column in copy.copy.columns if column.key == "coach_notes")
    assert (notes.name, notes.shown, notes.values) == ("Coach notes", True, 1)
    assert copy.column("Coach note") == ["ask about Berlin"]


@pytest.mark.parametrize("name", ["Coach notes", "coach_notes", "K"])
def test_a_column_of_coach_notes_that_is_hidden_stays_at_home(tracker: Tracker, name: str) -> None:
    said = "Dana is too expensive"
    path = tracker([*row("Alder", step=f"{said}, ask"), said], headers=(*HEADERS, "Coach notes"))
    copy = share(path, hide=[name])
    (notes,) = (column for column in copy.copy.columns if column.key == "coach_notes")
    assert (notes.shown, notes.values, copy.copy.hide) == (False, 1, ("coach_notes",))
    assert (copy.column("Coach note"), copy.column("Next step")) == ([None], ["[hidden], ask"])
    assert said.encode() not in package_text(copy.data)


def test_an_id_column_of_the_persons_own_stays_at_home(tracker: Tracker) -> None:
    path = tracker([*row("Alder", step="use Hunter2!x"), "Hunter2!x"], headers=(*HEADERS, "ID"))
    copy = share(path, key="k")
    (ids,) = (column for column in copy.copy.columns if column.key == "id")
    assert (ids.name, ids.shown, ids.values) == ("ID", False, 1)
    assert copy.column("Next step") == ["use [hidden]"]
    assert b"hunter2" not in package_text(copy.data).lower()
    assert share(path, hide=["id"]).copy.hide == ("id",)


def test_rows_with_the_same_id_are_told(tracker: Tracker) -> None:
    rows = [[*row(name), identity] for name, identity in (("Alder", "a"), ("Birch", "b"), ("Alder", "A"))]
    assert share(tracker(*rows, headers=(*HEADERS, "ID"))).copy.same_ids == ((2, 4),)


def test_a_private_sentence_that_stands_alone_in_a_cell_is_taken_out_everywhere(tracker: Tracker) -> None:
    said = "Their CEO was arrested last week"
    notes = f"{said}. Keep quiet about it."
    copy = share(tracker(row("Alder", notes=notes, step=said), row("Birch", step=f"do it: {said}!")))
    assert copy.column("Next step") == ["[hidden]", "do it: [hidden]!"]


def test_hidden_pay_that_stands_alone_in_a_cell_is_taken_out(tracker: Tracker) -> None:
    copy = share(tracker(row("Alder", step=85000, salary=85000), row("Birch", step="ask for 85000")))
    assert copy.column("Next step") == ["[hidden]", "ask for [hidden]"]


def test_a_note_that_is_only_a_shown_name_hides_nothing(tracker: Tracker) -> None:
    copy = share(tracker(row("Alder", contact="Maren Holt; Tobias Reed", notes="Maren Holt")))
    assert copy.column("Contact") == ["Maren Holt; Tobias Reed"]


@pytest.mark.parametrize("sign", ["a", "a.", "1", "1.0", "-", "a at "])
def test_a_cell_as_long_as_a_cell_can_be_is_searched(sign: str) -> None:
    text = (sign * 32_000)[:32_000]
    assert scrub(f"{text} ann@acme.com")[0].endswith("[hidden]")


def test_a_hidden_company_is_hidden_as_people_shorten_it(tracker: Tracker) -> None:
    asked = "IBM, ibm, DeutscheBank, deutsche-bank, Deutsche Bank, Отклик, 华为技术, Acme"
    names = ("IBM", "Deutsche Bank (Berlin)", "Отклик ООО", "华为技术有限公司", "The Acme Co.")
    copy = share(tracker(*(row(name, step=asked) for name in names)), hide=["company"])
    assert copy.column("Next step")[0] == ", ".join(["[hidden]"] * 8)


def test_a_hidden_name_that_is_a_word_stays_a_word(tracker: Tracker) -> None:
    copy = share(tracker(row("Alder", contact="An Li", step="ask An for an offer")), hide=["contact"])
    assert copy.column("Next step") == ["ask [hidden] for an offer"]


def test_people_whom_only_the_other_sheets_name_are_hidden_with_the_contacts(tracker: Tracker) -> None:
    path = tracker([*row("Alder", contact="Dana Reyes"), dt.date(2026, 11, 13)], headers=(*HEADERS, "Interview Date"))
    book = openpyxl.load_workbook(path)
    book.create_sheet("Debrief").append(["Date", "Company", "Role", "People", "Next steps"])
    book["Debrief"].append([dt.date(2026, 11, 13), "Alder", "Analyst", "Wanda Weird, Xaver Xeno", None])
    book.save(path)
    assert share(path).column("Next action") == ["Thank Dana Reyes and Wanda Weird, Xaver Xeno"]
    copy = share(path, hide=["contact"])
    assert copy.column("Next action") == ["Thank [hidden] and [hidden]"]


def test_private_and_unknown_columns_stay_at_home_and_are_taken_out_of_what_quotes_them(tracker: Tracker) -> None:
    copy = share(
        tracker(
            row(
                "Alder",
                step="tell them: too far away! 91,500 at most",
                salary=91500,
                notes="Too far away",
                mood="gloomy",
            )
        )
    )
    assert copy.headings[:3] == ["Company", "Position", "Contact"]
    assert not {"Salary", "Notes", "Mood", "Viewed"} & set(copy.headings)
    assert copy.column("Next step") == ["tell them: [hidden]! [hidden] at most"]
    counted = {column.name: column.scrubbed for column in copy.copy.columns}
    assert counted["Next step"] == counted["Notes"] == counted["Salary"] == 1


def test_a_sentence_of_a_long_note_counts_alone(tracker: Tracker) -> None:
    copy = share(
        tracker(
            row("Alder", step="Remember: they cancelled it twice", notes="Nice people. They cancelled it twice. Odd.")
        )
    )
    assert copy.column("Next step") == ["Remember: [hidden]"]


@pytest.mark.parametrize("note", ["Alder", "yes", "Applied", "A+", 12, "Remote"])
def test_a_hidden_value_that_tells_nothing_leaves_the_copy_as_it_is(tracker: Tracker, note: object) -> None:
    copy = share(tracker(row("Alder", step=f"Alder: yes, Applied A+, 12, Remote {note}", notes=note)))
    assert copy.column("Next step") == [f"Alder: yes, Applied A+, 12, Remote {note}"]


def test_an_unknown_column_takes_nothing_out_of_the_names_that_are_shown(tracker: Tracker) -> None:
    copy = share(tracker(row("Alder Rovers Ltd", mood="Rovers"), row("Birch", notes="Rovers", step="see Rovers")))
    assert copy.column("Company") == ["Alder [hidden] Ltd", "Birch"]  # a note is private whatever it says
    copy = share(tracker(row("Alder Rovers Ltd", mood="Rovers"), row("Birch", step="see Rovers")))
    assert copy.column("Company") == ["Alder Rovers Ltd", "Birch"]


def test_a_day_that_is_shown_anyway_is_no_secret_and_another_is(tracker: Tracker) -> None:
    shown, hidden = dt.date(2026, 11, 2), dt.date(2026, 7, 9)
    copy = share(
        tracker(row("Alder", step="on 2 Nov and 9 July, 2026-07-09", viewed=shown), row("Birch", viewed=hidden))
    )
    assert copy.column("Next step")[0] == "on 2 Nov and [hidden], [hidden]"


def test_hiding_a_column_by_name_is_strict(tracker: Tracker) -> None:
    path = tracker(row("Alder Ltd", contact="Ann Miller", step="call Alder, ask for Ann", notes="Alder Ltd"))
    copy = share(path, hide=["company", "Date Applied", "contact"])
    assert copy.column("Next step") == ["call [hidden], ask for [hidden]"]
    assert copy.column("Why") == ["A week after you applied on [hidden]; no answer since."]
    assert "[hidden]" in str(copy.column("Next action")[0])
    assert not {"Company", "Contact", "Date Applied"} & set(copy.headings)


def test_a_hidden_computed_column_is_left_out(tracker: Tracker) -> None:
    copy = share(tracker(row("Alder")), hide=["Next contact", "why"])
    assert not {"Next contact", "Why"} & set(copy.headings)
    assert copy.copy.hide == ("next_contact", "why")


def test_a_column_is_remembered_by_its_heading_not_by_its_letter(tracker: Tracker) -> None:
    copy = share(tracker(row("Alder", mood="gloomy")), show=["I", "salary"], hide=["B"])
    assert (copy.copy.hide, copy.copy.show) == (("role",), ("salary", "Mood"))
    assert copy.column("Mood") == ["gloomy"]


@pytest.mark.parametrize(
    ("hide", "show", "told"),
    [
        (["Mode"], [], "no field and no column 'Mode'"),
        ([], ["email"], "no field and no column 'email'"),
        (["Mood"], ["mood"], "hidden and shown"),
        ([], ["Extra"], "Several columns are called 'Extra'"),
        (["AZ"], [], "no field and no column 'AZ'"),
    ],
)
def test_a_name_that_cannot_be_meant_stops_it(tracker: Tracker, hide: list[str], show: list[str], told: str) -> None:
    path = tracker([*row("Alder"), "x", "y"], headers=(*HEADERS, "Extra", "Extra"))
    with pytest.raises(UsageError, match=told):
        share(path, hide=hide, show=show)


def test_a_column_that_was_renamed_since_stops_a_refresh(tracker: Tracker) -> None:
    show = share(tracker(row("Alder", mood="gloomy")), show=["I"]).copy.show
    renamed = tracker(row("Alder", mood="gloomy"), headers=(*HEADERS[:8], "Feelings", "Viewed"))
    with pytest.raises(UsageError, match="'Mood'"):
        share(renamed, show=show)


def test_only_what_is_due_goes_out_if_that_is_asked_for(tracker: Tracker) -> None:
    later = ["Birch", "Writer", None, "Applied", dt.date(2026, 11, 15)]
    copy = share(tracker(row("Alder", notes="private"), [*later, "see private"]), only_due=True)
    assert copy.column("Company") == ["Alder"]


def test_a_tracker_with_nothing_due_gives_an_empty_copy(tracker: Tracker) -> None:
    copy = share(tracker(["Birch", "Writer", None, "Applied", dt.date(2026, 11, 15)]), only_due=True)
    assert copy.copy.rows == 0
    assert copy.headings[0] == "Company"


def test_a_number_as_long_as_a_phone_number_goes_out_only_on_purpose(tracker: Tracker) -> None:
    path = tracker(row("Alder", role=5551234567, mood=1000000))
    assert share(path).column("Position") == ["[hidden]"]
    assert share(path, show=["Mood"]).column("Mood") == [1000000]


def test_the_heading_of_the_notes_is_the_copys_own(tracker: Tracker) -> None:
    copy = share(tracker([*row("Alder"), "mine"], headers=(*HEADERS, "ID ")), show=["Mood"])
    assert copy.headings.count("Coach note") == copy.headings.count("ID") == 1


def test_the_same_tracker_gives_the_same_copy(tracker: Tracker) -> None:
    path = tracker(row("Alder", step="x", notes="y"))
    assert share(path).data == share(path).data


def test_everything_but_the_notes_is_protected(tracker: Tracker, tmp_path: Path) -> None:
    import openpyxl

    copy: Shared = share(tracker(row("Alder"), row("Birch")))
    path = tmp_path / "copy.xlsx"
    path.write_bytes(copy.data)
    book = openpyxl.load_workbook(path)
    sheet = book["Follow-ups"]
    assert sheet.protection.sheet
    locked = [sheet.protection.password, sheet.protection.autoFilter, sheet.protection.sort]
    assert not any(locked)
    free = {cell.coordinate for line in sheet.iter_rows() for cell in line if not cell.protection.locked}
    note = next(cell.column_letter for cell in sheet[4] if cell.value == "Coach note")
    assert free == {f"{note}5", f"{note}6"}
    assert book["sheetsync"].sheet_state == "hidden"
    assert (book.properties.title, book.properties.creator) == (None, "sheetsync")
