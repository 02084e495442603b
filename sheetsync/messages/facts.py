"""What a message may say: only what stands in the tracker's row, its plan, its History and its Debrief.

The row's notes are the person's own and are never put into a message. Every word that a template may use is a key of
`Facts.words`; a fact that is missing is empty there, and the template shows a gap.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sheetsync.messages.notes import Fact, fact, facts, topics
from sheetsync.messages.people import Person, first_names_welcome
from sheetsync.messages.templating import gap
from sheetsync.model import DATE_FIELDS, TEXT_FIELDS

if TYPE_CHECKING:
    import pandas as pd

    from sheetsync.cadence.profile import Profile
    from sheetsync.model import Tracker
    from sheetsync.settings import Settings

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_SEVERAL_LINES: Final = frozenset({"contact", "email"})
"""Fields in which a line break separates several entries."""
_EVENTS: Final = ("interview_3_on", "interview_2_on", "interview_on")
_GENDERS: Final = re.compile(
    r"\s*[(\[]\s*(?:[mwfdxhgi]\s*[/|*]\s*){1,3}[mwfdxhgi]\s*[)\]]|\s+(?:[mwfdx]/){1,2}[mwfdx]\b", re.IGNORECASE
)
_LINK: Final = re.compile(r"https?://\S+")
_ROLE_WORDS: Final = ("role", "position", "job", "post", "internship", "apprenticeship", "traineeship")
_MAIN: Final = ("discussed", "questions", "problems", "culture")
_FIT: Final = ("interested", "skills", "problems")


@dataclass(frozen=True, slots=True)
class Row:
    """Everything that is known about one row, as plain values. Dates are days; None is unknown."""

    row: int
    text: Mapping[str, str]
    """Text field -> one line."""
    days: Mapping[str, dt.date | None]
    plan: Mapping[str, Any]
    history: tuple[Mapping[str, Any], ...]
    debrief: Mapping[str, str]
    """The newest debrief's answers; empty without one."""

    @property
    def company(self) -> str:
        return self.text["company"]

    def event(self, today: dt.date) -> dt.date | None:
        """The newest interview, meeting or meeting of people that has taken place; else the one to come."""
        days = [day for name in _EVENTS if (day := self.days.get(name)) is not None]
        return max((day for day in days if day <= today), default=min(days, default=None))


def one_line(text: object) -> str:
    """A cell as one line without control characters: a name must never begin a new header or paragraph."""
    kept = "".join(char if char.isprintable() else " " for char in str(text))
    return " ".join(kept.split())


def read_row(tracker: Tracker, plan: pd.DataFrame, row: int) -> Row:
    """One row of a tracker and its plan. Raises KeyError if it is no thread."""
    import pandas as pd

    line = tracker.frame.loc[row]
    text = {name: line[name].strip() if name in _SEVERAL_LINES else one_line(line[name]) for name in TEXT_FIELDS}
    days = {name: None if pd.isna(line[name]) else pd.Timestamp(line[name]).date() for name in DATE_FIELDS}
    said = {str(name): value for name, value in plan.loc[row].items()}
    history = tuple(
        {str(name): value for name, value in entry.items()}
        for entry in tracker.history[tracker.history["row"] == row].to_dict("records")
    )
    newest = tracker.debrief[tracker.debrief["row"] == row].tail(1).to_dict("records")
    debrief = {str(name): value for name, value in newest[0].items() if isinstance(value, str)} if newest else {}
    return Row(row, text, days, said, history, debrief)


@dataclass(frozen=True, slots=True)
class Shares:
    """The debrief's facts, dealt out so that no two people are told the same."""

    main: tuple[Fact | None, ...]
    fit: tuple[Fact | None, ...]
    extra: tuple[Fact | None, ...]
    concern: tuple[Fact | None, ...]
    addition: tuple[Fact | None, ...]
    offer: tuple[Fact | None, ...]


