"""The calendar file: what its events say, that importing it again updates them, and that it is valid iCalendar."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import vobject
from icalendar import Calendar
from threads import Row, day, planned, tracker

from sheetsync.model import Tracker
from sheetsync.nightly.calendar import Composed, NotOursError, compose, identities
from sheetsync.sheets import open_source
from sheetsync.sync import propose

APPLIED: Row = {"company": "Acme", "role": "Clerk", "contact": "Ann Ash", "email": "ann@acme.example", "stage": "applied", "applied_on": "2 Nov"}  # fmt: skip
INTERVIEW: Row = {"company": "Birch; Sons, Ltd", "contact": "Bo Ek", "stage": "interview", "interview_on": "4 Nov"}


def made(found: Tracker, as_of: str = "3 Nov", **options: Any) -> Composed:
    return compose(found, planned(found, as_of), **options)


def events(composed: Composed) -> list[Mapping[str, Any]]:
    """The events by a second library: each property's value by its name in small letters."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        (calendar,) = vobject.readComponents(composed.content.decode("utf-8"), validate=True)
        return [
            {name: lines[0].value for name, lines in event.contents.items() if name != "valarm"}
            for event in calendar.contents.get("vevent", ())
        ]


def test_a_next_contact_is_an_all_day_event() -> None:
    (event,) = events(made(tracker(APPLIED)))
    assert (event["dtstart"], event["dtend"]) == (day("9 Nov"), day("10 Nov"))
    assert event["summary"] == "Follow up on your application with Ann Ash by email (Acme)"
    assert event["description"] == (
        "When: from Mon 9 Nov 2026 to Mon 16 Nov 2026\n"
        "What: Follow up on your application with Ann Ash by email\n"
        "Why: A week after you applied on 2 Nov; no answer since.\n"
        "Row 2 of sheet Jobs"
    )
    assert (event["transp"], event["status"]) == ("TRANSPARENT", "CONFIRMED")
    assert event["categories"] == ["Follow-up", "Application"]
    assert b"VALARM" not in made(tracker(APPLIED)).content


def test_a_calendar_has_no_method_for_it_is_no_invitation() -> None:
    assert b"METHOD" not in made(tracker(APPLIED)).content


@pytest.mark.parametrize(
    ("as_of", "on", "summary"),
    [("3 Nov", "9 Nov", "Follow up"), ("12 Nov", "12 Nov", "Follow up"), ("20 Nov", "20 Nov", "Overdue: Follow up")],
)
def test_an_event_is_never_in_the_past(as_of: str, on: str, summary: str) -> None:
    (event,) = events(made(tracker(APPLIED), as_of))
    assert event["dtstart"] == day(on)
    assert event["summary"].startswith(summary)


@pytest.mark.parametrize(
    ("row", "as_of"),
    [
        ({"company": "Acme", "stage": "saved"}, "3 Nov"),
        ({"company": "Acme", "stage": "rejected"}, "3 Nov"),
        ({"company": "Acme", "stage": "interview"}, "3 Nov"),
        (APPLIED, "2026-12-20"),
    ],
)
def test_nothing_to_do_is_no_event(row: Row, as_of: str) -> None:
    assert made(tracker(row), as_of).planned == 0


def test_equal_trackers_give_equal_bytes() -> None:
    found = tracker(APPLIED, INTERVIEW)
    first = made(found)
    assert made(found).content == first.content
    assert made(found, previous=first.content).content == first.content


def test_an_event_that_says_the_same_keeps_its_revision() -> None:
    monday = made(tracker(APPLIED), "3 Nov")
    tuesday = made(tracker(APPLIED), "4 Nov", previous=monday.content)
    assert tuesday.content == monday.content


def test_an_event_that_changed_is_the_same_event_revised() -> None:
    before = made(tracker(APPLIED))
    after = made(tracker({**APPLIED, "last_contact": "9 Nov"}), "9 Nov", previous=before.content)
    (old,), (new,) = events(before), events(after)
    assert new["uid"] == old["uid"]
    assert new["dtstart"] == day("16 Nov")
    assert int(new["sequence"]) > int(old["sequence"])
    assert new["dtstamp"].date() == day("9 Nov")


