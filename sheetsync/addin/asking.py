"""What the page may ask, read strictly: a field that is not known, doubled, of another type or too long is refused."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from sheetsync.errors import UsageError

LARGEST_BOOK: Final = 64 * 1024 * 1024
"""Bytes of a request that brings the open workbook along."""
LAST_ROW: Final = 1_048_576
"""Of a sheet of Excel's, which is longer than one of Google's."""
_LARGEST: Final = 2**53
"""Up to here a number is the same in JavaScript."""
_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "pair": frozenset({"code"}),
    "today": frozenset(),
    "row": frozenset({"row", "who"}),
    "sync": frozenset(),
    "log": frozenset({"row", "who", "person", "channel", "on", "received", "note"}),
    "draft": frozenset({"row", "who"}),
    "undo": frozenset({"mark"}),
}
_NEEDED: Final = frozenset({"row", "code", "book"})
_LONGEST: Final = {"code": 100, "person": 200, "channel": 60, "note": 2000}
"""Characters."""
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NO_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What no cell can hold (XML 1.0, section 2.2)."""
_NO_LINE: Final = re.compile(r"[\t\n\u2028\u2029]")

NAMES: Final = frozenset(_FIELDS)


@dataclass(frozen=True, slots=True)
class Asking:
    """One request of the page. None stands where nothing is said."""

    name: str
    row: int = 0
    who: tuple[str, str, str] | None = None
    """Company, role and contact as the page shows them in that row."""
    person: str | None = None
    channel: str = ""
    on: dt.date | None = None
    received: bool = False
    note: str = ""
    code: str = ""
    mark: int | None = None
    """The change that is to be taken back, as today named it."""
    book: Mapping[str, Any] | None = None
    """The open workbook, where a spreadsheet program asks."""


def parse(data: bytes) -> dict[str, Any]:
    """A request's body. Raises UsageError unless it is one JSON object without doubled keys and impossible numbers."""
    try:
        body = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_no_number,
            parse_int=_integer,
            parse_float=_float,
        )
    except RecursionError:
        raise UsageError("The request is nested too deeply.") from None
    except ValueError:
        raise UsageError("The request is no JSON text.") from None
    if not isinstance(body, dict):
        raise UsageError("The request is no JSON object.")
    return body


def read(name: str, body: Mapping[str, Any], *, with_book: bool = False) -> Asking:
    """What a request means; `with_book` says whether the open workbook comes with it. Raises UsageError."""
    known = _FIELDS[name] | ({"book"} if with_book else frozenset())
    if unknown := sorted(set(body) - known):
        raise UsageError(f"The request has a field that nobody asked for: {_shown(unknown[0])}.")
    if lacking := sorted((known & _NEEDED) - set(body)):
        raise UsageError(f"The request lacks the field {lacking[0]}.")
    book = body.get("book")
    if with_book and not isinstance(book, dict):
        raise UsageError("The workbook in the request is no JSON object.")
    return Asking(
        name,
        row=_row(body["row"]) if "row" in known else 0,
        who=_who(body.get("who")),
        person=_text(body, "person"),
        channel=_text(body, "channel") or "",
        on=_day(body.get("on")),
        received=_yes(body.get("received")),
        note=_text(body, "note") or "",
        code=_text(body, "code") or "",
        mark=_mark(body.get("mark")),
        book=book,
    )


def _row(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LAST_ROW:
        raise UsageError("The row in the request is no row number.")
    return value


def _mark(value: object) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST):
        raise UsageError("The field mark names no change.")
    return value


def _who(value: object) -> tuple[str, str, str] | None:
    if value is None:
        return None
    if (
        not isinstance(value, list)
        or len(value) != 3
        or not all(each is None or isinstance(each, str) for each in value)
    ):
        raise UsageError("The field who is not a company, a role and a contact.")
    company, role, contact = (each or "" for each in value)
    return company, role, contact


def _yes(value: object) -> bool:
    if value is not None and not isinstance(value, bool):
        raise UsageError("The field received is neither true nor false.")
    return bool(value)


def _text(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise UsageError(f"The field {name} is no text.")
    if len(value) > _LONGEST[name]:
        raise UsageError(f"The {name} is too long: {_LONGEST[name]:,} characters fit.")
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    if _NO_TEXT.search(value) or (name != "note" and _NO_LINE.search(value)):
        raise UsageError(f"The {name} holds a character that no cell can hold.")
    return value.strip()


def _day(value: object) -> dt.date | None:
    if value is None:
        return None
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return dt.date.fromisoformat(value)
    except ValueError:
        pass
    raise UsageError("The date in the request is no day, such as 2026-11-16.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _integer(text: str) -> int:
    if len(text) > 17 or not -_LARGEST <= (number := int(text)) <= _LARGEST:
        raise ValueError
    return number


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def _no_number(text: str) -> NoReturn:
    """NaN and Infinity, which are no JSON."""
    raise ValueError(text)


def _shown(name: str) -> str:
    """A field's name as it may be said."""
    return repr(name if len(name) <= 40 else f"{name[:39]}…")
