"""The Dashboard: a sheet of ours whose charts the spreadsheet program draws, and whose numbers each sync brings up to date.

Its first row and first column are hidden and name every row and column as it was first: by them a cell is found again
after the person inserted, deleted, sorted or moved rows and columns, or renamed the sheet. Only cells that hold numbers are
ever written; words, looks and charts are the person's once they stand. The tables have a fixed size, so that no chart ever
has to change.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from sheetsync.book import Chart, ColumnLook, Series, Sheet, Style
from sheetsync.changes import Changes, Edit
from sheetsync.measures.answers import REACHED, Answers
from sheetsync.measures.figures import Figures, at_most
from sheetsync.measures.kept import WEEKS, Week
from sheetsync.measures.standing import MARK, Place, is_dashboard, mark_in
from sheetsync.model import Area, Grid, Snapshot, Value, column_letter, column_number
from sheetsync.records.reading import Reading, Records
from sheetsync.resources import read_toml
from sheetsync.sheets.edits import is_same
from sheetsync.sheets.looks import BODY, CHART_COLOURS, FAINT, HEADER, REMARK, TITLE

_LINES: Final = 6
"""Of the tables of stages, channels and sources."""
_WIDTH: Final = 13
"""The last column."""
_WIDTHS: Final = {1: 8.0, 2: 24.0, 8: 24.0}
_USUAL: Final = 10.5
_LEFT, _RIGHT = 2, 8
_AS_OF, _TILES, _SENTENCE = (3, 2), 5, (7, 2)
_UPPER, _LOWER, _CHART_HEIGHT = 9, 25, 15
_TABLES, _MORE, _MEANS = 43, 59, 69
_ROW_HEIGHT: Final = 18
_TILE_COLUMNS: Final = (2, 3, 5, 8, 9, 11)
"""About equally far apart."""
FATES: Final = ("done", "late", "missed", "open")
_TABLE: Final = Style(colour=BODY.colour, lines=BODY.lines)


def dashboard_sheet() -> Sheet:
    """The Dashboard without any number yet."""
    words = read_toml("sheets/dashboard.toml")
    cells: dict[Place, Value] = {(1, 1): MARK, **dict(_labels(words))}
    cells |= {(1, column): column_letter(column) for column in range(2, _WIDTH + 1)}
    bottom = _MEANS + len(words["means"]["lines"])
    cells |= {(row, 1): f"r{row}" for row in range(2, bottom + 1)}
    columns = tuple([cells.get((row, column)) for row in range(1, bottom + 1)] for column in range(1, _WIDTH + 1))
    looks = {column: ColumnLook(width=_WIDTHS.get(column, _USUAL)) for column in range(2, _WIDTH + 1)}
    return Sheet(
        words["sheet"],
        columns,
        {1: ColumnLook(width=_WIDTHS[1], hidden=True), **looks},
        header_row=0,
        house=False,
        frozen=(0, 0),
        tab="tracker",
        row_height=_ROW_HEIGHT,
        heights={2: 30, _TILES: 34},
        hidden_rows=(1,),
        styles=tuple(_styles(bottom)),
        charts=tuple(_charts(words)),
        breaks=(_LOWER + _CHART_HEIGHT,),
    )


def figure_cells(figures: Figures) -> dict[Place, Value]:
    """What every cell is to hold that a sync writes, but for the line that says as of when; None empties it."""
    words = read_toml("sheets/dashboard.toml")
    cells: dict[Place, Value] = dict(
        zip(((_TILES, column) for column in _TILE_COLUMNS), tiles(figures, words), strict=True)
    )
    cells[_SENTENCE] = sentence(figures, words)
    for row, week in enumerate(figures.weeks, start=_TABLES + 2):
        _put(cells, row, _LEFT, (week_name(week), *(getattr(week, fate) for fate in FATES)))
    every = figures.funnel["listed"]
    for row, name in enumerate(REACHED, start=_TABLES + 2):
        count = figures.funnel[name]
        _put(cells, row, _RIGHT, (words["reached"][name], count, round(count / every, 4) if every else None))
    for column, found in ((_LEFT, figures.channels), (_RIGHT, figures.sources)):
        shown = at_most(found, _LINES, words["others"])
        for line in range(_LINES):
            one = shown[line] if line < len(shown) else None
            _put(cells, _MORE + 2 + line, column, _answers(one, words) if one else (None,) * 5)
    return cells


def brought_up_to_date(grid: Grid, figures: Figures) -> tuple[Edit, ...]:
    """The cells of a Dashboard that get another value; none, not even the date, where no number differs."""
    words = read_toml("sheets/dashboard.toml")
    rows, columns = _found(grid)
    edits = list(_edits(grid, rows, columns, figure_cells(figures)))
    as_of = words["empty"] if figures.is_empty else words["as_of"].format(date=long_day(figures.as_of))
    standing = grid.cell(rows.get(_AS_OF[0], 0), columns.get(_AS_OF[1], 0))
    if edits or standing in (words["waiting"], words["empty"]):
        edits += _edits(grid, rows, columns, {_AS_OF: as_of})
    return tuple(edits)


def filled(sheet: Sheet, figures: Figures) -> Sheet:
    """A new Dashboard with its numbers."""
    edits = brought_up_to_date(Grid(sheet.name, tuple(sheet.columns)), figures)  # type: ignore[arg-type]
    columns = [list(values) for values in sheet.columns]
    for edit in edits:
        columns[edit.column - 1][edit.row - 1] = edit.after
    return replace(sheet, columns=tuple(columns))


def with_dashboards(changes: Changes, snapshot: Snapshot, figures: Callable[[], Figures]) -> Changes:
    """The changes, and with them the numbers of every Dashboard that stands or is to be made; as they are without one.

    `figures` is asked for only if there is one: it costs more than the rest of a sync.
    """
    standing = [grid for grid in snapshot.grids if grid.name != changes.sheet and is_dashboard(grid)]
    if not (standing or any(map(is_dashboard, changes.new_sheets))):
        return changes
    found = figures()
    edits = [edit for grid in standing for edit in brought_up_to_date(grid, found)]
    made = tuple(filled(sheet, found) if is_dashboard(sheet) else sheet for sheet in changes.new_sheets)
    return replace(changes, edits=(*changes.edits, *edits), new_sheets=made)


def add_dashboard(reading: Reading) -> Records:
    """The Dashboard as a command's part of a sync, unless there is one; the same sync fills it in.

    A sheet of the person's that has its name stays theirs, and ours is called "Dashboard (sheetsync)".
    """
    grids = reading.snapshot.grids
    if standing := next((grid.name for grid in grids if is_dashboard(grid)), None):
        return Records(told=(f"Sheet {standing} is there already, so it was left as it is.",))
    taken = {grid.name.casefold() for grid in grids}
    sheet = dashboard_sheet()
    names = (sheet.name, f"{sheet.name} (sheetsync)", *(f"{sheet.name} (sheetsync {n})" for n in range(2, 100)))
    sheet = replace(sheet, name=next(name for name in names if name.casefold() not in taken))
    return Records(new_sheets=(sheet,), told=(f"Added sheet {sheet.name}: each sync brings its numbers up to date.",))


def charts_of(sheet: Sheet) -> tuple[Chart, ...]:
    """The charts of a Dashboard as they were first, but for those whose numbers were moved; none for any other sheet."""
    rows, columns = _found(Grid(sheet.name, tuple(sheet.columns)))  # type: ignore[arg-type]

    def stands(area: Area) -> bool:
        lines = range(area.top - 1, area.bottom + 1)  # with their headings
        return columns.get(area.left) == area.left and all(rows.get(row) == row for row in lines)

    return tuple(
        chart
        for chart in _charts(read_toml("sheets/dashboard.toml"))
        if stands(chart.categories) and all(stands(series.values) for series in chart.series)
    )


def week_name(week: Week) -> str:
    """The Monday of a week, short: "2 Nov"."""
    return short_day(week.begins)


def short_day(day: dt.date) -> str:
    """A day without its year: "2 Nov"."""
    return f"{day.day} {read_toml('words/en.toml')['months']['short'][day.month - 1]}"


def long_day(day: dt.date) -> str:
    """A day with its year: "2 Nov 2026"."""
    return f"{short_day(day)} {day.year}"


# Cells


def _found(grid: Grid) -> tuple[dict[int, int], dict[int, int]]:
    """Where the first rows and columns are now: first -> now."""
    mark = mark_in(grid.columns)
    if mark is None:
        return {}, {}
    names = {row: grid.cell(row, mark[1]) for row in range(1, grid.n_rows + 1)}
    rows = {
        int(name[1:]): row
        for row, name in names.items()
        if isinstance(name, str) and name[:1] == "r" and name[1:].isdecimal()
    }
    letters = {column: grid.cell(mark[0], column) for column in range(1, grid.n_columns + 1)}
    columns = {
        column_number(name): column
        for column, name in letters.items()
        if isinstance(name, str) and name.isascii() and name.isalpha() and len(name) <= 3
    }
    return rows, columns


def _edits(
    grid: Grid, rows: Mapping[int, int], columns: Mapping[int, int], cells: Mapping[Place, Value]
) -> Iterator[Edit]:
    for (row, column), value in cells.items():
        if row in rows and column in columns:
            at = rows[row], columns[column]
            held = grid.cell(*at)
            if at[0] not in grid.formulas.get(at[1], ()) and not is_same(held, value):
                yield Edit(grid.name, *at, held, value)


def _put(cells: dict[Place, Value], row: int, column: int, values: Iterable[Value]) -> None:
    cells.update({(row, column + step): value for step, value in enumerate(values)})


def tiles(figures: Figures, words: Mapping[str, Any]) -> tuple[Value, ...]:
    """The big numbers, in the order of the words' `tiles`."""
    done, kept_of = figures.kept
    all_answers = figures.answers
    return (
        figures.overdue,
        figures.due,
        part(done, kept_of, words),
        part(all_answers.answered, all_answers.asked, words),
        days_text(all_answers.median_days, words),
        len(figures.thank_yous_missed),
    )


