"""Number formats between Excel's codes (ECMA-376 section 18.8.30) and the Sheets API's types and patterns. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from sheetsync.sheets.google.values import Json

_PLACE: Final = re.compile(r"\[\$([^\]-]*)(?:-[^\]]*)?\]")
"""A currency and a language, such as [$€-407]; either may be missing."""
_LITERAL: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_MONEY: Final = re.compile(r"[$€£¥₹₩₽]")
_PATTERNS: Final = {
    "DATE": "yyyy-mm-dd", "DATE_TIME": "yyyy-mm-dd hh:mm", "TIME": "hh:mm:ss", "PERCENT": "0.00%", "TEXT": "@",
    "CURRENCY": '"$"#,##0.00', "SCIENTIFIC": "0.00E+00",
}  # fmt: skip
"""What a type without a pattern is shown as."""


def to_google(code: str) -> Json | None:
    """An Excel format code as a NumberFormat; None for General."""
    if code.strip().lower() in ("", "general"):
        return None
    if code == "@":
        return {"type": "TEXT"}
    pattern = _PLACE.sub(lambda found: f'"{found[1]}"' if found[1] else "", code).removesuffix(";@")
    return {"type": _kind(code), "pattern": pattern}


def from_google(found: Mapping[str, Any] | None) -> str:
    """A NumberFormat as an Excel format code; "" is General."""
    if not found:
        return ""
    return str(found.get("pattern") or _PATTERNS.get(found.get("type", ""), ""))


def _kind(code: str) -> str:
    bare = _LITERAL.sub("", code.split(";", maxsplit=1)[0]).lower()
    clock = bool(re.search(r"h|s", bare)) and "general" not in bare
    day = bool(re.search(r"[yd]", bare)) or (bool(re.search(r"m", bare)) and not clock)
    if "general" in bare:
        day = False
    if day or clock:
        return "DATE_TIME" if day and clock else "DATE" if day else "TIME"
    if "%" in bare:
        return "PERCENT"
    if "e+" in bare or "e-" in bare:
        return "SCIENTIFIC"
    return "CURRENCY" if _MONEY.search(code) else "NUMBER"
