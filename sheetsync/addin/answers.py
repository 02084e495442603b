"""What the page is answered, as plain values: the same as the commands due, explain, sync, log and draft say.

view = look(source, ...)               read a tracker and plan
today(view), row(view, asking), draft(view, asking, own)
synced(source, ..., act=log(asking))   the view after a write, and what was written
answer(asking, source, ...)            all of these for a spreadsheet that has no place of its own, such as an open workbook

No date and no rule is made here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sheetsync.addin.asking import Asking
from sheetsync.errors import MovedError, UsageError, on_a_page
from sheetsync.measures.problems import alike
from sheetsync.measures.threads import Thread, contact_json, counts, due_now, thread_json, threads, upcoming
from sheetsync.model import Problem

if TYPE_CHECKING:
    from sheetsync.messages.values import Draft, Finding
    from sheetsync.model import Tracker
    from sheetsync.records.reading import Act, Reading, Records
    from sheetsync.sheets.source import Source
    from sheetsync.sync import Outcome, Proposal

_LATER: Final = ("Overdue", "Due", "Upcoming", "Needs info", "Waiting", "Paused", "Cold", "", "Closed")
"""The order of what is not due, by its follow-up word."""
_MOST_PROBLEMS: Final = 50
_MOST_PLACES: Final = 3


@dataclass(frozen=True, slots=True)
class View:
    """A tracker as it was read, and what is next."""

    proposal: Proposal
    channels: tuple[str, ...]
    """What a contact's channel is called in the tracker's own drop-down, and by sheetsync."""


def look(source: Source, *, as_of: dt.date | dt.datetime, options: Mapping[str, Any], toml: Mapping[str, Any]) -> View:
    """Read a tracker and plan; write nothing. Raises what `sheetsync.sync.propose` raises."""
    from sheetsync.sync import propose

    offered = _Offered(None)
    proposal = propose(source, as_of=as_of, options=options, toml=toml, act=offered)
    return View(proposal, offered.channels)


def synced(
    source: Source,
    *,
    as_of: dt.date | dt.datetime,
    options: Mapping[str, Any],
    toml: Mapping[str, Any],
    act: Act | None = None,
) -> tuple[View, Outcome]:
    """Bring a tracker up to date with what `act` records. Raises what `sheetsync.sync.sync` raises."""
    from sheetsync.sync import sync

    offered = _Offered(act)
    outcome = sync(source, as_of=as_of, options=options, toml=toml, act=offered)
    return View(outcome.proposal, offered.channels), outcome


def log(asking: Asking) -> Act:
    """What records a contact."""

    def act(reading: Reading) -> Records:
        from sheetsync.records.contacts import record_contacts
        from sheetsync.records.finding import find_thread
        from sheetsync.records.stated import stated_contact

        row = _meant(asking, reading.tracker, reading.snapshot.location)
        contact = stated_contact(
            reading,
            find_thread(reading.tracker, str(row)),
            on=asking.on,
            channel=asking.channel,
            person=asking.person,
            received=asking.received,
            note=asking.note,
        )
        return record_contacts(reading, [contact])

    return act


def answer(
    asking: Asking,
    source: Source,
    *,
    as_of: dt.date | dt.datetime,
    kind: str,
    title: str,
    options: Mapping[str, Any] | None = None,
    own_templates: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What a spreadsheet without a place of its own is answered; nothing is noted, so nothing can be taken back here.

    Raises UsageError for a request that does not fit, and what the story raises.
    """
    said: dict[str, Any] = {"as_of": as_of, "options": options or {}, "toml": {}}
    place: dict[str, Any] = {"target": title, "kind": kind, "title": title}
    match asking.name:
        case "today":
            return {**place, **today(look(source, **said))}
        case "row":
            return row(look(source, **said), asking)
        case "draft":
            return draft(look(source, **said), asking, own_templates or {})
        case "sync" | "log":
            view, outcome = synced(source, **said, act=log(asking) if asking.name == "log" else None)
            return {**place, **today(view), **told(outcome)}
    raise UsageError(f"{asking.name.capitalize()} is done in the spreadsheet program itself.")


def today(view: View) -> dict[str, Any]:
    """Every thread, what is due first as `due` ranks it, and what is to be looked at."""
    proposal = view.proposal
    found = threads(proposal.tracker, proposal.plan, _ordered(proposal))
    return {
        "as_of": proposal.today.isoformat(),
        "sheet": proposal.changes.sheet,
        "rows": [_thread(thread) for thread in found],
        "counts": counts(proposal.plan),
        "problems": _problems(dict.fromkeys(proposal.problems), proposal.changes.sheet),
        "undo": None,
        "channels": list(view.channels),
        "google_url": None,
    }


def row(view: View, asking: Asking) -> dict[str, Any]:
    """How a row's date came about, and its contacts, the oldest first.

    Raises UsageError for a row that is no thread, MovedError for one that is another than was shown.
    """
    from sheetsync.cadence.explain import explain
    from sheetsync.tracker.history import split_people

    proposal = view.proposal
    number = _meant(asking, proposal.tracker, proposal.location)
    told_ = explain(proposal.tracker, proposal.profile, proposal.settings, number, today=proposal.today)
    (thread,) = threads(proposal.tracker, proposal.plan, [number])
    debriefs = proposal.tracker.debrief
    named = [thread.contact or "", *debriefs.loc[debriefs["row"] == number, "people"].tolist()]
    people = [*(name for text in named for name in split_people(text)), *(one.contact for one in told_.contacts)]
    return {
        "sheet": proposal.changes.sheet,
        "thread": _thread(thread),
        "why": told_.headline,
        "steps": [{"text": step.text, "source": step.source, "rule": step.rule} for step in told_.steps],
        "history": [contact_json(one) for one in told_.contacts],
        "people": [name for name in dict.fromkeys(people) if name],
    }


