"""`sheetsync draft`: messages for what is due, as files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from sheetsync.cli.keeping import keep_outcome
from sheetsync.cli.options import Asked, as_json, example, open_target, reads_tracker, target
from sheetsync.cli.output import GAP, Block, Line, Table, clean, count, day, show, show_json
from sheetsync.cli.reporting import per_day
from sheetsync.cli.summary import problem_lines
from sheetsync.errors import ReadOnlyFormatError
from sheetsync.measures.threads import due_now, problem_json
from sheetsync.model import Problem
from sheetsync.sheets.companions import home_of, name_of, settings_beside

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sheetsync.changes import Changes, Only, Receipt
    from sheetsync.messages.folder import Saved
    from sheetsync.messages.values import Draft, Drafts, Refusal, Way
    from sheetsync.model import Snapshot
    from sheetsync.records.reading import Reading, Records
    from sheetsync.sheets.source import Source
    from sheetsync.sync import Outcome, Proposal

_REFUSED: Final = 1
"""The exit code where a draft would have gone to the wrong one."""
_KINDS: Final[Mapping[str, str]] = {
    "letter": "letter", "note": "handwritten note", "phone": "what to say on the phone",
    "connection": "connection request", "message": "message",
}  # fmt: skip
"""What a draft without a subject is called."""
_NOTHING: Final = "nothing-to-send"
"""The refusal of a row for which no message is next, which is no mistake."""
_OWN_NAME: Final = "your name"
_NAMELESS: Final = (
    "Your name is not known, so it is a gap in them: put it on the Settings sheet (Your name), or as your_name in "
    "sheetsync.toml, and draft again."
)


@dataclass(frozen=True, slots=True)
class _Result:
    """What was drafted, and where it is."""

    target: str
    proposal: Proposal
    folder: Path
    saved: tuple[Saved, ...]
    refusals: tuple[Refusal, ...]
    problems: tuple[Problem, ...]
    linked: Outcome | None
    """The sync that wrote the links, if they were asked for."""
    more: int
    """How many threads are due besides."""
    anyway: bool

    def refused(self) -> list[Refusal]:
        """What would go to the wrong one."""
        return [each for each in self.refusals if each.rule != _NOTHING]


@click.command(
    epilog=example(
        "sheetsync draft tracker.xlsx",
        "sheetsync draft tracker.xlsx 12 Fernhill --format md",
        "sheetsync draft tracker.xlsx --link",
        "sheetsync draft tracker.xlsx 12 --step offer.decline --way letter",
    )
)
@target
@click.argument("who", metavar="[ROW-or-COMPANY]...", nargs=-1)
@click.option(
    "--out", type=click.Path(), metavar="DIR", help="The folder for the drafts; `drafts` beside the file if not given."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["eml", "md", "text"]),
    default="eml",
    show_default=True,
    help="What is no e-mail (a letter, a script for a call) is .md instead of .eml.",
)
@click.option("--link", is_flag=True, help="Put a link to each e-mail into a column Draft of the tracker, too.")
@click.option("--step", metavar="RULE", help="Draft another message than the one that is next, such as offer.decline.")
@click.option(
    "--way",
    type=click.Choice(["email", "letter", "note", "phone", "connection", "message"]),
    help="Draft it for another way than the planned one.",
)
@click.option("--anyway", is_flag=True, help="Draft even what would go to the wrong one, or to somebody who is done.")
@reads_tracker
@as_json
def command(
    target: str,
    who: tuple[str, ...],
    *,
    asked: Asked,
    out: str | None,
    form: str,
    link: bool,
    step: str | None,
    way: Way | None,
    anyway: bool,
    as_json: bool,
) -> int:
    """Write drafts of the messages that are due; nothing is ever sent.

    There is one file for each person, for you to finish and send: for what is overdue and due, the most pressing first, as
    many as a day takes, or for the rows you name. What your notes do not tell stays a gap, such as [[what you discussed]].
    A draft that you edited is never written over. The exit code is 1 if a draft was refused because it would go to the
    wrong one.
    """
    from sheetsync.checks.drafts import without_strangers
    from sheetsync.messages.drafting import draft
    from sheetsync.messages.folder import DraftFolder, own_templates
    from sheetsync.records.finding import find_thread
    from sheetsync.sync import propose

    if link and target.lower().endswith(".csv"):
        raise ReadOnlyFormatError(target)
    own, strange = own_templates(home_of(target))
    source = _ReadOnce(open_target(target, asked.service_account))
    proposal = propose(source, as_of=asked.moment, options=asked.settings, toml=settings_beside(target))
    due = due_now(proposal.plan)
    rows = list(dict.fromkeys(find_thread(proposal.tracker, each) for each in who)) or due[: per_day(proposal)]
    drafts = draft(
        proposal.tracker, proposal.plan, proposal.profile, proposal.settings,
        rows=rows, own_templates=own, rule=step, way=way, anyway=anyway,
    )  # fmt: skip
    drafts = without_strangers(
        drafts, proposal.tracker, proposal.profile, proposal.settings, today=proposal.today, anyway=anyway
    )
    outcome = _link(source, target, asked, proposal, drafts, only=bool(who)) if link else None
    folder = DraftFolder(drafts_folder(target, out), name_of(target))
    saved = folder.save(drafts.drafts, form, proposal.tracker, proposal.plan)
    problems = [
        Problem(name, None, None, "It is no template's name, so it was not used: see docs/messages.md.")
        for name in strange
    ]
    if outcome is not None:
        problems += [*outcome.proposal.records.problems, *outcome.receipt.problems]
    more = 0 if who else len(due) - len(rows)
    result = _Result(
        target, proposal, folder.path, saved, drafts.refusals, tuple(problems), outcome, more, anyway=anyway
    )
    if as_json:
        show_json(_as_json(result))
    else:
        show(_as_text(result))
    return _REFUSED if result.refused() and not anyway else 0


def drafts_folder(target: str, asked: str | None) -> Path:
    """Where the drafts of a tracker are."""
    return Path(asked) if asked else home_of(target) / "drafts"


class _ReadOnce:
    """A spreadsheet whose second reading is its first: the links belong to what was drafted from, or are not written."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._snapshot: Snapshot | None = None
        self.location = source.location

    def read(self) -> Snapshot:
        if self._snapshot is None:
            self._snapshot = self._source.read()
        return self._snapshot

    def apply(self, changes: Changes) -> Receipt:
        return self._source.apply(changes)

    def remove(self, *, everything: bool = False, only: Only | None = None) -> Receipt:
        return self._source.remove(everything=everything, only=only)


