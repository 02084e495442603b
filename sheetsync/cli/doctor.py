"""`sheetsync doctor`: what is well, and what is to be done."""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING

import click

from sheetsync.cli.options import as_json, example, service_account
from sheetsync.cli.output import GAP, Block, Line, Table, clean, count, show, show_json
from sheetsync.cli.place import computer_locale, computer_time_zone
from sheetsync.errors import UnreadableFileError
from sheetsync.sheets.companions import settings_beside

if TYPE_CHECKING:
    from sheetsync.nightly.doctor.finding import Finding

_WORDS = {"ok": Line("ok   ", "good"), "note": Line("note ", "quiet"), "do": Line("to do", "warn")}
"""As wide as each other, so that the tables below each other align."""


@click.command(epilog=example("sheetsync doctor", "sheetsync doctor tracker.xlsx"))
@click.argument("targets", metavar="[TARGET]...", type=click.Path(), nargs=-1)
@service_account
@as_json
def command(targets: tuple[str, ...], *, service_account: str | None, as_json: bool) -> int:
    """Examine this computer and its trackers: what is well, and what is to be done.

    Without a TARGET it looks at those that are synced every night. It writes nothing, and needs the internet only to ask
    whether Google accepts the sign-in. The exit code is 1 if something is to be done.
    """
    from sheetsync.nightly.doctor.computer import Here, examine_computer
    from sheetsync.nightly.doctor.tracker import examine_tracker
    from sheetsync.nightly.schedule.entry import saved
    from sheetsync.sheets.google.address import is_google

    night = saved()
    given = targets or (night[0].targets if night else ())
    named = [tracker for target in given for tracker in _trackers(target)]
    here = Here(
        dt.datetime.now().astimezone(),
        computer_time_zone(),
        computer_locale(),
        service_account or (night[0].service_account if night else None),
        any(is_google(target) for target in named),
    )
    found = [("", list(examine_computer(here)))]
    found += [(target, list(examine_tracker(target, here, settings_beside))) for target in dict.fromkeys(named)]
    todo = sum(finding.level == "do" for _, findings in found for finding in findings)
    if as_json:
        show_json({"ok": not todo, "checks": [_json(target, one) for target, findings in found for one in findings]})
    else:
        show(_blocks(found, todo))
    return 1 if todo else 0


def _trackers(target: str) -> tuple[str, ...]:
    """A target as it is known from everywhere; for a folder the trackers in it."""
    from sheetsync.nightly.folders import trackers_in
    from sheetsync.sheets.google.address import is_google

    if is_google(target):
        return (target,)
    place = os.path.abspath(target)  # noqa: PTH100 - a link to a file stays one
    try:
        return trackers_in(place).trackers if os.path.isdir(place) else (place,)  # noqa: PTH112 - no Path needed
    except UnreadableFileError:  # the examination of the folder itself says what is wrong with it
        return (place,)


def _json(target: str, finding: Finding) -> dict[str, str | None]:
    return {"target": target or None, "topic": finding.topic, "level": finding.level, "told": finding.told}


def _blocks(found: list[tuple[str, list[Finding]]], todo: int) -> list[Block]:
    blocks: list[Block] = []
    for target, findings in found:
        rows = [(_WORDS[finding.level], f"{finding.topic:10}", clean(finding.told)) for finding in findings]
        blocks += [Line(clean(target) or "This computer", "title"), Table(("", "", ""), rows), GAP]
    blocks.append(Line("All is well." if not todo else f"{count(todo, 'thing')} to do.", "warn" if todo else "good"))
    return blocks
