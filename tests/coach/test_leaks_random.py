"""Hidden values are strewn over shown cells at random, in other cases, blanks and forms; none is left in the copy."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import pytest
from cli.running import write_workbook

from coach.leaks import Hidden, package, plain
from coach.sharing import DAY, Shared, share

HEADERS = (
    "Company", "Position", "Contact", "Email", "Status", "Date Applied", "Next step", "Promised", "Salary", "Notes", "Mood",
    "Viewed", "Location",
)  # fmt: skip
SIGNS = "abcdefghijklmnopqrstuvwxyzäéßñ张李çø'-.&,/()"
TRACKERS = 12
NAMES = ("Company", "Position", "Contact", "Location")


def hidden_value(chance: random.Random) -> Hidden:
    match chance.randrange(4):
        case 0:
            return chance.choice([chance.randrange(1000, 10**6), round(chance.uniform(1000, 99999), 2)])
        case 1:
            return dt.date(2025, 1, 1) + dt.timedelta(days=chance.randrange(900))
        case _:
            words = ("".join(chance.choices(SIGNS, k=chance.randint(2, 9))) for _ in range(chance.randint(1, 5)))
            text = " ".join(words)
            return chance.choice([text, text.upper(), text.title()])


def quoted(value: Hidden, chance: random.Random) -> str:
    """A hidden value as somebody may have typed it elsewhere."""
    text = str(value)
    if isinstance(value, dt.date):
        text = chance.choice([f"{value:%Y-%m-%d}", f"{value:%d/%m/%Y}", f"{value.day} {value:%B %Y}"])
    elif isinstance(value, int):
        text = chance.choice([text, f"{value:,}"])
    text = chance.choice([text, text.upper(), text.lower(), text.replace(" ", "  "), text.replace(" ", "\n")])
    return chance.choice(["see {} now", "{}", "x, {}; y", "({})"]).format(text)


def tracker(path: Path, chance: random.Random) -> Path:
    rows: list[list[object]] = []
    pool: list[Hidden] = []
    for number in range(8):
        hidden = [hidden_value(chance) for _ in range(4)]
        pool += hidden
        applied = dt.date(2026, 11, chance.randint(1, 12))
        rows.append(
            [
                f"Firm{number} Zyx",
                "",
                f"Name Q{number}",
                f"{number}@q.example",
                "Applied",
                applied,
                "",
                "",
                *hidden,
                "Town",
            ]
        )
    for row in rows:
        for place in (1, 6, 7):
            row[place] = quoted(chance.choice(pool), chance)
    return write_workbook(path, [HEADERS, *rows])


def secrets(one: Shared) -> list[Hidden]:
    """The hidden values that are looked for: not those that a cell of the copy shows as a whole, or that are too short."""
    sheet = one.copy.book.sheets[0]
    cells = [value for column in sheet.columns for value in column[3:]]
    texts = {plain(value).casefold() for value in cells if isinstance(value, str)}
    numbers = {float(value) for value in cells if isinstance(value, int | float)}
    days = {value for value in cells if isinstance(value, dt.date)} | {DAY}
    names = "\n".join(
        plain(str(value)).casefold() for column in sheet.columns if column[3] in NAMES for value in column[4:]
    )
    found: list[Hidden] = []
    for column in one.copy.columns:
        for value in one.grid.columns[column.place - 1][1:] if column.place and not column.shown else ():
            if isinstance(value, dt.datetime):
                found += [value.date()] if value.date() not in days else []
            elif isinstance(value, str):
                text = plain(value).casefold()
                told_apart = sum(map(str.isalnum, text)) >= 4
                # a name that is shown may say what an unknown column says; what is private goes from it, too
                found += [value] if told_apart and text not in texts and text not in names else []
            elif isinstance(value, int | float):
                found += [value] if float(value) not in numbers else []
    return found


@pytest.mark.parametrize("seed", range(TRACKERS))
def test_no_hidden_value_is_left_wherever_it_was_typed(tmp_path: Path, seed: int) -> None:
    one = share(tracker(tmp_path / "tracker.xlsx", random.Random(seed)))  # noqa: S311 - the same trackers each time
    values = secrets(one)
    assert len(values) > 15
    assert package(one.data).leaks(values) == []
