"""What the person set, from the command line, the workbook's Settings sheet and `sheetsync.toml`, as one `Settings`.

An option comes before the workbook, the workbook before the file, the file before the default. What is unknown or cannot
be read is never ignored: on the sheet and in the file it becomes a Problem, as an option a UsageError.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import pairwise
from typing import Any, Final

from sheetsync.errors import UsageError
from sheetsync.model import FIELDS, Grid, Problem, Snapshot
from sheetsync.settings import Settings
from sheetsync.tracker.setting_values import KEYS, check_region, read_field, read_stage_word
from sheetsync.tracker.text import as_text, fold

TOML_FILE: Final = "sheetsync.toml"
_SHEET: Final = "settings"
_SEARCHED_ROWS: Final = 50
_KEY_HEADERS: Final = frozenset({"setting", "settings", "key", "option", "name"})
_VALUE_HEADERS: Final = frozenset({"value", "values"})
_FIELD_PREFIXES: Final = ("field", "fields", "map")
_STAGE_PREFIXES: Final = ("status", "stage", "stages", "statuses")
_ALIASES: Final = {"timezone": "time_zone", "weekends": "weekend", "header": "header_row", "date_order": "day_first"}


@dataclass(frozen=True, slots=True)
class _Given:
    """One thing somebody set: its key as written, its value, and where it stands."""

    key: str
    value: Any
    sheet: str
    row: int | None = None
    column: int | None = None

    def problem(self, message: str) -> Problem:
        return Problem(self.sheet, self.row, self.column, message)


def configure(
    snapshot: Snapshot, *, toml: Mapping[str, Any], options: Mapping[str, Any]
) -> tuple[Settings, tuple[Problem, ...]]:
    """Put together what was set, and tell what could not be read.

    `toml` is the parsed `sheetsync.toml`; `options` maps names of `Settings` to what was asked for this once.
    Raises UsageError for an option that cannot be meant.
    """
    problems: list[Problem] = []
    found: dict[str, Any] = {}
    places: dict[str, _Given] = {}
    for layer in (_in_toml(toml), _in_workbook(snapshot)):
        said: dict[str, Any] = {}
        for given in layer:
            try:
                name, value = _read(given.key, given.value)
            except ValueError as error:
                problems.append(given.problem(str(error)))
                continue
            places[name] = given
            said[name] = _together(said.get(name), value) if name in said else value
        _overlay(found, said)
    _overlay(found, dict(_read_option(key, value) for key, value in options.items()))
    settings = replace(Settings(), **found)
    if settings.region:
        try:
            settings = replace(settings, region=check_region(settings.country, settings.region))
        except ValueError as error:
            if "region" not in places:
                raise UsageError(str(error)) from None
            problems.append(places["region"].problem(str(error)))
            settings = replace(settings, region=None)
    return settings, tuple(problems)


@dataclass(frozen=True, slots=True)
class SettingPlace:
    """Where a setting of the workbook's stands, or, without a row, on which sheet it would."""

    sheet: str
    column: int
    """The keys'; the value stands right of it."""
    row: int | None
    value: str
    helped: bool
    """Whether a third column says what each setting does."""


def find_setting(snapshot: Snapshot, name: str) -> SettingPlace | None:
    """Where a setting, by its name in `Settings`, stands on the Settings sheet; None if there is no such sheet.

    Of several lines the last one counts.
    """
    for grid in snapshot.grids:
        place = _header(grid) if fold(grid.name) == _SHEET else None
        if place is None:
            continue
        header, column = place
        rows = [r for r in range(header + 1, grid.n_rows + 1) if _plain(as_text(grid.cell(r, column))) == name]
        row = rows[-1] if rows else None
        value = as_text(grid.cell(row, column + 1)) if row else ""
        return SettingPlace(grid.name, column, row, value, bool(as_text(grid.cell(header, column + 2))))
    return None


