"""The sheets that sheetsync makes: a template's contents, and lists, as sheets to be made in any program. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from sheetsync.book import Book, Check, ColumnLook, ListRange, Sheet
from sheetsync.model import OWNED, Area, Ownership, TableArea, Value
from sheetsync.sheets.contents import Contents, Page, Setting, blank, template_names
from sheetsync.sheets.today import Places, today_sheet
from sheetsync.words import column_words

OWNED_WIDTHS: Final = {
    "next_contact": 13, "contact_by": 13, "next_action": 54, "follow_up": 12, "days_overdue": 14, "why": 90,
}  # fmt: skip
LISTS: Final = "Lists"
_ROW_HEIGHT: Final = 20
_SETTINGS_WIDTHS: Final = (18, 30, 110)
_CADENCE_WIDTHS: Final = (12, 80)
_DATES: Final = ("next_contact", "contact_by")


def new_book(
    contents: Contents,
    *,
    cadence: Sequence[Sequence[Value]] = (),
    locale: str | None = None,
    time_zone: str | None = None,
) -> Book:
    """A whole new tracker: Today, the tracker itself, History, Debrief, Settings, Cadence and the drop-downs' words.

    Our six columns stand in the tracker from the start, with their headers and marks and without a value: `Today` has
    cells to point at, wherever the person moves them before the first sync, and that sync adds nothing but values.
    The tracker is the first sheet. `cadence` are the rows of the Cadence sheet, its header first; without any there is
    no such sheet.
    """
    pages = (contents.tracker, contents.history, contents.debrief)
    ranges = _ranges(pages)
    tracker = page_sheet(contents.tracker, ranges, tab="tracker", owned=True)
    left = len(contents.tracker.columns)
    owned = {key: left + place for place, key in enumerate(OWNED, start=1)}
    fields = {column.key: place for place, column in enumerate(contents.tracker.columns, start=1)}
    bottom = len(tracker.columns[0])
    sheets = [
        tracker,
        today_sheet(Places(tracker.name, header_row=1, last_row=bottom, columns={**fields, **owned})),
        page_sheet(contents.history, ranges, tab="log"),
        page_sheet(contents.debrief, ranges, tab="log"),
        settings_sheet(contents.settings),
        *([cadence_sheet(cadence)] if cadence else []),
        lists_sheet(_lists(pages)),
    ]
    return Book(tuple(sheets), locale, time_zone, Ownership(tracker.name, 1, dict(owned)))


def page_sheet(page: Page, ranges: Mapping[str, ListRange], *, tab: str, owned: bool = False) -> Sheet:
    """A sheet that is one table, with `blank_rows` ready where it has no rows yet.

    `ranges` says where each drop-down's words stand; `owned` adds our six columns at the right.
    """
    count = max(len(page.rows), 0 if page.rows else page.blank_rows, 1)
    columns: list[list[Value]] = []
    looks = {}
    for place, column in enumerate(page.columns, start=1):
        given = [row.get(column.key) for row in page.rows] if page.rows else [column.start or None] * count
        columns.append([column.header, *given])
        looks[place] = ColumnLook(
            width=column.width,
            number_format=page.date_format if column.date else "",
            wrap=column.wrap,
            dropdown=ranges[column.list] if column.list else (),
            wants_date=column.date,
            help=column.help,
            left=column.date,
        )
    for key in OWNED if owned else ():
        columns.append([column_words()[key], *[None] * count])
        looks[len(columns)] = ColumnLook(
            width=OWNED_WIDTHS[key],
            number_format=page.date_format if key in _DATES else "",
            left=key != "days_overdue",
            indented=key not in (*_DATES, "days_overdue"),
        )
    return Sheet(
        page.sheet,
        tuple(columns),
        looks,
        table=TableArea(page.table, Area(1, 1, count + 1, len(columns))),
        row_height=page.row_height,
        frozen=(1, 1),
        tab="tracker" if tab == "tracker" else "log",
    )


def settings_sheet(settings: Sequence[Setting]) -> Sheet:
    """The Settings sheet: a line each, its choices in a drop-down."""
    lines = [("Setting", "Value", "What it does"), *((line.key, line.value, line.help) for line in settings)]
    return Sheet(
        "Settings",
        tuple([value or None for value in column] for column in zip(*lines, strict=True)),
        {
            1: ColumnLook(width=_SETTINGS_WIDTHS[0], role="key"),
            # As text: "24 December" must not turn into a date of this year.
            2: ColumnLook(width=_SETTINGS_WIDTHS[1], number_format="@"),
            3: ColumnLook(width=_SETTINGS_WIDTHS[2], role="help"),
        },
        row_height=_ROW_HEIGHT,
        tab="setup",
        checks=tuple(
            Check(Area(row, 2, row, 2), setting.choices, strict=True)
            for row, setting in enumerate(settings, start=2)
            if setting.choices
        ),
    )


def cadence_sheet(rows: Sequence[Sequence[Value]]) -> Sheet:
    """The Cadence sheet, from the rows that `profile_rows` gives, the header first."""
    columns = tuple(list(column) for column in zip(*rows, strict=True))
    low, high = _CADENCE_WIDTHS
    looks = {
        place: ColumnLook(
            width=min(max(max(len(str(value or "")) for value in column) + 3, low), high),
            role="key" if place == 1 else "text",
            left=True,
        )
        for place, column in enumerate(columns, start=1)
    }
    return Sheet("Cadence", columns, looks, row_height=_ROW_HEIGHT, frozen=(1, 1), tab="setup")


def lists_sheet(words: Mapping[str, Sequence[str]]) -> Sheet:
    """The drop-downs' words, each list a table, so that in Excel a word typed below a list joins its drop-down."""
    depth = max(map(len, words.values()), default=0)
    columns = tuple([_title(name), *items, *[None] * (depth - len(items))] for name, items in words.items())
    return Sheet(
        LISTS,
        columns,
        {
            place: ColumnLook(width=max(len(str(value)) for value in column if value is not None) + 6)
            for place, column in enumerate(columns, start=1)
        },
        more_tables=tuple(
            TableArea(f"List_{name}", Area(1, place, len(items) + 1, place))
            for place, (name, items) in enumerate(words.items(), start=1)
        ),
        row_height=_ROW_HEIGHT,
        tab="setup",
    )