def _link(source: Source, target: str, asked: Asked, proposal: Proposal, drafts: Drafts, *, only: bool) -> Outcome:
    """Put the links into the tracker. Raises SourceChangedError if it is not as it was when it was drafted from."""
    from sheetsync.messages.formats import mailto
    from sheetsync.records.drafted import linked
    from sheetsync.sync import sync

    links: dict[int, str] = {}
    for each in drafts.drafts:
        if each.channel == "email" and each.row not in links and (address := mailto(each)):
            links[each.row] = address

    def act(reading: Reading) -> Records:
        return linked(reading, proposal.plan, links, only=only)

    outcome = sync(source, as_of=asked.moment, options=asked.settings, toml=settings_beside(target), act=act)
    keep_outcome(target, "draft", outcome, asked)
    return outcome


def _as_json(result: _Result) -> dict[str, Any]:
    receipt = result.linked.receipt if result.linked else None
    return {
        "target": result.target,
        "as_of": result.proposal.today.isoformat(),
        "profile": result.proposal.plan.profile,
        "sheet": result.proposal.changes.sheet,
        "folder": str(result.folder),
        "drafts": [_draft_json(one) for one in result.saved],
        "refusals": [
            {"row": each.row, "recipient": each.recipient or None, "rule": each.rule, "message": each.message}
            for each in result.refusals
        ],
        "more": result.more,
        "problems": [problem_json(problem) for problem in result.problems],
        "changed_cells": receipt.changed_cells if receipt else 0,
        "written": receipt is not None and receipt.written,
        "backup": receipt.backup if receipt else None,
    }


