"""`sheetsync digest`: the morning, of one tracker or of many."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from sheetsync.cli import BUG_EXIT, bug_sentence
from sheetsync.cli.options import Asked, as_json, example, open_target, reads_tracker, say
from sheetsync.cli.output import FOLLOW_UP_TONES, GAP, Block, Line, Table, clean, day, show, show_json
from sheetsync.cli.reporting import Failure
from sheetsync.cli.summary import short_names
from sheetsync.cli.targets import LIMIT, given_up, spread
from sheetsync.errors import NoTrackerError, SheetsyncError, UnwritableFileError, UsageError
from sheetsync.measures.threads import iso
from sheetsync.nightly.folders import SUFFIXES as WORKBOOKS
from sheetsync.nightly.folders import conflict_copies, conflict_sentence
from sheetsync.sheets.companions import settings_beside
from sheetsync.sheets.google.address import is_google
from sheetsync.sheets.placing import replace_whole, worded

if TYPE_CHECKING:
    from sheetsync.nightly.digest import Digest, Item, Look, Missed
    from sheetsync.nightly.digest_page import Format

SHOWN_NEWS: Final = 20
_FORMATS: Final = ("text", "markdown", "html", "eml")


@click.command(
    epilog=example(
        "sheetsync digest tracker.xlsx",
        "sheetsync digest ana.xlsx ben.xlsx --notify",
        "sheetsync digest trackers/ -o morning.html",
        "sheetsync digest tracker.xlsx --format eml -o morning.eml",
    )
)
@click.argument("targets", metavar="TARGET...", type=click.Path(), nargs=-1, required=True)
@click.option("--format", "form", type=click.Choice(_FORMATS), help="How it is written; else as FILE ends, else text.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write it to a file.")
@click.option("--notify", is_flag=True, help="Show the numbers, nothing else, as a notification on the desktop.")
@click.option("--days", type=click.IntRange(min=0), default=7, metavar="N", help="How far to look ahead (7).")
@reads_tracker
@as_json
def command(
    targets: tuple[str, ...],
    *,
    asked: Asked,
    form: Format | None,
    output: str | None,
    notify: bool,
    days: int,
    as_json: bool,
) -> int:
    """Tell in the morning what is overdue, due, coming, awaited and new.

    Awaited are their decisions; new is what happened since yesterday. Several trackers, or a folder of them, make one
    digest. Nothing is written into a tracker, and nothing is sent: a message (.eml) opens in your mail program, addressed
    to nobody.
    """
    from sheetsync.nightly.digest import gather

    place = _output(output, form, targets)
    digest = gather(_looks(targets, asked, days), today=asked.today, days=days)
    names = short_names([look.target for look in digest.looks])
    for missed in digest.missed:
        say(missed.error)
    if as_json:
        show_json(_as_json(digest))
    if place is not None or (form and not as_json):
        from sheetsync.nightly.digest_page import page

        written = page(digest, _format(form, place), names=names, day=day)
        if place is None:
            click.echo(written, nl=False)
        else:
            _write(place, written)
            if not as_json:
                show([Line(f"Wrote {clean(place)}: {digest.in_short}.")])
    elif not as_json:
        show(_as_text(digest, names))
    if notify:
        _notify(digest)
    return 1 if digest.missed else 0


def _looks(targets: Sequence[str], asked: Asked, days: int) -> list[Look | Missed]:
    """What each target shows. One by itself raises SheetsyncError; of several, one that fails is among the answers."""
    from sheetsync.nightly.digest import Missed

    if len(targets) == 1 and not os.path.isdir(targets[0]):  # noqa: PTH112 - no Path needed
        return [_look(targets[0], asked, days)]
    from sheetsync.cli.workers import Ended, each

    once, passed, found = spread(targets)
    looks: list[Look | Missed] = [
        Missed(one.target, one.error, one.exit_code) for one in passed if isinstance(one, Failure)
    ]
    for answer in each(partial(_attempt, asked=asked, days=days), once, jobs=1, limit=LIMIT) if once else ():
        if isinstance(answer, Ended):
            failure = given_up(answer, LIMIT)
            looks.append(Missed(failure.target, failure.error, failure.exit_code))
        elif not (
            isinstance(answer, Missed) and answer.exit_code == NoTrackerError.exit_code and answer.target in found
        ):
            looks.append(answer)
    return looks


def _attempt(target: str, *, asked: Asked, days: int) -> Look | Missed:
    from sheetsync.nightly.digest import Missed

    try:
        return _look(target, asked, days)
    except SheetsyncError as error:
        return Missed(target, str(error), error.exit_code)
    except Exception as error:
        if os.environ.get("SHEETSYNC_DEBUG") == "1":
            raise
        return Missed(target, f"{target}: {bug_sentence(error)}", BUG_EXIT)


def _look(target: str, asked: Asked, days: int) -> Look:
    """Raises SheetsyncError."""
    from sheetsync.nightly.digest import look
    from sheetsync.sync import propose

    source = open_target(target, asked.service_account)
    proposal = propose(source, as_of=asked.moment, options=asked.settings, toml=settings_beside(target))
    copies = () if is_google(target) else conflict_copies(target)
    return look(target, proposal, days=days, beside=conflict_sentence(target, copies) if copies else "")


# Where it goes


def _output(output: str | None, form: Format | None, targets: Sequence[str]) -> Path | None:
    """The file to write, whose ending says what is in it; what holds a tracker is never overwritten. Raises UsageError."""
    from sheetsync.nightly.digest_page import SUFFIXES

    if output is None:
        return None
    place = Path(output)
    if place.suffix.lower() in {*WORKBOOKS, ".csv"} or place.resolve() in {
        Path(target).resolve() for target in targets
    }:
        raise UsageError(f"{output} would overwrite a spreadsheet: name another file, such as morning.html.")
    ending = place.suffix.lower()
    if ending and (ending not in SUFFIXES or (form or SUFFIXES[ending]) != SUFFIXES[ending]):
        fitting = [suffix for suffix, kind in SUFFIXES.items() if form in (None, kind)]
        what = f"A digest as {form}" if form else "A digest"
        raise UsageError(
            f"{what} cannot be written as {ending} ({output}): let the file end in {' or '.join(fitting)}."
        )
    return place


def _format(form: Format | None, place: Path | None) -> Format:
    """As asked for, else as the file's name ends, else plain text."""
    from sheetsync.nightly.digest_page import SUFFIXES

    if form:
        return form
    return SUFFIXES.get(place.suffix.lower(), "text") if place else "text"


