"""A cadence profile: the table of steps and the limits, as data.

A profile is a file of `templates/cadence/`; a `Cadence` sheet in the workbook overrides its values. The sheet has one
row for each step (rule, when, from, until, weekend, channel, on) and one for each limit, whose value stands under
"from".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any, Final, Literal, TypeVar

from sheetsync.errors import UsageError
from sheetsync.model import RULES, Grid, Problem, Snapshot, Value
from sheetsync.resources import read_toml, templates

Weekend = Literal["roll", "keep", "back"]

WEEKENDS: Final[tuple[Weekend, ...]] = ("roll", "keep", "back")
UNTIL_ANSWERED: Final = "until an answer"
SHEET: Final = "Cadence"
HEADER: Final = ("Rule", "When", "From", "Until", "Weekend", "Channel", "On")
SEED: Final = "balanced"
"""The profile whose numbers `init` puts into a Cadence sheet."""

FIRST_INTERVIEW: Final = "first interview"
SCREEN: Final = "phone screen or assessment"
LATER_INTERVIEW: Final = "second, third or final interview"
WEEKLY: Final = "weekly"
BIWEEKLY: Final = "every two weeks"

_DAYS: Final = re.compile(r"([+-]?\d{1,4})\s*(working\s+days?|days?)?", re.IGNORECASE)
_LONGEST: Final = 3650
_YES: Final = frozenset({"yes", "on", "true", "y", "1", "x"})
_NO: Final = frozenset({"no", "off", "false", "n", "0"})
_LIMITS: Final = (
    "cold_after", "min_gap", "per_day", "missed_after", "interview_followups", "application_followups",
    "proposal_messages", "phone_from", "closure_from",
)  # fmt: skip

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Days:
    """A distance from a base: calendar days, or working days."""

    count: int
    working: bool = False

    def __str__(self) -> str:
        """As it stands in a Cadence sheet: `7`, `1 working day`."""
        if not self.working:
            return str(self.count)
        return f"{self.count} working day{'' if self.count == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the step table (cadence section 2)."""

    rule: str
    when: str
    """What tells it from other rows of the same rule."""
    base: str
    start: Days
    until: Days
    weekend: Weekend
    channel: str
    source: tuple[str, ...]
    on: bool = True
    always: bool = False
    """Shown in quiet times and while the person is away, too."""
    early: bool = False
    """It may be done from the event itself, before it is planned."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The steps, in the order of the table, and the limits. A count of None means: until there is an answer."""

    name: str
    title: str
    steps: tuple[Step, ...]
    cold_after: int
    min_gap: int
    per_day: int
    missed_after: int
    interview_followups: int | None
    application_followups: int | None
    proposal_messages: int | None
    phone_from: int
    closure_from: int

    def index(self, rule: str, when: str | None = None) -> int:
        """Where a step stands in `steps`. Raises KeyError if there is none."""
        for place, step in enumerate(self.steps):
            if step.rule == rule and when in (None, step.when):
                return place
        raise KeyError(rule, when)

    def step(self, rule: str, when: str | None = None) -> Step:
        """One step. Raises KeyError if there is none."""
        return self.steps[self.index(rule, when)]


def profile_names() -> tuple[str, ...]:
    """The profiles there are, `balanced` first."""
    names = {path.stem for path in (templates() / "cadence").glob("*.toml")}
    return tuple(sorted(names, key=lambda name: (name != "balanced", name)))


def load_profile(name: str, snapshot: Snapshot | None = None) -> tuple[Profile, tuple[Problem, ...]]:
    """Read a profile; what a person changed on a `Cadence` sheet of the workbook goes before it.

    A number there that is the balanced profile's own is no change: the sheet began with it, whichever profile is used.
    An unknown rule or a value that cannot be read there is a Problem, and the profile's own value stays.

    Raises UsageError, naming the profiles, if there is none of that name.
    """
    wanted = name.strip().casefold()
    names = profile_names()
    if wanted not in names:
        raise UsageError(f"There is no profile {name!r}: choose {', '.join(names[:-1])} or {names[-1]}.")
    profile = _from_toml(wanted)
    grid = next((grid for grid in snapshot.grids if grid.name.strip().casefold() == SHEET.casefold()), None) if (
        snapshot
    ) else None  # fmt: skip
    if grid is None:
        return profile, ()
    seed = _from_toml(SEED)
    edited, problems = _edited(seed, grid)
    return _with_edits(profile, seed, edited), problems