def deal(debrief: Mapping[str, str], people: Sequence[str]) -> Shares:
    """Deal the answers out to the people; what names one of them goes to that one alone."""
    crowd = tuple(people) or ("",)
    answers = {name: facts(name, debrief.get(name, ""), crowd) for name in ("discussed", "problems", "culture", *_FIT)}
    answers["questions"] = topics("questions", debrief.get("questions", ""), crowd)
    mains = [each for name in _MAIN[:2] for each in answers[name]]
    fits = [each for name in _FIT for each in answers[name]]
    spare = [*answers["culture"]]
    while len([each for each in mains if each.fit]) < len(crowd) and (spare or len(fits) > len(crowd)):
        mains.append(spare.pop(0) if spare else fits.pop())
    main = _dealt(mains, crowd)
    fit = _dealt(fits, crowd)
    used = {id(each) for each in (*main, *fit) if each is not None}
    extra = _dealt([each for each in (*fits, *mains) if id(each) not in used], crowd)
    concerns = topics("concerns", debrief.get("concerns", ""), crowd) or facts(
        "concerns", debrief.get("concerns", ""), crowd
    )
    return Shares(
        main, fit, extra, _dealt(concerns, crowd), _dealt(facts("correct", debrief.get("correct", ""), crowd), crowd),
        _dealt(facts("send", debrief.get("send", ""), crowd), crowd),
    )  # fmt: skip


def _dealt(pool: Sequence[Fact], crowd: Sequence[str]) -> tuple[Fact | None, ...]:
    """One fact for each person: first what can be said as it is, then what names them, each once."""
    left = sorted(pool, key=lambda each: (not each.fit, not each.about))
    dealt: list[Fact | None] = []
    for person in crowd:
        mine = next((each for each in left if each.fit), None) or next(
            (each for each in left if each.person in ("", person)), None
        )
        if mine is not None:
            left.remove(mine)
        dealt.append(mine)
    return tuple(dealt)


class Vary:
    """Chooses among wordings by the person's place, so that two messages about one day are worded differently.

    Where there are more people than wordings, the choices are shifted against one another.
    """

    def __init__(self, place: int) -> None:
        self.place = place
        self.calls = 0

    def __call__(self, *choices: str) -> str:
        shift = self.calls * (self.place // len(choices))
        self.calls += 1
        return choices[(self.place + shift) % len(choices)]


def say_day(day: dt.date | None, today: dt.date) -> str:
    """A day as a message says it: 17 November; with the year where it is not today's. "" if unknown."""
    if day is None:
        return ""
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day.day} {MONTHS[day.month - 1]}{year}"


