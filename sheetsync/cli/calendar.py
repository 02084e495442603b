"""`sheetsync calendar`: the next contacts as a calendar file."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Final

import click

from sheetsync.cli.options import Asked, as_json, example, open_target, reads_tracker, target
from sheetsync.cli.output import GAP, Block, Line, clean, count, show, show_json
from sheetsync.cli.summary import problem_lines
from sheetsync.measures.threads import problem_json
from sheetsync.sheets.companions import settings_beside

_UNITS: Final = {"w": 7 * 24 * 60, "d": 24 * 60, "h": 60, "m": 1}
_BEFORE: Final = re.compile(r"(?:(\d{1,3})w)?(?:(\d{1,4})d)?t?(?:(\d{1,4})h)?(?:(\d{1,5})m)?", re.IGNORECASE)
_CLOCK: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def _read_alarm(ctx: click.Context, param: click.Parameter, value: str | None) -> dt.timedelta | None:
    """An alarm as a distance from the beginning of the day: before it, or at a time of that day."""
    if value is None:
        return None
    text = value.strip()
    if text.isdecimal() and len(text) <= 6:
        return -dt.timedelta(minutes=int(text))
    if clock := _CLOCK.fullmatch(text):
        return dt.timedelta(hours=int(clock[1]), minutes=int(clock[2]))
    before = _BEFORE.fullmatch(re.sub(r"^p", "", text, flags=re.IGNORECASE))
    if before and any(before.groups()):
        minutes = sum(
            int(number) * unit for number, unit in zip(before.groups(), _UNITS.values(), strict=True) if number
        )
        return -dt.timedelta(minutes=minutes)
    told = f"{value!r} is no alarm: say minutes before the day begins (60), a time before it (12h, 1d, P1D) or a time of the day (9:00)"
    raise click.BadParameter(told, ctx, param)


@click.command(
    epilog=example(
        "sheetsync calendar tracker.xlsx -o follow-ups.ics",
        "sheetsync calendar tracker.xlsx -o follow-ups.ics --alarm 9:00",
        "sheetsync calendar tracker.xlsx -o shared.ics --private",
    )
)
@target
@click.option(
    "-o", "--output", required=True, type=click.Path(), metavar="FILE.ics", help="The calendar file to write."
)
@click.option(
    "--alarm",
    callback=_read_alarm,
    metavar="WHEN",
    help="Remind at a time of the day (9:00), or so long before the day begins (60 minutes, 12h, 1d). Without it, never.",
)
@click.option("--private", is_flag=True, help="Leave out names, companies and everything else you wrote.")
@reads_tracker
@as_json
def command(
    target: str, *, asked: Asked, output: str, alarm: dt.timedelta | None, private: bool, as_json: bool
) -> None:
    """Write the next contacts into a calendar file, one all-day event for each.

    Import the file into your calendar, and again whenever it has changed: events are updated, not doubled, and those of
    threads that are over are cancelled. Always write to the same file. The tracker itself is not changed.
    """
    from sheetsync.nightly.calendar_file import save
    from sheetsync.sync import propose

    source = open_target(target, asked.service_account)
    proposal = propose(source, as_of=asked.moment, options=asked.settings, toml=settings_beside(target))
    saved = save(Path(output), proposal.tracker, proposal.plan, alarm=alarm, private=private)
    if as_json:
        show_json(
            {
                "target": target,
                "as_of": proposal.today.isoformat(),
                "file": output,
                "events": saved.planned,
                "cancelled": saved.cancelled,
                "written": saved.written,
                "problems": [problem_json(problem) for problem in proposal.problems],
            }
        )
        return
    events = count(saved.planned, "next contact") + (f", {saved.cancelled:,} cancelled" if saved.cancelled else "")
    name = clean(output)
    blocks: list[Block] = [
        Line(f"Wrote {name}: {events}." if saved.written else f"{name} is up to date already: {events}.")
    ]
    if saved.written:
        blocks.append(Line("Import it into your calendar; events that are there already are updated.", "quiet"))
    if proposal.problems:
        blocks += [GAP, Line("To look at", "title"), *problem_lines(proposal.problems, proposal.changes.sheet)]
    show(blocks)