def profile_rows(profile: Profile) -> list[list[Value]]:
    """The rows of a Cadence sheet, the header first. Read back with `load_profile` they give the same profile."""
    rows: list[list[Value]] = [list(HEADER)]
    for step in profile.steps:
        on = "yes" if step.on else "no"
        rows.append([
            step.rule, step.when, _cell(step.start), _cell(step.until), step.weekend, step.channel, on
        ])  # fmt: skip
    for limit in _LIMITS:
        value = getattr(profile, limit)
        meaning = _limit_meanings()[limit]
        rows.append([limit, meaning, UNTIL_ANSWERED if value is None else value, None, None, None, None])
    return rows


def _cell(days: Days) -> Value:
    return str(days) if days.working else days.count


def _limit_meanings() -> Mapping[str, str]:
    meanings: Mapping[str, str] = read_toml("words/en.toml")["limits"]
    return meanings


# From a file


def _from_toml(name: str) -> Profile:
    """One file of `templates/cadence/`; `like` names the profile that it changes."""
    data = read_toml(f"cadence/{name}.toml")
    limits: dict[str, Any] = {key: _limit_value(key, value) for key, value in data.get("limits", {}).items()}
    if "like" not in data:
        steps = tuple(_step(entry) for entry in data["steps"])
        return Profile(name=name, title=data["title"], steps=steps, **limits)
    parent = _from_toml(data["like"])
    rows = list(parent.steps)
    for entry in data.get("steps", ()):
        place = parent.index(entry["rule"], entry.get("when"))
        rows[place] = _changed(rows[place], entry)
    return replace(parent, name=name, title=data["title"], steps=tuple(rows), **limits)


def _step(entry: Mapping[str, Any]) -> Step:
    return Step(
        rule=entry["rule"],
        when=entry["when"],
        base=entry["base"],
        start=_days(entry["from"]),
        until=_days(entry["until"]),
        weekend=_weekend(entry["weekend"]),
        channel=entry["channel"],
        source=tuple(entry["source"]),
        on=entry.get("on", True),
        always=entry.get("always", False),
        early=entry.get("earliest") == "event",
    )


def _changed(step: Step, entry: Mapping[str, Any]) -> Step:
    return replace(
        step,
        start=_days(entry.get("from", str(step.start))),
        until=_days(entry.get("until", str(step.until))),
        weekend=_weekend(entry.get("weekend", step.weekend)),
        channel=entry.get("channel", step.channel),
        source=tuple(entry.get("source", step.source)),
        on=entry.get("on", step.on),
        always=entry.get("always", step.always),
    )


# Reading one value. Each raises ValueError with what was expected.


def _days(value: Value) -> Days:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    found = _DAYS.fullmatch("" if isinstance(value, bool) else str(value).strip())
    if found is None or abs(int(found[1])) > _LONGEST:
        raise ValueError("a number of days, such as 7 or 2 working days")
    return Days(int(found[1]), (found[2] or "").casefold().startswith("working"))


def _weekend(value: Value) -> Weekend:
    for choice in WEEKENDS:
        if isinstance(value, str) and value.strip().casefold() == choice:
            return choice
    raise ValueError("roll, keep or back")


def _flag(value: Value) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    word = str(value).strip().casefold()
    if word in _YES | _NO:
        return word in _YES
    raise ValueError("yes or no")


def _text(value: Value) -> str:
    return str(value).strip()


def _limit_value(limit: str, value: Value) -> int | None:
    """A limit's number; None for "until an answer", which only the counts of messages may be."""
    endless = limit in {"interview_followups", "application_followups", "proposal_messages"}
    if endless and isinstance(value, str) and value.strip().casefold() == UNTIL_ANSWERED:
        return None
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    least = 1 if limit == "per_day" else 0
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _LONGEST:
        raise ValueError(f"a whole number{f', or “{UNTIL_ANSWERED}”' if endless else ''}")
    return value


