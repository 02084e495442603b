"""Put words to many rows at once: one template a group of rows, dates formatted once a distinct day."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from sheetsync.cadence.arrays import DayArray, Flags, Ints, Texts
from sheetsync.resources import read_toml

_FORMATTER: Final = string.Formatter()
_QUOTED: Final = 60
"""A text of the person's own is quoted up to so many characters."""


def words(table: str) -> Mapping[str, Any]:
    """One table of the catalogue of words."""
    found: Mapping[str, Any] = read_toml("words/en.toml")[table]
    return found


def day_words(days: DayArray, today: np.datetime64) -> Texts:
    """Days as people write them, such as 3 Nov; with the year where it is not today's. NaT is empty."""
    codes, distinct = pd.factorize(days)
    months, this_year = words("months")["short"], today.astype(object).year
    written = [_day(day.item(), months, this_year) for day in distinct.astype("datetime64[D]")]
    return np.array([*written, ""], dtype=object)[codes]


def one_day(day: np.datetime64, today: np.datetime64) -> str:
    """One day as people write it."""
    return str(day_words(np.array([day], dtype="datetime64[D]"), today)[0])


def _day(day: Any, months: list[str], this_year: int) -> str:
    if not hasattr(day, "month"):
        # A day beyond year 9999 has no Python date.
        return str(day)
    year = "" if day.year == this_year else f" {day.year}"
    return f"{day.day} {months[day.month - 1]}{year}"


def number_words(numbers: Ints, table: str) -> Texts:
    """Numbers as words of a table, its "other" where it has none."""
    known = words(table)
    distinct, codes = np.unique(numbers, return_inverse=True)
    written = [known.get(str(number), known["other"]) for number in distinct.tolist()]
    return np.array([*written, ""], dtype=object)[codes]


def quoted(texts: Texts) -> Texts:
    """The person's own words on one line, cut where they are long."""
    line = pd.Series(texts, dtype=object).str.split().str.join(" ")
    short = line.str.slice(0, _QUOTED).str.rstrip()
    return np.where((line.str.len() > _QUOTED).to_numpy(dtype=bool), short + "…", line).astype(object)


def names(people: tuple[str, ...]) -> str:
    """People, or companies, in one phrase: A, B and C; a long list is cut."""
    if len(people) == 1:
        return people[0]
    shown = people[:3]
    if len(people) > len(shown):
        return str(words("also")["more"]).format(names=", ".join(shown))
    return f" {words('who')['and']} ".join(part for part in (", ".join(shown[:-1]), *shown[-1:]) if part)


Field = Callable[[Ints], Texts]
"""What a placeholder stands for: the texts of the rows at some places."""


class Sentences:
    """One text a row, built from templates. A placeholder is looked up in `fields` by its name."""

    def __init__(self, size: int, fields: Mapping[str, Field]) -> None:
        self.fields = fields
        self.texts: Texts = np.full(size, "", dtype=object)

    def put(self, flags: Flags, template: str) -> None:
        """Write a template into some rows, with a capital first letter."""
        at = np.flatnonzero(flags)
        if len(at):
            self.texts[at] = self._filled(at, template, capital=True)

    def add(self, flags: Flags, template: str, *, joint: str = "; ") -> None:
        """Add a clause, after a semicolon, to some of the rows that have a text."""
        at = np.flatnonzero(flags & (self.texts != ""))
        if len(at):
            self.texts[at] = self.texts[at] + joint + self._filled(at, template, capital=False)

    def finish(self) -> Texts:
        """The texts with a full stop."""
        at = np.flatnonzero(self.texts != "")
        self.texts[at] = self.texts[at] + "."
        return self.texts

    def _filled(self, at: Ints, template: str, *, capital: bool) -> Texts:
        result: Texts | None = None
        for literal, name, _, _ in _FORMATTER.parse(template):
            if literal:
                result = _joined(result, _capital(literal) if capital and result is None else literal, len(at))
            if name is not None:
                found = self.fields[name](at)
                result = _capitals(found) if capital and result is None else _joined(result, found, len(at))
        return np.full(len(at), "", dtype=object) if result is None else result


def _joined(before: Texts | None, after: Texts | str, size: int) -> Texts:
    if before is not None:
        joined: Texts = before + after
        return joined
    return np.full(size, after, dtype=object) if isinstance(after, str) else after


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _capitals(texts: Texts) -> Texts:
    """Texts with a capital first letter; there are few distinct ones."""
    codes, distinct = pd.factorize(texts)
    return np.array([_capital(str(text)) for text in distinct], dtype=object)[codes]
