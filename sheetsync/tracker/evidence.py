"""What a column holds, judged from a sample of its cells."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Final

from sheetsync.model import Grid, Value
from sheetsync.tracker.dates import date_share
from sheetsync.tracker.stages import read_stage
from sheetsync.tracker.text import fold, is_blank
from sheetsync.tracker.vocabulary import data

_FIRST: Final = 120
_SPREAD: Final = 80
"""A sample is the first cells that are filled, and as many spread over the rest at most."""

_ADDRESS: Final = re.compile(r"(?<![^\s@])[^\s@]++@[^\s@]+\.\w+")
_LINK: Final = re.compile(r"https?://|www\.|(?:[\w-]+\.)+[a-z]{2,4}/")
_PHONE: Final = re.compile(r"\D{0,8}[+(]?\d[\d\s().+–-]{5,}(?:(?:ext\.?|x|/ )\s?[\d\s().+–-]+)?")
_NUMBER: Final = re.compile(r"[-+]?[\d.,\s]+%?")
_PROSE: Final = 30
"""Texts longer than this on average are sentences."""
_MOSTLY: Final = 0.6
_SOME: Final = 0.25
_FEW: Final = 0.1
_PHONE_DIGITS: Final = range(7, 16)


@dataclass(frozen=True)
class Evidence:
    """The filled cells of a column, placeholders left out, and what share of them is of which sort (0 to 1)."""

    values: Sequence[Value]
    own_words: Mapping[str, str]
    dropdown: tuple[str, ...] = ()
    computed: bool = False
    """True if formulas make up the column."""

    @property
    def is_empty(self) -> bool:
        return not self.values

    @cached_property
    def texts(self) -> list[str]:
        return [value.strip() for value in self.values if isinstance(value, str)]

    def _share(self, test: Callable[[str], object]) -> float:
        return sum(1 for text in self.texts if test(text)) / len(self.values) if self.values else 0.0

    @cached_property
    def dates(self) -> float:
        """One full date. A column of numbers that can all be month.day, or day serials, is one of dates too."""
        if not self.values:
            return 0.0
        numbers = [v for v in self.values if isinstance(v, int | float) and not isinstance(v, bool)]
        other = sum(1 for number in numbers if _is_month_day(number) or _is_serial(number))
        return max(date_share(self.values), other / len(self.values))

    @cached_property
    def native_dates(self) -> float:
        return sum(1 for v in self.values if isinstance(v, dt.date)) / len(self.values) if self.values else 0.0

    @cached_property
    def addresses(self) -> float:
        return self._share(_ADDRESS.search)

    @cached_property
    def links(self) -> float:
        return self._share(lambda text: _LINK.match(text.lower()))

    @cached_property
    def phones(self) -> float:
        texts = [text for value in self.values if (text := _digits_text(value)) is not None]
        return sum(map(_is_phone, texts)) / len(self.values) if self.values else 0.0

    @cached_property
    def numbers(self) -> float:
        if not self.values:
            return 0.0
        native = sum(1 for v in self.values if isinstance(v, int | float) and not isinstance(v, bool))
        return native / len(self.values) + self._share(_NUMBER.fullmatch)

    @cached_property
    def yes_no(self) -> float:
        """Yes, no, a tick, TRUE."""
        if not self.values:
            return 0.0
        boxes = sum(1 for value in self.values if isinstance(value, bool))
        words = _answers()
        return boxes / len(self.values) + self._share(lambda text: fold(text).strip("!. ") in words)

    @cached_property
    def sites(self) -> float:
        """Names of job boards and of ways to hear of a job."""
        sites = _sites()
        return self._share(lambda text: fold(text) in sites)

    @cached_property
    def _stages(self) -> list[str]:
        return [read_stage(text, self.own_words).stage for text in self.texts]

    @cached_property
    def states(self) -> float:
        """Status words that can be read."""
        return sum(1 for s in self._stages if s not in {"", "unknown"}) / len(self.values) if self.values else 0.0

    @cached_property
    def distinct_states(self) -> int:
        """How many different stages the column and its drop-down list tell apart."""
        offered = {read_stage(text, self.own_words).stage for text in self.dropdown}
        return len((set(self._stages) | offered) - {"", "unknown"})

    @property
    def has_dropdown_states(self) -> bool:
        """True if the column's own list is one of status words."""
        known = [text for text in self.dropdown if read_stage(text, self.own_words).stage not in {"", "unknown"}]
        return len(known) >= 2 and 2 * len(known) >= len(self.dropdown)

    @cached_property
    def is_prose(self) -> bool:
        texts = self.texts
        return bool(texts) and sum(map(len, texts)) / len(texts) > _PROSE

    def holds(self, content: str) -> bool:
        """Tell whether the column holds what a rule asks for: "dates" must be there, "dates?" may be missing."""
        sort = content.removesuffix("?")
        return (self.is_empty and content.endswith("?")) or (not self.is_empty and _TESTS[sort](self))


