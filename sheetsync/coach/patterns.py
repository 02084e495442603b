"""What is private wherever it is typed: e-mail addresses, links, amounts of money, phone numbers. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_CURRENCY: Final = r"(?:[$€£¥₹]|\b(?:usd|eur|gbp|chf|cad|aud|inr|cny|euros?|dollars?|pounds?)\b)"
_AMOUNT: Final = r"(?:\d{1,3}(?:[ .,'\u00a0\u202f]\d{3})+(?:[.,]\d+)?|\d[\d.,']*)(?:\s?(?:k|m|tsd|thousand|million)\b)?"
_ENDINGS: Final = "com|org|net|io|co|de|fr|uk|eu|es|pt|ch|at|it|nl|edu|gov|me|dev|app|ai|info|biz|us|ca|in|cn|be|pl|se|no|dk|br|mx|au|ie"
PATTERNS: Final = {
    "email": re.compile(
        r"(?:mailto:)?[\w.!#$%&'*+/=?^`{|}~-]+\s?(?:@|[(\[]\s?at\s?[)\]])\s?[\w-]+(?:\.[\w-]+)+|(?<![\w@])@\w{2,}",
        re.IGNORECASE,
    ),
    "link": re.compile(
        r"(?:\b[a-z][a-z0-9+.-]{1,12}://|\bwww\.)[^\s<>\"”]+|\b(?:[a-z0-9-]+\.)+"
        rf"(?:{_ENDINGS})/[^\s<>\"”]*",
        re.IGNORECASE,
    ),
    "salary": re.compile(
        rf"{_CURRENCY}\s?{_AMOUNT}(?:\s?[-–]\s?{_CURRENCY}?\s?{_AMOUNT})?|{_AMOUNT}(?:\s?[-–]\s?{_AMOUNT})?\s?{_CURRENCY}"
        r"|\b\d{2,3}(?:\s?[-–]\s?\d{2,3})?\s?k\b",
        re.IGNORECASE,
    ),
    "phone": re.compile(r"(?<!\w)(?<!\w[-/])(?<!\d[.,])(?:\+|00|\()?\d(?:[\s().\u00a0/–-]{0,3}\d){6,16}(?![\w])"),
}
"""What is taken out of every text unless its field is shown."""
_NO_PHONE: Final = re.compile(
    r"(?<!\d)(?<!\d-)(?:19|20)\d{2}-\d{1,2}-\d{1,2}(?!-?\d)"
    r"|(?<!\d)(?<!\d\.)\d{1,2}\.\d{1,2}\.(?:19|20)?\d{2}(?!\.?\d)"
    r"|(?<!\d)(?<!\d/)\d{1,2}/\d{1,2}/(?:19|20)?\d{2}(?!/?\d)"
    r"|(?<!\d)(?<!\d-)\d{1,2}-\d{1,2}-(?:19|20)?\d{2}(?!-?\d)"
    r"|(?<!\d)(?:19|20)\d{2}\s?[-–/]\s?(?:19|20)\d{2}(?!\d)"
    r"|(?<![\d+])\d{1,3}(?:[,'’]\d{3})+(?!\d)|(?<![\d+])\d(?:[.\s\u00a0]\d{3}){2}(?![.\s\u00a0]?\d)"
)
"""What has as many digits as a phone number and is none: dates, years from and to, grouped numbers."""


def found_in(text: str, field: str) -> Iterator[tuple[int, int]]:
    """From where to where what is of a field stands in a text."""
    searched = _NO_PHONE.sub(lambda found: "x" * len(found[0]), text) if field == "phone" else text
    return (found.span() for found in PATTERNS[field].finditer(searched))
