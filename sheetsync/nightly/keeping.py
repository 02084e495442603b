"""What was written is noted, so that `sheetsync undo` can take it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sheetsync.errors import FileError

if TYPE_CHECKING:
    from sheetsync.changes import Receipt
    from sheetsync.nightly.journal import Note
    from sheetsync.sync import Outcome


def keep_outcome(
    target: str,
    command: str,
    outcome: Outcome,
    *,
    moment: dt.datetime,
    options: Mapping[str, Any],
    say: Callable[[str], None],
) -> None:
    """Note what a sync or a command wrote, with the settings that were asked for as options. `moment` has a time zone."""
    if not outcome.receipt.written:
        return
    from sheetsync.nightly.journal import note_of

    note = note_of(outcome, command=command, moment=moment, options=options)
    if note is not None:
        keep(target, note, say=say)


def keep_removal(target: str, receipt: Receipt, *, moment: dt.datetime, say: Callable[[str], None]) -> None:
    """Note that everything of ours was taken out."""
    if not receipt.written:
        return
    from sheetsync.nightly.journal import Note, digest_in

    before = digest_in(receipt.backup)
    keep(target, Note(0, moment, "remove", kind="remove", before=before, after=receipt.digest), say=say)


def keep(target: str, note: Note, *, say: Callable[[str], None]) -> None:
    """Write a note down; where that fails the write stands all the same, and a sentence says what follows."""
    from sheetsync.nightly.journal import Journal

    try:
        Journal(target).keep(note)
    except (OSError, FileError) as error:
        reason = error.strerror if isinstance(error, OSError) else ""
        say(
            f"{target} was written, but it could not be noted what{f' ({reason})' if reason else ''}: "
            "`sheetsync undo` cannot take this back."
        )
