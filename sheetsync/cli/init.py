"""`sheetsync init`: a new tracker."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final

import click

from sheetsync.cli.options import Asked, as_json, example, open_target, reads_tracker, settings_beside
from sheetsync.cli.output import GAP, Block, Line, clean, show, show_json
from sheetsync.cli.report import problem_json
from sheetsync.cli.summary import problem_lines
from sheetsync.errors import UsageError

_SAID: Final = {"fields": "--map", "day_first": "--day-first"}


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
    if asked.settings and not old:
        given = ", ".join(_SAID.get(name, f"--{name.replace('_', '-')}") for name in asked.settings)
        raise UsageError(f"{given} tells how to read an old list: name the list with --from.")
    from sheetsync.start import start

    today = asked.moment
    problems = start(
        Path(path),
        template=template,
        sample_on=(today.date() if isinstance(today, dt.datetime) else today) if sample else None,
        old=open_target(old, asked.service_account) if old else None,
        options=asked.settings,
        toml=settings_beside(old) if old else {},
    )
    if as_json:
        told = [problem_json(problem) for problem in problems]
        show_json({"target": path, "template": template, "sample": sample, "from": old, "problems": told})
        return
    name = clean(path)
    quoted = f'"{name}"' if " " in name else name
    filled = "with invented examples" if sample else f"with the rows of {clean(old)}" if old else "empty"
    blocks: list[Block] = [
        Line(f"Made {name}, {filled}."),
        Line(f"{'Bring' if sample or old else 'Fill it in, then bring'} it up to date with `sheetsync sync {quoted}`."),
    ]
    if problems:
        blocks += [GAP, Line("To look at", "title"), *problem_lines(problems, "")]
    show(blocks)