def _write(place: Path, text: str) -> None:
    """Replace the file wholly or not at all, readable for its owner alone. Raises UnwritableFileError."""
    try:
        replace_whole(place, text.encode("utf-8", "replace"), private=True)
    except OSError as error:
        raise UnwritableFileError(str(place), f"{worded(error)}.") from None


def _notify(digest: Digest) -> None:
    from sheetsync.nightly.notify import notify

    if failed := notify("sheetsync", digest.in_short[0].upper() + digest.in_short[1:]):
        say(failed)


# What it says


def _as_text(digest: Digest, names: dict[str, str]) -> list[Block]:
    from sheetsync.nightly.digest_page import notes, sections, title

    several = len(digest.looks) > 1
    blocks: list[Block] = [Line(f"{title(digest, day)}: {digest.in_short}", "title")]
    for _, heading, items in sections(digest):
        if items:
            blocks += [GAP, Line(heading, "title"), _table(items[: digest.per_day], digest, names if several else None)]
        if len(items) > digest.per_day:
            blocks.append(Line(f"And {len(items) - digest.per_day:,} more."))
    news = [[clean(one.who, 40), clean(one.what, 80), day(one.on, digest.today)] for one in digest.news[:SHOWN_NEWS]]
    moves = [f"{names[target]}: {told}" if several else told for target, told in digest.moves]
    if news or moves:
        blocks += [GAP, Line("New since yesterday", "title"), *(Line(f"  {told}.") for told in moves)]
        if news:
            blocks.append(Table(("", "", ""), news))
        if len(digest.news) > SHOWN_NEWS:
            blocks.append(Line(f"And {len(digest.news) - SHOWN_NEWS:,} more."))
    if told := notes(replace(digest, missed=()), names):  # those are told on stderr
        blocks += [GAP, Line("To look at", "title"), *(Line(f"  {clean(sentence)}") for sentence in told)]
    return blocks


def _table(items: Sequence[Item], digest: Digest, names: dict[str, str] | None) -> Table:
    from sheetsync.nightly.digest_page import when

    rows: list[list[str | Line]] = []
    for item in items:
        who = "\n".join(clean(text, 40) for text in (item.company, item.person) if text)
        what = item.what if item.follow_up != "Waiting" else "Nothing to do but wait"
        told = Line(when(item, digest.today, day).replace(", ", "\n"), FOLLOW_UP_TONES.get(item.follow_up, ""))
        place = [names[item.target]] if names else []
        rows.append([*place, str(item.row), who, clean(what, 80), told, clean(item.why)])
    first = ("Tracker",) if names else ()
    return Table((*first, "Row", "Who", "What", "When", "Why"), rows, numbers=frozenset({len(first)}))


def _as_json(digest: Digest) -> dict[str, Any]:
    from sheetsync.nightly.digest_page import sections

    return {
        "as_of": digest.today.isoformat(),
        "days": digest.days,
        "in_short": digest.in_short,
        "trackers": [
            {
                "target": look.target,
                "counts": dict(look.counts),
                "before": {"day": iso(look.before.day), "counts": dict(look.before.counts)} if look.before else None,
                "to_look_at": look.to_look_at,
            }
            for look in digest.looks
        ],
        "failed": [{"target": one.target, "error": one.error, "exit_code": one.exit_code} for one in digest.missed],
        **{kind: [_item_json(item) for item in items] for kind, _, items in sections(digest)},
        "news": [
            {"target": one.target, "row": one.row, "who": one.who, "on": iso(one.on), "what": one.what}
            for one in digest.news
        ],
    }


def _item_json(item: Item) -> dict[str, Any]:
    return {
        "target": item.target,
        "row": item.row,
        "company": item.company or None,
        "person": item.person or None,
        "next_action": item.what or None,
        "action": item.action or None,
        "follow_up": item.follow_up,
        "next_contact": iso(item.next_contact),
        "contact_by": iso(item.contact_by),
        "decision_by": iso(item.decision_by),
        "days_overdue": item.days_overdue or None,
        "why": item.why or None,
    }