def _draft_json(one: Saved) -> dict[str, Any]:
    draft = one.draft
    return {
        "row": draft.row,
        "company": draft.company or None,
        "role": draft.role or None,
        "recipient": draft.recipient or None,
        "address": draft.address or None,
        "rule": draft.rule,
        "channel": draft.channel,
        "subject": draft.subject or None,
        "file": one.name,
        "state": one.state,
        "edited": one.edited or None,
        "gaps": list(one.gaps),
        "to_do": list(draft.todos),
        "template": draft.template,
    }


def _as_text(result: _Result) -> list[Block]:
    today, saved = result.proposal.today, result.saved
    blocks: list[Block] = [Line(f"{clean(result.target)}, as of {day(today, today)} {today.year}", "title")]
    if saved:
        blocks += [GAP, _table(saved), *_to_do(saved), GAP]
        blocks.append(Line(f"{count(len(saved), 'draft')} in {clean(result.folder)}. Nothing was sent."))
        blocks += [Line(sentence) for sentence in _remarks(saved)]
    elif not result.refusals:
        blocks.append(Line("Nothing is due, so there is nothing to draft."))
    if refused := result.refused():
        blocks += [GAP, Line("Drafted all the same" if result.anyway else "Refused", "title")]
        blocks += [Line(f"  row {each.row}: {clean(each.message)}", "bad") for each in refused]
        if not result.anyway:
            blocks.append(Line("Put it right in the tracker, or draft it all the same with --anyway."))
    nothing = [Line(clean(each.message)) for each in result.refusals if each.rule == _NOTHING]
    blocks += [GAP, *nothing] if nothing else []
    if result.more:
        told = "is due: name its row to draft it" if result.more == 1 else "are due: name their rows to draft them"
        blocks += [GAP, Line(f"{count(result.more, 'more thread')} {told}.")]
    if result.linked is not None:
        linked = result.linked.proposal.records.told or ("There was no link to write.",)
        blocks += [GAP, *(Line(clean(sentence)) for sentence in linked)]
    if result.problems:
        blocks += [GAP, Line("To look at", "title"), *problem_lines(result.problems, result.proposal.changes.sheet)]
    return blocks


def _table(saved: Sequence[Saved]) -> Table:
    rows: list[list[str | Line]] = []
    for one in saved:
        draft = one.draft
        whom = "\n".join(clean(text, 40) for text in (draft.recipient, draft.company) if text)
        what = clean(draft.subject, 60) or f"({_KINDS.get(draft.channel, draft.channel)})"
        rows.append([str(draft.row), whom, what, clean(one.name)])
    return Table(("Row", "Whom", "Subject", "File"), rows, numbers=frozenset({0}))


def _to_do(saved: Sequence[Saved]) -> list[Block]:
    """What is left to do in each draft; what all of them lack is said once."""
    rows: list[list[str | Line]] = []
    for one in saved:
        todo = [*(f"fill in [[{gap}]]" for gap in one.gaps if gap != _OWN_NAME), *one.draft.todos]
        whom = one.draft.recipient or one.draft.company
        rows += [[str(one.draft.row), clean(whom, 40), clean(each)] for each in todo]
    blocks: list[Block] = [GAP, Line("To do before they can go", "title")]
    if rows:
        blocks.append(Table(("", "", ""), rows, numbers=frozenset({0})))
    if any(_OWN_NAME in one.gaps for one in saved):
        blocks.append(Line(_NAMELESS))
    return blocks if len(blocks) > 2 else []


def _remarks(saved: Sequence[Saved]) -> list[str]:
    told = [
        f"You edited {clean(one.edited)}, so it stays as it is, and the new draft is {clean(one.name)}."
        for one in saved
        if one.edited
    ]
    kept = [one.name for one in saved if one.state == "kept"]
    if len(kept) == 1:
        told.append(f"You edited {clean(kept[0])}, and there is nothing new to say, so it stays as it is.")
    elif kept:
        told.append(f"You edited {len(kept)} of them, and there is nothing new to say, so they stay as they are.")
    others = [one.draft for one in saved if one.draft.channel != "email" and one.name.endswith(".md")]
    if others and any(one.name.endswith(".eml") for one in saved):
        told.append(f"{count(len(others), 'draft is', 'drafts are')} no e-mail, and so .md: {_listed(others)}.")
    return told


def _listed(drafts: Sequence[Draft]) -> str:
    return ", ".join(dict.fromkeys(_KINDS.get(draft.channel, draft.channel) for draft in drafts))