def part(some: int, every: int, words: Mapping[str, Any]) -> str:
    """Some of all, as "2 of 3"; a dash where there is nothing to be part of."""
    return str(words["part"].format(some=some, all=every)) if every else str(words["none"])


def days_text(days: float | None, words: Mapping[str, Any]) -> str:
    """Days as "1 day" or "4.5 days"; a dash for nothing."""
    if days is None:
        return str(words["none"])
    return str(words["days_one"] if days == 1 else words["days"].format(days=f"{days:g}"))


def sentence(figures: Figures, words: Mapping[str, Any]) -> str | None:
    """What else is to be said, in a sentence or two; None if nothing is."""
    if figures.is_empty:
        return None
    said = words["sentence"]
    count = len(figures.without_debrief)
    debriefs = said["debriefs_none"] if not count else said["debriefs_one"] if count == 1 else said["debriefs"]
    told = [debriefs.format(count=count)] if figures.funnel["met"] else []
    if figures.last_touch:
        told.append(said["touch"].format(date=long_day(figures.last_touch)))
    return " ".join(told) or None


def _answers(one: Answers, words: Mapping[str, Any]) -> tuple[Value, ...]:
    name = words["share"].format(name=one.name or words["unnamed"], answered=one.answered, asked=one.asked)
    rate = None if one.rate is None else round(one.rate, 4)
    return name, one.asked, one.answered, rate, one.median_days


