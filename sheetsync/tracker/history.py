"""The History and Debrief sheets: what was said, when and to whom, tied to the threads of the tracker.

A row is tied to its thread by `id` if there is one, else by company and contact, else company and role, else by the
company if it has one thread only; without a company by the contact alone. What fits several threads is told and left
out: a contact counted for the wrong company would be worse than none.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sheetsync.model import RULES, Grid, Problem, Snapshot, Value
from sheetsync.resources import read_toml
from sheetsync.tracker.dates import DateColumn
from sheetsync.tracker.text import as_text, fold, is_blank

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

HISTORY_COLUMNS: Final = ("row", "on", "contact", "direction", "channel", "step", "note")
DEBRIEF_ANSWERS: Final = (
    "duration", "titles", "discussed", "questions", "unready", "concerns", "correct", "problems", "skills", "interested",
    "culture", "open_for", "decides", "impressions", "send",
)  # fmt: skip
"""The answers of a debrief that only the messages use, in the order of the questions (cadence section 7)."""
DEBRIEF_COLUMNS: Final = ("row", "people", "decision_by", "next_steps", "channel", *DEBRIEF_ANSWERS)
NOTHING_TO_ANSWER: Final = "nothing to answer"
"""What a History row's step says of their message that wants no answer."""

_SEARCHED_ROWS: Final = 10
_PEOPLE: Final = re.compile(r"\s*(?:[;/&\n]|\band\b|(?<=\s)(?-i:und|et|y)(?=\s))\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Log:
    """One of the two sheets, read: `frame` as `Tracker` describes it, and whether the sheet is there at all."""

    frame: pd.DataFrame
    found: bool
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class LogSheet:
    """A History or Debrief sheet as it stands: where its header is, and column by name (`templates/reading/logs.toml`)."""

    grid: Grid
    header_row: int
    columns: Mapping[str, int]

    def values(self, key: str) -> Sequence[Value]:
        column = self.columns.get(key)
        return [None] * self.size if column is None else self.grid.columns[column - 1][self.header_row :]

    def texts(self, key: str) -> list[str]:
        return [as_text(value) for value in self.values(key)]

    @property
    def size(self) -> int:
        return self.grid.n_rows - self.header_row

    def problem(self, position: int, key: str | None, message: str) -> Problem:
        column = self.columns.get(key) if key else None
        return Problem(self.grid.name, self.header_row + 1 + position, column, message)


def split_people(text: str) -> list[str]:
    """The people a cell names, split at ; / & line breaks and "and" (und, et, y as words in small letters)."""
    return [person for person in (part.strip(" ,") for part in _PEOPLE.split(text)) if person]


def read_history(
    snapshot: Snapshot, threads: pd.DataFrame, *, beside: str, read: Callable[[Sequence[Value]], DateColumn]
) -> Log:
    """The History sheet's rows that belong to a thread, in sheet order.

    `threads` is the tracker's frame, `beside` the name of its sheet, `read` reads a column of dates.
    """
    sheet = find_log(snapshot, "history", beside)
    rows: list[tuple[Any, ...]] = []
    if sheet is None:
        return Log(_frame(rows, HISTORY_COLUMNS, "on"), found=False)
    problems: list[Problem] = []
    dates = read(sheet.values("date"))
    ids, companies, roles, contacts = (sheet.texts(key) for key in ("id", "company", "role", "contact"))
    directions, channels, steps, notes = (sheet.texts(key) for key in ("direction", "channel", "step", "note"))
    finder = ThreadFinder(threads)
    missing = dates.missing
    for position in range(sheet.size):
        who = ids[position], companies[position], roles[position], contacts[position]
        if not any(who) and missing[position] and position not in dates.unreadable:
            continue
        if missing[position]:
            told = dates.unreadable.get(position, "This contact has no date: write the day it took place.")
            problems.append(sheet.problem(position, "date", told))
            continue
        direction = _directions().get(fold(directions[position]))
        if direction is None:
            told = f"“{directions[position]}” is no direction: write out (you wrote) or in (they did)."
            problems.append(sheet.problem(position, "direction", told))
            continue
        row = finder.find(*who)
        if isinstance(row, str):
            problems.append(sheet.problem(position, None, row))
            continue
        step = _step(steps[position])
        if step is None:
            told = f"“{steps[position]}” is no step of the cadence: pick one from the list or leave it empty."
            problems.append(sheet.problem(position, "step", told))
            step = ""
        rows.append(
            (row, dates.dates[position], contacts[position], direction, channels[position], step, notes[position])
        )
    return Log(_frame(rows, HISTORY_COLUMNS, "on"), found=True, problems=tuple(problems))


def read_debrief(
    snapshot: Snapshot, threads: pd.DataFrame, *, beside: str, read: Callable[[Sequence[Value]], DateColumn]
) -> Log:
    """The Debrief sheet's rows that belong to a thread and answer anything. Arguments as in `read_history`."""
    sheet = find_log(snapshot, "debrief", beside)
    rows: list[tuple[Any, ...]] = []
    if sheet is None:
        return Log(_frame(rows, DEBRIEF_COLUMNS, "decision_by"), found=False)
    problems: list[Problem] = []
    dates = read(sheet.values("decision_by"))
    ids, companies, roles = (sheet.texts(key) for key in ("id", "company", "role"))
    people, next_steps, channels = (sheet.texts(key) for key in ("people", "next_steps", "channel"))
    answers = list(zip(*(sheet.texts(key) for key in DEBRIEF_ANSWERS), strict=True))
    finder = ThreadFinder(threads)
    missing = dates.missing
    for position in range(sheet.size):
        if position in dates.unreadable:
            problems.append(sheet.problem(position, "decision_by", dates.unreadable[position]))
        said = people[position], next_steps[position], channels[position], *answers[position]
        if missing[position] and not any(said):
            continue
        if not (ids[position] or companies[position]):
            continue
        row = finder.find(ids[position], companies[position], roles[position], people[position])
        if isinstance(row, str):
            problems.append(sheet.problem(position, None, row))
            continue
        rows.append(
            (
                row,
                people[position],
                dates.dates[position],
                next_steps[position],
                channels[position],
                *answers[position],
            )
        )
    return Log(_frame(rows, DEBRIEF_COLUMNS, "decision_by"), found=True, problems=tuple(problems))


def find_log(snapshot: Snapshot, kind: str, beside: str) -> LogSheet | None:
    """The sheet of that kind, by its name and its headers."""
    data: dict[str, Any] = read_toml("reading/logs.toml")[kind]
    for grid in snapshot.grids:
        if grid.name == beside or fold(grid.name) not in data["sheet"]:
            continue
        for row in range(1, min(grid.n_rows, _SEARCHED_ROWS) + 1):
            columns: dict[str, int] = {}
            for column, value in enumerate(grid.row(row), start=1):
                name = _names(kind).get(fold(value).rstrip(":? ")) if isinstance(value, str) else None
                if name:
                    columns.setdefault(name, column)
            if all(key in columns for key in data["needs"]) and any(key in columns for key in data["any"]):
                return LogSheet(grid, row, columns)
    return None


class ThreadFinder:
    """Finds the thread that a row of another sheet speaks of."""

    def __init__(self, threads: pd.DataFrame) -> None:
        self._by_id: dict[str, list[int]] = defaultdict(list)
        self._by_company: dict[str, list[int]] = defaultdict(list)
        self._by_person: dict[str, list[int]] = defaultdict(list)
        self._roles: dict[int, str] = {}
        self._people: dict[int, frozenset[str]] = {}
        fields = (threads[name].tolist() for name in ("id", "company", "role", "contact", "email"))
        for row, identity, company, role, contact, email in zip(threads.index.tolist(), *fields, strict=True):
            people = frozenset(_person_keys(contact)) | ({fold(email)} if email else frozenset())
            self._roles[row], self._people[row] = fold(role), people
            if identity:
                self._by_id[fold(identity)].append(row)
            if company:
                self._by_company[fold(company)].append(row)
            for person in people:
                self._by_person[person].append(row)
        self._known: dict[tuple[str, str, str, str], int | str] = {}

    def find(self, identity: str, company: str, role: str, contact: str) -> int | str:
        """The thread's sheet row, or what to do about it that there is none, or more than one."""
        asked = identity, company, role, contact
        if asked not in self._known:
            self._known[asked] = self._find(*asked)
        return self._known[asked]

    def _find(self, identity: str, company: str, role: str, contact: str) -> int | str:
        if identity and (rows := self._by_id.get(fold(identity))):
            return _only(rows, f"the id “{identity}”", "give every row an id of its own")
        people = set(_person_keys(contact))
        if not company:
            rows = sorted({row for person in people for row in self._by_person.get(person, ())})
            return _only(rows, f"“{contact}”" if contact else f"the id “{identity}”", "name the company as well")
        rows = self._by_company.get(fold(company), [])
        if len(rows) > 1:
            with_contact = [row for row in rows if people & self._people[row]]
            with_role = [row for row in with_contact or rows if role and self._roles[row] == fold(role)]
            rows = with_role or with_contact or rows
        return _only(rows, f"“{company}”", "name the contact as the tracker does, or give the rows ids")


def _only(rows: Sequence[int], whom: str, remedy: str) -> int | str:
    if len(rows) == 1:
        return rows[0]
    if not rows:
        return f"No row of the tracker is {whom}: write the name as it stands there."
    listed = ", ".join(map(str, rows[:3])) + (", …" if len(rows) > 3 else "")
    return f"Rows {listed} of the tracker are {whom}, so this belongs to none of them for certain: {remedy}."


def _person_keys(contact: str) -> Iterable[str]:
    if contact:
        yield fold(contact)
        for person in split_people(contact):
            yield fold(person)


def _step(text: str) -> str | None:
    """A rule's id, "nothing to answer", or "" for none; None for anything else."""
    folded = fold(text)
    if is_blank(text) or not folded:
        return ""
    return folded if folded in RULES or folded == NOTHING_TO_ANSWER else None


@cache
def _directions() -> Mapping[str, str]:
    data: dict[str, list[str]] = read_toml("reading/logs.toml")["direction"]
    return {"": "out", **{fold(word): direction for direction, words in data.items() for word in words}}


@cache
def _names(kind: str) -> Mapping[str, str]:
    data: dict[str, list[str]] = read_toml("reading/logs.toml")[kind]["columns"]
    return {fold(word): name for name, words in data.items() for word in words}


def _frame(rows: list[tuple[Any, ...]], names: Sequence[str], date: str) -> pd.DataFrame:
    import pandas as pd

    columns = dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(names, ())
    types = {"row": "int64", date: "datetime64[us]"}
    return pd.DataFrame({name: pd.Series(list(columns[name]), dtype=types.get(name, "str")) for name in names})
