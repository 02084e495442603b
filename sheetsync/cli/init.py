"""`sheetsync init`: a new tracker."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from sheetsync.cli.options import Asked, as_json, example, open_target, reads_tracker, say
from sheetsync.cli.output import GAP, Block, Line, clean, show, show_json
from sheetsync.cli.place import computer_locale, computer_time_zone
from sheetsync.cli.summary import problem_lines
from sheetsync.errors import UsageError
from sheetsync.measures.threads import problem_json
from sheetsync.sheets.companions import settings_beside

if TYPE_CHECKING:
    from sheetsync.moving import Moved

_SAID: Final = {"fields": "--map", "day_first": "--day-first"}


@click.command(
    epilog=example(
        "sheetsync init tracker.xlsx",
        "sheetsync init clients.xlsx --template networking",
        "sheetsync init tracker.xlsx --from old.csv",
        "sheetsync init example.xlsx --sample --as-of 2026-11-16",
        'sheetsync init --google "My job search"',
    )
)
@click.argument("path", type=click.Path(), metavar="[PATH]", required=False)
@click.option("--google", "title", metavar="TITLE", help="Make a Google spreadsheet of that title, in your own Drive.")
@click.option(
    "--template",
    metavar="NAME",
    default="job-search",
    show_default=True,
    help="What the tracker is for: job-search, networking, proposals or projects.",
)
@click.option(
    "--from", "old", type=click.Path(), metavar="OLD", help="Carry over the rows of an old list, a .csv or an .xlsx."
)
@click.option("--sample", is_flag=True, help="Fill it with invented examples, dated around today or --as-of.")
@reads_tracker
@as_json
def command(
    path: str | None, *, title: str | None, asked: Asked, template: str, old: str | None, sample: bool, as_json: bool
) -> None:
    """Make a new tracker, empty, from an old list, or with examples.

    PATH is a new .xlsx file; --google makes a Google spreadsheet instead. The tracker has drop-downs, a sheet that lists
    whom to contact today, sheets for your history of contacts and for debriefs, and settings that you may change. A file
    that exists already is never overwritten.
    """
    if (path is None) == (title is None):
        raise UsageError(
            "Say where to make it: a new file such as tracker.xlsx, or --google and a title, but not both."
        )
    if asked.settings and not old:
        given = ", ".join(_SAID.get(name, f"--{name.replace('_', '-')}") for name in asked.settings)
        raise UsageError(f"{given} tells how to read an old list: name the list with --from.")
    today = asked.moment
    made = _make(
        path,
        title,
        asked,
        template=template,
        sample_on=(today.date() if isinstance(today, dt.datetime) else today) if sample else None,
        old=old,
    )
    if as_json:
        told = [problem_json(problem) for problem in made.problems]
        show_json({"target": made.target, "template": template, "sample": sample, "from": old, "problems": told})
        return
    name = clean(made.target)
    quoted = f'"{name}"' if " " in name else name
    filled = "with invented examples" if sample else f"with the rows of {clean(old)}" if old else "empty"
    blocks: list[Block] = [
        Line(f"Made {name}, {filled}."),
        Line(f"{'Bring' if sample or old else 'Fill it in, then bring'} it up to date with `sheetsync sync {quoted}`."),
    ]
    if made.problems:
        blocks += [GAP, Line("To look at", "title"), *problem_lines(made.problems, "")]
    show(blocks)


def _make(
    path: str | None, title: str | None, asked: Asked, *, template: str, sample_on: dt.date | None, old: str | None
) -> Moved:
    from sheetsync.moving import Moved, make_google
    from sheetsync.start import new_tracker, start

    contents: dict[str, Any] = {
        "template": template,
        "sample_on": sample_on,
        # a service account cannot own the new spreadsheet, but may open the old one
        "old": open_target(old, asked.service_account) if old else None,
        "options": asked.settings,
        "toml": settings_beside(old) if old else {},
    }
    if title is None:
        return Moved(str(path), start(Path(str(path)), **contents))
    book, problems = new_tracker(**contents, locale=computer_locale(), time_zone=computer_time_zone())
    made = make_google(title, book, service_account=None if old else asked.service_account, tell=say)
    return Moved(made.target, (*problems, *made.problems))