# What stands from the start


def _labels(words: Mapping[str, Any]) -> Iterator[tuple[Place, Value]]:
    yield (2, 2), words["title"]
    yield _AS_OF, words["waiting"]
    for column, text in zip(_TILE_COLUMNS, words["tiles"].values(), strict=True):
        yield (_TILES + 1, column), text
    yield (_TABLES - 2, _LEFT), words["numbers"]
    for row, column, name in _tables():
        yield (row, column), words["charts"][name]
        for step, text in enumerate(words["heads"][name]):
            yield (row + 1, column + step), text
    for line, text in enumerate(words["means"]["lines"]):
        yield (_MEANS + line, _LEFT), text


def _tables() -> tuple[tuple[int, int, str], ...]:
    """Row and column of each table's name; its headings are below, then its lines."""
    return (
        (_TABLES, _LEFT, "weeks"), (_TABLES, _RIGHT, "funnel"), (_MORE, _LEFT, "channels"), (_MORE, _RIGHT, "sources"),
    )  # fmt: skip


def _charts(words: Mapping[str, Any]) -> Iterator[Chart]:
    upper, lower = (Area(top, 0, top + _CHART_HEIGHT - 1, 0) for top in (_UPPER, _LOWER))
    weeks, lines = (_TABLES + 2, WEEKS), (_TABLES + 2, _LINES)
    more = (_MORE + 2, _LINES)
    titles, alt, heads = words["charts"], words["alt"], words["heads"]

    def series(span: tuple[int, int], column: int, name: str, colour: str) -> Series:
        return Series(name, _column(span, column), colour)

    yield Chart(
        "stacked", titles["weeks"], _column(weeks, _LEFT),
        tuple(
            series(weeks, _LEFT + step, heads["weeks"][step], colour)
            for step, colour in enumerate(CHART_COLOURS, start=1)
        ),
        replace(upper, left=2, right=7), words=alt["weeks"],
    )  # fmt: skip
    for name, kind_of, span, first, step, place, form in (
        ("funnel", "funnel", lines, _RIGHT, 1, replace(upper, left=8, right=13), "0"),
        ("channels", "channels", more, _LEFT, 3, replace(lower, left=2, right=4), "0%"),
        ("sources", "sources", more, _RIGHT, 3, replace(lower, left=5, right=8), "0%"),
        ("days", "channels", more, _LEFT, 4, replace(lower, left=9, right=13), "0"),
    ):
        yield Chart(
            "bar", titles[name], _column(span, first),
            (series(span, first + step, heads[kind_of][step], CHART_COLOURS[0]),),
            place, number_format=form, words=alt[name],
        )  # fmt: skip


