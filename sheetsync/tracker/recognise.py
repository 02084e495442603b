"""Finds the tracker in a workbook: the sheet, the header row, and what each column means.

Confidence, as `Layout.confidence` gives it for each field:

    1.0          the person said so (`--map`, the Settings sheet, sheetsync.toml)
    0.9 and up   the header says it in so many words, and the column holds what it should, or nothing yet
    0.7 to 0.9   the header says it in other words, or with a spelling mistake, or the content decides
    0.4 to 0.7   the header alone would not be enough ("Date", "Name"); the rest of the sheet makes it likely

Below 0.4 a column is left alone. A date field needs a column of dates, or an empty one whose header leaves no doubt.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sheetsync.errors import EMPTY, NoTrackerError, UsageError
from sheetsync.model import DATE_FIELDS, FIELDS, Grid, Layout, Problem, Snapshot, column_letter, column_number
from sheetsync.settings import Settings
from sheetsync.tracker.columns import Reading, Sheet
from sheetsync.tracker.dates import order_of
from sheetsync.tracker.headers import read_header
from sheetsync.tracker.rows import picked, thread_rows
from sheetsync.tracker.stages import UNKNOWN, read_stage
from sheetsync.tracker.text import fold
from sheetsync.tracker.vocabulary import data

PORTFOLIO_MARK: Final = ("sheetsync", "sheetsync portfolio")
"""The hidden sheet of a portfolio, and what its first cell says."""
_DEEPEST: Final = 60
"""A header row below this row is not looked for."""
_WIDEST: Final = 100
_ROWS_TRIED: Final = 3
_SURE_OF_HEADER: Final = 5
"""With so many fields found in a row, only the next few rows are looked at as well."""
_FEW_MORE: Final = 12
_LEAVE: Final = "-"
_STATUSES_TRIED: Final = 500
_FEWEST_STATUSES: Final = 2
_LONGEST_STATUS: Final = 40
"""Characters; what is longer is a remark, whatever words are in it."""


def recognise(snapshot: Snapshot, settings: Settings) -> Layout:
    """Say where the tracker is and what its columns mean. Nothing is guessed: see the module's docstring.

    Raises NoTrackerError if no sheet looks enough like a tracker, and UsageError if `settings` names a sheet, row,
    field or column that is not there.
    """
    _check_fields(settings)
    if is_portfolio(snapshot):
        raise NoTrackerError(snapshot.location, "it is a portfolio of several people's trackers.")
    grids = _grids(snapshot, settings)
    refused: list[UsageError] = []
    found = [c for grid in grids if (c := _best(snapshot, grid, settings, refused)) is not None]
    if settings.sheet is not None and settings.header_row is not None:
        if refused:
            raise refused[0]
        if not found:
            raise UsageError(
                f"Row {settings.header_row} of sheet {settings.sheet!r} holds no headers: give another --header-row."
            )
        return _layout(found[0], snapshot, settings, others=())
    trackers = [candidate for candidate in found if candidate.is_tracker]
    if refused and not trackers:
        raise refused[0]
    if not trackers:
        raise NoTrackerError(snapshot.location, _reason(grids, found))
    trackers.sort(key=lambda candidate: (candidate.grid.hidden, -candidate.rank))
    return _layout(trackers[0], snapshot, settings, others=tuple(candidate.grid.name for candidate in trackers[1:]))


def is_portfolio(snapshot: Snapshot) -> bool:
    """Whether a workbook is a portfolio that was made here, which shows many trackers and is none."""
    name, said = PORTFOLIO_MARK
    return any(grid.name == name and grid.hidden and grid.cell(1, 1) == said for grid in snapshot.grids)


@dataclass(frozen=True)
class _Candidate:
    grid: Grid
    reading: Reading

    @property
    def missing(self) -> str:
        """What it lacks to be a tracker, in words; "" if nothing."""
        least = data("fields.toml")["weights"]["least"]
        reading = self.reading
        if reading.identity < least["identity"] and not self._is_log:
            return "column for the company, role or contact"
        if reading.process < least["process"]:
            return "column for the status, or for a date such as the day you applied"
        return "" if reading.score >= least["score"] else "further columns that are understood"

    @property
    def _is_log(self) -> bool:
        """A list of activities that names nobody but says what comes next and when is followed up all the same."""
        return {"contact_on", "next_step"} <= self.reading.columns.keys()

    @property
    def is_tracker(self) -> bool:
        return not self.missing

    @property
    def rank(self) -> float:
        """The score, higher where there are rows, and much lower where formulas fetch them from another sheet."""
        columns = [
            self.reading.columns[name] for name in ("company", "contact", "role") if name in self.reading.columns
        ]
        cells = self.grid.columns[columns[0] - 1][self.reading.row :] if columns else ()
        filled = sum(1 for value in cells if value)
        fetched = sum(1 for row in self.grid.formulas.get(columns[0], ()) if row > self.reading.row) if columns else 0
        return self.reading.score + min(2.0, filled) + 0.3 * len(str(filled)) - (4.0 if 2 * fetched > filled else 0.0)


# -- what the person said


def _check_fields(settings: Settings) -> None:
    for name in settings.fields:
        if name not in FIELDS:
            raise UsageError(f"There is no field {name!r}: the fields are {', '.join(FIELDS)}.")


def _grids(snapshot: Snapshot, settings: Settings) -> list[Grid]:
    if settings.sheet is None:
        longest = max((grid.n_rows for grid in snapshot.grids), default=0)
        if settings.header_row is not None and not 1 <= settings.header_row <= longest:
            raise UsageError(f"There is no row {settings.header_row}: the longest sheet has {longest} rows.")
        return [grid for grid in snapshot.grids if grid.n_rows and not _is_ours(grid)]
    for grid in snapshot.grids:
        if fold(grid.name) == fold(settings.sheet):
            if settings.header_row is not None and not 1 <= settings.header_row <= grid.n_rows:
                raise UsageError(f"Sheet {grid.name!r} has no row {settings.header_row}: it has {grid.n_rows} rows.")
            return [grid]
    names = ", ".join(repr(grid.name) for grid in snapshot.grids)
    raise UsageError(f"There is no sheet {settings.sheet!r}: the sheets are {names}.")


def _forced(sheet: Sheet, settings: Settings) -> dict[str, int | None]:
    """The columns that the person named, by letters or by header."""
    forced: dict[str, int | None] = {}
    for name, wanted in settings.fields.items():
        forced[name] = None if wanted.strip() in {"", _LEAVE} else _column(sheet, name, wanted)
    mapped = [column for column in forced.values() if column is not None]
    for column in mapped:
        if mapped.count(column) > 1:
            twins = " and ".join(name for name, same in forced.items() if same == column)
            raise UsageError(f"Column {column_letter(column)} is mapped to {twins}: map it to one of them.")
    return forced


def _column(sheet: Sheet, name: str, wanted: str) -> int:
    for column, text in sheet.texts.items():
        if fold(text) == fold(wanted):
            return column
    try:
        column = column_number(wanted.strip())
    except ValueError:
        column = 0
    if column in sheet.skip:
        raise UsageError(f"Column {column_letter(column)} is one of sheetsync's own: map {name} to another one.")
    if 1 <= column <= sheet.grid.n_columns:
        return column
    have = ", ".join(f"{column_letter(c)} {text!r}" for c, text in sheet.texts.items())
    raise UsageError(
        f"There is no column {wanted!r} for {name} in sheet {sheet.grid.name!r}: it has {have or 'no headers'}."
    )


# -- header rows


def _best(snapshot: Snapshot, grid: Grid, settings: Settings, refused: list[UsageError]) -> _Candidate | None:
    """The most likely header row of a sheet; None if it has none. What of the person's map fits no row is `refused`."""
    if settings.header_row is not None:
        rows: Sequence[int] = [settings.header_row] if settings.header_row <= grid.n_rows else []
        return _best_of(snapshot, grid, settings, rows, refused)
    best = _best_of(snapshot, grid, settings, _header_rows(grid, typos=False), refused)
    if best is None or not best.is_tracker:
        rows = _header_rows(grid, typos=True) or ([1] if settings.fields else [])
        misspelt = _best_of(snapshot, grid, settings, rows, refused)
        best = max((c for c in (best, misspelt) if c is not None), key=lambda c: c.reading.score, default=None)
    return best


