"""Short, stable ids for threads whose names do not tell them apart."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from sheetsync.tracker.text import fold

if TYPE_CHECKING:
    import pandas as pd

    from sheetsync.records.reading import Reading

_LETTERS: Final = "abcdefghjkmnpqrstvwxyz"
"""Without the letters that are taken for digits. An id begins with one, so that no program takes it for a number."""
_SIGNS: Final = "23456789" + _LETTERS
_LENGTH: Final = 5


def new_ids(threads: pd.DataFrame, rows: Iterable[int]) -> dict[int, str]:
    """An id for each of those rows of `Tracker.frame` that has none; those it has stay.

    The same tracker gives the same ids, whatever the day.
    """
    given = dict(zip(threads.index.tolist(), threads["id"].tolist(), strict=True))
    taken = {fold(identity) for identity in given.values() if identity}
    made: dict[int, str] = {}
    for row in rows:
        if given.get(row):
            continue
        names = "\n".join(fold(str(threads.loc[row, name])) for name in ("company", "role", "contact"))
        number = 0
        while (identity := _id(f"{names}\n{number}")) in taken:
            number += 1
        taken.add(identity)
        made[row] = identity
    return made


def _id(text: str) -> str:
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
    number, first = divmod(number, len(_LETTERS))
    signs = [_LETTERS[first]]
    for _ in range(_LENGTH - 1):
        number, sign = divmod(number, len(_SIGNS))
        signs.append(_SIGNS[sign])
    return "".join(signs)


def refused_id(reading: Reading, row: int) -> str | None:
    """Why this row can be given no id of ours, and what to do; None if it can."""
    owned = reading.snapshot.owned
    ours = owned.columns if owned and owned.sheet == reading.layout.sheet else {}
    if "id" in reading.tracker.mapped and ours.get("id") != reading.tracker.columns.get("id"):
        return f"Row {row} of the tracker has no id in your own column of ids: give it one."
    if "id" in ours and ours["id"] is None:
        return (
            f"Row {row} of the tracker needs an id, as its names are not its own, and you deleted sheetsync's column of "
            "ids: add one called ID of your own and fill it in."
        )
    return None
