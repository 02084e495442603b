"""`sheetsync addin google`: the menu Follow-ups in a Google spreadsheet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sheetsync.cli.options import Asked, as_json, example, open_target, reads_tracker, say
from sheetsync.cli.output import GAP, Block, Line, clean, show, show_json
from sheetsync.errors import UnwritableFileError, UsageError

if TYPE_CHECKING:
    from sheetsync.model import Layout


@click.command(
    epilog=example(
        "sheetsync addin google",
        "sheetsync addin google https://docs.google.com/spreadsheets/d/1AbC --out script",
        "sheetsync addin google https://docs.google.com/spreadsheets/d/1AbC --push",
    )
)
@click.argument("target", required=False)
@click.option(
    "--out",
    type=click.Path(file_okay=False),
    default="google-script",
    show_default=True,
    metavar="DIR",
    help="Where to put the three files to paste.",
)
@click.option("--push", is_flag=True, help="Put the script into the spreadsheet with your own sign-in at Google.")
@click.option(
    "--client",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="With --push, the OAuth client that you made; if not given, the one of `sheetsync auth google`.",
)
@reads_tracker
@as_json
def google(target: str | None, *, asked: Asked, out: str, push: bool, client: str | None, as_json: bool) -> None:
    """Put the menu Follow-ups into a Google spreadsheet.

    Without --push the script's files are written into a folder, and the steps to paste them are shown. With a
    spreadsheet given they know its columns by its own headers. --push asks Google for the right to make scripts,
    once, and does not keep it.
    """
    from sheetsync.sheets.google.address import is_google, spreadsheet_id

    if target and not is_google(target):
        raise UsageError(f"{target} is no Google spreadsheet: give its link, or leave it out to get the files only.")
    if push and not target:
        raise UsageError("Give the link of the spreadsheet that the script is for.")
    if client and not push:
        raise UsageError("--client goes with --push.")
    layout = _layout(target, asked) if target else None
    if push and target:
        _push(spreadsheet_id(target), layout, client, as_json=as_json)
    else:
        _write(Path(out), layout, as_json=as_json)


def _layout(target: str, asked: Asked) -> Layout:
    """What the tracker's columns are. Raises NoTrackerError."""
    from sheetsync.sheets.companions import settings_beside
    from sheetsync.sync import propose

    source = open_target(target, asked.service_account)
    return propose(source, as_of=asked.moment, options=asked.settings, toml=settings_beside(target)).layout


def _push(book_id: str, layout: Layout | None, client: str | None, *, as_json: bool) -> None:
    from sheetsync.addin.google_script import bind

    bound = bind(book_id, layout, client=client, tell=say)
    if as_json:
        show_json({"script": bound.script, "url": bound.url, "renewed": bound.renewed})
        return
    done = "The script was there already and is renewed" if bound.renewed else "The script is in the spreadsheet"
    show(
        [
            Line(f"{done}: reload the spreadsheet, and the menu Follow-ups is there after a few seconds."),
            Line(bound.url),
        ]
    )


def _write(folder: Path, layout: Layout | None, *, as_json: bool) -> None:
    """Raises UnwritableFileError."""
    from sheetsync.addin.google_script import script_files, steps
    from sheetsync.sheets.placing import replace_whole, worded

    places = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in script_files(layout):
            place = folder / file.file_name
            replace_whole(place, file.source.encode())
            places.append(str(place))
    except OSError as error:
        raise UnwritableFileError(str(folder), f"{worded(error)}.") from None
    if as_json:
        show_json({"files": places, "steps": list(steps())})
        return
    blocks: list[Block] = [
        Line(f"The script's files are in {clean(str(folder))}:"),
        *(Line(f"  {clean(name)}") for name in places),
        GAP,
    ]
    blocks += [Line(f"{number}. {step}") for number, step in enumerate(steps(), start=1)]
    show(blocks)
