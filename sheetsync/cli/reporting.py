"""What a command found, as plain values: the same for JSON, for text, and between processes."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sheetsync.measures.threads import Thread, counts, due_now, letters, problem_json, thread_json, threads
from sheetsync.model import OWNED, Problem, Value, column_letter

if TYPE_CHECKING:
    from sheetsync.changes import Receipt
    from sheetsync.sync import Proposal

SHOWN_CHANGES: Final = 20
"""How many rows a dry run shows before it only counts."""


BRIEF: Final = {
    2: "what was asked for, or a setting, cannot be meant",
    3: "no tracker was recognised in it",
    4: "the file cannot be read or written",
    5: "it is open in another program or was changed just then: left for the next run",
    6: "Google refused it or was out of reach: left for the next run",
    7: "most next dates would have disappeared: look at it with --dry-run, then go on with --force",
    70: "a mistake in sheetsync itself: `sheetsync sync` of it tells which",
}
"""Exit code -> what is told where no cell's content may be."""


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """One row of a dry run: the owned column's header, the cell before, the cell after."""

    row: int
    name: str
    cells: tuple[tuple[str, Value, Value], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What a sync of one target found and did, or, dry, would do."""

    target: str
    as_of: dt.date
    profile: str
    sheet: str
    header_row: int
    columns: Mapping[str, str]
    """Field -> letters, in sheet order."""
    left_alone: Mapping[str, str]
    """Letters -> header of the columns that mean nothing to sheetsync, in sheet order."""
    owned: Mapping[str, str | None]
    """Owned column -> letters; None if it does not stand there (yet)."""
    counts: Mapping[str, int]
    threads: int
    ranked: tuple[Thread, ...]
    """Whom to contact now, at most the day's share."""
    due: int
    """How many are to be contacted now in all."""
    problems: tuple[Problem, ...]
    missing: tuple[Problem, ...]
    """The rows that need info, each with the sentence that names what is missing."""
    recorded: tuple[str, ...]
    """What was picked in the Log column and is in the history now, a sentence each."""
    changed_cells: int
    written: bool
    backup: str | None
    first: bool
    """Nothing of ours stood in the sheet before."""
    adopted: bool
    country: str | None
    dry: bool
    once: tuple[str, ...] = ()
    """The options that told where the tracker is and what its columns are, each as a line that keeps it."""
    back: str = ""
    """A sentence if an earlier run was of a later day."""
    changed_rows: tuple[ChangedRow, ...] = ()
    """The first rows that would change; a dry run's only."""
    changed_row_count: int = 0
    rows: tuple[Thread, ...] = ()
    """Every thread; only where JSON is asked for."""
    refreshed: Mapping[str, int] = field(default_factory=dict)
    """A Dashboard's sheet -> how many of its cells get another number; they are among `changed_cells`."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A target that could not be done."""

    target: str
    error: str
    exit_code: int
    brief: str = ""
    """The reason without anything of the tracker's content, where the exit code does not tell it."""


@dataclass(frozen=True, slots=True)
class Passing:
    """What is passed over, which is no failure: a file in a folder that is no tracker, a tracker of another computer's."""

    target: str
    reason: str
    named: bool = False
    """It was asked for itself, not with its folder."""


def brief(failure: Failure) -> str:
    """Why a target failed, in words without any of its content."""
    return failure.brief or BRIEF.get(failure.exit_code, "it failed")


def report(target: str, proposal: Proposal, receipt: Receipt | None, *, with_rows: bool) -> Report:
    """Sum up a proposal and, unless it was a dry run, what became of it."""
    changes, frame = proposal.changes, proposal.plan.frame
    standing = proposal.owned.columns if proposal.owned else {}
    placed = receipt.columns if receipt else standing
    now = due_now(proposal.plan)
    dry = receipt is None
    changed, changed_count = _changed_rows(proposal) if dry else ((), 0)
    asked = set(proposal.records.edits)
    refreshed = Counter(edit.sheet for edit in changes.edits if edit not in asked)
    return Report(
        target=target,
        as_of=proposal.today,
        profile=proposal.plan.profile,
        sheet=changes.sheet,
        header_row=changes.header_row,
        columns=letters(proposal.layout.columns),
        left_alone={column_letter(column): header for column, header in sorted(proposal.layout.unmapped.items())},
        owned={key: column_letter(column) if (column := placed.get(key)) else None for key in OWNED},
        counts=counts(proposal.plan),
        threads=len(frame),
        ranked=threads(proposal.tracker, proposal.plan, now[: per_day(proposal)]),
        due=len(now),
        problems=tuple(dict.fromkeys((*proposal.problems, *(receipt.problems if receipt else ())))),
        missing=_missing(proposal),
        recorded=proposal.records.told,
        changed_cells=receipt.changed_cells if receipt else changes.changed_cells + sum(refreshed.values()),
        refreshed=refreshed,
        written=receipt is not None and receipt.written,
        backup=receipt.backup if receipt else None,
        first=proposal.owned is None,
        adopted=proposal.owned is not None and proposal.owned.adopted,
        country=proposal.settings.country,
        dry=dry,
        changed_rows=changed,
        changed_row_count=changed_count,
        rows=threads(proposal.tracker, proposal.plan, frame.index) if with_rows else (),
    )


def per_day(proposal: Proposal) -> int:
    """How many threads a person is shown at most."""
    return proposal.settings.per_day or proposal.profile.per_day


def _missing(proposal: Proposal) -> tuple[Problem, ...]:
    """The rows that need info, as places to look at."""
    frame = proposal.plan.frame
    wanted = frame.loc[frame["follow_up"] == "Needs info", "why"]
    rows = zip(wanted.index.tolist(), wanted.tolist(), strict=True)
    return tuple(Problem(proposal.changes.sheet, row, None, why) for row, why in rows)


def _changed_rows(proposal: Proposal) -> tuple[tuple[ChangedRow, ...], int]:
    """The first rows that would change, and how many there are."""
    changes = proposal.changes
    cells: dict[int, list[tuple[str, Value, Value]]] = {}
    for cell in changes.cells():
        cells.setdefault(cell.row, []).append((changes.headers[cell.column], cell.before, cell.after))
    frame = proposal.tracker.frame
    names = (
        frame["company"].where(frame["company"] != "", frame["contact"]).where(lambda name: name != "", frame["role"])
    )
    shown = sorted(cells)[:SHOWN_CHANGES]
    return tuple(ChangedRow(row, str(names.get(row, "")), tuple(cells[row])) for row in shown), len(cells)


# JSON


def sync_json(found: Report | Failure | Passing) -> dict[str, Any]:
    """One target of `sync --json`."""
    if isinstance(found, Passing):
        return {"target": found.target, "skipped": found.reason}
    if isinstance(found, Failure):
        return {"target": found.target, "error": found.error, "exit_code": found.exit_code}
    return {
        "target": found.target,
        "as_of": found.as_of.isoformat(),
        "profile": found.profile,
        "sheet": found.sheet,
        "header_row": found.header_row,
        "columns": dict(found.columns),
        "owned": dict(found.owned),
        "rows": [thread_json(thread) for thread in found.rows],
        "problems": [problem_json(problem) for problem in found.problems],
        "counts": dict(found.counts),
        "recorded": list(found.recorded),
        "changed_cells": found.changed_cells,
        "written": found.written,
        "backup": found.backup,
    }