def words(
    row: Row, *, rule: str, recipient: Person | None, place: int, shares: Shares, address: str, phone: str,
    profile: Profile, settings: Settings, today: dt.date, accepted_elsewhere: bool,
) -> dict[str, Any]:  # fmt: skip
    """Every word that a template may use, for one message to one person."""
    name = recipient.name if recipient else ""
    welcome = first_names_welcome(row.text.get("relationship", ""))
    salutation = (recipient.first if welcome and recipient.first else recipient.salutation) if recipient else ""
    company = row.company
    event = row.event(today)
    role = _GENDERS.sub("", row.text.get("role", "")).strip()
    outgoing = [entry for entry in row.history if entry["direction"] != "in"]
    incoming = [entry for entry in row.history if entry["direction"] == "in"]
    last = max((day for day in (_day(outgoing), row.days.get("last_contact")) if day is not None), default=None)
    promised = row.text.get("promised", "")
    link = _LINK.search(promised)
    bare_promise = _LINK.sub("", promised).strip(" :,-")
    task = role or company
    next_step = row.text.get("next_step", "")
    next_steps = facts("next_steps", row.debrief.get("next_steps", "") or next_step, (name,) if name else ())
    spoken = {key: say_day(row.days.get(key), today) for key in ("applied_on", "reply_on", "decision_by", "due_on")}
    return {
        **spoken,
        "company": company or gap("the company"),
        "role": role,
        "job": _job(role),
        "job_title": role or (f"Position at {company}" if company else gap("the role")),
        "recipient": name,
        "first_name": recipient.first if recipient else "",
        "salutation": salutation,
        "greeting": _greeting(salutation, rule, company),
        "your_name": settings.your_name or "",
        "your_phone": settings.your_phone or "",
        "signoff": _signed("Kind regards,", settings),
        "letter_close": _signed("Yours sincerely,", settings),
        "note_close": f"With kind regards\n{settings.your_name or gap('your name')}",
        "letterhead": _letterhead(row, name, settings, today),
        "address": address,
        "phone": phone,
        "today": say_day(today, today),
        "when": say_day(event, today) or gap("the day you met"),
        "when_known": event is not None,
        "sent_on": spoken["applied_on"],
        "last_contact": say_day(last, today),
        "their_note": one_line(incoming[-1]["note"]) if incoming else "",
        "promised": promised,
        "promised_inside": fact("promised", bare_promise).text if bare_promise else "",
        "promised_link": link[0] if link else "",
        "task": task,
        "task_inside": f"“{task}”" if task else gap("what is due"),
        "next_step": next_step,
        "next_step_line": f"Next: {next_step.rstrip('.')}." if next_step else "",
        "next_steps": next_steps[0] if next_steps else None,
        "main": shares.main[place],
        "fit": shares.fit[place],
        "extra": shares.extra[place],
        "concern": shares.concern[place],
        "addition": shares.addition[place],
        "offer": shares.offer[place],
        "decline_reason": "I have accepted a position elsewhere."
        if accepted_elsewhere
        else gap("your reason in one sentence, such as a position elsewhere"),
        "kind": str(row.plan["kind"]),
        "kind_before": "proposal" if row.text.get("stage") == "lost" else "application",
        "stage": row.text.get("stage", ""),
        "round": row.text.get("round", ""),
        "location": row.text.get("location", ""),
        "link": row.text.get("link", ""),
        "tone": profile.name,
        "followup": _followups(outgoing, rule) + 1,
        "closure": profile.closure_from > 0 and _followups(outgoing, rule) + 1 >= profile.closure_from,
        "gap": gap,
        "vary": Vary(place),
    }


def _followups(outgoing: Sequence[Mapping[str, Any]], rule: str) -> int:
    """How many messages of the rule's kind went out: thank-yous are none, the question for the receipt is one."""
    family = rule.partition(".")[0]
    counted = ("followup_1", "followup_2", "followup", "receipt")
    return sum(
        str(entry["step"]).partition(".")[0] == family and str(entry["step"]).partition(".")[2] in counted
        for entry in outgoing
    )


def _day(entries: Sequence[Mapping[str, Any]]) -> dt.date | None:
    days = [entry["on"] for entry in entries if entry["on"] == entry["on"]]
    return max(days).date() if days else None


def _job(role: str) -> str:
    if not role:
        return "the position"
    if role.casefold().split()[-1] in _ROLE_WORDS:
        return f"the {role}"
    return f"the {role} role"


def _greeting(salutation: str, rule: str, company: str) -> str:
    if salutation:
        return f"Dear {salutation},"
    if company and not rule.startswith(("interview.", "meeting.", "networking.")):
        return f"Dear {company} team,"
    return f"Dear {gap('a name')},"


def _signed(closing: str, settings: Settings) -> str:
    if settings.signature:
        lines = [one_line(line) for line in settings.signature.splitlines()]
    else:
        lines = [settings.your_name or gap("your name"), settings.your_phone or ""]
    return "\n".join([closing, *(line for line in lines if line)])


def _letterhead(row: Row, name: str, settings: Settings, today: dt.date) -> str:
    place = row.text.get("location", "")
    to = [name, row.company, gap("their street and town") + (f" ({place})" if place else "")]
    own = [settings.your_name or gap("your name"), gap("your street and town")]
    date = f"{today.day} {MONTHS[today.month - 1]} {today.year}"
    return "\n".join([*own, "", date, "", *(line for line in to if line)])