def test_two_changes_on_one_day_are_two_revisions() -> None:
    first = made(tracker(APPLIED))
    second = made(tracker({**APPLIED, "applied_on": "3 Nov"}), previous=first.content)
    third = made(tracker(APPLIED), previous=second.content)
    numbers = [int(events(found)[0]["sequence"]) for found in (first, second, third)]
    assert numbers == sorted(set(numbers))


def test_a_later_export_without_the_file_before_is_a_higher_revision() -> None:
    (old,), (new,) = events(made(tracker(APPLIED), "3 Nov")), events(made(tracker(APPLIED), "12 Nov"))
    assert int(new["sequence"]) > int(old["sequence"])


@pytest.mark.parametrize("stage", ["rejected", "withdrawn"])
def test_a_thread_that_closed_cancels_its_event(stage: str) -> None:
    before = made(tracker(APPLIED, INTERVIEW))
    after = made(tracker({**APPLIED, "stage": stage}, INTERVIEW), "4 Nov", previous=before.content)
    assert (before.planned, before.cancelled, after.planned, after.cancelled) == (2, 0, 1, 1)
    (gone,) = [event for event in events(after) if event["status"] == "CANCELLED"]
    (old,) = [event for event in events(before) if event["uid"] == gone["uid"]]
    assert (gone["dtstart"], gone["summary"]) == (old["dtstart"], old["summary"])
    assert int(gone["sequence"]) > int(old["sequence"])


def test_a_deleted_row_cancels_its_event() -> None:
    before = made(tracker(APPLIED, INTERVIEW))
    assert made(tracker(APPLIED), previous=before.content).cancelled == 1


def test_a_thread_that_opens_again_is_planned_again() -> None:
    planned_ = made(tracker(APPLIED))
    cancelled = made(tracker({**APPLIED, "stage": "withdrawn"}), "4 Nov", previous=planned_.content)
    (event,) = events(made(tracker(APPLIED), "5 Nov", previous=cancelled.content))
    assert event["status"] == "CONFIRMED"
    assert int(event["sequence"]) > int(events(cancelled)[0]["sequence"])


def test_a_cancelled_event_is_forgotten_in_the_end() -> None:
    before = made(tracker(APPLIED))
    cancelled = made(tracker({**APPLIED, "stage": "withdrawn"}), "4 Nov", previous=before.content)
    later = made(tracker({**APPLIED, "stage": "withdrawn"}), "2027-02-04", previous=cancelled.content)
    assert (cancelled.cancelled, later.cancelled) == (1, 0)


def test_without_a_file_before_nothing_is_cancelled() -> None:
    lately: Row = {**APPLIED, "company": "Birch", "stage": "rejected"}
    found = made(tracker(APPLIED, lately), "12 Nov")
    assert (found.planned, found.cancelled) == (1, 0)
    assert [event["status"] for event in events(found)] == ["CONFIRMED"]


@pytest.mark.parametrize(
    "alarm", [dt.timedelta(hours=9), -dt.timedelta(minutes=30), -dt.timedelta(days=1)]
)  # fmt: skip
def test_alarms_are_set_where_they_are_asked_for(alarm: dt.timedelta) -> None:
    composed = made(tracker(APPLIED), alarm=alarm)
    (event,) = Calendar.from_ical(composed.content).walk("VEVENT")
    (found,) = event.walk("VALARM")
    assert (str(found["action"]), found.decoded("trigger")) == ("DISPLAY", alarm)
    assert made(tracker(APPLIED), alarm=alarm, previous=composed.content).content == composed.content


def test_private_leaves_out_all_that_the_person_wrote() -> None:
    own = {**APPLIED, "notes": "Secret", "promised": "the Bagpipe article", "interview_on": "2 Nov"}
    for as_of in ("3 Nov", "5 Nov", "20 Nov"):
        before = made(tracker(own, INTERVIEW), as_of)
        for previous in (None, before.content):
            rows = tracker({**own, "stage": "withdrawn"}, INTERVIEW, {**INTERVIEW, "company": "Cedar"})
            text = made(rows, as_of, private=True, previous=previous).content.decode()
            assert not [word for word in ("Ann", "Acme", "Birch", "Bo Ek", "Cedar", "Secret", "Bagpipe", "Jobs", "Clerk") if word in text]  # fmt: skip
    (event,) = events(made(tracker(INTERVIEW), "5 Nov", private=True))
    assert event["summary"] == "Thank them"
    assert event["description"] == "When: Thu 5 Nov 2026\nRow 2 of the tracker"


