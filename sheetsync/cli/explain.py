"""`sheetsync explain`: how a row's date came about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sheetsync.cli.options import Asked, as_json, example, open_target, reads_tracker, settings_beside, target
from sheetsync.cli.output import GAP, Block, Line, Table, clean, show, show_json
from sheetsync.cli.report import Thread, iso, thread_json, threads

if TYPE_CHECKING:
    from sheetsync.cadence.explain import Explanation
    from sheetsync.sync import Proposal


@click.command(
    epilog=example("sheetsync explain tracker.xlsx 12", "sheetsync explain tracker.xlsx 12 --as-of 2026-11-16")
)
@target
@click.argument("row", type=click.IntRange(min=1))
@reads_tracker
@as_json
def command(target: str, row: int, *, asked: Asked, as_json: bool) -> None:
    """Show how a row's next date came about, step by step.

    ROW is the row's number in the sheet. Each step names the rule, where the rule comes from, and the cells it counts
    from. Nothing is written.
    """
    from sheetsync.cadence.explain import explain
    from sheetsync.sync import propose

    source = open_target(target, asked.service_account)
    proposal = propose(source, as_of=asked.moment, options=asked.settings, toml=settings_beside(target))
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
        GAP,
        Table(("", ""), rows, numbers=frozenset({0})),
        GAP,
        Line(f"Profile {proposal.plan.profile}.", "quiet"),
    ]
