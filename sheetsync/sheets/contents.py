"""What goes into a new workbook: a template's columns, and the rows of the sample or of an old tracker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sheetsync.errors import UsageError
from sheetsync.model import DATE_FIELDS, Grid, Layout, Problem, Snapshot, Tracker, Value, column_letter
from sheetsync.resources import read_toml, templates

_MAX_OWN_WORDS: Final = 25
"""Status words of an old tracker that join the drop-down; a column with more holds free text."""
_WIDTHS: Final = (10, 45)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a new sheet. `key` is its field's name, or its header if sheetsync knows none for it."""

    key: str
    header: str
    width: float
    list: str = ""
    """The name of the drop-down, "" for none."""
    help: str = ""
    wrap: bool = False
    date: bool = False
    start: str = ""
    """What stands in the column where a row is still blank."""


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet that is one table. `rows` map column keys to values; a missing key is an empty cell."""

    sheet: str
    table: str
    date_format: str
    columns: tuple[Column, ...]
    lists: Mapping[str, tuple[str, ...]]
    blank_rows: int
    """How many rows stand ready where there are none yet."""
    row_height: float
    """In points."""
    rows: tuple[Mapping[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of the Settings sheet."""

    key: str
    value: str
    help: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything a new workbook holds."""

    tracker: Page
    history: Page
    debrief: Page
    settings: tuple[Setting, ...]
    problems: tuple[Problem, ...] = field(default=())
    """What of an old tracker could not be carried over as it was."""


def template_names() -> tuple[str, ...]:
    """The trackers that can be made, by name: the files of `templates/trackers/`."""
    return tuple(sorted(path.stem for path in (templates() / "trackers").glob("*.toml")))


def blank(template: str) -> Contents:
    """An empty tracker. Raises UsageError for a template that is not there."""
    if template not in template_names():
        raise UsageError(f"There is no template {template!r}: choose one of {', '.join(template_names())}.")
    data = read_toml(f"trackers/{template}.toml")
    own = {"highlight": data["highlight"], **data.get("settings", {})}
    rows = read_toml("sheets/settings.toml")["settings"]
    settings = [
        Setting(
            row["key"], own.pop(row["key"].casefold(), row.get("value", "")), row["help"], tuple(row.get("choices", ()))
        )
        for row in rows
    ]
    settings += [Setting(key, value, "What your own word stands for.") for key, value in own.items()]
    return Contents(
        _page(data), _page(read_toml("sheets/history.toml")), _page(read_toml("sheets/debrief.toml")), tuple(settings)
    )


def sample_date() -> dt.date:
    """The "today" of the sample that comes with the program."""
    day = read_toml("sample/job-search.toml")["as_of"]
    assert isinstance(day, dt.date)  # noqa: S101  # our own file
    return day


def sample(today: dt.date) -> Contents:
    """A tracker of invented companies that shows every kind and every Follow-up word as of `today`."""
    data = read_toml("sample/job-search.toml")
    contents = blank(data["template"])
    filled = [
        replace(page, rows=tuple(_dated(row, page, today) for row in data[key]))
        for key, page in (
            ("threads", contents.tracker),
            ("history", contents.history),
            ("debrief", contents.debrief),
        )
    ]
    tracker, history, debrief = filled
    in_order = tuple(sorted(history.rows, key=lambda row: str(row["date"])))  # ISO dates sort as text
    return replace(contents, tracker=tracker, history=replace(history, rows=in_order), debrief=debrief)


def carried_over(template: str, snapshot: Snapshot, layout: Layout, tracker: Tracker) -> Contents:
    """The rows of an old tracker in a template's columns.

    Each old column that the template has goes there, every other one to the right under its own header. Dates that the
    normaliser read become dates; what it could not read stays as the text it is. Rows that hold nothing of the person's
    (blank ones, repeated headers, rows of drop-down defaults) and our own computed columns are left behind.

    Raises UsageError for a template that is not there.
    """
    contents = blank(template)
    grid = snapshot.grid(layout.sheet)
    page = contents.tracker
    same = {text.strip().casefold(): number for number, text in layout.unmapped.items()}
    into = {
        column.key: layout.columns.get(column.key, same.get(column.header.casefold(), 0)) for column in page.columns
    }
    into = {key: number for key, number in into.items() if number}
    extra = _extra_columns(grid, layout, snapshot, page, taken=set(into.values()))
    source = {**into, **{column.key: number for column, number in extra}}
    dates = {key for key in source if key in DATE_FIELDS and key in tracker.frame.columns}
    threads = set(tracker.frame.index)
    rows: list[dict[str, Value]] = []
    for number in range(layout.first_row, layout.last_row + 1):
        values = {key: grid.cell(number, column) for key, column in source.items()}
        if number not in threads and not _says_something(number, grid, layout, source.values()):
            continue
        for key in dates & values.keys():
            values[key] = _date(values[key], tracker, number, key)
        rows.append({key: value for key, value in values.items() if value is not None})
    lists = _with_own_words(page, rows)
    tracker_page = replace(
        page, columns=(*page.columns, *(column for column, _ in extra)), lists=lists, rows=tuple(rows)
    )
    return replace(contents, tracker=tracker_page, problems=_lost(grid, layout, source.values()))


def _page(data: Mapping[str, Any]) -> Page:
    columns = tuple(
        Column(
            key=(key := entry.get("field", entry["header"])),
            header=entry["header"],
            width=entry["width"],
            list=entry.get("list", ""),
            help=entry.get("help", ""),
            wrap=entry.get("wrap", False),
            date=entry.get("date", key in DATE_FIELDS),
            start=entry.get("start", ""),
        )
        for entry in data["columns"]
    )
    lists = {name: tuple(words) for name, words in data.get("lists", {}).items()}
    return Page(
        data["sheet"], data["table"], data["date_format"], columns, lists, data["blank_rows"], data["row_height"]
    )


def _dated(row: Mapping[str, Any], page: Page, today: dt.date) -> dict[str, Value]:
    dates = {column.key for column in page.columns if column.date}
    return {key: today + dt.timedelta(days=value) if key in dates else value for key, value in row.items()}


def _extra_columns(
    grid: Grid, layout: Layout, snapshot: Snapshot, page: Page, *, taken: set[int]
) -> list[tuple[Column, int]]:
    owned = snapshot.owned.columns.values() if snapshot.owned and snapshot.owned.sheet == layout.sheet else ()
    used = {column.header.casefold() for column in page.columns}
    found = []
    for number in range(1, (layout.right or grid.n_columns) + 1):
        values = grid.columns[number - 1][layout.first_row - 1 : layout.last_row] if number <= grid.n_columns else ()
        text = " ".join(str(layout.headers.get(number, "")).split())
        if number in taken or number in owned or not (text or any(value not in (None, "") for value in values)):
            continue
        header = name = text or f"Column {column_letter(number)}"
        count = 1
        while header.casefold() in used:
            count += 1
            header = f"{name} ({count})"
        used.add(header.casefold())
        filled = [value for value in values if value not in (None, "")]
        width = max((len(line) for value in (header, *filled) for line in str(value).splitlines()), default=0) + 2
        column = Column(
            key=f"\0{header}",  # no field has such a name
            header=header,
            width=min(max(width, _WIDTHS[0]), _WIDTHS[1]),
            date=bool(filled) and all(isinstance(value, dt.date) for value in filled),
        )
        found.append((column, number))
    return found


def _says_something(row: int, grid: Grid, layout: Layout, columns: Any) -> bool:
    """Whether a row that is no thread holds anything a person wrote there, such as a section title."""
    values = {column: grid.cell(row, column) for column in columns}
    if values and all(
        str(value or "").strip().casefold() == layout.headers.get(column, "").strip().casefold()
        for column, value in values.items()
    ):
        return False
    return any(
        value not in (None, "", "-")
        and not isinstance(value, bool)
        and row not in grid.formulas.get(column, ())
        and str(value) not in grid.dropdowns.get(column, ())
        for column, value in values.items()
    )


def _date(value: Value, tracker: Tracker, row: int, field_name: str) -> Value:
    if isinstance(value, dt.date) or row not in tracker.frame.index:
        return value
    read: Any = tracker.frame.at[row, field_name]
    if read != read:  # NaT: nobody could read it, so it stays as it is  # noqa: PLR0124
        return value
    moment: dt.datetime = read.to_pydatetime()
    return moment if moment.time() != dt.time() else moment.date()


def _with_own_words(page: Page, rows: Sequence[Mapping[str, Value]]) -> dict[str, tuple[str, ...]]:
    """The template's drop-downs, with the person's own words in front of them."""
    lists = dict(page.lists)
    for column in page.columns:
        if not column.list:
            continue
        words = dict.fromkeys(str(row[column.key]).strip() for row in rows if row.get(column.key) not in (None, ""))
        if len(words) <= _MAX_OWN_WORDS:
            known = {word.casefold() for word in words}
            lists[column.list] = (*words, *(word for word in page.lists[column.list] if word.casefold() not in known))
    return lists


def _lost(grid: Grid, layout: Layout, columns: Any) -> tuple[Problem, ...]:
    return tuple(
        Problem(
            grid.name, row, column, "this formula has no saved result: open and save the old file once, then try again."
        )
        for column in columns
        for row in sorted(grid.unsaved.get(column, ()))
        if layout.first_row <= row <= layout.last_row
    )
