"""`sheetsync addin calc`: the menu Follow-ups in LibreOffice Calc."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from sheetsync.cli.options import example
from sheetsync.cli.output import Line, clean, show
from sheetsync.errors import UsageError


@click.command(epilog=example("sheetsync addin calc", "sheetsync addin calc --remove"))
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.oxt",
    help="Only write the extension into this file; double-click it to install it.",
)
@click.option("--remove", is_flag=True, help="Take the extension out of LibreOffice again.")
def calc(*, out: Path | None, remove: bool) -> None:
    """Put the menu Follow-ups into LibreOffice Calc: Sync now on the open document, and why a row is due.

    The extension runs this sheetsync and no other: after it was moved, run this again. What Sync now writes is one step
    that Edit > Undo takes back, and the document is saved by you alone.
    """
    from sheetsync.addin import calc as extension

    if out is not None and remove:
        raise UsageError("--out writes an extension and --remove takes one out: leave one of them out.")
    if remove:
        show([Line(extension.uninstall())])
        return
    if out is not None:
        show([Line(f"{clean(str(extension.build_extension(out)))} is the extension: double-click it to install it.")])
        return
    with tempfile.TemporaryDirectory(prefix="sheetsync-") as folder:
        show([Line(extension.install(extension.build_extension(Path(folder) / "sheetsync.oxt")))])
