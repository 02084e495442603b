"""Which texts must not stand in a coach's copy: what the hidden columns hold, by the rules that `scrubbing` states. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sheetsync.coach.cells import Cells, is_ours
from sheetsync.coach.money import in_cents
from sheetsync.coach.redaction import Choice, Column
from sheetsync.coach.scrubbing import (
    Matcher,
    day_forms,
    everyday_words,
    folded_with_places,
    number_forms,
    numbers_in,
    pieces,
    tells_nothing,
)
from sheetsync.model import TEXT_FIELDS, Value
from sheetsync.tracker.history import split_people
from sheetsync.tracker.text import fold

_NAMES: Final = ("company", "role", "contact", "location")
_WORDS: Final = (*_NAMES, "stage", "kind", "round", "channel", "relationship", "priority")
"""Fields of names, and of words that are picked from a list."""
_LONGEST_NAME: Final = 80
_LEAST_DIGITS: Final = 4
_SHORT: Final = 4


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the copy shows as whole cells; of the texts and numbers those of columns that quote nothing hidden."""

    texts: frozenset[str]
    numbers: frozenset[float]
    days: frozenset[dt.date]
    names: tuple[str, ...]


def hidden_texts(cells: Cells, choice: Choice, standing: Mapping[Column, Sequence[Value]], today: dt.date) -> Matcher:
    """All that must be taken out of a copy whose shown columns hold `standing`, each with its column."""
    values = [value for held in standing.values() for value in held]
    shown = _Shown(
        frozenset(fold(text) for column, held in standing.items() for text in _telling(column, held)),
        frozenset(
            value
            for column, held in standing.items()
            if _is_plain(column)
            for value in held
            if isinstance(value, int | float)
        ),
        frozenset(_plain_day(value) for value in values if isinstance(value, dt.date)) | {today},
        tuple(
            value
            for column, held in standing.items()
            if column.key in _NAMES
            for value in dict.fromkeys(held)
            if isinstance(value, str)
        ),
    )
    matcher = Matcher()
    for column in choice.columns:
        if not column.shown and not is_ours(column):
            _add(matcher, column, cells, shown, today)
    return matcher


def _is_plain(column: Column) -> bool:
    """Whether a shown column holds names, words of a list or what sheetsync worked out, and so quotes nothing hidden."""
    return is_ours(column) or column.key in _WORDS


def _telling(column: Column, held: Sequence[Value]) -> Iterator[str]:
    """What a shown column says of itself: names and words of a list, but no sentences, which may quote what is hidden."""
    if not _is_plain(column):
        return
    for value in dict.fromkeys(held):
        if isinstance(value, str) and len(value) <= _LONGEST_NAME:
            yield value
            if column.key == "contact":
                yield from split_people(value)


def _add(matcher: Matcher, column: Column, cells: Cells, shown: _Shown, today: dt.date) -> None:
    """What one hidden column holds."""
    texts: dict[str, None] = {}
    for value, text in cells.hidden(column):
        if isinstance(value, dt.date):
            day = _plain_day(value)
            if column.asked or day not in shown.days:
                matcher.add_all(day_forms(day, today), column)
            continue
        if isinstance(value, str) or column.key == "phone":
            texts[text] = None
        for number in _numbers(value, column):
            if column.asked or number not in shown.numbers:
                matcher.add_all(number_forms(number), column)
            if column.key == "salary":
                matcher.add_all(in_cents(number), column)
    found = [piece for text in texts for piece in pieces(text, field=column.key, asked=column.asked)]
    if not column.asked:
        found = [piece for piece in found if not tells_nothing(piece) and fold(piece) not in shown.texts]
        if column.place and column.key not in TEXT_FIELDS:
            found = _not_in(shown.names, found)
    _add_texts(matcher, column, found)


def _numbers(value: Value, column: Column) -> Iterable[float]:
    if isinstance(value, str):
        return numbers_in(value, field=column.key)
    return (value,) if isinstance(value, int | float) and not isinstance(value, bool) else ()


def _add_texts(matcher: Matcher, column: Column, texts: Sequence[str]) -> None:
    for text in texts:
        number = not any(sign.isalpha() for sign in text)
        if number and sum(sign.isdigit() for sign in text) < _LEAST_DIGITS:
            continue
        short = column.asked and sum(sign.isalnum() for sign in text) < _SHORT
        everyday = short and (len(text) == 1 or fold(text) in everyday_words())
        matcher.add(text, column, whole=number, exact=everyday)


def _not_in(names: Sequence[str], texts: Sequence[str]) -> list[str]:
    """The texts that no name says."""
    keys = [folded_with_places(text)[0].strip() for text in texts]
    matcher = Matcher()
    for text, key in zip(texts, keys, strict=True):
        matcher.add(text, key, whole=True)
    said = {key for name in names for _, _, key in matcher.find(name)}
    return [text for text, key in zip(texts, keys, strict=True) if key not in said]


def _plain_day(value: dt.date) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value