def _best_of(
    snapshot: Snapshot, grid: Grid, settings: Settings, rows: Sequence[int], refused: list[UsageError]
) -> _Candidate | None:
    skip = _owned(snapshot, grid)
    best: _Candidate | None = None
    for row in rows:
        sheet = Sheet(grid, row, skip, settings.stages)
        try:
            sheet = replace(sheet, forced=_forced(sheet, settings))
        except UsageError as error:
            refused.append(error)
            continue
        if not sheet.texts and not sheet.forced:
            continue
        reading = sheet.read()
        if best is None or reading.score > best.reading.score:
            best = _Candidate(grid, reading)
    return best


def _owned(snapshot: Snapshot, grid: Grid) -> frozenset[int]:
    owned = snapshot.owned
    if owned is None or owned.sheet != grid.name:
        return frozenset()
    return frozenset(column for column in owned.columns.values() if column is not None)


def _fields_of_ours(snapshot: Snapshot, grid: Grid, reading: Reading) -> dict[str, int]:
    """Fields that stand in columns of ours: a thread's id and the coach's note, unless the person has a column of them."""
    if snapshot.owned is None or snapshot.owned.sheet != grid.name:
        return {}
    standing = {"id": snapshot.owned.columns.get("id"), "coach_notes": snapshot.owned.columns.get("coach_note")}
    return {name: column for name, column in standing.items() if column is not None and name not in reading.columns}


