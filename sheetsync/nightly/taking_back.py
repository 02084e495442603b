"""What was chosen to be taken back, taken back, and said in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sheetsync.nightly.keeping import keep
from sheetsync.nightly.undo import take_back

if TYPE_CHECKING:
    from sheetsync.model import Problem
    from sheetsync.nightly.choosing import Choice
    from sheetsync.nightly.journal import Note, Stacks
    from sheetsync.sheets.source import Source


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What became of a choice."""

    notes: tuple[Note, ...]
    """The writes that were taken back, without those of nothing but colours."""
    changed_cells: int
    left: tuple[Problem, ...]
    """What was changed since and was left, each with the place."""
    backup: str | None
    """Where the file as it was is kept."""


def take_all_back(
    target: str,
    choice: Choice,
    *,
    opened: Callable[[], Source],
    moment: dt.datetime,
    toml: Mapping[str, Any],
    options: Mapping[str, Any],
    say: Callable[[str], None],
) -> TakenBack:
    """Take back one write after another, cell by cell, and note each. Raises as `take_back` does."""
    left: list[Problem] = []
    changed, backup = 0, None
    for group in choice.groups:
        undone = take_back(
            opened(),
            group.notes,
            moment=moment,
            toml=toml,
            options=options,
            highlight=group.highlight,
            redo=choice.redo,
        )
        keep(target, undone.note, say=say)
        left += undone.left
        changed += undone.changed_cells
        backup = backup or undone.backup
    notes = [note for group in choice.groups for note in group.notes if not note.is_slight or len(group.notes) == 1]
    return TakenBack(tuple(notes), changed, tuple(dict.fromkeys(left)), backup)


def next_back(stacks: Stacks) -> Note | None:
    """The write that an undo would take back; None if there is none, or if only its whole file could be put back."""
    last = next((note for note in reversed(stacks.done) if not note.is_slight), None)
    last = last or (stacks.done[-1] if stacks.done else None)
    return None if last is None or last.kind == "remove" else last


def told(note: Note, *, redo: bool = False) -> str:
    """What was taken back or brought again, as a clause."""
    if redo:
        return f"brought back what the undo of {when(note.moment)} took back ({size(note)})"
    return f"took back what `{note.command}` wrote on {when(note.moment)} ({size(note)})"


def size(note: Note) -> str:
    """How much was written: sheets, columns and cells."""
    parts = ((note.changed_sheets, "sheet"), (note.changed_columns, "column"), (note.changed_cells, "cell"))
    if note.whole:
        return "the whole file"
    if note.is_slight:
        return "colours"
    return ", ".join(_count(number, word) for number, word in parts if number) or _count(0, "cell")


def when(moment: dt.datetime) -> str:
    """A moment by this computer's clock."""
    local = moment.astimezone()
    return f"{local.day} {local:%b %Y, %H:%M:%S}"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
