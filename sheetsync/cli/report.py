"""`sheetsync report`: how it goes, as text, as a page or for programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sheetsync.cli.options import Asked, as_json, example, open_target, reads_tracker, target
from sheetsync.cli.output import GAP, Block, Line, Table, clean, day, show, show_json
from sheetsync.resources import read_toml
from sheetsync.sheets.companions import settings_beside
from sheetsync.sheets.pages import check_page, write_page

if TYPE_CHECKING:
    from sheetsync.measures.figures import Figures
    from sheetsync.model import Tracker


@click.command(
    epilog=example(
        "sheetsync report tracker.xlsx",
        "sheetsync report tracker.xlsx --html report.html",
        "sheetsync report tracker.xlsx --names --json",
    )
)
@target
@click.option(
    "--html", "page", type=click.Path(dir_okay=False), metavar="FILE", help="Write it as a page with pictures."
)
@click.option("--names", is_flag=True, help="Say also whom it is about: companies, roles and people.")
@reads_tracker
@as_json
def command(target: str, *, asked: Asked, page: str | None, names: bool, as_json: bool) -> None:
    """Show how it goes: follow-ups kept by week, how far threads came, who answers and how soon.

    Nothing is written into the tracker. The page is one file without scripts, in light and dark, ready to be printed.
    It is made to be shown: companies, roles and people are not in it unless you ask with --names.
    """
    place = Path(page) if page is not None else None
    if place is not None:
        check_page(place, generator=read_toml("report/words.toml")["generator"], kind="report")
    from sheetsync.measures.figures import figures
    from sheetsync.sync import propose

    source = open_target(target, asked.service_account)
    proposal = propose(source, as_of=asked.moment, options=asked.settings, toml=settings_beside(target))
    found = figures(proposal.tracker, proposal.plan, proposal.profile, proposal.settings)
    if place is not None:
        from sheetsync.measures.report import report_page

        write_page(place, report_page(found, proposal.tracker, names=names))
    if as_json:
        from sheetsync.measures.report import report_json

        show_json({"target": target, **report_json(found, proposal.tracker, names=names)})
    elif place is not None:
        show(
            [
                Line(
                    f"Wrote {clean(place)}{'' if names else '; the companies and people of the tracker are not named in it'}."
                )
            ]
        )
    else:
        show(_as_text(target, found, proposal.tracker, names=names))


def _as_text(target: str, found: Figures, tracker: Tracker, *, names: bool) -> list[Block]:
    from sheetsync.measures.answers import REACHED
    from sheetsync.measures.dashboard import FATES, days_text, part, sentence, tiles, week_name
    from sheetsync.measures.report import report_words, shown

    words = report_words()
    heads = words["heads"]
    blocks: list[Block] = [
        Line(f"{clean(target)}, as of {day(found.as_of, found.as_of)} {found.as_of.year}", "title"), GAP,
        Table(("", ""), [[label, str(value)] for label, value in zip(words["tiles"].values(), tiles(found, words), strict=True)]),
    ]  # fmt: skip
    if found.is_empty:
        return [*blocks, GAP, Line(words["empty"])]
    if said := sentence(found, words):
        blocks += [GAP, Line(said)]
    weeks = [[week_name(week), *(str(getattr(week, fate)) for fate in FATES)] for week in found.weeks]
    numbers = frozenset({1, 2, 3, 4})
    blocks += [GAP, Line(words["charts"]["weeks"], "title"), Table(tuple(heads["weeks"]), weeks, numbers)]
    every = found.funnel["listed"]
    funnel = [[words["reached"][name], str(count := found.funnel[name]), f"{count / every:.0%}"] for name in REACHED]
    blocks += [GAP, Line(words["charts"]["funnel"], "title"), Table(tuple(heads["funnel"]), funnel, numbers)]
    for kind, answers in zip(("channels", "sources"), shown(found, tracker, names=names), strict=True):
        if answers:
            rows = [
                [
                    clean(one.name or words["unnamed"], 40),
                    part(one.answered, one.asked, words),
                    days_text(one.median_days, words),
                ]
                for one in answers
            ]
            headings = (heads[kind][0], heads[kind][2], heads[kind][4])
            blocks += [GAP, Line(words["charts"][kind], "title"), Table(headings, rows)]
    return [*blocks, *(_named(found, tracker) if names else ())]


def _named(found: Figures, tracker: Tracker) -> list[Block]:
    """The lists with names."""
    from sheetsync.measures.report import named_lists

    blocks: list[Block] = []
    for heading, heads, rows in named_lists(found, tracker):
        blocks += [
            GAP,
            Line(heading, "title"),
            Table(tuple(heads), [[clean(cell, 40) for cell in row] for row in rows]),
        ]
    return blocks
