"""A tracker full of awkward names for the tests of messages, as of 18 November 2026, a Wednesday. All of it is invented."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import Any

from threads import planned, tracker

from sheetsync.cadence.profile import load_profile
from sheetsync.messages.checking import check_draft
from sheetsync.messages.desk import Desk
from sheetsync.messages.drafting import draft
from sheetsync.messages.values import Drafts, Finding, Message
from sheetsync.model import Plan, Tracker
from sheetsync.settings import Settings

TODAY = "18 Nov"
SETTINGS = Settings(your_name="Robin Ashe", your_phone="0117 496 0100")
ROWS: tuple[dict[str, Any], ...] = (
    {"row": 2, "company": "Larkspur Libraries", "role": "Content Designer", "contact": "Maren Holt; Tobias Reed", "stage": "interview",
     "email": "maren.holt@larkspur.example.org", "interview_on": "17 Nov", "location": "Bristol", "notes": "Tobias keeps bees."},
    {"row": 3, "company": "Quillfeather Press", "role": "UX Writer", "contact": "Ines Okafor", "stage": "screen", "email": "ines@quillfeather.example.com",
     "phone": "020 7946 0113", "interview_on": "12 Nov", "notes": "Used to edit for Moss & Meridian."},
    {"row": 4, "company": "Target", "role": "Buyer", "contact": "Sam Fields", "stage": "applied", "email": "sam.fields@target.example.com", "applied_on": "5 Nov"},
    {"row": 5, "company": "Apple", "role": "Technical Writer", "contact": "Jordan Page", "stage": "interview", "email": "jpage@apple.example.com",
     "interview_on": "17 Nov"},
    {"row": 6, "company": "Next", "role": "Copywriter", "contact": "Will Young", "stage": "applied", "email": "will.young@next.example.com", "applied_on": "4 Nov"},
    {"row": 7, "company": "Bluebell Bank", "role": "UX Writer", "contact": "Fatima Noor", "stage": "rejected", "email": "fatima.noor@bluebell.example.com",
     "interview_on": "4 Nov", "reply_on": "17 Nov"},
    {"row": 8, "company": "Tidewater Bakery", "role": "Menu and shop signs", "contact": "Joss Tremaine", "stage": "proposal", "email": "joss.tremaine@gmail.com",
     "applied_on": "12 Nov"},
    {"row": 9, "company": "Marlowe Optics", "role": "Letters to customers", "contact": "Edwin Marlowe", "stage": "meeting", "kind": "meeting",
     "email": "edwin@marlowe.example.com", "interview_on": "17 Nov"},
    {"row": 10, "company": "Plain Words Meetup", "contact": "Yusuf Demir", "stage": "contacted", "kind": "networking",
     "email": "yusuf.demir@ferngate.example.com", "interview_on": "16 Nov", "notes": "Knows the team at Copperline Rail."},
    {"row": 11, "company": "Southville Repair Café", "role": "Newsletter", "contact": "Greta Pohl", "kind": "checkin", "email": "greta@repaircafe.example.org",
     "start_on": "10 Nov", "relationship": "friend"},
    {"row": 12, "company": "Goldcrest Travel", "role": "Content Lead", "contact": "Nadia Sorel", "stage": "offer", "email": "nadia.sorel@goldcrest.example.com",
     "reply_on": "17 Nov", "due_on": "24 Nov"},
    {"row": 13, "company": "Peregrine Pay", "role": "Conversation Designer", "contact": "Jon Aske", "stage": "declined",
     "email": "jon.aske@peregrine.example.com", "interview_on": "29 Oct", "reply_on": "17 Nov"},
    {"row": 14, "company": "Hollyhock Florists", "role": "Website texts", "contact": "Dilys Penrose", "stage": "won", "email": "dilys@hollyhock.example.net",
     "applied_on": "1 Nov", "reply_on": "18 Nov"},
    {"row": 15, "company": "Juniper Health", "role": "Service Writer", "contact": "Dr Amit Bhatt", "stage": "applied", "email": "amit.bhatt@juniper.example.org",
     "applied_on": "3 Nov", "reply_on": "17 Nov"},
    {"row": 16, "company": "Tern & Tide", "role": "Lead Content Designer", "contact": "Rosa Lindqvist", "stage": "interview", "round": "final",
     "email": "rosa@ternandtide.example.com", "interview_on": "5 Nov", "decision_by": "17 Nov"},
    {"row": 17, "company": "Cobalt Freight", "role": "Editor", "contact": "Lena Marsh", "stage": "applied", "email": "lena@hawthorn-talent.example.com",
     "applied_on": "4 Nov"},
    {"row": 18, "company": "Silverline Ferries", "role": "Editor", "contact": "Lena Marsh", "stage": "applied", "email": "lena@hawthorn-talent.example.com",
     "applied_on": "5 Nov"},
    {"row": 19, "company": "Thistle Games", "role": "Narrative Designer", "contact": "Kit Moreau", "stage": "rejected", "email": "kit@thistle.example.com"},
    {"row": 20, "company": "Copperline Rail", "role": "Information Designer", "contact": "Owen Prys", "stage": "applied", "email": "owen.prys@copperline.example.com",
     "applied_on": "17 Nov"},
    {"row": 21, "company": "Möller & Söhne GmbH", "role": "Redakteurin", "contact": "Jürgen Groß", "stage": "interview", "email": "j.gross@moeller.example.de",
     "interview_on": "17 Nov"},
    {"row": 22, "company": "Marsh Mutual", "role": "Editor", "contact": "Reed Ashworth", "stage": "applied", "email": "reed.ashworth@marshmutual.example.com",
     "applied_on": "6 Nov"},
    {"row": 23, "company": "Monday", "role": "Support Writer", "contact": "Chris Vale", "stage": "applied", "email": "chris.vale@monday.example.com",
     "applied_on": "3 Nov"},
    {"row": 24, "company": "Oatfield Foods", "role": "Content Designer", "stage": "applied", "email": "people@oatfield.example.com", "applied_on": "6 Nov"},
    {"row": 25, "company": "BP", "role": "Editor", "contact": "Dana Wells", "stage": "applied", "email": "dana.wells@bp.example.com", "applied_on": "6 Nov"},
    {"row": 26, "company": "Moss & Meridian", "role": "Content Strategist", "contact": "Gwen Abara", "stage": "interview", "email": "gwen@mossmeridian.example.net",
     "interview_on": "26 Oct"},
)  # fmt: skip
HISTORY: tuple[dict[str, Any], ...] = (
    {"row": 3, "on": "13 Nov", "contact": "Ines Okafor", "step": "interview.thank_you", "channel": "Email"},
    {"row": 8, "on": "13 Nov", "contact": "Joss Tremaine", "step": "proposal.receipt", "channel": "Email"},
    {"row": 15, "on": "17 Nov", "contact": "Dr Amit Bhatt", "direction": "in", "note": "When could I come in?"},
    {"row": 16, "on": "6 Nov", "contact": "Rosa Lindqvist", "step": "interview.thank_you", "channel": "Email"},
    {"row": 26, "on": "27 Oct", "contact": "Gwen Abara", "step": "interview.thank_you", "channel": "Email"},
)
DEBRIEF: tuple[dict[str, Any], ...] = (
    {"row": 2, "people": "Maren Holt; Tobias Reed", "titles": "Tobias: reader services, tobias.reed@larkspur.example.org",
     "discussed": "How readers look for large-print books; half give up at the second filter.",
     "questions": "How I handle a committee that rewrites everything: the one-page summary. Maren laughed.",
     "concerns": "No library background: answered with the museum project.", "correct": "The museum glossary was read aloud to twelve visitors before it went online.",
     "problems": "The opening hours are in five places.", "interested": "The museum glossary.", "send": "The study on large-print search."},
    {"row": 5, "people": "Jordan Page", "discussed": "The release notes for the watch.", "interested": "The style guide for the ticket machines."},
    {"row": 16, "people": "Rosa Lindqvist", "discussed": "Leading people from afar.", "interested": "The weekly half hour with each of them."},
)  # fmt: skip


@functools.cache
def office() -> tuple[Tracker, Plan]:
    """The tracker and its plan."""
    found = tracker(*ROWS, history=HISTORY, debrief=DEBRIEF, mapped=("relationship", "phone", "channel", "promised"))
    return found, planned(found, TODAY)


@functools.cache
def desk() -> Desk:
    """The desk that checks its messages."""
    return Desk(*office(), SETTINGS)


def cases(name: str) -> list[dict[str, Any]]:
    """Messages of a data file beside this module."""
    with (Path(__file__).parent / name).open("rb") as file:
        found: list[dict[str, Any]] = tomllib.load(file)["message"]
    return found


def checked(case: dict[str, Any]) -> tuple[Finding, ...]:
    """The findings of one message of a data file."""
    row = case["row"]
    cell = next(each for each in ROWS if each["row"] == row)
    to = case.get("to", cell["email"])
    attachments = None if "attachments" not in case else tuple(case["attachments"])
    message = Message("", (to,) if to else (), case.get("subject", ""), case["body"].strip("\n"), attachments)
    recipient = case.get("for", cell.get("contact", "").split(";")[0])
    return check_draft(message, desk().context(row, case["rule"], recipient, case.get("channel", "email")))


ROW_OF = {
    "interview": 2, "decision": 16, "application": 25, "proposal": 8, "meeting": 9, "networking": 10, "project": 11, "reply": 15,
    "offer": 12, "acceptance": 14, "rejection": 7,
}  # fmt: skip


def row_of(rule: str) -> int:
    return {"offer.decline": 13, "interview.followup_1": 3, "interview.followup_2": 26}.get(
        rule, ROW_OF[rule.partition(".")[0]]
    )


@functools.cache
def usual(rule: str, way: Any, profile: str) -> Drafts:
    """The drafts of a rule's own row, made once."""
    return drafted(rule, profile=profile, way=way, anyway=True)


def drafted(rule: str | None = None, row: int | None = None, profile: str = "balanced", **more: Any) -> Drafts:
    """Drafts over the office."""
    rows = [row_of(rule) if row is None and rule else row] if row or rule else None
    found, plan = office()
    return draft(found, plan, load_profile(profile)[0], SETTINGS, rows=rows, rule=rule, **more)  # type: ignore[arg-type]


def one(cells: dict[str, Any], rule: str | None = None, *, as_of: str = TODAY, **more: Any) -> Drafts:
    """Drafts of a tracker with a single row, or of its row 2."""
    logs = {name: more.pop(name) for name in ("history", "debrief") if name in more}
    found = tracker(cells, *more.pop("others", ()), **logs, mapped=("relationship", "channel", "phone"))
    settings = more.pop("settings", SETTINGS)
    return draft(found, planned(found, as_of), load_profile("balanced")[0], settings, rows=[2], rule=rule, **more)


def interview(**cells: Any) -> dict[str, Any]:
    return {"company": "Larkspur Libraries", "role": "Content Designer", "contact": "Maren Holt", "stage": "interview",
            "email": "maren.holt@larkspur.example.org", "interview_on": "17 Nov"} | cells  # fmt: skip
