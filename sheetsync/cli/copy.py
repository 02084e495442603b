"""`sheetsync copy`: a whole spreadsheet carried over into a new one."""

from __future__ import annotations

from pathlib import Path

import click

from sheetsync.cli.options import as_json, example, say, service_account
from sheetsync.cli.output import GAP, Block, Line, clean, show, show_json
from sheetsync.cli.place import computer_locale, computer_time_zone
from sheetsync.cli.summary import problem_lines
from sheetsync.measures.threads import problem_json


@click.command(
    epilog=example(
        'sheetsync copy tracker.xlsx --google "My job search"',
        "sheetsync copy https://docs.google.com/spreadsheets/d/1AbC tracker.xlsx",
    )
)
@click.argument("source", type=click.Path(), metavar="FROM")
@click.argument("target", type=click.Path(), metavar="[TO]", required=False)
@click.option(
    "--google", "title", metavar="TITLE", help="Copy into a new Google spreadsheet of that title, in your Drive."
)
@service_account
@as_json
def command(source: str, target: str | None, *, title: str | None, service_account: str | None, as_json: bool) -> None:
    """Copy a whole tracker between Excel and Google Sheets.

    It goes in either direction: FROM is a file, or the link of a Google spreadsheet; TO is a new .xlsx file, or --google
    makes a new spreadsheet in your own Drive. All sheets go with it: history, debriefs, settings, notes, drop-downs,
    formulas and looks. FROM stays as it is, nothing is ever overwritten, and what cannot be carried over (charts,
    pictures, macros) is named.
    """
    from sheetsync.moving import copy

    moved = copy(
        source,
        Path(target) if target is not None else None,
        title=title,
        service_account=service_account,
        locale=computer_locale(),
        time_zone=computer_time_zone(),
        tell=say,
    )
    if as_json:
        problems = [problem_json(problem) for problem in moved.problems]
        show_json({"source": source, "target": moved.target, "problems": problems})
        return
    name = clean(moved.target)
    quoted = f'"{name}"' if " " in name else name
    blocks: list[Block] = [
        Line(f"Copied {clean(source)} to {name}."),
        Line(f"From now on, bring the copy up to date with `sheetsync sync {quoted}`."),
    ]
    if moved.problems:
        blocks += [GAP, Line("Not carried over as it was", "title"), *problem_lines(moved.problems, "")]
    show(blocks)
