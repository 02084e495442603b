"""sheetsync keeps a follow-up tracker that lives in a spreadsheet up to date.

    import datetime as dt
    from sheetsync import open_source, propose

    source = open_source("tracker.xlsx")
    proposal = propose(source, as_of=dt.date(2026, 11, 2))   # writes nothing
    receipt = source.apply(proposal.changes)

`sheetsync.sync.sync` does the same in one call and refuses an improbable result. The names below are imported when
they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sheetsync.errors import SheetsyncError
    from sheetsync.sheets import open_source
    from sheetsync.sync import Outcome, Proposal, propose

__version__ = "0.1.0"
__all__ = ["Outcome", "Proposal", "SheetsyncError", "__version__", "open_source", "propose"]

_HOME = {
    "open_source": "sheetsync.sheets",
    "propose": "sheetsync.sync",
    "Proposal": "sheetsync.sync",
    "Outcome": "sheetsync.sync",
    "SheetsyncError": "sheetsync.errors",
}


def __getattr__(name: str) -> object:
    if name in _HOME:
        from importlib import import_module

        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
