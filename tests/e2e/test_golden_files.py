"""The cadence's golden cases through real files: a workbook made by another library in, the sheet's own cells out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sheetsync.sheets import open_source
from sheetsync.sync import Outcome, sync

Row = dict[str, object]
HEADERS = {
    "company": "Company", "role": "Position", "contact": "Contact person", "email": "E-mail", "phone": "Phone",
    "stage": "Status", "kind": "Kind", "applied_on": "Date applied", "interview_on": "Interview date", "round": "Interview round",
    "last_contact": "Last contact", "reply_on": "Reply date", "contact_on": "Follow-up date", "decision_by": "Decision by",
    "due_on": "Deadline", "start_on": "Start date", "channel": "Preferred channel", "promised": "Promised",
    "paused_until": "Paused until",
}  # fmt: skip


def nov(day: int, month: int = 11) -> dt.date:
    return dt.date(2026, month, day)


@dataclass(frozen=True)
class Case:
    """One golden case: the row, what History says of it, the day it is looked at, and what must come out."""

    name: str
    row: Row
    as_of: dt.date
    follow_up: str
    action: str | None = None
    window: tuple[dt.date, dt.date] | None = None
    history: Sequence[tuple[dt.date, str]] = ()
    overdue: int | None = None
    why: Sequence[str] = ()
    next_action: Sequence[str] = ()
    channel: str | None = None
    beside: Sequence[Row] = field(default_factory=tuple)
    profile: str = "balanced"


INTERVIEW: Row = {"stage": "Interview", "interview_on": nov(2)}
SCREEN: Row = {"stage": "Phone screen", "interview_on": nov(2)}
APPLIED: Row = {"stage": "Applied", "applied_on": nov(2)}
PROPOSAL: Row = {"stage": "Proposal sent", "applied_on": nov(2)}
OFFER: Row = {"stage": "Offer", "reply_on": nov(5), "due_on": nov(13)}
THANKED = [(nov(3), "Ann")]

CASES = [
    Case("interview, the day after", INTERVIEW, nov(3), "Due", "interview.thank_you", (nov(3), nov(3))),
    Case("interview, day 3", INTERVIEW, nov(5), "Overdue", "interview.thank_you", (nov(3), nov(3)), overdue=2),
    Case("interview, day 5", INTERVIEW, nov(7), "Overdue", "interview.thank_you", (nov(3), nov(3)), overdue=4),
    Case("interview, day 6", INTERVIEW, nov(8), "Upcoming", "interview.followup_1", (nov(10), nov(11)), why=["thank-you"]),
    Case("thanked", INTERVIEW, nov(4), "Upcoming", "interview.followup_1", (nov(10), nov(11)), history=THANKED),
    Case("followed up", INTERVIEW, nov(11), "Upcoming", "interview.followup_2", (nov(17), nov(18)), history=[*THANKED, (nov(10), "Ann")]),
    Case("followed up twice", INTERVIEW, nov(18), "Waiting", history=[*THANKED, (nov(10), "Ann"), (nov(17), "Ann")]),
    Case("and a month later", INTERVIEW, nov(20, 12), "Cold", history=[*THANKED, (nov(10), "Ann"), (nov(17), "Ann")]),
    Case("reserved follows up once", INTERVIEW, nov(11), "Waiting", history=[*THANKED, (nov(10), "Ann")], profile="reserved"),
    Case("a bare last contact", {**INTERVIEW, "last_contact": nov(10)}, nov(11), "Upcoming", "interview.followup_2", (nov(17), nov(18))),
    Case(
        "two people, one thanked", {**INTERVIEW, "contact": "Ann; Bob"}, nov(3), "Due", "interview.thank_you", (nov(3), nov(3)),
        history=[(nov(3), "Ann")], next_action=["Bob"],
    ),
    Case("a Friday", {"stage": "Interview", "interview_on": nov(6)}, nov(6), "Upcoming", "interview.thank_you", (nov(7), nov(7))),
    Case("a phone screen", SCREEN, nov(4), "Upcoming", "interview.followup_1", (nov(9), nov(9)), history=THANKED),
    Case("a second interview", {**INTERVIEW, "stage": "Second interview"}, nov(4), "Upcoming", "interview.followup_1", (nov(9), nov(12)), history=THANKED),
    Case("a decision date", {**INTERVIEW, "decision_by": nov(20)}, nov(12), "Upcoming", "decision.passed", (nov(23), nov(25)), history=THANKED),
    Case("a proposal's decision date", {**PROPOSAL, "decision_by": nov(20)}, nov(12), "Upcoming", "decision.passed", (nov(23), nov(25)), history=[(nov(4), "Ann")]),
    Case(
        "call me on 12 Nov", {**INTERVIEW, "contact_on": nov(12), "channel": "Phone", "phone": "555 0100"}, nov(4), "Upcoming", None,
        (nov(12), nov(13)), history=THANKED, channel="phone",
    ),
    Case("call me, but thank first", {**INTERVIEW, "contact_on": nov(12)}, nov(3), "Due", "interview.thank_you", (nov(3), nov(3))),
    Case("applied", APPLIED, nov(3), "Upcoming", "application.followup_1", (nov(9), nov(16))),
    Case("applied, a day late", APPLIED, nov(17), "Overdue", "application.followup_1", (nov(9), nov(16)), overdue=1),
    Case("applied, long ago", APPLIED, nov(20, 12), "Cold"),
    Case("a proposal", PROPOSAL, nov(3), "Upcoming", "proposal.receipt", (nov(4), nov(5))),
    Case("a proposal, receipt asked", PROPOSAL, nov(5), "Upcoming", "proposal.followup", (nov(9), nov(11)), history=[(nov(4), "Ann")]),
    Case("met somebody", {"kind": "Networking", "interview_on": nov(6)}, nov(6), "Upcoming", "networking.connect", (nov(7), nov(8))),
    Case(
        "a promise, connect first", {"kind": "Networking", "interview_on": nov(6), "promised": "the article"}, nov(6), "Upcoming",
        "networking.connect", (nov(7), nov(8)),
    ),
    Case(
        "a promise, connected", {"kind": "Networking", "interview_on": nov(6), "promised": "the article"}, nov(9), "Due",
        "networking.promise", (nov(6), nov(13)), history=[(nov(7), "Ann")],
    ),
    Case("a task", {"kind": "Deadline", "due_on": nov(9)}, nov(4), "Upcoming", "project.reminder", (nov(6), nov(9))),
    Case(
        "a weekly project", {"kind": "Check-in", "start_on": nov(6, 10), "last_contact": nov(3)}, nov(4), "Upcoming", "project.checkin",
        (nov(10), nov(12)),
    ),
    Case(
        "they replied", {**INTERVIEW, "last_contact": nov(3), "reply_on": nov(5)}, nov(5), "Due", "reply.answer", (nov(5), nov(6)),
    ),
    Case("rejected after an interview", {**INTERVIEW, "stage": "Rejected", "reply_on": nov(5)}, nov(5), "Due", "rejection.thank", (nov(5), nov(9))),
    Case("rejected, thanked", {**INTERVIEW, "stage": "Rejected", "reply_on": nov(5)}, nov(9), "Closed", history=[(nov(6), "Ann")]),
    Case("rejected, a month ago", {**INTERVIEW, "stage": "Rejected", "reply_on": nov(5)}, nov(10, 12), "Closed"),
    Case("rejected, no date", {"stage": "Rejected"}, nov(5), "Closed"),
    Case("rejected, an old date", {"stage": "Rejected", "contact_on": dt.date(2000, 1, 1)}, nov(5), "Closed"),
    Case("ghosted", {"stage": "Ghosted"}, nov(5), "Closed"),
    Case("an offer", OFFER, nov(5), "Due", "offer.acknowledge", (nov(5), nov(6))),
    Case("an offer, acknowledged", OFFER, nov(6), "Upcoming", "offer.respond", (nov(12), nov(13)), history=[(nov(5), "Ann")]),
    Case(
        "one recruiter, two rows", {**INTERVIEW, "interview_on": nov(2), "email": "r@agency.example"}, nov(9), "Upcoming", "interview.followup_1",
        (nov(12), nov(12)), history=THANKED, beside=[{"stage": "Applied", "applied_on": nov(1), "email": "r@agency.example", "last_contact": nov(9)}],
    ),
    Case("interview without a date", {"stage": "Interview"}, nov(5), "Needs info", why=["interview"]),
    Case("saved with a deadline", {"stage": "Saved", "due_on": nov(13)}, nov(5), "Upcoming", "project.reminder", (nov(12), nov(13))),
]  # fmt: skip


def make_tracker(path: Path, case: Case) -> None:
    """Write the case's row into row 2 of a plain tracker, and its History beside it."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "Jobs"
    sheet.append(list(HEADERS.values()))
    for number, row in enumerate([case.row, *case.beside]):
        full = {
            "company": f"Company {number + 1}",
            "role": "Analyst",
            "contact": "Ann",
            "email": f"ann{number}@company.example",
            **row,
        }
        sheet.append([full.get(name) for name in HEADERS])
    if case.history:
        history = workbook.create_sheet("History")
        history.append(["Date", "Company", "Contact", "Direction", "Channel", "Step", "Note"])
        for day, person in case.history:
            history.append([day, "Company 1", person, "out", "email", None, None])
    workbook.save(path)


