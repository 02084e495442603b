"""The words that sheetsync writes into a sheet: one catalogue file a language, in `templates/words/`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sheetsync.resources import read_toml


def column_words() -> Mapping[str, str]:
    """Owned column's key -> the header text to write."""
    words: Mapping[str, str] = read_toml("words/en.toml")["columns"]
    return words


def follow_up_words() -> Mapping[str, str]:
    """English follow-up word -> the sheet's word."""
    words: Mapping[str, str] = read_toml("words/en.toml")["follow_up"]
    return words


def log_words() -> Mapping[str, str]:
    """What a pick in the Log column means -> the word that its drop-down offers, in the drop-down's order."""
    words: Mapping[str, str] = read_toml("words/en.toml")["log"]
    return words


def log_channels() -> Mapping[str, str]:
    """What a pick in the Log column means -> the channel of the contact that it logs; missing where it names none."""
    words: Mapping[str, str] = read_toml("words/en.toml")["log_channels"]
    return words


def action_words() -> Mapping[str, str]:
    """A rule's id, or a word for an action of no rule -> what to do; {who} stands for the person."""
    words: Mapping[str, str] = read_toml("words/en.toml")["actions"]
    return words


def step_words() -> Mapping[str, str]:
    """A rule's id -> what its step is called once it was taken."""
    words: Mapping[str, str] = read_toml("words/en.toml")["steps"]
    return words


def stage_words() -> Mapping[str, str]:
    """A stage -> the word to write where a tracker has none of its own."""
    words: Mapping[str, str] = read_toml("words/en.toml")["stages"]
    return words


def note_words() -> Mapping[str, str]:
    """What a row of History says of itself, by key."""
    words: Mapping[str, str] = read_toml("words/en.toml")["notes"]
    return words


def short_date(day: dt.date) -> str:
    """A date as people write it: `3 Nov 2026`."""
    return f"{day.day} {read_toml('words/en.toml')['months']['short'][day.month - 1]} {day.year}"
