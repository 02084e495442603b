"""Where this computer is, as far as it says: the language and the time zone that a new Google spreadsheet gets."""

from __future__ import annotations

import locale
import os
import re
import zoneinfo
from pathlib import Path
from typing import Final

_LOCALE: Final = re.compile(r"[a-z]{2,3}_[A-Z]{2}")
_LOCAL_TIME: Final = Path("/etc/localtime")
_NAME: Final = Path("/etc/timezone")


def computer_locale() -> str | None:
    """Such as "en_GB"; None if the computer does not say."""
    named = (os.environ.get(name, "") for name in ("LC_ALL", "LC_TIME", "LANG"))
    for text in (*named, locale.getlocale()[0] or ""):
        found = _LOCALE.match(text)
        if found:
            return found[0]
    return None


def computer_time_zone() -> str | None:
    """Such as "Europe/London"; None if the computer does not say."""
    _, _, linked = str(_LOCAL_TIME.resolve()).partition("zoneinfo/")
    written = _NAME.read_text("utf-8", "replace").strip() if _NAME.is_file() else ""
    for name in (os.environ.get("TZ", "").removeprefix(":"), linked, written):
        if "/" in name and not name.startswith("/") and _is_known(name):
            return name
    return None


def _is_known(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return False
    return True
