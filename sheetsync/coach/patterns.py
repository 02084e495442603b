"""What is private wherever it is typed: e-mail addresses, links, amounts of money, phone numbers. Pure.

The texts are folded (`scrubbing.folded_with_places`): small letters, plain digits, dashes and blanks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sheetsync.coach.money import pay

_ENDINGS: Final = (
    "com|org|net|io|co|de|fr|uk|eu|es|pt|ch|at|it|nl|edu|gov|me|dev|app|ai|info|biz|us|ca|in|cn|be|pl|se|no|dk|br|mx|au|ie|ly|so|"
    "gl|gg|to|tv|cc|gle|link|page|site|online|tech|xyz|jobs|careers|cloud|ru|jp|kr|nz|za|fi|cz|gr|hu|ro|tr|ar|cl|sg|hk|tw"
)
_START: Final = r"(?<![\w.!#$%&'*+/=?^`{|}~-])"
"""An address begins where a word does: looked for from each letter of a long text, it would take minutes."""
_DOT: Final = r"(?:\.|\s?[(\[{]\s?dot\s?[)\]}]\s?|\sdot\s)"
PATTERNS: Final = {
    "email": re.compile(
        rf"(?:mailto:)?{_START}[\w.!#$%&'*+/=?^`{{|}}~-]+\s?(?:@|[(\[{{]\s?at\s?[)\]}}])\s?[\w-]+(?:{_DOT}[\w-]+)+"
        rf"|{_START}[\w.+-]+(?:\sat\s[\w-]+(?:\sdot\s[\w-]+)+|@[\w-]+)"
        r"|(?<![\w@])@\w[\w.-]*\w",
        re.IGNORECASE,
    ),
    "link": re.compile(
        r"(?:\b[a-z][a-z0-9+.-]{1,12}://|\bwww\.)[^\s<>\"”]+|(?<![\w.-])(?!asp\.net/)(?:[a-z0-9-]+\.)+"
        rf"(?:{_ENDINGS})/[^\s<>\"”]*|\b(?:skype|live|teams|telegram|signal|whatsapp):\S+",
        re.IGNORECASE,
    ),
    "salary": pay(),
    "phone": re.compile(
        r"(?:(?<!\w)(?<!\w[-/])(?<!\d[.,])|\b(?:tel|mob|mobile|phone|ph|cell|fax|call|whatsapp|handy|nr|no|m|t)[.:]?(?=[+0(]))"
        r"(?:\+|00|\()?\d(?:[\s()._·•/–-]{0,3}\d){6,16}(?:\s?(?:x|ext\.?|extension|#)\s?\d{1,6})?(?!\w)",
        re.IGNORECASE,
    ),
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
    return (found.span(found.lastindex or 0) for found in PATTERNS[field].finditer(searched))
