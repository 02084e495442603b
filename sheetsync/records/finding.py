"""The thread that a person means when they name a row, a company or somebody there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sheetsync.errors import UsageError
from sheetsync.tracker.history import split_people
from sheetsync.tracker.text import fold

if TYPE_CHECKING:
    from sheetsync.model import Tracker

_SHOWN: Final = 5
_CLOSE_ENOUGH: Final = 75


def find_thread(tracker: Tracker, wanted: str) -> int:
    """The sheet row of the thread: `wanted` is its row number, its id, its company, its role or a contact.

    A name may be shortened as long as only one thread has it. Raises UsageError for a row that is no thread, for a name
    that nobody has, and for one that several have.
    """
    rows: list[int] = tracker.frame.index.tolist()
    number = int(wanted) if wanted.strip().isdecimal() else None
    if number is not None and number in tracker.frame.index:
        return number
    asked = fold(wanted)
    if not asked:
        raise UsageError("Name a row of the tracker: its number, its company or its contact.")
    columns = [tracker.frame[name].tolist() for name in ("id", "company", "contact", "role")]
    names: list[list[str]] = [
        [fold(identity), fold(company), *map(fold, [contact, *split_people(contact)]), fold(role)]
        for identity, company, contact, role in zip(*columns, strict=True)
    ]
    # a number is a row, or the whole name of a company such as 1984, and no part of another
    ways = (lambda name: name == asked, lambda name: name.startswith(asked), lambda name: asked in name)
    for fits in ways[:1] if number is not None else ways:
        found = [row for row, said in zip(rows, names, strict=True) if any(name and fits(name) for name in said)]
        if len(found) == 1:
            return found[0]
        if found:
            listed = "; ".join(f"row {row}, {_said(tracker, row)}" for row in found[:_SHOWN])
            more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
            raise UsageError(f"{wanted!r} fits {len(found)} rows, so name one by its number: {listed}{more}.")
    if number is not None:
        raise UsageError(f"Row {number} of sheet {tracker.sheet!r} holds no thread: see `sheetsync due` for the rows.")
    raise UsageError(f"No row of the tracker is {wanted!r}{_closest(asked, names, rows, tracker)}")


def find_person(tracker: Tracker, row: int, wanted: str) -> str:
    """The one contact of a thread that `wanted` names, as the tracker writes the name; "" if none or several."""
    asked = fold(wanted)
    if not asked or asked in (fold(str(tracker.frame.loc[row, name])) for name in ("id", "company", "role")):
        return ""
    people = split_people(str(tracker.frame.loc[row, "contact"]))
    found = [name for name in people if asked == fold(name)] or [name for name in people if asked in fold(name)]
    return found[0] if len(found) == 1 else ""


def _closest(asked: str, names: list[list[str]], rows: list[int], tracker: Tracker) -> str:
    from rapidfuzz import fuzz, process

    known = {name: row for row, said in zip(reversed(rows), reversed(names), strict=True) for name in said if name}
    close = process.extractOne(asked, list(known), scorer=fuzz.WRatio, score_cutoff=_CLOSE_ENOUGH)
    if close is None:
        return ": give its row number, its company or its contact as the tracker has them."
    return f": did you mean row {known[close[0]]}, {_said(tracker, known[close[0]])}?"


def _said(tracker: Tracker, row: int) -> str:
    thread = tracker.frame.loc[row]
    return " / ".join(str(thread[name]) for name in ("company", "role", "contact") if thread[name])