# From a sheet


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A Cadence sheet: where its columns are, and the problems met so far."""

    grid: Grid
    columns: Mapping[str, int]
    problems: list[Problem]

    def read(self, row: int, name: str, reader: Callable[[Value], _T], default: _T) -> _T:
        """A cell's value; `default` if it is empty, or, with a Problem, if it cannot be read."""
        column = self.columns.get(name)
        value = self.grid.cell(row, column) if column else None
        if value is None or value == "":
            return default
        try:
            return reader(value)
        except ValueError as error:
            self.problem(row, name, f"“{value}” cannot be read here: write {error}. The profile's own value is used.")
            return default

    def problem(self, row: int, name: str, message: str) -> None:
        self.problems.append(Problem(self.grid.name, row, self.columns.get(name), message))


def _with_edits(profile: Profile, seed: Profile, edited: Profile) -> Profile:
    """The profile with what tells the edited one from what it was seeded with."""
    steps = tuple(
        replace(own, **_differences(before, after))
        for own, before, after in zip(profile.steps, seed.steps, edited.steps, strict=True)
    )
    return replace(profile, **_differences(seed, edited) | {"steps": steps})


def _differences(before: Step | Profile, after: Step | Profile) -> dict[str, Any]:
    names = [each.name for each in fields(before)]
    return {name: getattr(after, name) for name in names if getattr(after, name) != getattr(before, name)}


def _edited(profile: Profile, grid: Grid) -> tuple[Profile, tuple[Problem, ...]]:
    header = next((row for row in range(1, grid.n_rows + 1) if "rule" in _names(grid, row)), None)
    if header is None:
        return profile, (
            Problem(grid.name, None, None, "This sheet has no column “Rule”, so nothing was read from it."),
        )
    sheet = _Sheet(grid, _names(grid, header), [])
    steps = list(profile.steps)
    limits: dict[str, Any] = {}
    for row in range(header + 1, grid.n_rows + 1):
        rule = sheet.read(row, "rule", _text, "")
        if rule in _LIMITS:
            name = "value" if sheet.read(row, "value", _text, "") else "from"
            standing = getattr(profile, rule)
            limits[rule] = sheet.read(row, name, partial(_limit_value, rule), standing)
        elif rule in RULES:
            _edit_step(sheet, row, rule, steps)
        elif rule:
            sheet.problem(row, "rule", f"There is no rule “{rule}”, so this row is not used.")
    return replace(profile, steps=tuple(steps), **limits), tuple(sheet.problems)


def _names(grid: Grid, row: int) -> dict[str, int]:
    """The header's words: name -> column; "on/off" and "active" are "on"."""
    names: dict[str, int] = {}
    for column, value in enumerate(grid.row(row), start=1):
        word = str(value or "").strip().casefold()
        names.setdefault("on" if word in {"on/off", "active"} else word, column)
    names.pop("", None)
    return names


def _edit_step(sheet: _Sheet, row: int, rule: str, steps: list[Step]) -> None:
    when = sheet.read(row, "when", _text, "")
    places = [place for place, step in enumerate(steps) if step.rule == rule]
    if when and len(places) > 1:
        places = [place for place in places if steps[place].when.casefold() == when.casefold()]
        if not places:
            whens = " or ".join(f"“{step.when}”" for step in steps if step.rule == rule)
            sheet.problem(row, "when", f"“{when}” is none of the cases of {rule}: write {whens}. This row is not used.")
    for place in places:
        step = steps[place]
        changed = replace(
            step,
            start=sheet.read(row, "from", _days, step.start),
            until=sheet.read(row, "until", _days, step.until),
            weekend=sheet.read(row, "weekend", _weekend, step.weekend),
            channel=sheet.read(row, "channel", _text, step.channel),
            on=sheet.read(row, "on", _flag, step.on),
        )
        if changed.start.working == changed.until.working and changed.until.count < changed.start.count:
            sheet.problem(row, "until", "Until is before from here, so the profile's own days are used.")
            changed = replace(changed, start=step.start, until=step.until)
        steps[place] = changed
