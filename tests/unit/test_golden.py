"""The golden cases: who is to be contacted when, one case for each state of each row of the table.

2026 dates (2 November is a Monday), profile balanced unless said otherwise, no holidays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from threads import day, next_of, tracker

from sheetsync.cadence.engine import plan
from sheetsync.cadence.explain import explain
from sheetsync.cadence.profile import load_profile
from sheetsync.settings import Settings

THANKED = {"on": "3 Nov", "step": "interview.thank_you"}
FOLLOWED = {"on": "10 Nov", "step": "interview.followup_1"}
FOLLOWED_TWICE = {"on": "17 Nov", "step": "interview.followup_2"}
INTERVIEW = {"company": "Acme", "stage": "interview", "interview_on": "2 Nov"}
SCREEN = {"company": "Acme", "stage": "screen", "interview_on": "2 Nov"}
SECOND = {"company": "Acme", "stage": "interview", "interview_on": "20 Oct", "interview_2_on": "2 Nov"}
PAIR = {**INTERVIEW, "contact": "Ann Ash; Ben Birch"}
APPLIED = {"company": "Acme", "stage": "applied", "applied_on": "2 Nov"}
PROPOSED = {"company": "Acme", "stage": "proposal", "applied_on": "2 Nov"}
MET = {"contact": "Ann Ash", "kind": "networking", "interview_on": "6 Nov"}
REJECTED = {"company": "Acme", "stage": "rejected", "interview_on": "2 Nov", "reply_on": "5 Nov"}
OFFERED = {"company": "Acme", "stage": "offer", "reply_on": "5 Nov", "due_on": "13 Nov"}
RECRUITER = {"email": "dana@agency.example"}


@dataclass(frozen=True)
class Case:
    """One state of one golden row: what the sheet says, and what must come out."""

    name: str
    as_of: str
    rows: tuple[dict[str, Any], ...]
    action: str
    start: str | None = None
    until: str | None = None
    follow_up: str | None = None
    days_overdue: int | None = None
    channel: str | None = None
    why: tuple[str, ...] = ()
    next_action: str | None = None
    profile: str = "balanced"
    row: int = 2
    history: tuple[dict[str, Any], ...] = field(default_factory=tuple)


def case(
    name: str, as_of: str, rows: dict[str, Any] | tuple[dict[str, Any], ...], action: str, **expected: Any
) -> Case:
    return Case(name, as_of, rows if isinstance(rows, tuple) else (rows,), action, **expected)


CASES = [
    case("interview, nothing logged, the next day", "3 Nov", INTERVIEW, "interview.thank_you",
         start="3 Nov", until="3 Nov", follow_up="Due"),
    case("interview, nothing logged, on 5 Nov", "5 Nov", INTERVIEW, "interview.thank_you",
         start="3 Nov", until="3 Nov", follow_up="Overdue", days_overdue=2),
    case("interview, nothing logged, on 7 Nov", "7 Nov", INTERVIEW, "interview.thank_you",
         start="3 Nov", until="3 Nov", follow_up="Overdue", days_overdue=4),
    case("interview, nothing logged, on 8 Nov", "8 Nov", INTERVIEW, "interview.followup_1",
         start="10 Nov", until="11 Nov", follow_up="Upcoming", why=("thank-you", "missed")),
    case("interview, thank-you sent", "4 Nov", INTERVIEW, "interview.followup_1",
         start="10 Nov", until="11 Nov", follow_up="Upcoming", history=(THANKED,),
         why=("A week after your thank-you of 3 Nov; no answer since",)),
    case("interview, thank-you sent, History without steps", "4 Nov", INTERVIEW, "interview.followup_1",
         start="10 Nov", until="11 Nov", history=({"on": "3 Nov"},)),
    case("interview, follow-up sent", "11 Nov", INTERVIEW, "interview.followup_2",
         start="17 Nov", until="18 Nov", history=(THANKED, FOLLOWED)),
    case("interview, follow-up sent, History without steps", "11 Nov", INTERVIEW, "interview.followup_2",
         start="17 Nov", until="18 Nov", history=({"on": "3 Nov"}, {"on": "10 Nov"})),
    case("interview, second follow-up sent", "18 Nov", INTERVIEW, "",
         follow_up="Waiting", history=(THANKED, FOLLOWED, FOLLOWED_TWICE)),
    case("interview, second follow-up sent, on 20 Dec", "20 Dec", INTERVIEW, "",
         follow_up="Cold", history=(THANKED, FOLLOWED, FOLLOWED_TWICE)),
    case("interview, first follow-up sent, reserved", "11 Nov", INTERVIEW, "",
         follow_up="Waiting", profile="reserved", history=(THANKED, FOLLOWED)),
    case("interview, last contact 10 Nov, no History", "11 Nov", {**INTERVIEW, "last_contact": "10 Nov"},
         "interview.followup_2", start="17 Nov", until="18 Nov"),
    case("interview with two, one thanked", "3 Nov", PAIR, "interview.thank_you",
         start="3 Nov", until="3 Nov", next_action="Thank Ben Birch", why=("Ben Birch",),
         history=({**THANKED, "contact": "Ann Ash"},)),
    case("interview on a Friday", "6 Nov", {**INTERVIEW, "interview_on": "6 Nov"}, "interview.thank_you",
         start="7 Nov", until="7 Nov"),
    case("phone screen, thanked", "4 Nov", SCREEN, "interview.followup_1",
         start="9 Nov", until="9 Nov", history=(THANKED,)),
    case("second interview, thanked", "4 Nov", SECOND, "interview.followup_1",
         start="9 Nov", until="12 Nov", history=(THANKED,)),
    case("second interview, told by the round", "4 Nov", {**INTERVIEW, "round": "second"}, "interview.followup_1",
         start="9 Nov", until="12 Nov", history=(THANKED,)),
    case("interview, thanked, decision by 20 Nov", "12 Nov", {**INTERVIEW, "decision_by": "20 Nov"}, "decision.passed",
         start="23 Nov", until="25 Nov", follow_up="Upcoming", history=(THANKED,)),
    case("proposal, receipt, decision by 20 Nov", "5 Nov", {**PROPOSED, "decision_by": "20 Nov"}, "decision.passed",
         start="23 Nov", until="25 Nov", history=({"on": "4 Nov", "step": "proposal.receipt"},)),
    case("interview, thanked, asked to be called on 12 Nov", "4 Nov",
         {**INTERVIEW, "contact_on": "12 Nov", "channel": "phone"}, "interview.followup_1",
         start="12 Nov", until="13 Nov", channel="phone", next_action="Get in touch with them by phone",
         history=(THANKED,)),
    case("interview, asked to be called on 12 Nov, nothing logged", "3 Nov",
         {**INTERVIEW, "contact_on": "12 Nov"}, "interview.thank_you", start="3 Nov", until="3 Nov"),
    case("applied", "3 Nov", APPLIED, "application.followup_1", start="9 Nov", until="16 Nov", follow_up="Upcoming"),
    case("applied, on 17 Nov", "17 Nov", APPLIED, "application.followup_1",
         start="9 Nov", until="16 Nov", follow_up="Overdue", days_overdue=1),
    case("applied, on 20 Dec", "20 Dec", APPLIED, "application.followup_1",
         start="9 Nov", until="16 Nov", follow_up="Cold"),
    case("proposal sent", "3 Nov", PROPOSED, "proposal.receipt", start="4 Nov", until="5 Nov"),
    case("proposal sent, touched", "5 Nov", PROPOSED, "proposal.followup",
         start="9 Nov", until="11 Nov", history=({"on": "4 Nov"},)),
    case("proposal sent, last contact 4 Nov", "5 Nov", {**PROPOSED, "last_contact": "4 Nov"}, "proposal.followup",
         start="9 Nov", until="11 Nov"),
    case("met on a Friday", "6 Nov", MET, "networking.connect", start="7 Nov", until="8 Nov"),
    case("promised an article", "6 Nov", {**MET, "promised": "the article"}, "networking.connect",
         start="7 Nov", until="8 Nov"),
    case("promised an article, touched without it", "8 Nov", {**MET, "promised": "the article"}, "networking.promise",
         until="13 Nov", history=({"on": "7 Nov"},)),
    case("promised an article, last contact 7 Nov", "8 Nov",
         {**MET, "promised": "the article", "last_contact": "7 Nov"}, "networking.promise", until="13 Nov"),
    case("internal task due on a Monday", "5 Nov", {"role": "Budget", "kind": "deadline", "due_on": "9 Nov"},
         "project.reminder", start="6 Nov", until="9 Nov"),
    case("weekly project, last check-in 3 Nov", "4 Nov",
         {"company": "Site", "kind": "checkin", "last_contact": "3 Nov"}, "project.checkin",
         start="10 Nov", until="12 Nov"),
    case("weekly project with a start date, last check-in 3 Nov", "4 Nov",
         {"company": "Site", "kind": "checkin", "start_on": "1 Oct", "last_contact": "3 Nov"}, "project.checkin",
         start="10 Nov", until="12 Nov"),
    case("they replied after my message", "5 Nov",
         {**APPLIED, "applied_on": "20 Oct", "last_contact": "3 Nov", "reply_on": "5 Nov"}, "reply.answer",
         start="5 Nov", until="6 Nov"),
    case("rejected after an interview", "5 Nov", REJECTED, "rejection.thank", start="5 Nov", until="9 Nov"),
    case("rejected after an interview, thanked", "10 Nov", REJECTED, "", follow_up="Closed",
         history=({"on": "6 Nov", "step": "rejection.thank"},)),
    case("rejected after an interview, on 10 Dec", "10 Dec", REJECTED, "", follow_up="Closed"),
    case("rejected, no date", "5 Nov", {"company": "Acme", "stage": "rejected"}, "", follow_up="Closed"),
    case("rejected, an old follow-up date", "5 Nov",
         {"company": "Acme", "stage": "rejected", "contact_on": "2000-01-01"}, "", follow_up="Closed"),
    case("ghosted", "5 Nov",
         {"company": "Acme", "stage": "no_response", "stage_over": True, "applied_on": "2 Oct"}, "", follow_up="Closed"),
    case("offer with a deadline", "5 Nov", OFFERED, "offer.acknowledge", start="5 Nov", until="6 Nov"),
    case("offer with a deadline, touched", "6 Nov", OFFERED, "offer.respond", start="12 Nov", until="13 Nov",
         history=({"on": "5 Nov"},)),
    case("offer with a deadline, last contact on its day", "6 Nov", {**OFFERED, "last_contact": "5 Nov"},
         "offer.respond", start="12 Nov", until="13 Nov"),
    case("same recruiter in two rows, one contacted on 9 Nov", "9 Nov",
         ({**APPLIED, **RECRUITER, "company": "One", "applied_on": "3 Nov"},
          {**APPLIED, **RECRUITER, "company": "Two", "applied_on": "26 Oct", "last_contact": "9 Nov"}),
         "application.followup_1", start="12 Nov", until="17 Nov", why=("moved from 10 Nov", "9 Nov")),
    case("interview without any date", "5 Nov", {"company": "Acme", "stage": "interview"}, "",
         follow_up="Needs info", why=("interview date",)),
    case("saved, application due", "5 Nov", {"company": "Acme", "stage": "saved", "due_on": "13 Nov"},
         "project.reminder", start="12 Nov", until="13 Nov"),
]  # fmt: skip


@pytest.mark.parametrize("golden", CASES, ids=lambda golden: golden.name)
def test_golden(golden: Case) -> None:
    found = next_of(tracker(*golden.rows, history=golden.history), golden.as_of, row=golden.row, profile=golden.profile)
    assert found["action"] == golden.action, found["why"]
    assert found["contact_by"] == (day(golden.until) if golden.until else None)
    if golden.start or not golden.until:
        assert found["next_contact"] == (day(golden.start) if golden.start else None)
    if golden.follow_up:
        assert (found["follow_up"], found["days_overdue"]) == (golden.follow_up, golden.days_overdue)
    if golden.channel:
        assert found["channel"] == golden.channel
    if golden.next_action:
        assert found["next_action"] == golden.next_action
    for words in golden.why:
        assert words in found["why"]


@pytest.mark.parametrize("golden", CASES, ids=lambda golden: golden.name)
def test_the_last_dates_that_explain_names_are_the_plans(golden: Case) -> None:
    sheet = tracker(*golden.rows, history=golden.history)
    profile, settings, today = load_profile(golden.profile)[0], Settings(), day(golden.as_of)
    told = explain(sheet, profile, settings, golden.row, today=today)
    line = plan(sheet, profile, settings, today=today).frame.loc[golden.row]
    dated = [step for step in told.steps if step.start or step.until]
    start, until = line["next_contact"], line["contact_by"]
    expected = None if start != start else (start.date(), until.date())  # noqa: PLR0124 (NaT is not itself)
    assert (dated[-1].start, dated[-1].until) == expected if dated else expected is None
