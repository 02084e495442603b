"""What of a tracker goes out to a coach and what stays at home: column by column, by fields and by what was asked. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sheetsync.errors import UsageError
from sheetsync.model import FIELDS, OWNED, Layout, Ownership, Snapshot, column_letter, column_number
from sheetsync.resources import read_toml
from sheetsync.tracker.text import fold
from sheetsync.words import column_words

CONTACT_DETAILS: Final = ("email", "phone", "link")
NOTES: Final = ("coach_notes", "coach_note")
"""The person's own column of coach notes, and ours: what they hold stands in the copy's own column of notes."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the tracker, or one of ours, and what becomes of it."""

    place: int
    """Its column in the tracker; 0 for one of ours, and for what stands on another sheet."""
    key: str
    """The field, our own key, "" if it is neither."""
    name: str
    """Its heading."""
    shown: bool
    asked: bool
    """Whether the person said so."""
    why: str
    values: int = 0
    """How many cells hold something."""
    scrubbed: int = 0
    """How many cells of the copy had something taken out: of this column if it is shown, else of what it holds."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which columns go out. `hide` and `show` are the names asked for as a later run finds them again."""

    columns: tuple[Column, ...]
    hide: tuple[str, ...]
    show: tuple[str, ...]


def words() -> dict[str, Any]:
    """The rules and the words, `templates/coach/redaction.toml`."""
    return read_toml("coach/redaction.toml")


@cache
def fields_shown() -> frozenset[str]:
    """The fields that go out if nothing else is asked for."""
    return frozenset(words()["shown"])


def choose(snapshot: Snapshot, layout: Layout, *, hide: Sequence[str], show: Sequence[str]) -> Choice:
    """Decide about every column.

    A name of `hide` and `show` is a field, one of our keys, a heading or a column's letter. Raises UsageError for a name
    that is none of these, for a heading to show that several columns have, and for one that is both hidden and shown.
    """
    named = _Names(snapshot, layout)
    hidden, shown = named.places(hide, "--hide"), named.places(show, "--show", one=True)
    if both := hidden & shown:
        raise UsageError(f"{named.canonical(next(iter(both)))!r} is to be hidden and shown: leave one of them out.")
    why = words()["why"]
    columns: list[Column] = []
    for place, name in named.columns.items():
        field = named.fields.get(place, "")
        asked = place in hidden or place in shown
        goes = place in shown or (
            place not in hidden and (field in fields_shown() or field in NOTES or place in layout.touches)
        )
        if asked:
            reason = why["asked_shown" if goes else "asked_hidden"]
        elif goes:
            reason = why[field if field in NOTES else "shown" if field else "date"]
        else:
            reason = why.get(field, why["unknown"] if name else why["unnamed"])
        columns.append(
            Column(place, field, name or f"column {column_letter(place)}", shown=goes, asked=asked, why=reason)
        )
    for key in OWNED:
        goes, reason = key not in hidden, why["asked_hidden" if key in hidden else "ours"]
        columns.append(Column(0, key, column_words()[key], shown=goes, asked=key in hidden, why=reason))
    if "coach_notes" not in named.fields.values() and "coach_note" in named.ours:
        name = column_words()["coach_note"]
        columns.append(Column(0, "coach_note", name, shown=True, asked=False, why=why["coach_notes"]))
    columns += [
        Column(0, key, key.capitalize(), shown=False, asked=False, why=why[key]) for key in ("history", "debrief")
    ]
    return Choice(
        tuple(columns),
        tuple(dict.fromkeys(map(named.canonical, sorted(hidden, key=str)))),
        tuple(dict.fromkeys(map(named.canonical, sorted(shown, key=str)))),
    )


class _Names:
    """What a person may call the columns of a tracker."""

    def __init__(self, snapshot: Snapshot, layout: Layout) -> None:
        owned: Ownership | None = snapshot.owned
        self.ours = dict(owned.columns) if owned and owned.sheet == layout.sheet else {}
        ours = set(self.ours.values())
        grid = snapshot.grid(layout.sheet)
        right = min(max(layout.right, *layout.columns.values(), *layout.headers, 1), grid.n_columns)
        filled = {
            place
            for place in range(1, right + 1)
            if any(value is not None for value in grid.columns[place - 1][layout.header_row :])
        }
        known = {*layout.headers, *layout.columns.values(), *layout.touches}
        self.columns = {place: layout.headers.get(place, "") for place in sorted(known | filled) if place not in ours}
        self.fields = {
            place: field for field, place in layout.columns.items() if field in FIELDS and place in self.columns
        }
        self._location = snapshot.location

    def places(self, names: Sequence[str], option: str, *, one: bool = False) -> AbstractSet[int | str]:
        """The columns that are meant: places, and keys of ours."""
        found: set[int | str] = set()
        for name in names:
            meant = self._meant(name)
            if not meant:
                raise UsageError(
                    f"There is no field and no column {name!r} in {self._location} ({option}): `sheetsync inspect` lists "
                    "both. Nothing was shared."
                )
            if one and len(meant) > 1:
                letters = " and ".join(column_letter(place) for place in sorted(meant) if isinstance(place, int))
                raise UsageError(
                    f"Several columns are called {name!r} ({letters}): give the one to show a name of its own. Nothing was "
                    "shared."
                )
            found |= meant
        return found

    def canonical(self, place: int | str) -> str:
        """A column's field, else its heading: what finds it again when columns have moved."""
        if isinstance(place, str):
            return place
        if place in self.fields:
            return self.fields[place]
        if not self.columns[place]:
            raise UsageError(
                f"Column {column_letter(place)} of {self._location} has no heading: give it one, so that it is known again."
            )
        return self.columns[place]

    def _meant(self, name: str) -> set[int | str]:
        asked = fold(name)
        plain = asked.replace(" ", "_").replace("-", "_")
        if plain in FIELDS and plain in self.fields.values():
            return {place for place, field in self.fields.items() if field == plain}
        keys = {key for key in OWNED if asked == fold(column_words()[key]) or plain == key}
        headings = {place for place, heading in self.columns.items() if heading and fold(heading) == asked}
        if keys or headings:
            return {*keys, *headings}
        try:
            place = column_number(name)
        except ValueError:
            return set()
        return {place} if place in self.columns else set()