def synced(case: Case, folder: Path) -> tuple[Outcome, dict[str, Any]]:
    """Sync the case's file; give the outcome and the six cells that stand in row 2 afterwards, by header."""
    path = folder / "jobs.xlsx"
    make_tracker(path, case)
    outcome = sync(open_source(str(path)), as_of=case.as_of, options={"profile": case.profile})
    sheet = openpyxl.load_workbook(path)["Jobs"]
    headers = [cell.value for cell in sheet[1]]
    cells = {str(header): sheet.cell(2, column).value for column, header in enumerate(headers, start=1)}
    return outcome, cells


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_golden_case(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path / "home"))
    outcome, cells = synced(case, tmp_path)
    planned = outcome.proposal.plan.frame.loc[2]

    assert cells["Follow-up"] == case.follow_up, cells["Why"]
    if case.action is not None:
        assert planned["action"] == case.action
    if case.window is not None:
        next_contact, contact_by = cells["Next contact"], cells["Contact by"]
        assert isinstance(next_contact, dt.datetime)
        assert isinstance(contact_by, dt.datetime)
        assert (next_contact.date(), contact_by.date()) == case.window
    assert cells["Days overdue"] == case.overdue
    if case.channel is not None:
        assert planned["channel"] == case.channel
    for text in case.why:
        assert text in str(cells["Why"])
    for text in case.next_action:
        assert text in str(cells["Next action"])