def history_sheet() -> Sheet:
    """An empty History; its drop-downs hold their words themselves."""
    return _alone(blank(template_names()[0]).history)


def debrief_sheet() -> Sheet:
    """An empty Debrief; its drop-downs hold their words themselves."""
    return _alone(blank(template_names()[0]).debrief)


def _alone(page: Page) -> Sheet:
    sheet = page_sheet(page, {name: ListRange("", Area(1, 1, 1, 1)) for name in page.lists}, tab="log")
    looks = {
        place: replace(look, dropdown=page.lists[column.list]) if column.list else look
        for (place, look), column in zip(sheet.looks.items(), page.columns, strict=True)
    }
    return replace(sheet, looks=looks)


def _lists(pages: Iterable[Page]) -> dict[str, tuple[str, ...]]:
    """Every drop-down by name; where two sheets have one of the same name it offers the words of both."""
    lists: dict[str, dict[str, None]] = {}
    for page in pages:
        for name in dict.fromkeys(column.list for column in page.columns if column.list):
            lists.setdefault(name, {}).update(dict.fromkeys(page.lists[name]))
    return {name: tuple(words) for name, words in lists.items()}


def _ranges(pages: Iterable[Page]) -> dict[str, ListRange]:
    return {
        name: ListRange(LISTS, Area(2, place, len(words) + 1, place))
        for place, (name, words) in enumerate(_lists(pages).items(), start=1)
    }


def _title(name: str) -> str:
    return f"{name.capitalize()} words"
