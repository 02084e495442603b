"""What the commands that write a person's records share: one sync that carries them, and what is told of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

import click

from sheetsync.cli.keeping import keep_outcome
from sheetsync.cli.options import Asked, open_target
from sheetsync.cli.output import GAP, Block, Line, clean, show, show_json
from sheetsync.cli.summary import contact_table, problem_lines
from sheetsync.errors import ReadOnlyFormatError
from sheetsync.measures.threads import problem_json, thread_json, threads
from sheetsync.model import Value, column_letter
from sheetsync.sheets.companions import settings_beside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sheetsync.changes import Edit
    from sheetsync.records.reading import Act
    from sheetsync.sync import Outcome


ANOTHER_RUN: Final = 10.0
"""Seconds for which a run of sheetsync that is at the tracker already, such as the night's, is waited for."""


def act_on(target: str, asked: Asked, act: Act, *, wait: float = 0) -> Outcome:
    """Sync the target with what `act` records, in one write. Raises SheetsyncError."""
    if target.lower().endswith(".csv"):
        raise ReadOnlyFormatError(target)
    from sheetsync.nightly.running import at_work
    from sheetsync.sync import sync

    source = open_target(target, asked.service_account, wait=wait)
    with at_work(target, wait=max(wait, ANOTHER_RUN)):
        outcome = sync(source, as_of=asked.moment, options=asked.settings, toml=settings_beside(target), act=act)
        keep_outcome(target, click.get_current_context().info_name or "", outcome, asked)
    return outcome


def tell(target: str, outcome: Outcome, rows: Sequence[int], *, as_json: bool, nothing: str = "nothing new") -> None:
    """Print what was recorded, else that it is `nothing`, and what is next for those rows of the tracker."""
    records, plan = outcome.proposal.records, outcome.proposal.plan
    next_ = threads(outcome.proposal.tracker, plan, [row for row in dict.fromkeys(rows) if row in plan.frame.index])
    if as_json:
        show_json(_as_json(target, outcome, [thread_json(thread) for thread in next_]))
        return
    blocks: list[Block] = [Line(clean(sentence)) for sentence in records.told]
    if dated := [thread for thread in next_ if thread.next_contact]:
        blocks += [GAP, Line("Next", "title"), contact_table(dated, plan.today)]
    blocks += [
        Line(f"Row {thread.row}: {clean(said)}.")
        for thread in next_
        if thread not in dated and (said := thread.next_action or thread.follow_up)
    ]
    if not blocks:
        blocks = [Line(f"{clean(target)}: {nothing}.")]
    if problems := tuple(dict.fromkeys((*records.problems, *outcome.receipt.problems))):
        blocks += [GAP, Line("To look at", "title"), *problem_lines(problems, outcome.proposal.changes.sheet)]
    if outcome.receipt.backup:
        blocks += [GAP, Line(f"The file as it was: {clean(outcome.receipt.backup)}", "quiet")]
    show(blocks)


def _as_json(target: str, outcome: Outcome, rows: list[dict[str, Any]]) -> dict[str, Any]:
    problems = dict.fromkeys((*outcome.proposal.records.problems, *outcome.receipt.problems))
    return {
        "target": target,
        "as_of": outcome.proposal.today.isoformat(),
        "recorded": list(outcome.proposal.records.told),
        "edits": [_edit_json(edit) for edit in outcome.proposal.records.edits],
        "rows": rows,
        "problems": [problem_json(problem) for problem in problems],
        "changed_cells": outcome.receipt.changed_cells,
        "written": outcome.receipt.written,
        "backup": outcome.receipt.backup,
    }


def _edit_json(edit: Edit) -> dict[str, Any]:
    """A cell of the person's that was written, and what stood there: enough to put it back."""
    return {
        "sheet": edit.sheet,
        "row": edit.row,
        "column": column_letter(edit.column),
        "before": _value_json(edit.before),
        "after": _value_json(edit.after),
    }


def _value_json(value: Value) -> str | float | bool | None:
    """A cell's value; dates and times as ISO texts."""
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value) if isinstance(value, dt.timedelta) else value
