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
_SHARED_LENGTH: Final = 10


def new_ids(threads: pd.DataFrame, rows: Iterable[int]) -> dict[int, str]:
    """An id for each of those rows of `Tracker.frame` that has none; those it has stay.

    The same tracker gives the same row the same id, whatever the day and whichever other rows are asked for.
    """
    given = dict(zip(threads.index.tolist(), threads["id"].tolist(), strict=True))
    wanted = [row for row in rows if not given.get(row)]
    if not wanted:
        return {}
    taken = {fold(identity) for identity in given.values() if identity}
    columns = [threads[name].tolist() for name in ("company", "role", "contact")]
    names = {row: "\n".join(map(fold, said)) for row, *said in zip(threads.index.tolist(), *columns, strict=True)}
    alike = {names[row] for row in wanted}
    made: dict[int, str] = {}
    # all that are alike, so that two commands of one run never give two of them the same
    for row, said in names.items():
        if said in alike and not given[row]:
            number = 0
            while (identity := _id(f"{said}\n{number}")) in taken:
                number += 1
            taken.add(identity)
            made[row] = identity
    return {row: made[row] for row in wanted}


def shared_id(identity: str, key: str) -> str:
    """What stands for an id in a copy that was shared with this key; the id itself without one, "" for none.

    An id is made from the row's names, so whoever guesses a name could see that the guess is right. Without the key, which
    never leaves the tracker, this one tells nothing (BLAKE2b with a key, RFC 7693).
    """
    if not identity or not key:
        return identity
    return _signs(hashlib.blake2b(fold(identity).encode(), key=key.encode()[:64]).digest(), _SHARED_LENGTH)


def _id(text: str) -> str:
    return _signs(hashlib.sha256(text.encode()).digest(), _LENGTH)


def _signs(digest: bytes, length: int) -> str:
    number = int.from_bytes(digest[:8])
    number, first = divmod(number, len(_LETTERS))
    signs = [_LETTERS[first]]
    for _ in range(length - 1):
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
