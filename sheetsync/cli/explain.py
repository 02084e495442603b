"""`sheetsync explain`: how a row's date came about."""

from __future__ import annotations

import click

from sheetsync.cli.options import Asked, as_json, example, reads_tracker, settings_beside, target
from sheetsync.cli.output import show, show_json
from sheetsync.cli.report import threads


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
    from sheetsync.sheets import open_source
    from sheetsync.sync import propose

    proposal = propose(open_source(target), as_of=asked.moment, options=asked.settings, toml=settings_beside(target))
    explanation = explain(proposal.tracker, proposal.profile, proposal.settings, row, today=proposal.today)
    (thread,) = threads(proposal.tracker, proposal.plan, [row])
    if as_json:
        show_json(_as_json(target, proposal, thread, explanation))
    else:
        show(_as_text(target, proposal, thread, explanation))
