"""`sheetsync init`: a new tracker."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sheetsync.cli.options import Asked, as_json, example, reads_tracker, settings_beside
from sheetsync.cli.output import Block, Line, clean, count, show, show_json
from sheetsync.cli.report import problem_json
from sheetsync.cli.summary import problem_lines
from sheetsync.errors import UsageError

if TYPE_CHECKING:
    from sheetsync.sheets.contents import Contents


@click.command(
    epilog=example(
        "sheetsync init tracker.xlsx",
        "sheetsync init clients.xlsx --template networking",
        "sheetsync init tracker.xlsx --from old.csv",
        "sheetsync init example.xlsx --sample --as-of 2026-11-16",
    )
)
@click.argument("path", type=click.Path())
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
def command(path: str, *, asked: Asked, template: str, old: str | None, sample: bool, as_json: bool) -> None:
    """Make a new tracker, empty, from an old list, or with examples.

    It has drop-downs, sheets for your history of contacts and for debriefs, and settings that you may change. A file that
    exists already is never overwritten.
    """
    contents = _contents(asked, template, old, sample=sample)
    from sheetsync.sheets.build import build_tracker

    build_tracker(Path(path), contents)
    rows = len(contents.tracker.rows)
    if as_json:
        problems = [problem_json(problem) for problem in contents.problems]
        show_json({"target": path, "template": template, "sheet": contents.tracker.sheet, "rows": rows,
                   "problems": problems})  # fmt: skip
        return
    filled = f"with {count(rows, 'row')}" if rows else "empty and ready to be filled in"
    blocks: list[Block] = [
        Line(f"Made {clean(path)}, {filled}. Bring it up to date with `sheetsync sync {clean(path)}`."),
        *problem_lines(contents.problems, contents.tracker.sheet),
    ]
    show(blocks)


def _contents(asked: Asked, template: str, old: str | None, *, sample: bool) -> Contents:
    """What goes into the workbook. Raises UsageError for options that contradict each other."""
    from sheetsync.sheets import contents

    if sample and (old or template != "job-search"):
        raise UsageError("--sample is a job search of its own: leave out --from and --template.")
    if asked.settings and not old:
        given = ", ".join(f"--{name.replace('_', '-')}" for name in asked.settings)
        raise UsageError(f"{given} say how to read an old list: name it with --from.")
    if sample:
        today = asked.moment
        return contents.sample(today.date() if isinstance(today, dt.datetime) else today)
    if not old:
        return contents.blank(template)

    from sheetsync.sheets import open_source
    from sheetsync.tracker.configure import configure
    from sheetsync.tracker.normalise import normalise
    from sheetsync.tracker.recognise import recognise

    snapshot = open_source(old).read()
    settings, _ = configure(snapshot, toml=settings_beside(old), options=asked.settings)
    layout = recognise(snapshot, settings)
    return contents.carried_over(template, snapshot, layout, normalise(snapshot, layout, settings))
