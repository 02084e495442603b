"""`sheetsync remove`: everything of ours out again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from sheetsync.cli.acting import ANOTHER_RUN
from sheetsync.cli.keeping import keep_removal
from sheetsync.cli.options import as_json, example, open_target, service_account, target
from sheetsync.cli.output import Line, clean, show, show_json
from sheetsync.errors import ReadOnlyFormatError, UsageError
from sheetsync.measures.threads import problem_json
from sheetsync.sheets.google.address import is_google

if TYPE_CHECKING:
    from sheetsync.model import Problem, Snapshot
    from sheetsync.records.shares import Share


@click.command(epilog=example("sheetsync remove tracker.xlsx", "sheetsync remove tracker.xlsx --all"))
@target
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Take your history, debriefs, coach's notes and the list of shares out too, if sheetsync made them.",
)
@service_account
@as_json
def command(target: str, *, everything: bool, service_account: str | None, as_json: bool) -> None:
    """Take everything of sheetsync's out of a tracker again.

    The columns and sheets that sheetsync added go, with their colours, rules and marks; nothing of yours does. The
    History and Debrief sheets hold what you wrote, Coach note what your coach wrote, and Shared what others can see: they
    go with --all only. A file's backup is kept; Google keeps its own version history.
    """
    if target.lower().endswith(".csv"):
        raise ReadOnlyFormatError(target)
    from sheetsync.model import column_letter
    from sheetsync.nightly.running import at_work
    from sheetsync.records.shares import refuse_copy
    from sheetsync.words import column_words

    source = open_target(target, service_account)
    with at_work(target, wait=ANOTHER_RUN):
        before = source.read()
        refuse_copy(before)
        receipt = source.remove(everything=everything)
        keep_removal(target, receipt)
    owned = before.owned
    after = source.read() if receipt.written else before
    left = {grid.name for grid in after.grids}
    sheets = [grid.name for grid in before.grids if grid.name not in left]
    told = {problem.sheet for problem in receipt.problems}
    problems = [*receipt.problems, *(problem for problem in _unmarked(after) if problem.sheet not in told)]
    words = column_words()
    stays = {key: column for key, column in after.owned.columns.items() if column} if after.owned else {}
    gone = {key: column for key, column in owned.columns.items() if column and key not in stays} if owned else {}
    if as_json:
        show_json(
            {
                "target": target,
                "written": receipt.written,
                "removed": {key: column_letter(column) for key, column in gone.items()},
                "kept": {key: column_letter(column) for key, column in stays.items()},
                "sheets": sheets,
                "backup": receipt.backup,
                "still_shared": [{"with": share.whom, "where": share.where} for share in _open(before)],
                "copies_out": [{"with": share.whom, "where": share.where} for share in _out(before, gone)],
                "problems": [problem_json(problem) for problem in problems],
            }
        )
        return
    name = clean(target)
    kept = [
        Line(
            f"  Column {words[key]} ({column_letter(column)}) holds what your coach wrote and stays: it goes with --all only."
        )
        for key, column in stays.items()
    ]
    if not receipt.written:
        nothing = f"{name}: there was nothing {'else ' if kept or problems else ''}of sheetsync's in it."
        show([Line(nothing), *kept, *_said(problems), *_shared(before)])
        return
    columns = ", ".join(f"{words[key]} ({column_letter(column)})" for key, column in gone.items())
    listed = f"{'sheet' if len(sheets) == 1 else 'sheets'} {clean(', '.join(sheets))}" if sheets else ""
    named = "; ".join(filter(None, (columns, listed)))
    backup = f" The file as it was: {clean(receipt.backup)}" if receipt.backup else ""
    show(
        [
            Line(f"{name}: took out {named or 'the marks and colours of sheetsync'}.{backup}"),
            *kept,
            *_said(problems),
            *_copies(target, _out(before, gone)),
            *_shared(before),
        ]
    )


def _unmarked(after: Snapshot) -> Iterator[Problem]:
    """Each Dashboard that still stands: a program that knows no names renamed it, so that its mark leads nowhere."""
    from sheetsync.measures.standing import is_dashboard
    from sheetsync.model import Problem

    for grid in after.grids:
        if is_dashboard(grid):
            told = (
                "This Dashboard stays, for another program renamed it and its mark was lost: delete the sheet yourself."
            )
            yield Problem(grid.name, None, None, told)


def _said(problems: Sequence[Problem]) -> list[Line]:
    return [Line(f"  {clean(problem.place)}: {clean(problem.message)}") for problem in problems]


def _shares(before: Snapshot) -> tuple[Share, ...]:
    from sheetsync.records.shares import has_shares, read_shares

    if not has_shares(before):
        return ()
    try:
        return read_shares(before)
    except UsageError:
        return ()  # a sheet of that name which is the person's own


def _open(before: Snapshot) -> tuple[Share, ...]:
    """Who can still see something at Google."""
    return tuple(share for share in _shares(before) if share.is_open)


def _out(before: Snapshot, gone: Collection[str]) -> tuple[Share, ...]:
    """The copies that somebody may still send back, if the ids by which their notes find their rows are gone."""
    return tuple(share for share in _shares(before) if share.ended is None and not share.whole) if "id" in gone else ()


def _copies(target: str, shares: Sequence[Share]) -> Iterator[Line]:
    """That their notes cannot come back as things are, and what to do."""
    if not shares:
        return
    names = clean(", ".join(dict.fromkeys(share.where for share in shares)))
    way = (
        "restore the version before this under File > Version history"
        if is_google(target)
        else f"bring the file back with `sheetsync undo {clean(target)} --whole`"
    )
    yield Line(
        f"  The ids by which your coach's notes find their rows are gone. If notes are still to come from {names}: {way}, take "
        "them over with `sheetsync notes`, and remove after that.",
        "warn",
    )


def _shared(before: Snapshot) -> Iterator[Line]:
    """That it does not end with the columns: each share that is still open, with its place."""
    for share in _open(before):
        told = f"  {clean(share.whom)} can still see {clean(share.where)}: open it in the browser, click Share and take them out."
        yield Line(told, "warn")
