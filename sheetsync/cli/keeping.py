"""What was written is noted with the time it is now; what goes wrong with that is said on stderr."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sheetsync.cli.options import Asked, say
from sheetsync.nightly import keeping

if TYPE_CHECKING:
    from sheetsync.changes import Receipt
    from sheetsync.nightly.journal import Note
    from sheetsync.sync import Outcome


def keep_outcome(target: str, command: str, outcome: Outcome, asked: Asked) -> None:
    """Note what a sync or a command wrote."""
    keeping.keep_outcome(
        target, command, outcome, moment=dt.datetime.now().astimezone(), options=asked.settings, say=say
    )


def keep_removal(target: str, receipt: Receipt) -> None:
    """Note that everything of ours was taken out."""
    keeping.keep_removal(target, receipt, moment=dt.datetime.now().astimezone(), say=say)


def keep(target: str, note: Note) -> None:
    """Write a note down."""
    keeping.keep(target, note, say=say)
