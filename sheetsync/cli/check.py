"""`sheetsync check`: what is wrong in a tracker and in finished drafts, before it is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from sheetsync.cli.options import Asked, as_json, example, open_target, reads_tracker, target
from sheetsync.cli.output import GAP, Block, Line, Table, Tone, clean, count, day, show, show_json
from sheetsync.cli.summary import problem_lines
from sheetsync.errors import UnreadableFileError
from sheetsync.measures.threads import problem_json
from sheetsync.model import Finding, Problem, Severity, column_letter
from sheetsync.sheets.companions import settings_beside

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sheetsync.sync import Proposal

_FOUND: Final = 1
"""The exit code where an error was found."""
_TONES: Final[Mapping[Severity, Tone]] = {"error": "bad", "warning": "warn", "note": "quiet"}
_MOST_ALIKE: Final = 8
"""So many findings of one rule are shown before they are only counted."""


@click.command(
    epilog=example(
        "sheetsync check tracker.xlsx",
        "sheetsync check tracker.xlsx drafts/acme.eml drafts/birch.eml",
        "sheetsync check tracker.xlsx --json",
    )
)
@target
@click.argument("drafts", nargs=-1, type=click.Path(), metavar="[DRAFT]...")
@reads_tracker
@as_json
def command(target: str, *, asked: Asked, drafts: tuple[str, ...], as_json: bool) -> int:
    """Look for what should be put right before anything is sent.

    In the tracker: contacts that came too soon, dates that cannot be, rows that are double, addresses of another company.
    In each DRAFT (.eml, .md or text): the wrong company or person, gaps left open, phrases to avoid. Nothing is written;
    the exit code is 1 if there is an error, 0 if there are warnings at most.
    """
    from sheetsync.checks.tracker import check_tracker
    from sheetsync.sync import propose

    contents = [(name, _read(name)) for name in drafts]
    source = open_target(target, asked.service_account)
    proposal = propose(source, as_of=asked.moment, options=asked.settings, toml=settings_beside(target))
    found = check_tracker(proposal.tracker, proposal.profile, proposal.settings, today=proposal.today)
    found += _check_drafts(proposal, contents)
    places = {(one.sheet, one.row, one.column) for one in found if not one.draft}
    problems = tuple(one for one in proposal.problems if (one.sheet, one.row, one.column) not in places)
    if as_json:
        show_json(_as_json(target, drafts, proposal, found, problems))
    else:
        show(_as_text(target, drafts, proposal, found, problems))
    return _FOUND if any(one.severity == "error" for one in found) else 0


def _read(name: str) -> bytes:
    """A draft's content. Raises UnreadableFileError."""
    path = Path(name)
    if path.is_dir():
        raise UnreadableFileError(name, "it is a folder, name the drafts in it.")
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(name, f"{error.strerror or error}.") from error


def _check_drafts(proposal: Proposal, contents: Sequence[tuple[str, bytes]]) -> tuple[Finding, ...]:
    """The findings of finished drafts. Raises UsageError if one cannot be read as a message."""
    if not contents:
        return ()
    from sheetsync.messages.desk import Desk
    from sheetsync.messages.formats import read_message

    desk = Desk(proposal.tracker, proposal.plan, proposal.settings)
    messages = [read_message(name, content) for name, content in contents]
    return tuple(
        Finding(
            one.severity,
            f"message.{one.rule}",
            one.message,
            row=row,
            draft=message.name,
            where=one.where,
            source=one.source,
        )
        for message, row, found in desk.check_messages(messages)
        for one in found
    )


def _as_json(
    target: str, drafts: Sequence[str], proposal: Proposal, found: Sequence[Finding], problems: Sequence[Problem]
) -> dict[str, Any]:
    return {
        "target": target,
        "as_of": proposal.today.isoformat(),
        "profile": proposal.plan.profile,
        "sheet": proposal.changes.sheet,
        "drafts": list(drafts),
        "findings": [_finding_json(one) for one in found],
        "errors": _number(found, "error"),
        "warnings": _number(found, "warning"),
        "problems": [problem_json(problem) for problem in problems],
    }


def _finding_json(one: Finding) -> dict[str, Any]:
    return {
        "severity": one.severity,
        "rule": one.rule,
        "message": one.message,
        "sheet": one.sheet or None,
        "row": one.row,
        "column": column_letter(one.column) if one.column else None,
        "draft": one.draft or None,
        "where": one.where or None,
        "source": one.source or None,
    }


def _number(found: Sequence[Finding], severity: Severity) -> int:
    return sum(one.severity == severity for one in found)


def _as_text(
    target: str, drafts: Sequence[str], proposal: Proposal, found: Sequence[Finding], problems: Sequence[Problem]
) -> list[Block]:
    today = proposal.today
    blocks: list[Block] = [Line(f"{clean(target)}, as of {day(today, today)} {today.year}", "title"), GAP]
    in_tracker = [one for one in found if not one.draft]
    if in_tracker:
        blocks += _tracker_blocks(in_tracker)
    else:
        blocks.append(Line(f"Nothing wrong was found in {count(len(proposal.tracker.frame), 'row')}."))
    for name in dict.fromkeys(drafts):
        blocks += [GAP, *_draft_blocks(name, [one for one in found if one.draft == name])]
    if problems:
        blocks += [GAP, Line("Not read, so not checked", "title"), *problem_lines(problems, proposal.changes.sheet)]
    errors, warnings = _number(found, "error"), _number(found, "warning")
    if errors or warnings:
        blocks += [GAP, Line(f"{count(errors, 'error')}, {count(warnings, 'warning')}.", "bad" if errors else "warn")]
    return blocks


def _tracker_blocks(found: Sequence[Finding]) -> list[Block]:
    """Findings by row; of one rule only so many, the rest is counted."""
    shown, more = _first(found)
    rows: list[list[str | Line]] = [
        [
            Line(one.severity, _TONES[one.severity]),
            str(one.row or ""),
            column_letter(one.column) if one.column else "",
            one.rule.partition(".")[2],
            clean(one.message),
        ]
        for one in shown
    ]
    return [Table(("", "Row", "Column", "Rule", "What"), rows, numbers=frozenset({1})), *more]


def _first(found: Sequence[Finding]) -> tuple[list[Finding], list[Block]]:
    seen: Counter[str] = Counter()
    shown = []
    for one in found:
        seen[one.rule] += 1
        if seen[one.rule] <= _MOST_ALIKE:
            shown.append(one)
    more = [
        Line(f"And {number - _MOST_ALIKE:,} more of {rule.partition('.')[2]} (see them with --json).", "quiet")
        for rule, number in seen.items()
        if number > _MOST_ALIKE
    ]
    return shown, list(more)


def _draft_blocks(name: str, found: Sequence[Finding]) -> list[Block]:
    row = next((one.row for one in found if one.row), None)
    title = f"{clean(name)}, for row {row}" if row else clean(name)
    if not found:
        return [Line(title, "title"), Line("Nothing wrong was found.")]
    order = sorted(found, key=lambda one: ("error", "warning", "note").index(one.severity))
    rows: list[list[str | Line]] = [
        [
            Line(one.severity, _TONES[one.severity]),
            clean(one.where, 40),
            one.rule.partition(".")[2],
            clean(one.message),
        ]
        for one in order
    ]
    return [Line(title, "title"), Table(("", "Where", "Rule", "What"), rows)]
