"""From cells to threads: the tracker as a typed DataFrame, and what in it nobody could read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sheetsync.model import DATE_FIELDS, FIELDS, TEXT_FIELDS, Grid, Layout, Problem, Snapshot, Tracker, Value
from sheetsync.resources import read_toml
from sheetsync.tracker.date_text import read_text
from sheetsync.tracker.dates import DateColumn, read_dates_of
from sheetsync.tracker.history import read_debrief, read_history
from sheetsync.tracker.rows import picked, thread_rows
from sheetsync.tracker.stages import UNKNOWN, StageReading, read_round, read_stage
from sheetsync.tracker.text import as_text, fold, fold_all, is_blank, is_error, placeholders

if TYPE_CHECKING:
    import pandas as pd

    from sheetsync.settings import Settings

_NO_PLACEHOLDERS: Final = frozenset(
    {"company", "role", "contact", "email", "phone", "kind", "round", "channel", "promised", "link", "id"}
)
"""Text fields in which "n/a" means an empty cell. In a status or a note it may say something."""
UNSAVED: Final = "a formula without a saved value"


def normalise(snapshot: Snapshot, layout: Layout, settings: Settings) -> Tracker:
    """The threads of the recognised tracker, typed as `Tracker` describes.

    What a cell cannot be read as is left empty, told in `problems` and kept in `unreadable`; nothing is guessed.
    """
    return _Normaliser(snapshot, layout, settings).tracker()


@dataclass
class _Normaliser:
    snapshot: Snapshot
    layout: Layout
    settings: Settings
    problems: list[Problem] = field(default_factory=list)
    unreadable: dict[tuple[int, str], str] = field(default_factory=dict)

    def tracker(self) -> Tracker:
        import pandas as pd

        grid = self.snapshot.grid(self.layout.sheet)
        rows = self.layout.rows if self.layout.rows is not None else thread_rows(grid, self.layout)
        values = {
            name: picked(_filled_down(grid, column), rows)
            for name, column in self.layout.columns.items()
            if name in FIELDS and column <= grid.n_columns
        }
        columns: dict[str, Any] = {}
        for name in TEXT_FIELDS:
            columns[name] = self._texts(grid, name, rows, values[name]) if name in values else None
        for name in DATE_FIELDS:
            columns[name] = self._dates(grid, name, rows, values[name]) if name in values else None
        readings = self._stages(columns["stage"])
        columns |= self._judged(columns, readings, len(rows))
        index = pd.Index(list(rows), dtype="int64", name="row")
        empty = pd.Series([""] * len(rows), index=index, dtype="str")
        never = pd.Series([None] * len(rows), index=index, dtype="datetime64[us]")
        series: dict[str, pd.Series] = {}
        for name, column in columns.items():
            if isinstance(column, DateColumn):
                series[name] = pd.Series(column.dates, index=index)
            elif column is None:
                series[name] = never if name in DATE_FIELDS else empty
            else:
                series[name] = pd.Series(column, index=index, dtype="bool" if name == "stage_over" else "str")
        frame = pd.DataFrame(series, index=index)
        history = read_history(self.snapshot, frame, beside=grid.name, read=self._read)
        debrief = read_debrief(self.snapshot, frame, beside=grid.name, read=self._read)
        touches = self._touches(grid, rows)
        return Tracker(
            frame=frame,
            history=history.frame,
            debrief=debrief.frame,
            touches=touches,
            mapped=frozenset(values),
            has_history=history.found,
            sheet=grid.name,
            columns={name: self.layout.columns[name] for name in FIELDS if name in values},
            unreadable=self.unreadable,
            stages={text: reading.stage for text, reading in readings.items() if reading.stage},
            problems=(*self.problems, *history.problems, *debrief.problems),
        )

    def _read(self, values: Sequence[Value]) -> DateColumn:
        return read_dates_of(self.snapshot, self.settings, values)

    def _dates(self, grid: Grid, name: str, rows: Sequence[int], values: Sequence[Value]) -> DateColumn:
        column = self.layout.columns[name]
        dates = self._read(values)
        for position, message in dates.unreadable.items():
            self._tell(grid, rows[position], column, message)
            self.unreadable[rows[position], name] = as_text(values[position])
        self._tell_unsaved(grid, name, rows)
        return dates

    def _texts(self, grid: Grid, name: str, rows: Sequence[int], values: Sequence[Value]) -> list[str]:
        column = self.layout.columns[name]
        texts = _plain(values)
        distinct = set(texts)
        if broken := {text for text in distinct if text[:1] == "#" and is_error(text)}:
            for position, text in enumerate(texts):
                if text in broken:
                    self._tell(grid, rows[position], column, f"It shows {text}: repair its formula.")
                    self.unreadable[rows[position], name] = text
                    texts[position] = ""
        if name in _NO_PLACEHOLDERS:
            ordered = list(distinct)
            folded = fold_all(ordered)
            if known := placeholders().intersection(folded):
                blank = {text for text, form in zip(ordered, folded, strict=True) if form in known}
                texts = ["" if text in blank else text for text in texts]
        if name == "promised":
            texts = self._with_iso_dates(texts)
        self._tell_unsaved(grid, name, rows)
        return texts

    def _with_iso_dates(self, texts: list[str]) -> list[str]:
        """Write the texts that are one full date in ISO form, so that the day of a promise is found."""
        dated = {text for text in set(texts) if text and read_text(text).is_date}
        if not dated:
            return texts
        listed = sorted(dated)
        dates = self._read(listed).dates
        iso = {
            text: str(date)[:10]
            for text, date in zip(listed, dates, strict=True)
            if date == date  # noqa: PLR0124 (NaT)
        }
        return [iso.get(text, text) for text in texts]

    def _tell_unsaved(self, grid: Grid, name: str, rows: Sequence[int]) -> None:
        column = self.layout.columns[name]
        unsaved = grid.unsaved.get(column)
        for row in sorted(unsaved & set(rows)) if unsaved else ():
            message = "Its formula has no saved value: open the file in your spreadsheet program and save it once."
            self._tell(grid, row, column, message)
            self.unreadable[row, name] = UNSAVED

    def _tell(self, grid: Grid, row: int, column: int, message: str) -> None:
        self.problems.append(Problem(grid.name, row, column, message))

    def _stages(self, texts: Sequence[str] | None) -> Mapping[str, StageReading]:
        """What each distinct status says. A placeholder that is no status word ("n/a", "-") says nothing."""
        readings = {text: read_stage(text, self.settings.stages) for text in dict.fromkeys(texts or ())}
        return {
            text: StageReading("") if reading.stage == UNKNOWN and is_blank(text) else reading
            for text, reading in readings.items()
        }

    def _judged(self, columns: Mapping[str, Any], readings: Mapping[str, StageReading], size: int) -> dict[str, Any]:
        """The columns that words are turned into: stage, kind and round, and beside them what the cells say."""
        stages: Sequence[str] = columns["stage"] or [""] * size
        rounds: Sequence[str] = columns["round"] or [""] * size
        kinds: Sequence[str] | None = columns["kind"]
        own_rounds = {text: read_round(text) for text in set(rounds)}
        return {
            "stage": [readings[text].stage if text else "" for text in stages],
            "stage_text": columns["stage"],
            "stage_over": [bool(text) and readings[text].over for text in stages],
            "round": [
                own_rounds[own] or (readings[text].round if text else "")
                for own, text in zip(rounds, stages, strict=True)
            ],
            "kind": None if kinds is None else list(map({text: read_kind(text) for text in set(kinds)}.get, kinds)),
            "kind_text": kinds,
        }

    def _touches(self, grid: Grid, rows: Sequence[int]) -> pd.DataFrame:
        import numpy as np
        import pandas as pd

        found = []
        for column in self.layout.touches:
            values = picked(grid.columns[column - 1], rows)
            dates = self._read(values)
            for position, message in dates.unreadable.items():
                self._tell(grid, rows[position], column, message)
            there = ~np.isnat(dates.dates)
            found.append(pd.DataFrame({"row": np.asarray(rows, dtype="int64")[there], "on": dates.dates[there]}))
        if not found:
            return pd.DataFrame({"row": pd.Series([], dtype="int64"), "on": pd.Series([], dtype="datetime64[us]")})
        return pd.concat(found, ignore_index=True).sort_values(["row", "on"], ignore_index=True)


def read_kind(text: str) -> str:
    """The kind that a cell names, one of `KINDS`; "" for employment types and everything else."""
    return _kinds().get(fold(text).strip(" .:"), "")


@cache
def _kinds() -> Mapping[str, str]:
    data: dict[str, list[str]] = read_toml("reading/kinds.toml")
    return {fold(word): kind for kind, words in data.items() for word in words}


def _plain(values: Sequence[Value]) -> list[str]:
    """Cells as trimmed texts."""
    if set(map(type, values)) <= {str, type(None)}:
        return [value.strip() if value else "" for value in values]  # type: ignore[union-attr]  # a text, see above
    return list(map(as_text, values))


def _filled_down(grid: Grid, column: int) -> Sequence[Value]:
    """A column with what cells merged downwards say in each of their rows."""
    values = grid.columns[column - 1]
    areas = [a for a in grid.merges if a.left == column == a.right and a.bottom > a.top and a.bottom <= len(values)]
    if not areas:
        return values
    filled = list(values)
    for area in areas:
        filled[area.top - 1 : area.bottom] = [values[area.top - 1]] * (area.bottom - area.top + 1)
    return filled
