"""How pay is written: with a currency, in thousands, by the hour or the month, beside a word of pay. Pure.

All words are those of `templates/coach/money.toml`. The texts that are searched are folded (`scrubbing.folded_with_places`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final

from sheetsync.resources import read_toml
from sheetsync.tracker.text import fold

_NUMBER: Final = r"(?:\d{1,3}(?:[ .,'\u00a0\u202f]\d{2,3}){1,6}(?:[.,]\d{1,3})?|\d[\d.,']{0,20})(?:,-)?"
_FEW: Final = r"(?:\d{2,3}(?:[.,]\d{1,2})?|\d[.,]\d{1,2})"
"""Of two or three digits, or one with a decimal."""
_TWO: Final = r"(?=\d(?:[ .,']?\d){1})"
_THREE: Final = r"(?=\d(?:[ .,']?\d){2})"
_TO: Final = r"(?:\s?-\s?|\s(?:to|bis|a|ate)\s)"
_MOST: Final = 1e15
_DECIMALS: Final = 2
_END: Final = r"(?![^\W\d_])"
_NO_BLANKS: Final = "\u2e80"
"""From here on are the scripts that put no blanks between words."""


@cache
def pay() -> re.Pattern[str]:
    """What pay looks like in any text. Where a word before it tells, the amount itself is group 1."""
    words = read_toml("coach/money.toml")
    per = words["per"]
    sign = f"[{re.escape(words['signs'])}]"
    code = rf"(?<![^\W\d_])(?:[tk]?(?:{_any(words['codes'])})|{_any(words['names'])}){_END}\.?"
    currency = rf"(?:[tk]?{sign}|{code})"
    unit = rf"(?:\s?(?:{_any(_units())}))"
    amount = rf"{_NUMBER}{unit}?"
    plain = rf"{amount}(?:{_TO}{amount})?"
    between = rf"(?:\s?/\s?|\s(?:{_any(per['between'])})\s)"
    hourly = rf"{between}(?:{_any(per['hours'])})"
    timely = rf"(?:{between}(?:{_any((*per['times'], *per['hours']))})|\s?(?:{_any(per['after'])}))"
    start = r"(?<![\w.,])"
    alone = rf"\s?(?:{_any(words['alone'])})"
    attached = [word for word in words["before"] if word[-1] >= _NO_BLANKS]
    before = rf"(?:(?<!\w)(?:{_any(set(words['before']) - set(attached))})(?::\s?|\s(?:is\s|of\s|von\s|de\s)?)|(?:{_any(attached)}):?)"
    return re.compile(
        rf"{currency}\s?{amount}(?:{_TO}{currency}?\s?{amount})?{_END}"
        rf"|{plain}\s?{currency}"
        rf"|{start}(?:{_TWO}{plain}{hourly}|{_THREE}{plain}{timely}|{_NUMBER}{unit}{timely})"
        rf"|{start}(?:{_FEW}(?:{alone})?{_TO})?{_FEW}{alone}|{start}{_FEW}\s?-\s?\d{alone}"
        rf"|{before}({_THREE}{plain}|{_NUMBER}{unit})(?!\d|[.,]\d|\s?%)",
        re.IGNORECASE,
    )


def amounts(text: str) -> Iterator[float]:
    """The numbers of a text of pay, in ones: 72500 of "72,5 T€", 72000 and 78000 of "72-78k". Raises nothing."""
    for found in _said().finditer(fold(text)):
        unit = _units().get(found["unit"] or "", 1)
        for number in (found["one"], found["two"]):
            if number:
                yield _read(number) * unit


def said_in_units(number: float) -> Iterator[str]:
    """A number as people shorten it: 72500 as 72.5k, 72,5 T, 72,5 Tsd and so on; none that rounds it."""
    usual = read_toml("coach/money.toml")["usual"]
    for word, size in _units().items():
        part = f"{number / size:.15g}"
        decimals = len(part.partition(".")[2])
        # what ends in a dot is found without it, and each form costs time with every hidden number
        if number < size or decimals > _DECIMALS or (decimals and word not in usual) or "e" in part or word[-1] == ".":
            continue
        for written in dict.fromkeys((part, part.replace(".", ","))):
            yield f"{written}{word}"
            yield f"{written} {word}"


def in_cents(number: float) -> Iterator[str]:
    """A number of ten or more with two decimals, as pay by the hour is written."""
    if 10 <= abs(number) < _MOST:
        written = f"{abs(number):.2f}"
        yield from (written, written.replace(".", ","))


@cache
def _said() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w.,])(?P<one>{_NUMBER})(?:{_TO}(?P<two>{_NUMBER}))?(?:\s?(?P<unit>{_any(_units())}))?(?!\d)"
    )


@cache
def _units() -> dict[str, int]:
    return {fold(word): int(size) for size, words in read_toml("coach/money.toml")["units"].items() for word in words}


def _any(words: Iterable[Any]) -> str:
    """Any of those words, the longest first, as a whole one."""
    folded = sorted({fold(word) for word in words}, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word) + ("" if word[-1] >= _NO_BLANKS or word[-1] == "." else _END) for word in folded)


def _read(text: str) -> float:
    """A number, whatever its signs for thousands and decimals; 0 for none."""
    digits = re.sub(r"[^\d.,]", "", text).strip(".,")
    for sign in ".,":
        # twice the same sign, or three digits after it: thousands
        if digits.count(sign) > 1 or re.search(rf"{re.escape(sign)}\d{{3}}(?!\d)", digits):
            digits = digits.replace(sign, "")
    try:
        return float(digits.replace(",", "."))
    except ValueError:
        return 0
