"""Our conditional formats, as data: what each one colours, when, and how it is known again. Pure.

The date rules use TODAY(), so that the colours stay right when no sync ran. Every formula ends in a mark that is always
true, `N("sheetsync:overdue")=0` (N of a text is 0): by it a later run finds its own rules, wherever the person or another
program has put them. References are plain, since a conditional format takes no structured ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sheetsync.model import OWNED, HighlightMode, column_letter
from sheetsync.resources import read_toml
from sheetsync.sheets.ownership import runs

UPCOMING_DAYS: Final = 3
_DATED: Final = ("Overdue", "Due", "Upcoming")
"""The follow-ups that turn into each other as days pass; the cell holds the one of the last sync."""
_MARK: Final = re.compile(
    r"\bN\s*\(\s*(?:\"|&quot;|&#34;|&#x22;)sheetsync:([a-z_]+)(?:\"|&quot;|&#34;|&#x22;)\s*\)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class HighlightRule:
    """One conditional format. Colours are six hexadecimal digits, red, green, blue."""

    key: str
    """`overdue`, `due`, `upcoming`, `waiting` or `closed`."""
    formula: str
    """Without a leading "=", relative to `first_row` and column A: the columns are absolute, the row is not."""
    fill: str
    font: str
    bold: bool
    columns: tuple[tuple[int, int], ...]
    """What it colours: first and last column of each run."""
    first_row: int
    last_row: int

    @property
    def ranges(self) -> tuple[str, ...]:
        """What it colours, in A1 notation: ("K5:P80",)."""
        return tuple(
            f"{column_letter(left)}{self.first_row}:{column_letter(right)}{self.last_row}"
            for left, right in self.columns
        )


def highlight_rules(
    columns: Mapping[str, int],
    *,
    first_row: int,
    last_row: int,
    words: Mapping[str, str],
    mode: HighlightMode,
    tracker: tuple[int, int] = (1, 0),
) -> tuple[HighlightRule, ...]:
    """The rules for our columns where they stand, the most pressing first; none for the mode "none".

    `columns` maps an owned key to its column; a rule that needs one that is not there is left out. `words` maps the
    English follow-up words to those of the sheet (English if missing). The mode "columns" colours the computed columns,
    "row" all of ours and the person's own table, whose first and last column `tracker` gives. At most one rule holds for a row.
    """
    if mode == "none" or "follow_up" not in columns:
        return ()
    place = {key: f"${column_letter(column)}{first_row}" for key, column in columns.items()}
    conditions = {
        "overdue": (("contact_by",), "ISNUMBER({contact_by}),{contact_by}<TODAY(),{dated}"),
        "due": (
            ("next_contact", "contact_by"),
            "ISNUMBER({next_contact}),ISNUMBER({contact_by}),{next_contact}<=TODAY(),{contact_by}>=TODAY(),{dated}",
        ),
        "upcoming": (
            ("next_contact",),
            f"ISNUMBER({{next_contact}}),{{next_contact}}>TODAY(),{{next_contact}}<=TODAY()+{UPCOMING_DAYS},{{dated}}",
        ),
        "waiting": ((), "{follow_up}={waiting}"),
        "closed": ((), "{follow_up}={closed}"),
    }
    dated = ",".join(f"{place['follow_up']}={_quoted(words.get(word, word))}" for word in _DATED)
    parts = {
        **place,
        "dated": f"OR({dated})",
        "waiting": _quoted(words.get("Waiting", "Waiting")),
        "closed": _quoted(words.get("Closed", "Closed")),
    }
    if mode == "row":
        coloured = {*columns.values(), *range(tracker[0], tracker[1] + 1)}
    else:
        coloured = {column for key, column in columns.items() if key in OWNED}
    palette = read_toml("highlights.toml")
    return tuple(
        HighlightRule(
            key=key,
            formula=f"AND({condition.format_map(parts)},{mark(key)})",
            fill=palette[key]["fill"],
            font=palette[key]["font"],
            bold=palette[key].get("bold", False),
            columns=tuple(runs(coloured)),
            first_row=first_row,
            last_row=last_row,
        )
        for key, (needed, condition) in conditions.items()
        if all(name in columns for name in needed)
    )


def mark(key: str) -> str:
    """What makes a rule ours; true in every cell."""
    return f'N("sheetsync:{key}")=0'


def is_ours(formula: str) -> str | None:
    """The key of our rule that a conditional format's formula holds the mark of; None if it is the person's.

    The formula may be escaped as in XML, and spaced or capitalised by another program.
    """
    found = _MARK.search(formula)
    return found[1].lower() if found else None


def _quoted(text: str) -> str:
    escaped = text.replace('"', '""')
    return f'"{escaped}"'
