"""Short, stable ids for threads whose names do not tell them apart."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from sheetsync.tracker.text import fold

if TYPE_CHECKING:
    import pandas as pd

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
