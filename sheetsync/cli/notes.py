"""`sheetsync notes`: what the coach wrote comes back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sheetsync.cli.acting import act_on
from sheetsync.cli.options import Asked, as_json, example, open_target, reads_tracker, say, target
from sheetsync.cli.output import GAP, Block, Line, clean, count, show, show_json
from sheetsync.cli.summary import problem_lines
from sheetsync.errors import ReadOnlyFormatError, UsageError
from sheetsync.measures.threads import problem_json
from sheetsync.model import Problem, column_letter
from sheetsync.sheets.companions import settings_beside
from sheetsync.sheets.google.address import is_google, spreadsheet_id

if TYPE_CHECKING:
    from sheetsync.changes import Receipt
    from sheetsync.coach.noting import Notes
    from sheetsync.coach.returned import Returned
    from sheetsync.records.reading import Reading, Records
    from sheetsync.sheets.remarks import Remarks
    from sheetsync.sync import Proposal


@click.command(
    epilog=example(
        "sheetsync notes tracker.xlsx --from coach.xlsx",
        "sheetsync notes tracker.xlsx --from coach.xlsx --dry-run",
        "sheetsync notes tracker.xlsx --from https://docs.google.com/spreadsheets/d/1AbC",
    )
)
@target
@click.option(
    "--from",
    "copy",
    type=click.Path(),
    metavar="COPY",
    required=True,
    help="The copy that your coach wrote notes into.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be taken over and write nothing.")
@reads_tracker
@as_json
def command(target: str, *, copy: str, dry_run: bool, asked: Asked, as_json: bool) -> None:
    """Take your coach's notes over from the copy that you shared.

    Each note finds its row by its id, however either sheet was sorted or changed. Where both of you changed a note both
    stay, and a note that belongs to no row is shown in full. Nothing but the notes is taken over, and the copy is only
    read.
    """
    from sheetsync.coach.noting import merge_notes, record_notes
    from sheetsync.coach.returned import read_returned

    if target.lower().endswith(".csv"):
        raise ReadOnlyFormatError(target)
    if _is_same(target, copy):
        raise UsageError(f"{copy} is the tracker itself: name the copy that your coach sent back with --from.")
    returned = read_returned(open_target(copy, asked.service_account).read())
    remarks = _remarks(copy)
    returned = _with_formulas(returned, remarks)
    found: list[Notes] = []

    def act(reading: Reading) -> Records:
        merged = merge_notes(reading, returned)
        found[:] = [replace(merged, problems=(*merged.problems, *_comments(returned, remarks)))]
        return record_notes(reading, found[0])

    receipt: Receipt | None = None
    if dry_run:
        from sheetsync.sync import propose

        source = open_target(target, asked.service_account)
        proposal = propose(source, as_of=asked.moment, options=asked.settings, toml=settings_beside(target), act=act)
    else:
        outcome = act_on(target, asked, act)
        proposal, receipt = outcome.proposal, outcome.receipt
    (notes,) = found
    if as_json:
        show_json(_as_json(target, copy, proposal, receipt, notes))
    else:
        show(_as_text(target, proposal, receipt, notes))


def _remarks(copy: str) -> Remarks:
    """What the cells of a workbook say besides their values; at Google, and in a text file, nothing that could be lost."""
    from sheetsync.sheets.remarks import Remarks, read_remarks

    if is_google(copy) or not copy.lower().endswith((".xlsx", ".xlsm")):
        return Remarks()
    found = read_remarks(Path(copy))
    if found is None:
        say(f"The comments in {copy} cannot be read: open it and look for them.")
    return found or Remarks()


def _with_formulas(returned: Returned, remarks: Remarks) -> Returned:
    """The copy with the texts of the formulas that stand for a note and have no result."""
    rows = tuple(
        replace(row, note=remarks.formulas.get((returned.sheet, row.row, returned.note_column), row.note))
        if row.unsaved
        else row
        for row in returned.rows
    )
    return replace(returned, rows=rows)


def _comments(returned: Returned, remarks: Remarks) -> Iterator[Problem]:
    for (sheet, row, column), text in remarks.comments.items():
        told = f"A comment was written at {sheet}!{column_letter(column)}{row}: “{text}”: only notes are taken over."
        yield Problem(returned.name, row, column, told)


def _is_same(target: str, copy: str) -> bool:
    if is_google(target) or is_google(copy):
        return is_google(target) and is_google(copy) and spreadsheet_id(target) == spreadsheet_id(copy)
    try:
        return os.path.samefile(target, copy)  # noqa: PTH121 - no Path needed
    except OSError:
        return False


def _as_text(target: str, proposal: Proposal, receipt: Receipt | None, notes: Notes) -> list[Block]:
    written = [each for each in notes.taken if each.after != each.before]
    blocks: list[Block] = [Line(sentence, "warn") for sentence in notes.lost]
    blocks += [Line(clean(sentence)) for sentence in notes.told]
    if blocks:
        blocks.append(GAP)
    left = f", {count(len(notes.left), 'note')} left" if notes.left else ""
    if receipt is None:
        blocks.append(Line(f"{count(len(written), 'note')} would be taken over{left}; nothing was written."))
    elif written:
        blocks.append(Line(f"{clean(target)}: {count(len(written), 'note')} taken over{left}."))
    else:
        blocks.append(Line(f"{clean(target)}: no new note{left}."))
    problems = tuple(dict.fromkeys((*notes.problems, *(receipt.problems if receipt else ()))))
    if problems:
        blocks += [GAP, Line("To look at", "title"), *problem_lines(problems, proposal.changes.sheet)]
    if receipt and receipt.backup:
        blocks += [GAP, Line(f"The file as it was: {clean(receipt.backup)}", "quiet")]
    return blocks


def _as_json(target: str, copy: str, proposal: Proposal, receipt: Receipt | None, notes: Notes) -> dict[str, Any]:
    problems = dict.fromkeys((*notes.problems, *(receipt.problems if receipt else ())))
    return {
        "target": target,
        "from": copy,
        "as_of": proposal.today.isoformat(),
        "taken": [
            {"row": each.row, "kind": each.kind, "before": each.before, "coach": each.coach, "after": each.after}
            for each in notes.taken
        ],
        "left": [
            {
                "row": each.row.row,
                "id": each.row.id or None,
                "name": each.row.name,
                "note": each.row.note,
                "reason": each.reason,
            }
            for each in notes.left
        ],
        "lost": list(notes.lost),
        "problems": [problem_json(problem) for problem in problems],
        "changed_cells": receipt.changed_cells if receipt else proposal.changes.changed_cells,
        "written": receipt is not None and receipt.written,
        "backup": receipt.backup if receipt else None,
    }
