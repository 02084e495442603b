"""`sheetsync add`: one of our sheets, or the Log columns, into a tracker that stands."""

from __future__ import annotations

from dataclasses import replace

import click

from sheetsync.cli.acting import act_on, tell
from sheetsync.cli.options import Asked, as_json, example, reads_tracker, target

_PARTS = {
    "today": "whom to contact, ranked, by formulas alone: right on a day without a sync",
    "log": "columns Log and Log date, in which a contact is picked on a phone",
    "history": "the contacts you had, one a row",
    "debrief": "what an interview brought, one a row",
    "settings": "what sheetsync should know of you",
    "cadence": "the rules, to be changed",
    "dashboard": "charts and numbers: follow-ups kept by week, who answers, how soon",
}


@click.command(epilog=example("sheetsync add tracker.xlsx log", "sheetsync add tracker.xlsx today debrief"))
@target
@click.argument("parts", metavar="PART...", type=click.Choice(list(_PARTS)), nargs=-1, required=True)
@reads_tracker
@as_json
def command(target: str, parts: tuple[str, ...], *, asked: Asked, as_json: bool) -> None:
    """Put Today, Log, History, Debrief, Settings, Cadence or Dashboard into your own tracker.

    PART is today, log, history, debrief, settings, cadence or dashboard. What is there already stays as it is; `sheetsync remove`
    takes them out again.
    """
    from sheetsync.cadence.profile import load_profile
    from sheetsync.measures.dashboard import add_dashboard
    from sheetsync.records.adding import add
    from sheetsync.records.reading import Reading, Records, together

    def act(reading: Reading) -> Records:
        profile, _ = load_profile(reading.settings.profile)
        return together(
            *(
                add_dashboard(reading) if part == "dashboard" else add(reading, part, profile)
                for part in dict.fromkeys(parts)
            )
        )

    first = None
    if "today" in parts:
        # Today points at our columns, which must stand first.
        first = act_on(target, asked, lambda _: Records())
    outcome = act_on(target, asked, act)
    if first and first.receipt.written:
        # two writes, of which the first kept the file as it was
        receipt = replace(
            outcome.receipt,
            written=True,
            changed_cells=first.receipt.changed_cells + outcome.receipt.changed_cells,
            backup=first.receipt.backup or outcome.receipt.backup,
        )
        outcome = replace(outcome, receipt=receipt)
    tell(target, outcome, [], as_json=as_json)
