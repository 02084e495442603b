"""A formula in English with commas, and the same as a spreadsheet of some locale has it in the API. Pure.

The API takes and gives formulas in the spreadsheet's own locale: names of functions are English everywhere, but where
numbers have a decimal comma, arguments are separated with semicolons (google-api-nodejs-client issue 1994). A semicolon
between arguments is taken in every locale.
"""

from __future__ import annotations

import re
from typing import Final

_PARTS: Final = re.compile(
    r'"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'|[{}]|[,;\\]|(?<![\w.$])\d+[.,]\d+|[^"\'{},;\\\d]+|.', re.DOTALL
)
_DECIMAL_POINT: Final = frozenset(
    ["en", "zh", "ja", "ko", "he", "th", "hi", "bn", "ta", "te", "mr", "gu", "kn", "ml", "pa", "ur", "ms", "fil", "tl", "sw", "cy", "ga", "mt"]
)  # fmt: skip
_POINT_PLACES: Final = frozenset(
    {"es_MX", "de_CH", "it_CH", "es_US", "es_DO", "es_GT", "es_HN", "es_NI", "es_PA", "es_PE", "es_SV"}
)


def has_decimal_comma(locale: str | None) -> bool:
    """Whether numbers of a locale such as "de_DE" are written 1,5."""
    if not locale or locale in _POINT_PLACES:
        return False
    return locale.partition("_")[0].lower() not in _DECIMAL_POINT


def to_google(text: str, locale: str | None) -> str:
    """A formula in English, with commas and without "=", as the API takes it in a spreadsheet of that locale."""
    comma = has_decimal_comma(locale)
    return _turned(text, argument=";", column="\\" if comma else ",", decimal="," if comma else ".", comma=False)


def from_google(text: str, locale: str | None) -> str:
    """A formula as the API gives it in a spreadsheet of that locale, in English with commas, without "="."""
    return _turned(text, argument=",", column=",", decimal=".", comma=has_decimal_comma(locale))


def _turned(text: str, *, argument: str, column: str, decimal: str, comma: bool) -> str:
    """`comma` says whether 1,5 is a number in `text`. Within braces a column's separator is turned, a row's stays."""
    parts = []
    depth = 0
    for found in _PARTS.finditer(text):
        part = found[0]
        depth += (part == "{") - (part == "}")
        if part in (",", ";", "\\"):
            if not depth:
                part = argument
            elif part != ";":
                part = column
        elif part[0].isdigit() and len(part) > 1:
            if "." in part:
                part = part.replace(".", decimal)
            elif comma:
                part = part.replace(",", decimal)
            else:
                whole, _, rest = part.partition(",")
                part = f"{whole}{column if depth else argument}{rest}"
        parts.append(part)
    return "".join(parts)