def _is_month_day(number: float) -> bool:
    """3.04 for the fourth of March, as some write it in a hurry."""
    if not 1 <= number < 13:
        return False
    month, day = divmod(round(number * 100), 100)
    return abs(number * 100 - round(number * 100)) < 1e-6 and month >= 1 and 1 <= day <= 31


def _is_serial(number: float) -> bool:
    """A day of 2005 to 2050 as spreadsheets count it, in a cell without a date format."""
    return 38_353 <= number < 54_789


def _digits_text(value: Value) -> str | None:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:.0f}"
    return None


def _is_phone(text: str) -> bool:
    return bool(_PHONE.fullmatch(text)) and sum(map(str.isdigit, text)) in _PHONE_DIGITS and not date_share([text])


def _answers() -> frozenset[str]:
    return _listed("yes_no")


def _sites() -> frozenset[str]:
    return _listed("sites")


def _listed(name: str) -> frozenset[str]:
    return frozenset(fold(word) for text in data("fields.toml")["values"][name].values() for word in text.split(","))


def _is_flat(evidence: Evidence) -> bool:
    """Neither dates nor links nor whole sentences; an id may be long, but is one word."""
    spaced = evidence.is_prose and any(" " in text for text in evidence.texts)
    return evidence.dates <= _SOME and evidence.links <= _SOME and not spaced


_TESTS: Final[Mapping[str, Callable[[Evidence], bool]]] = {
    "dates": lambda e: e.dates >= _MOSTLY or (e.dates > e.yes_no and e.dates >= _SOME and not e.states > _SOME),
    "names": lambda e: max(e.yes_no, e.numbers, e.native_dates, e.links, e.dates) < _MOSTLY,
    "addresses": lambda e: e.addresses >= _SOME,
    "phones": lambda e: e.phones >= _SOME and e.dates < _SOME,
    "links": lambda e: e.links >= _SOME,
    "states": lambda e: e.states >= _MOSTLY and e.yes_no < _SOME,
    "words": lambda e: max(e.dates, e.yes_no, e.links, e.numbers) < _MOSTLY,
    "sites": lambda e: e.sites >= _SOME,
    "prose": lambda e: e.is_prose and e.dates < _FEW,
    "flat": _is_flat,
}


def sample(grid: Grid, column: int, first_row: int, last_row: int, own_words: Mapping[str, str]) -> Evidence:
    """The evidence of a column between two rows, ends inclusive; cheap for a hundred thousand rows too."""
    cells = grid.columns[column - 1]
    rows = range(first_row - 1, min(last_row, len(cells)))
    below = (value for value in cells[rows.start : rows.stop] if value is not None)
    head = list(islice((value for value in below if not is_blank(value)), _FIRST))
    step = max(1, len(rows) // _SPREAD)
    spread = [cells[row] for row in rows[::step]] if len(rows) > _FIRST else []
    values = head + [value for value in spread if not is_blank(value)]
    formulas = grid.formulas.get(column, ())
    computed = bool(formulas) and 2 * sum(1 for row in islice(formulas, _FIRST) if row >= first_row) >= min(
        len(rows), _FIRST
    )
    return Evidence(values, own_words, grid.dropdowns.get(column, ()), computed=computed)