# UIDs


def test_a_thread_keeps_its_uid_wherever_its_row_goes() -> None:
    one = identities(tracker(APPLIED, INTERVIEW))
    other = identities(tracker({**INTERVIEW, "row": 2}, {**APPLIED, "row": 9, "company": " ACME "}))
    assert (one[2], one[3]) == (other[9], other[2])


def test_an_id_stands_for_the_thread_whatever_is_renamed() -> None:
    assert identities(tracker({**APPLIED, "id": "k3f"}))[2] == identities(tracker({**INTERVIEW, "id": "K3F"}))[2]
    assert identities(tracker(APPLIED), {2: "k3f"})[2] == identities(tracker({**INTERVIEW, "id": "k3f"}))[2]


def test_rows_that_are_alike_have_uids_of_their_own() -> None:
    early, late = {**APPLIED, "applied_on": "1 Nov"}, APPLIED
    one, other = identities(tracker(early, late)), identities(tracker(late, early))
    assert len(set(one.values())) == 2
    assert (one[2], one[3]) == (other[3], other[2])


# The file


def test_only_a_calendar_of_ours_is_updated() -> None:
    theirs = made(tracker(APPLIED)).content.replace(b"-//sheetsync//follow-ups//EN", b"-//Else//EN")
    for content in (theirs, b"no calendar", b"\xff\xfe\x00", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"):
        with pytest.raises(NotOursError):
            made(tracker(APPLIED), previous=content)


def test_an_event_that_somebody_spoilt_is_made_anew() -> None:
    before = made(tracker(APPLIED)).content
    spoilt = before.replace(b"SEQUENCE:", b"X-SEQUENCE:")
    assert made(tracker(APPLIED), previous=spoilt).content == before


def test_the_lines_are_as_rfc_5545_wants_them() -> None:
    odd = {
        **INTERVIEW,
        "contact": "Zoë Åström-Ñandú, 張偉\x07 with the long, long title of Chief Officer of Everything",
        "company": "Back\\slash, Semi; colon 🙂 & \u2028Söhne",
    }
    content = made(tracker(APPLIED, odd), "5 Nov").content
    assert content.endswith(b"END:VCALENDAR\r\n")
    lines = content.split(b"\r\n")[:-1]
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode("utf-8")  # no character is cut in two
    unfolded = content.replace(b"\r\n ", b"").decode()
    (summary,) = [line for line in unfolded.split("\r\n") if line.startswith("SUMMARY:Thank Zo")]
    assert "Back\\\\slash\\, Semi\\; colon 🙂" in summary
    assert "\x07" not in unfolded
    (event,) = events(made(tracker(odd), "5 Nov"))
    assert "Back\\slash, Semi; colon 🙂" in event["summary"]
    for name in ("UID", "DTSTAMP", "DTSTART"):
        assert unfolded.count(f"\r\n{name}") == 2


def test_the_sample_tracker_as_a_calendar() -> None:
    sample = Path(__file__).parents[2] / "sample_tracker.xlsx"
    proposal = propose(open_source(str(sample)), as_of=dt.date(2026, 11, 18))
    found = compose(proposal.tracker, proposal.plan, alarm=dt.timedelta(hours=9))
    frame = proposal.plan.frame
    assert found.planned == int((frame["next_contact"].notna() & ~frame["follow_up"].isin(["Cold", "Closed"])).sum())
    read = events(found)
    assert len(read) == found.planned + found.cancelled > 10
    assert len({event["uid"] for event in read}) == len(read)
    assert all(event["dtstart"] >= proposal.today for event in read if event["status"] == "CONFIRMED")
    assert all(event["dtend"] - event["dtstart"] == dt.timedelta(days=1) for event in read)
