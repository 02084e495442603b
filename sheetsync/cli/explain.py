"""`sheetsync explain`: how a row's date came about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from sheetsync.cli.options import Asked, as_json, example, open_target, reads_tracker, target
from sheetsync.cli.output import GAP, Block, Line, Table, clean, count, day, show, show_json
from sheetsync.measures.threads import Thread, contact_json, iso, thread_json, threads
from sheetsync.sheets.companions import settings_beside
from sheetsync.words import step_words

if TYPE_CHECKING:
    from sheetsync.cadence.contacts import Contact, Origin
    from sheetsync.cadence.explain import Explanation
    from sheetsync.sync import Proposal

_MOST_CONTACTS: Final = 12
_ORIGINS: Final[Mapping[Origin, str]] = {
    "history": "History", "last_contact": "last contact", "reply_on": "date of their reply", "reminder": "column of reminders",
}  # fmt: skip


@click.command(
    epilog=example(
        "sheetsync explain tracker.xlsx 12",
        "sheetsync explain tracker.xlsx Fernhill",
        "sheetsync explain tracker.xlsx 12 --as-of 2026-11-16",
    )
)
@target
@click.argument("who", metavar="ROW-or-COMPANY")
@reads_tracker
@as_json
def command(target: str, who: str, *, asked: Asked, as_json: bool) -> None:
    """Show how a row's next date came about, step by step.

    ROW-or-COMPANY is the row's number in the sheet, or a company, role or contact that only one row has. Each step names
    the rule, where the rule comes from, and the cells it counts from. Nothing is written.
    """
    from sheetsync.cadence.explain import explain
    from sheetsync.records.finding import find_thread
    from sheetsync.sync import propose

    source = open_target(target, asked.service_account)
    proposal = propose(source, as_of=asked.moment, options=asked.settings, toml=settings_beside(target))
    row = find_thread(proposal.tracker, who)
    explanation = explain(proposal.tracker, proposal.profile, proposal.settings, row, today=proposal.today)
    (thread,) = threads(proposal.tracker, proposal.plan, [row])
    if as_json:
        show_json(_as_json(target, proposal, thread, explanation))
    else:
        show(_as_text(target, proposal, thread, explanation))


def _as_json(target: str, proposal: Proposal, thread: Thread, explanation: Explanation) -> dict[str, Any]:
    return {
        "target": target,
        "as_of": proposal.today.isoformat(),
        "profile": proposal.plan.profile,
        "sheet": proposal.changes.sheet,
        "row": explanation.row,
        "headline": explanation.headline,
        "contacts": [{**contact_json(one), "origin": one.origin, "counts": one.counts} for one in explanation.contacts],
        "steps": [
            {
                "text": step.text,
                "rule": step.rule,
                "source": step.source,
                "from": iso(step.start),
                "until": iso(step.until),
            }
            for step in explanation.steps
        ],
        "thread": thread_json(thread),
    }


def _as_text(target: str, proposal: Proposal, thread: Thread, explanation: Explanation) -> list[Block]:
    who = ", ".join(clean(text, 60) for text in (thread.company, thread.contact or thread.role) if text)
    rows: list[list[str | Line]] = []
    for number, step in enumerate(explanation.steps, start=1):
        rows.append([f"{number}.", clean(step.text)])
        told = [f"rule {step.rule}"] if step.rule else []
        told += [f"source {clean(step.source)}"] if step.source else []
        if told:
            rows.append(["", Line("; ".join(told), "quiet")])
    name = f"{clean(target)}, row {explanation.row}"
    return [
        Line(f"{name}: {who}" if who else name, "title"),
        Line(clean(explanation.headline)),
        *_contact_blocks(explanation.contacts, proposal.today),
        GAP,
        Table(("", ""), rows, numbers=frozenset({0})),
        GAP,
        Line(f"Profile {proposal.plan.profile}.", "quiet"),
    ]


def _contact_blocks(contacts: Sequence[Contact], today: dt.date) -> list[Block]:
    """What was sent and received, the newest of a long list."""
    if not contacts:
        return []
    shown = contacts[-_MOST_CONTACTS:]
    rows: list[list[str | Line]] = [
        [
            day(one.on, today),
            "they wrote" if one.direction == "in" else "you wrote",
            clean(one.contact, 40),
            clean(one.channel, 20),
            Line(_origin(one), "quiet"),
            clean(one.note, 60),
        ]
        for one in shown
    ]
    older = len(contacts) - len(shown)
    title = f"Contacts so far, and {count(older, 'older one')}" if older else "Contacts so far"
    return [GAP, Line(title, "title"), Table(("When", "", "Who", "How", "Known from", "Note"), rows)]


def _origin(one: Contact) -> str:
    told = _ORIGINS[one.origin] + (f", as {clean(step_words().get(one.step, one.step))}" if one.step else "")
    return told if one.counts else f"{told}; before what counts now"
