"""Saved messages as mail programs save them, made by hand here: whose they are, of which day, and what is left out."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator

import pytest
from recording import HISTORY, TODAY, rows_to_columns, run

from sheetsync.errors import UsageError
from sheetsync.model import Grid, Problem, Value
from sheetsync.records.contacts import Contact, record_contacts
from sheetsync.records.reading import Reading, Records, together
from sheetsync.records.saved_mail import contacts_of, read_message
from sheetsync.sheets.memory import MemorySource

ME = "Sam Vale <sam@home.example.org>"
NAMES = ("Company", "Role", "Contact", "Email", "Status", "Date applied")


def eml(**headers: str) -> bytes:
    """A message of those headers; From, To and Date are filled in, and taken out with an empty text."""
    given = {"From": ME, "To": "ann@ash.example.com", "Date": "Fri, 13 Nov 2026 10:00:00 +0000", "Subject": "Hello"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in given.items() if value]
    return ("\r\n".join(lines) + "\r\n\r\nThe text, which nobody reads.\r\n").encode()


@pytest.fixture
def source() -> MemorySource:
    applied = dt.date(2026, 11, 2)
    rows: list[tuple[Value, ...]] = [
        NAMES,
        ("Ash", "Analyst", "Ann Bay", "ann@ash.example.com", "Applied", applied),
        ("Birch", "Clerk", "Bo Dahl; Cem Öz", "bo.dahl@birch.example.com; cem@birch.example.com", "Applied", applied),
        ("Cedar", "Porter", "Gus", "gus@agency.example.com", "Applied", applied),
        ("Dogwood", "Editor", "Gus", "Gus@Agency.example.com", "Applied", applied),
        ("Wash", "Nurse", "Gus", "gus@agency.example.com", "Applied", applied),
    ]
    return MemorySource([Grid("Jobs", rows_to_columns(rows)), Grid("History", rows_to_columns([HISTORY]))])


def read(source: MemorySource, *messages: bytes, write: bool = False) -> tuple[list[Contact], list[Problem]]:
    """The contacts that they are and what is said of the rest; with `write` they are logged."""
    got: list[tuple[list[Contact], tuple[Problem, ...]]] = []

    def act(reading: Reading) -> Records:
        heads = [read_message(f"{number}.eml", data) for number, data in enumerate(messages, start=1)]
        got.append(contacts_of(reading, heads, channel="Email"))
        return together(record_contacts(reading, got[0][0])) if write else Records()

    run(source, act)
    return got[0][0], list(got[0][1])


def one(source: MemorySource, message: bytes) -> Contact:
    contacts, problems = read(source, message)
    assert not problems
    (contact,) = contacts
    return contact


def refused(source: MemorySource, message: bytes) -> str:
    contacts, problems = read(source, message)
    assert not contacts
    (problem,) = problems
    assert problem.place == "1.eml"
    return problem.message


def test_what_i_sent_and_what_they_answered(source: MemorySource) -> None:
    day = dt.date(2026, 11, 13)
    assert one(source, eml()) == Contact(2, day, "out", "Email", "Ann Bay", note="Hello")
    answer = eml(From="Ann Bay <ANN@Ash.Example.com>", To=ME, Subject="Re: Hello", In_Reply_To="<1@home.example.org>")
    assert one(source, answer) == Contact(2, day, "in", "Email", "Ann Bay", note="Re: Hello")


def test_headers_in_encoded_words_and_folded_over_lines(source: MemorySource) -> None:
    contact = one(
        source,
        eml(
            From="=?utf-8?q?Cem_=C3=96z?= <cem@birch.example.com>",
            To="=?iso-8859-1?Q?S=E4m?= <sam@home.example.org>",
            Subject="=?utf-8?b?QmV3ZXJidW5n?=\r\n =?utf-8?q?_f=C3=BCr_Birch?=",
        ),
    )
    assert (contact.row, contact.direction, contact.person) == (3, "in", "Cem Öz")
    assert contact.note == "Bewerbung für Birch"


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_names_that_a_program_did_not_encode(source: MemorySource, encoding: str) -> None:
    data = eml(From="Cem Öz <cem@birch.example.com>", Subject="Grüße").decode().encode(encoding)
    contact = one(source, data + b"\xff\xfe\x00 a text of any bytes")
    assert (contact.person, contact.note) == ("Cem Öz", "Grüße")


def test_of_two_people_of_a_thread_only_the_one_written_to_is_named(source: MemorySource) -> None:
    assert one(source, eml(To="bo.dahl@birch.example.com")).person == "Bo Dahl"
    assert one(source, eml(To='"Öz, Cem" <cem@birch.example.com>')).person == "Cem Öz"
    both = eml(To="bo.dahl@birch.example.com, cem@birch.example.com")
    assert one(source, both).person == "Bo Dahl; Cem Öz"


@pytest.mark.parametrize("header", ["Cc", "Bcc"])
def test_a_copy_is_a_contact_too(source: MemorySource, header: str) -> None:
    assert one(source, eml(To="friend@else.example.net", **{header: "ann@ash.example.com"})).row == 2
    assert one(source, eml(To="", **{header: "ann@ash.example.com"})).row == 2


def test_groups_and_several_headers_of_one_name(source: MemorySource) -> None:
    assert one(source, eml(To="Birch: bo.dahl@birch.example.com, cem@birch.example.com;")).row == 3
    assert one(source, eml(To="undisclosed-recipients:;", Cc="ann@ash.example.com")).row == 2


def test_an_agency_of_several_rows_counts_for_the_one_that_the_subject_names(source: MemorySource) -> None:
    agency = "gus@agency.example.com"
    assert one(source, eml(To=agency, Subject="Your Dogwood vacancy")).row == 5
    assert one(source, eml(To=agency, Subject="porter, references")).row == 4
    told = "It may belong to rows 4, 5, 6: log it for the right one with `sheetsync log TARGET ROW`."
    assert refused(source, eml(To=agency)) == told
    assert "rows 4, 5, 6" in refused(source, eml(To=agency, Subject="Washing and nursery")), "no whole word"
    assert "rows 4, 5:" in refused(source, eml(To=agency, Subject="Cedar or Dogwood"))


def test_a_message_to_people_of_several_threads_is_nobodys_for_certain(source: MemorySource) -> None:
    assert "rows 2, 3" in refused(source, eml(To="ann@ash.example.com, bo.dahl@birch.example.com"))


def test_a_message_of_strangers_is_named_with_its_addresses(source: MemorySource) -> None:
    told = refused(source, eml(To="stranger@else.example.net"))
    assert "(sam@home.example.org, stranger@else.example.net)" in told


def test_a_message_is_not_logged_twice(source: MemorySource) -> None:
    contacts, problems = read(source, eml(), eml(), write=True)
    assert (len(contacts), [problem.place for problem in problems]) == (1, ["2.eml"])
    contacts, problems = read(source, eml(), eml(Subject="Another"), write=True)
    assert [contact.note for contact in contacts] == ["Another"]
    assert problems[0].message == "It is logged already, so it was left out."
    assert len(run(source).proposal.tracker.history) == 2


def test_messages_are_logged_in_the_order_of_their_days(source: MemorySource) -> None:
    later, earlier = eml(), eml(Date="Mon, 9 Nov 2026 10:00:00 +0000", Subject="First")
    contacts, _ = read(source, later, earlier)
    assert [contact.note for contact in contacts] == ["First", "Hello"]


@pytest.fixture
def in_auckland(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("sent", "zone", "day"),
    [
        ("Fri, 13 Nov 2026 23:30:00 -0800", "Europe/Berlin", 14),
        ("Sat, 14 Nov 2026 00:30:00 +0100", "America/New_York", 13),
        ("Fri, 13 Nov 2026 23:30:00 -0000", "Europe/Berlin", 13),
        ("13 Nov 2026 23:30 GMT", "Europe/Berlin", 14),
        ("Fri, 13 Nov 26 10:00:00 EST", "Europe/Berlin", 13),
    ],
)
def test_the_day_is_the_persons_own(source: MemorySource, sent: str, zone: str, day: int) -> None:
    there = MemorySource(source.read().grids, time_zone=zone)
    assert one(there, eml(Date=sent)).on == dt.date(2026, 11, day)


@pytest.mark.usefixtures("in_auckland")
def test_without_a_time_zone_of_the_tracker_it_is_this_computers(source: MemorySource) -> None:
    assert one(source, eml(Date="Fri, 13 Nov 2026 12:30:00 +0000")).on == dt.date(2026, 11, 14)


def test_a_message_of_the_future_is_told(source: MemorySource) -> None:
    assert refused(source, eml(Date="Mon, 23 Nov 2026 10:00:00 +0000")) == "It is dated in the future: check its date."
    assert one(source, eml(Date=f"{TODAY:%a, %d %b %Y} 09:00:00 +0000")).on == TODAY


@pytest.mark.parametrize(
    "data",
    [
        eml(Date=""),
        eml(From=""),
        eml(Date="yesterday"),
        eml(From="nobody"),
        eml(From="undisclosed-recipients:;"),
        b"",
        b"PK\x03\x04 no message at all",
        bytes(range(256)) * 40,
        b"From: =?utf-8?b?////?= <>\r\nDate: Fri, 99 Foo 2026 77:00:00\r\n\r\n",
        b"From: a@b\r\nDate: Fri, 13 Nov 99999 10:00:00 +0000\r\n\r\n",
    ],
)
def test_what_is_no_message_is_refused_by_its_name(data: bytes) -> None:
    with pytest.raises(UsageError, match=r"^sent\.eml is no saved message with From and Date"):
        read_message("sent.eml", data)


def test_a_long_or_broken_subject_is_cut_and_on_one_line() -> None:
    head = read_message("a.eml", eml(Subject="Very " * 200 + "long\r\n\tindeed"))
    assert len(head.subject) == 200
    assert "\n" not in head.subject
    assert read_message("a.eml", eml(Subject="")).subject == ""


def test_a_sent_message_that_belongs_to_one_of_two_like_threads_is_tied_by_id() -> None:
    row: tuple[Value, ...] = ("Ash", "Analyst", "", "", "Applied", dt.date(2026, 11, 2))
    second = (*row[:3], "ann@ash.example.com", *row[4:])
    source = MemorySource(
        [Grid("Jobs", rows_to_columns([NAMES, row, second])), Grid("History", rows_to_columns([HISTORY]))]
    )
    read(source, eml(), write=True)
    assert run(source).proposal.tracker.history["row"].tolist() == [3]