def _column(span: tuple[int, int], column: int) -> Area:
    top, length = span
    return Area(top, column, top + length - 1, column)


def _styles(bottom: int) -> Iterator[tuple[Area, Style]]:
    yield Area(2, 2, 2, 2), TITLE
    yield Area(*_AS_OF, *_AS_OF), REMARK
    big = Style(bold=True, size=20, colour=TITLE.colour, horizontal="left", vertical="middle")
    for column in _TILE_COLUMNS:
        yield Area(_TILES, column, _TILES, column), big
        yield Area(_TILES + 1, column, _TILES + 1, column), Style(colour=FAINT, vertical="top")
    yield Area(*_SENTENCE, *_SENTENCE), Style(colour=BODY.colour)
    yield Area(_TABLES - 2, _LEFT, _TABLES - 2, _LEFT), Style(bold=True, size=14, colour=TITLE.colour)
    for row, column, name in _tables():
        wide = 3 if name == "funnel" else 5
        long = WEEKS if name == "weeks" else _LINES
        last = row + 1 + long
        yield Area(row, column, row, column), Style(bold=True, colour=BODY.colour)
        yield Area(row + 1, column, row + 1, column), HEADER
        yield Area(row + 1, column + 1, row + 1, column + wide - 1), replace(HEADER, horizontal="right")
        rates = {2: "0%"} if name == "funnel" else {3: "0%", 4: "0.#"} if name != "weeks" else {}
        yield Area(row + 2, column, last, column), replace(_TABLE, horizontal="left")
        for step in range(1, wide):
            yield Area(row + 2, column + step, last, column + step), replace(_TABLE, number_format=rates.get(step, ""))
    yield Area(_MEANS, _LEFT, bottom, _LEFT), Style(colour=FAINT)
