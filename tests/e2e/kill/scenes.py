"""The commands that write, each on a tracker that a person made with another program."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from typing import Final

import openpyxl


@dataclass(frozen=True, slots=True)
class Scene:
    """One command on one tracker."""

    name: str
    argv: tuple[str, ...]
    earlier: tuple[tuple[str, ...], ...] = ()
    """The commands that were run before."""
    nightly: tuple[str, ...] = ("sync", "t.xlsx", "--as-of", "2026-11-17")
    """What runs next in any case."""
    tracker: str = "work/t.xlsx"


_MONDAY: Final = ("--as-of", "2026-11-16")
_TUESDAY: Final = ("--as-of", "2026-11-17")
_FIRST: Final = ("sync", "t.xlsx", *_MONDAY)
_LOG: Final = ("log", "t.xlsx", "Fernhill", "--channel", "email", *_TUESDAY)
_CALENDAR: Final = ("calendar", "t.xlsx", "-o", "c.ics")

SCENES: Final = (
    Scene("first sync", _FIRST),
    Scene("nightly sync", ("sync", "t.xlsx", *_TUESDAY), (_FIRST,)),
    Scene("log", _LOG, (_FIRST,)),
    Scene("log --undo", ("log", "t.xlsx", "--undo", *_TUESDAY), (_FIRST, _LOG)),
    Scene("undo", ("undo", "t.xlsx"), (_FIRST, _LOG)),
    Scene("undo --whole", ("undo", "t.xlsx", "--whole"), (_FIRST, _LOG)),
    Scene("sweep --apply", ("sweep", "t.xlsx", "--apply", *_TUESDAY), (_FIRST,)),
    Scene("add today log", ("add", "t.xlsx", "today", "log", *_TUESDAY)),
    Scene("remove", ("remove", "t.xlsx"), (_FIRST,)),
    Scene(
        "init",
        ("init", "new.xlsx", *_MONDAY),
        nightly=("sync", "new.xlsx", *_TUESDAY),
        tracker="work/new.xlsx",
    ),
    Scene("copy", ("copy", "t.xlsx", "u.xlsx"), nightly=("sync", "u.xlsx", *_TUESDAY), tracker="work/u.xlsx"),
    Scene("draft --link", ("draft", "t.xlsx", "--link", *_TUESDAY), (_FIRST,)),
    Scene("log --drafted", ("log", "t.xlsx", "--drafted", *_TUESDAY), (_FIRST, ("draft", "t.xlsx", *_MONDAY))),
    Scene("calendar, new", (*_CALENDAR, *_TUESDAY), (_FIRST,)),
    Scene("calendar, changed", (*_CALENDAR, *_TUESDAY), (_FIRST, (*_CALENDAR, "--as-of", "2026-11-02"))),
)


def tracker() -> bytes:
    """A small list of applications."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Jobs"
    day = dt.date
    for row in (
        ("Company", "Position", "Contact person", "E-mail", "Status", "Date applied", "Interview date", "Last contact"),
        ("Fernhill", "Analyst", "Ann Bay", "ann@fernhill.example", "Applied", day(2026, 11, 2), None, None),
        ("Ashby", "Writer", "Ben Moor", "ben@ashby.example", "Interview", day(2026, 10, 20), day(2026, 11, 12), None),
        ("Corin", "Editor", "Cy Low", "cy@corin.example", "Applied", day(2026, 6, 2), None, day(2026, 7, 1)),
        ("Dunmore", "Clerk", None, "jobs@dunmore.example", "Rejected", day(2026, 10, 2), None, None),
    ):
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
