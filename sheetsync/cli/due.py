"""`sheetsync due`: whom to contact, ranked."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import click

from sheetsync.cli.options import Asked, as_json, example, open_target, reads_tracker, target
from sheetsync.cli.output import GAP, Block, Line, clean, day, show, show_json
from sheetsync.cli.reporting import per_day
from sheetsync.cli.summary import contact_blocks, upcoming_blocks
from sheetsync.measures.threads import counts, due_now, problem_json, thread_json, threads, upcoming
from sheetsync.sheets.companions import settings_beside

if TYPE_CHECKING:
    from sheetsync.sync import Proposal


@click.command(
    epilog=example("sheetsync due tracker.xlsx", "sheetsync due tracker.xlsx --days 7", "sheetsync due old.csv --json")
)
@target
@click.option("--days", type=click.IntRange(min=0), metavar="N", help="Show also what begins within N days.")
@reads_tracker
@as_json
def command(target: str, *, asked: Asked, days: int | None, as_json: bool) -> None:
    """List whom to contact now, the most pressing first.

    Offers and replies come before thank-yous, follow-ups and reminders. Nothing is written; a .csv will do.
    """
    from sheetsync.sync import propose

    source = open_target(target, asked.service_account)
    proposal = propose(source, as_of=asked.moment, options=asked.settings, toml=settings_beside(target))
    if as_json:
        show_json(_as_json(target, proposal, days))
    else:
        show(_as_text(target, proposal, days))


def _ranked(proposal: Proposal, days: int | None) -> list[int]:
    """The rows to show: what is due by rank, then what begins soon by date."""
    rows = due_now(proposal.plan)
    if days:
        rows += upcoming(proposal.plan, until=proposal.today + dt.timedelta(days=days))
    return rows


def _as_text(target: str, proposal: Proposal, days: int | None) -> list[Block]:
    rows = _ranked(proposal, days)
    found = threads(proposal.tracker, proposal.plan, rows)
    now = [thread for thread in found if thread.follow_up != "Upcoming"]
    soon = found[len(now) :]
    most, today = per_day(proposal), proposal.today
    blocks: list[Block] = [Line(f"{clean(target)}, as of {day(today, today)} {today.year}", "title"), GAP]
    cold = counts(proposal.plan)["Cold"]
    if target.lower().endswith(".csv"):  # into which no command writes
        blocks += contact_blocks(now[:most], today, len(now), cold, closing="in the list")
    else:
        blocks += contact_blocks(now[:most], today, len(now), cold)
    if days is not None:
        blocks += upcoming_blocks(soon[:most], len(soon), days, today)
    return blocks


def _as_json(target: str, proposal: Proposal, days: int | None) -> dict[str, Any]:
    found = threads(proposal.tracker, proposal.plan, _ranked(proposal, days))
    return {
        "target": target,
        "as_of": proposal.today.isoformat(),
        "profile": proposal.plan.profile,
        "sheet": proposal.changes.sheet,
        "header_row": proposal.changes.header_row,
        "per_day": per_day(proposal),
        "rows": [{**thread_json(thread), "next_action": thread.next_action} for thread in found],
        "problems": [problem_json(problem) for problem in proposal.problems],
        "counts": counts(proposal.plan),
    }