def _in_workbook(snapshot: Snapshot) -> Sequence[_Given]:
    """The rows of the Settings sheet below its header "Setting | Value", wherever that stands.

    A sheet of that shape on which nothing even resembles a setting of ours belongs to another program: none.
    """
    for grid in snapshot.grids:
        place = _header(grid) if fold(grid.name) == _SHEET else None
        if place is None:
            continue
        row, column = place
        given = [
            _Given(key, value, grid.name, line, column + 1)
            for line in range(row + 1, grid.n_rows + 1)
            if (key := as_text(grid.cell(line, column)))
            and (as_text(value := grid.cell(line, column + 1)) or value is False)
        ]
        return given if len(given) == 1 or any(_resembles(line.key) for line in given) else []
    return []


def _header(grid: Grid) -> tuple[int, int] | None:
    """Where "Setting | Value" stands: its row, and the column of the keys."""
    for row in range(1, min(grid.n_rows, _SEARCHED_ROWS) + 1):
        texts = [fold(value) if isinstance(value, str) else "" for value in grid.row(row)]
        for column, (key, value) in enumerate(pairwise(texts), start=1):
            if key in _KEY_HEADERS and value in _VALUE_HEADERS:
                return row, column
    return None


def _resembles(key: str) -> bool:
    """True if a key is one of ours, or one with a slip of the pen."""
    head, dot, _ = key.partition(".")
    if dot:
        return _plain(head) in {*_FIELD_PREFIXES, *_STAGE_PREFIXES}
    return bool(get_close_matches(_plain(key), [*KEYS, *_ALIASES, "month_first"], n=1, cutoff=0.6))


def _in_toml(toml: Mapping[str, Any]) -> Iterator[_Given]:
    for key, value in toml.items():
        if isinstance(value, Mapping):
            for inner, inner_value in value.items():
                yield _Given(f"{key}.{inner}", inner_value, TOML_FILE)
        else:
            yield _Given(key, value, TOML_FILE)


def _read(key: str, value: Any) -> tuple[str, Any]:
    """A setting's name in `Settings` and its value. Raises ValueError, worded for the person."""
    head, dot, tail = key.partition(".")
    plain = _plain(head)
    if dot and plain in _FIELD_PREFIXES:
        field = _plain(tail)
        if field not in FIELDS:
            raise ValueError(f"There is no field “{tail}”: {_meant(field, FIELDS)}")
        return "fields", {field: read_field(value)}
    if dot and plain in _STAGE_PREFIXES:
        return "stages", {tail.strip(): read_stage_word(tail.strip(), value)}
    name = _ALIASES.get(_plain(key), _plain(key))
    if name == "month_first":
        return "day_first", not KEYS["day_first"](value)
    if name not in KEYS:
        raise ValueError(f"There is no setting “{key}”: {_meant(name, (*KEYS, 'field.company', 'status.WORD'))}")
    try:
        return name, KEYS[name](value)
    except ValueError as error:
        raise ValueError(f"{key.strip()} cannot be “{as_text(value) if _is_cell(value) else value}”: {error}") from None


def _read_option(name: str, value: Any) -> tuple[str, Any]:
    try:
        if name in {"fields", "stages"}:
            pairs: dict[str, str] = {}
            for key, meant in value.items():
                pairs |= _read(f"{name}.{key}", meant)[1]
            return name, pairs
        return _read(name, value)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _overlay(found: dict[str, Any], said: Mapping[str, Any]) -> None:
    """Let what a later layer says stand; fields and status words are joined one by one."""
    for name, value in said.items():
        found[name] = {**found[name], **value} if isinstance(value, dict) and name in found else value


def _together(before: Any, value: Any) -> Any:
    """Two lines of one sheet with the same key: words and ranges add up, else the last counts."""
    if isinstance(value, dict):
        return {**before, **value}
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return (*before, *value)
    return value


def _plain(key: str) -> str:
    return fold(key).replace(" ", "_").replace("-", "_").strip("_:")


def _is_cell(value: Any) -> bool:
    return not isinstance(value, list | dict)


def _meant(name: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}."
