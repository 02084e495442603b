"""`sheetsync sweep`: the threads that went cold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sheetsync.cli.acting import act_on, tell
from sheetsync.cli.options import Asked, as_json, example, open_target, reads_tracker, target
from sheetsync.cli.output import GAP, Block, Line, Table, clean, count, day, show, show_json
from sheetsync.measures.threads import Thread, thread_json, threads
from sheetsync.sheets.companions import settings_beside

if TYPE_CHECKING:
    from sheetsync.records.closing import Cold
    from sheetsync.sync import Proposal


@click.command(
    epilog=example(
        "sheetsync sweep tracker.xlsx",
        "sheetsync sweep tracker.xlsx --older 60",
        "sheetsync sweep tracker.xlsx --apply",
    )
)
@target
@click.option(
    "--older", type=click.IntRange(min=1), metavar="DAYS", help="Only those silent for at least so many days."
)
@click.option("--apply", "applied", is_flag=True, help="Close them: write the tracker's own word for no response.")
@reads_tracker
@as_json
def command(target: str, *, asked: Asked, older: int | None, applied: bool, as_json: bool) -> None:
    """List the threads that went cold, and close them if you say so.

    Without --apply nothing is written. With it the status of each becomes the word that your own tracker has for no
    response, and the backup holds the file as it was.
    """
    from sheetsync.records.closing import cold_threads, sweep

    if applied:
        outcome = act_on(target, asked, lambda reading: sweep(reading, older=older))
        tell(target, outcome, [], as_json=as_json, nothing="nothing was closed")
        return
    from sheetsync.sync import propose

    source = open_target(target, asked.service_account)
    proposal = propose(source, as_of=asked.moment, options=asked.settings, toml=settings_beside(target))
    cold = cold_threads(proposal.tracker, proposal.plan, older=older)
    found = threads(proposal.tracker, proposal.plan, [each.row for each in cold])
    if as_json:
        rows = [{**thread_json(one), "silent_days": each.silent_days} for each, one in zip(cold, found, strict=True)]
        show_json({"target": target, "as_of": proposal.today.isoformat(), "older": older, "rows": rows})
    else:
        show(_as_text(target, proposal, cold, found))


def _as_text(target: str, proposal: Proposal, cold: tuple[Cold, ...], found: tuple[Thread, ...]) -> list[Block]:
    name, today = clean(target), proposal.today
    if not cold:
        return [Line(f"{name}: no thread has gone cold.")]
    rows: list[list[str | Line]] = []
    for each, thread in zip(cold, found, strict=True):
        who = ", ".join(clean(text, 40) for text in (thread.company, thread.contact or thread.role) if text)
        silent = f"silent for {count(each.silent_days, 'day')}" if each.silent_days is not None else ""
        rows.append([str(thread.row), who, silent, clean(thread.stage or "")])
    return [
        Line(f"{name}, as of {day(today, today)} {today.year}: {count(len(cold), 'thread')} went cold", "title"),
        Table(("Row", "Who", "", "Stage"), rows, numbers=frozenset({0})),
        GAP,
        Line("Close them with `--apply`, or give one a follow-up date in the sheet to keep it."),
    ]
