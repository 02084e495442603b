"""`sheetsync undo`: what was written taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sheetsync.cli.keeping import keep
from sheetsync.cli.options import Asked, as_json, example, open_target, reads_tracker, say, target
from sheetsync.cli.output import GAP, Block, Line, Table, clean, show, show_json
from sheetsync.cli.summary import problem_lines
from sheetsync.errors import ReadOnlyFormatError, UnreadableFileError, UsageError
from sheetsync.measures.threads import problem_json
from sheetsync.sheets.companions import settings_beside
from sheetsync.sheets.google.address import is_google

if TYPE_CHECKING:
    from sheetsync.model import Problem
    from sheetsync.nightly.choosing import Choice
    from sheetsync.nightly.journal import Note, Stacks
    from sheetsync.sheets.backups import Backup


@click.command(
    epilog=example(
        "sheetsync undo tracker.xlsx",
        "sheetsync undo tracker.xlsx --list",
        "sheetsync undo tracker.xlsx --to 2026-11-02T08:00",
        "sheetsync undo tracker.xlsx --whole",
        "sheetsync undo tracker.xlsx --redo",
    )
)
@target
@click.option("--list", "listed", is_flag=True, help="Show what can be taken back, and the backups; write nothing.")
@click.option(
    "--to",
    metavar="TIME-OR-BACKUP",
    help="Take back everything written since then: a date, a date and time, or a backup's name.",
)
@click.option("--whole", is_flag=True, help="Put back the whole file from its backup, byte for byte.")
@click.option("--force", is_flag=True, help="With --whole: also over what you changed since.")
@click.option("--redo", is_flag=True, help="Bring back what the last undo took back.")
@click.option("--wait", type=click.FloatRange(min=0), default=0.0, metavar="SECONDS", help="As for sync.")
@reads_tracker
@as_json
def command(
    target: str,
    *,
    asked: Asked,
    listed: bool,
    to: str | None,
    whole: bool,
    force: bool,
    redo: bool,
    wait: float,
    as_json: bool,
) -> None:
    """Take back what the last sync or command wrote, and keep what you changed since.

    A cell that still holds what was written gets what stood there before; one that you changed since stays, and is
    named. Run it again to take back the write before that one. --redo brings back what an undo took back, until
    something else is written. The next sync computes its columns anew.
    """
    if target.lower().endswith(".csv"):
        raise ReadOnlyFormatError(target)
    from sheetsync.nightly.choosing import choose
    from sheetsync.nightly.journal import Journal
    from sheetsync.nightly.running import at_work

    if force and not whole:
        raise UsageError("--force goes with --whole: without that nothing of yours is ever overwritten.")
    if redo and to:
        raise UsageError("--redo brings back what the last undo took back and takes no --to.")
    if whole and is_google(target):
        raise UsageError("Google keeps whole versions itself: open the spreadsheet and choose File > Version history.")
    stacks = Journal(target).stacks()
    kept = _backups(target)
    if not is_google(target) and not Path(target).exists() and not (listed and (stacks.notes or kept)):
        raise UnreadableFileError(target, "there is no such file, check its name.")
    if listed:
        _list(target, stacks, kept, as_json=as_json)
        return
    choice = choose(target, stacks, kept, to=to, whole=whole, redo=redo)
    now = dt.datetime.now().astimezone()
    with at_work(target, wait=wait):
        if choice.whole:
            _whole(target, choice, now, force=force, wait=wait, as_json=as_json)
        else:
            _cells(target, choice, now, asked=asked, wait=wait, as_json=as_json)


def _cells(target: str, choice: Choice, now: dt.datetime, *, asked: Asked, wait: float, as_json: bool) -> None:
    from sheetsync.nightly.taking_back import take_all_back

    taken = take_all_back(
        target,
        choice,
        opened=lambda: open_target(target, asked.service_account, wait=wait),
        moment=now,
        toml=settings_beside(target),
        options=asked.settings,
        say=say,
    )
    _tell(target, choice, taken.notes, taken.changed_cells, backup=taken.backup, left=taken.left, as_json=as_json)


def _whole(target: str, choice: Choice, now: dt.datetime, *, force: bool, wait: float, as_json: bool) -> None:
    from sheetsync.nightly.whole import put_back

    assert choice.backup is not None, "a whole file comes from its backup"  # noqa: S101 - for mypy
    notes = [note for group in choice.groups for note in group.notes]
    note, kept = put_back(
        Path(target),
        choice.backup,
        notes=notes,
        chain=choice.chain,
        moment=now,
        force=force,
        wait=wait,
        redo=choice.redo,
    )
    keep(target, note)
    _tell(target, choice, notes, None, backup=str(kept) if kept else None, left=(), as_json=as_json)


def _tell(
    target: str,
    choice: Choice,
    notes: Sequence[Note],
    changed: int | None,
    *,
    backup: str | None,
    left: Sequence[Problem],
    as_json: bool,
) -> None:
    from sheetsync.nightly.taking_back import told, when

    if as_json:
        show_json(
            {
                "target": target,
                "redo": choice.redo,
                "whole": choice.whole,
                "undone": [_note_json(note) for note in notes],
                "changed_cells": changed,
                "left": [problem_json(problem) for problem in left],
                "backup": backup,
            }
        )
        return
    blocks: list[Block] = [Line(f"{clean(target)}: {told(note, redo=choice.redo)}.") for note in notes]
    if choice.whole:
        blocks = [Line(f"{clean(target)} is again as it was on {when(choice.stood)}, byte for byte.")]
    if not choice.redo and any(_shared(note) for note in notes):
        blocks.append(
            Line(
                "The coach's copy that was made with it is still out, and its notes no longer find their rows. If you want "
                f"them, run `sheetsync undo {clean(target)} --redo` before anything else is written.",
                "warn",
            )
        )
    if left:
        blocks += [GAP, Line("Left as it is", "title"), *problem_lines(left, "")]
    if backup:
        blocks += [GAP, Line(f"The file as it was: {clean(backup)}", "quiet")]
    show(blocks)


def _shared(note: Note) -> bool:
    """Whether this write put a copy on the list of shares."""
    from sheetsync.records.shares import SHARED

    return any(each.name == SHARED for each in note.sheets) or any(each.sheet == SHARED for each in note.appends)


def _list(target: str, stacks: Stacks, kept: Sequence[Backup], *, as_json: bool) -> None:
    from sheetsync.nightly.taking_back import size, when

    if as_json:
        show_json(
            {
                "target": target,
                "undo": [_note_json(note) for note in reversed(stacks.done)],
                "redo": [_note_json(note) for note in reversed(stacks.undone)],
                "backups": [
                    {"backup": str(one.path), "moment": one.moment.astimezone().isoformat()} for one in reversed(kept)
                ],
            }
        )
        return
    if not stacks.done and not stacks.undone and not kept:
        show([Line(f"{clean(target)}: nothing that was written to it is noted, and there is no backup of it.")])
        return
    blocks: list[Block] = []
    for title, notes in (("Can be taken back", stacks.done), ("Can be brought back with --redo", stacks.undone)):
        if notes:
            rows: list[list[str | Line]] = [[when(note.moment), note.command, size(note)] for note in reversed(notes)]
            blocks += [Line(title, "title"), Table(("When", "By", "Wrote"), rows), GAP]
    if kept:
        files: list[list[str | Line]] = [[when(one.moment), clean(one.path.name)] for one in reversed(kept)]
        blocks += [Line(f"Backups in {clean(kept[0].path.parent)}", "title"), Table(("When", "Name"), files)]
    show(blocks)


def _backups(target: str) -> tuple[Backup, ...]:
    from sheetsync.sheets.backups import backups

    return () if is_google(target) else backups(Path(target))


def _note_json(note: Note) -> dict[str, Any]:
    return {
        "number": note.number,
        "moment": note.moment.astimezone().isoformat(),
        "command": note.command,
        "changed_cells": note.changed_cells,
        "backup": note.before,
    }