def draft(view: View, asking: Asking, own_templates: Mapping[str, str]) -> dict[str, Any]:
    """The drafts of a row with the findings of their check, and why there is none. Nothing is saved and nothing sent.

    Raises as `row` does, and TemplateFaultError for a broken template of the person's own.
    """
    from sheetsync.checks.drafts import without_strangers
    from sheetsync.messages import drafting
    from sheetsync.messages.desk import Desk, message_of, near_identical

    proposal = view.proposal
    tracker, profile, settings = proposal.tracker, proposal.profile, proposal.settings
    number = _meant(asking, tracker, proposal.location)
    made = drafting.draft(tracker, proposal.plan, profile, settings, rows=[number], own_templates=own_templates)
    made = without_strangers(made, tracker, profile, settings, today=proposal.today)
    desk = Desk(tracker, proposal.plan, settings)
    contexts = [desk.context(one.row, one.rule, one.recipient, one.channel) for one in made.drafts]
    twins = near_identical([(message_of(one), context) for one, context in zip(made.drafts, contexts, strict=True)])
    return {
        "drafts": [_draft(one, (*desk.check(one), *twins.get(place, ()))) for place, one in enumerate(made.drafts)],
        "refusals": list(dict.fromkeys(on_a_page(one.message) for one in made.refusals)),
    }


def told(outcome: Outcome) -> dict[str, Any]:
    """What a write did, in sentences too."""
    receipt, records = outcome.receipt, outcome.proposal.records
    problems = _problems(dict.fromkeys((*records.problems, *receipt.problems)), outcome.proposal.changes.sheet)
    sentences = [
        *records.told,
        *(f"{one['place']}: {one['message']}" if one["place"] else one["message"] for one in problems),
    ]
    return {"changed_cells": receipt.changed_cells, "written": receipt.written, "told": sentences}


class _Offered:
    """An act that looks at the channels on its way."""

    def __init__(self, act: Act | None) -> None:
        self._act = act
        self.channels: tuple[str, ...] = ()

    def __call__(self, reading: Reading) -> Records:
        from sheetsync.records.reading import Records
        from sheetsync.records.stated import offered_channels

        self.channels = offered_channels(reading)
        return self._act(reading) if self._act is not None else Records()


def _meant(asking: Asking, tracker: Tracker, location: str) -> int:
    """The row that is meant: the one that the page shows there, wherever it stands now. Raises MovedError."""
    if asking.who is None:
        return asking.row
    names = zip(*(tracker.frame[name].tolist() for name in ("company", "role", "contact")), strict=True)
    found = [row for row, who in zip(tracker.frame.index.tolist(), names, strict=True) if who == asking.who]
    if asking.row in found:
        return asking.row
    if len(found) == 1:
        return int(found[0])
    raise MovedError(location, asking.row)


def _ordered(proposal: Proposal) -> list[int]:
    """Every row: what is due by rank, what begins soon by date, the rest by its word and place."""
    frame = proposal.plan.frame
    first = dict.fromkeys([*due_now(proposal.plan), *upcoming(proposal.plan)])
    words = zip(frame.index.tolist(), frame["follow_up"].tolist(), strict=True)
    rest = sorted((_LATER.index(word), number) for number, word in words if number not in first)
    return [*first, *(number for _, number in rest)]


def _thread(thread: Thread) -> dict[str, Any]:
    from sheetsync.tracker.history import split_people

    people = split_people(thread.contact or "")
    person = people[0] if len(people) == 1 else None
    return {**thread_json(thread), "next_action": thread.next_action, "person": person}


def _draft(one: Draft, findings: Iterable[Finding]) -> dict[str, Any]:
    from sheetsync.messages.formats import mailto

    whom = f"{one.recipient} <{one.address}>" if one.recipient and one.address else one.address or one.recipient
    name = ", ".join(text for text in (one.recipient, one.company) if text)
    return {
        "name": name,
        "rule": one.rule,
        "channel": one.channel,
        "to": (whom if one.channel == "email" else one.recipient) or None,
        "phone": one.phone or None if one.channel == "phone" else None,
        "subject": one.subject or None,
        "body": one.body,
        "mailto": (mailto(one) or None) if one.channel == "email" else None,
        "gaps": list(one.gaps),
        "todos": list(one.todos),
        "findings": [
            {"severity": each.severity, "message": each.message, "where": each.where, "source": each.source or None}
            for each in findings
            if each.rule != "gap" or not any(f"[[{gap}]]" in each.message for gap in one.gaps)  # told as a gap already
        ],
    }


def _problems(problems: Iterable[Problem], sheet: str) -> list[dict[str, str]]:
    """Problems, the same one on many rows told once with its first places."""
    groups = alike(problems)
    shown = [{"place": _places(group, sheet), "message": group[0].message} for group in groups[:_MOST_PROBLEMS]]
    if more := len(groups) - len(shown):
        shown.append({"place": "", "message": f"{more:,} more kinds of problems: `sheetsync inspect` shows them."})
    return shown


def _places(group: list[Problem], sheet: str) -> str:
    places = [
        problem.place.removeprefix(sheet).removeprefix("!").strip() if problem.sheet == sheet else problem.place
        for problem in group
    ]
    named = ", ".join(list(dict.fromkeys(places))[:_MOST_PLACES])
    return f"{named} and {len(group) - _MOST_PLACES:,} more" if len(group) > _MOST_PLACES else named