def _header_rows(grid: Grid, *, typos: bool) -> list[int]:
    """The rows that may be the header row, the likeliest first."""
    scored: list[tuple[float, int]] = []
    stop = _DEEPEST
    for row in range(1, min(grid.n_rows, _DEEPEST) + 1):
        if row > stop:
            break
        score = _header_likeness(grid, row, typos=typos)
        if score > 0:
            scored.append((-score, row))
        if score >= _SURE_OF_HEADER:
            stop = min(stop, row + _FEW_MORE)
    tables = [table.area.top for table in grid.tables if table.area.top <= grid.n_rows]
    scored.sort()
    rows = [row for score, row in scored[:_ROWS_TRIED] if score <= scored[0][0] / 2]
    return rows + [row for row in tables if row not in rows]


def _header_likeness(grid: Grid, row: int, *, typos: bool) -> float:
    """How many fields a row names; 0 for one that holds data."""
    fields: set[str] = set()
    texts = other = 0
    for column in grid.columns[:_WIDEST]:
        value = column[row - 1]
        if value is None or value == "":
            continue
        if not isinstance(value, str):
            other += 1
            continue
        texts += 1
        meanings = read_header(value, typos=typos).meanings
        if meanings:
            fields.add(meanings[0].field)
    if other > texts or len(fields) < min(2, texts):
        return 0
    return len(fields) - 0.5 * other - 0.05 * texts


_TITLED: Final = 5
"""The header of a sheet of ours stands at the top, but for Today's, which has a title, counts and remarks above it."""


def _is_ours(grid: Grid) -> bool:
    """True for History, Debrief, Lists and the like, made by sheetsync."""
    headers: str | None = data("fields.toml")["ours"].get(fold(grid.name))
    if headers is None:
        return False
    wanted = {fold(header) for header in headers.split(",")}
    return any(
        2 * len(wanted & {fold(text) for text in grid.row(row) if isinstance(text, str)}) >= len(wanted)
        for row in range(1, _TITLED + 1)
    )


# -- the result


def _layout(candidate: _Candidate, snapshot: Snapshot, settings: Settings, others: tuple[str, ...]) -> Layout:
    grid, reading = candidate.grid, candidate.reading
    table = next((t for t in grid.tables if t.area.top == reading.row), None)
    further = _fields_of_ours(snapshot, grid, reading)
    layout = Layout(
        sheet=grid.name,
        header_row=reading.row,
        first_row=reading.row + 1,
        last_row=0,
        columns={**reading.columns, **further},
        confidence={**reading.confidence, **dict.fromkeys(further, 1.0)},
        headers=reading.headers,
        unmapped=reading.unmapped,
        touches=reading.touches,
        right=max(reading.right, table.area.right if table else 0),
        table=table.name if table else None,
        other_trackers=others,
    )
    rows = thread_rows(grid, layout)
    return replace(
        layout,
        problems=(*layout.problems, *_overlooked_status(grid, layout, rows, settings)),
        first_row=rows[0] if rows else reading.row + 1,
        last_row=rows[-1] if rows else reading.row,
        rows=rows,
        date_order={
            name: order_of(
                picked(grid.columns[column - 1], rows),
                day_first=settings.day_first,
                locale=settings.country or snapshot.locale,
            )
            for name, column in reading.columns.items()
            if name in DATE_FIELDS
        },
    )


def _overlooked_status(grid: Grid, layout: Layout, rows: Sequence[int], settings: Settings) -> Iterator[Problem]:
    """Where no column is the status: a column left alone whose cells mostly are known status words."""
    if "stage" in layout.columns or "stage" in settings.fields:
        return
    for column, header in sorted(layout.unmapped.items()):
        cells = picked(grid.columns[column - 1], rows[:_STATUSES_TRIED]) if column <= grid.n_columns else ()
        words = [value for value in cells if isinstance(value, str) and value.strip()]
        known = sum(
            len(word) <= _LONGEST_STATUS and read_stage(word, settings.stages).stage != UNKNOWN for word in words
        )
        if known >= _FEWEST_STATUSES and 2 * known > len(words):
            letter = column_letter(column)
            yield Problem(
                grid.name,
                layout.header_row,
                column,
                f"Column {letter} “{header}” looks like a status: say --map stage={letter}, or write field.stage = {letter} "
                "on a Settings sheet, so that it counts.",
            )
            return


def _reason(grids: Sequence[Grid], found: Sequence[_Candidate]) -> str:
    if not any(True for _ in _filled(grids)):
        return EMPTY
    if not found:
        return "no row with headers such as Company and Status was found."
    closest = max(found, key=lambda candidate: candidate.reading.score)
    return f"sheet {closest.grid.name!r}, row {closest.reading.row}, came closest, but has no {closest.missing}."


def _filled(grids: Sequence[Grid]) -> Iterator[Grid]:
    for grid in grids:
        if any(value not in (None, "") for column in grid.columns for value in column):
            yield grid
