"""The report: the Dashboard's figures as one self-contained page, or as JSON, to be shown around.

Whom it is about stays out of it unless names are asked for: companies, roles and people, and every source or channel that
is not made of the common words of `templates/reading/sources.toml`, since it may be somebody's name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, StrictUndefined

from sheetsync.measures.answers import REACHED, Answers
from sheetsync.measures.dashboard import FATES, days_text, long_day, part, sentence, short_day, tiles, week_name
from sheetsync.measures.figures import Figures
from sheetsync.resources import read_toml, templates
from sheetsync.tracker.text import fold

if TYPE_CHECKING:
    from sheetsync.model import Tracker

_LONGEST: Final = 12
"""Sources and channels that are shown one by one."""
_NAMED: Final = 50
"""Rows of a list of names."""
_ADDRESS: Final = re.compile(r"@|://|www\.|(?:\d\D{0,3}){6}", re.IGNORECASE)
"""An e-mail address, a link, a phone number."""
_WORDS: Final = re.compile(r"[^\W_]+")
_YEAR: Final = re.compile(r"(?:19|20)\d{2}")
_PARTS: Final = re.compile(r"[^\W\d_]{3,}")


def report_words() -> dict[str, Any]:
    """The words of the report and those it shares with the Dashboard."""
    words = read_toml("sheets/dashboard.toml")
    own = read_toml("report/words.toml")
    return {**words, **own, "heads": {**words["heads"], **own["heads"]}}


def report_page(figures: Figures, tracker: Tracker, *, names: bool) -> str:
    """The page as HTML: inline pictures (SVG), no scripts, nothing loaded from elsewhere; light, dark and on paper."""
    words = report_words()
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    channels, sources = shown(figures, tracker, names=names)
    bars, rows = _bars(figures, channels, sources, words)
    highest = max((week.planned for week in figures.weeks), default=0)
    facts = {
        "words": words,
        "title": words["title"],
        "subtitle": words["as_of"].format(date=long_day(figures.as_of)),
        "empty": figures.is_empty,
        "tiles": tuple(zip(words["tiles"].values(), tiles(figures, words), strict=True)),
        "sentence": sentence(figures, words),
        "ticks": ticks(highest),
        "fates": FATES,
        "weeks": [
            {"name": week_name(week), **{fate: getattr(week, fate) for fate in FATES}} for week in figures.weeks
        ],
        "bars": bars,
        "longest": {
            "channels": 1, "sources": 1,
            **{name: max((size or 0 for _, size, _ in bars[name]), default=0) for name in ("funnel", "days")},
        },
        "tables": {
            "weeks": [(week_name(week), *(getattr(week, fate) for fate in FATES)) for week in figures.weeks], **rows,
        },
        "named": named_lists(figures, tracker) if names else (),
    }  # fmt: skip
    text = environment.from_string((templates() / "report" / "page.html").read_text("utf-8")).render(facts)
    return re.sub(r"\n{2,}", "\n", text).strip() + "\n"


def report_json(figures: Figures, tracker: Tracker, *, names: bool) -> dict[str, Any]:
    """The same for programs; rows and names only if they are asked for."""
    channels, sources = shown(figures, tracker, names=names)
    done, kept_of = figures.kept
    found: dict[str, Any] = {
        "as_of": figures.as_of.isoformat(),
        "overdue": figures.overdue,
        "due": figures.due,
        "kept": {"in_time": done, "planned": kept_of},
        "weeks": [
            {"begins": week.begins.isoformat(), **{fate: getattr(week, fate) for fate in FATES}}
            for week in figures.weeks
        ],
        "funnel": dict(figures.funnel),
        "answers": _answers_json(figures.answers),
        "channels": [{"name": one.name, **_answers_json(one)} for one in channels],
        "sources": [{"name": one.name, **_answers_json(one)} for one in sources],
        "thank_yous_missed": len(figures.thank_yous_missed),
        "interviews_without_debrief": len(figures.without_debrief),
        "last_touch": figures.last_touch.isoformat() if figures.last_touch else None,
    }
    if names:
        found["rows"] = {
            "thank_yous_missed": [_who(tracker, row) for row in figures.thank_yous_missed],
            "interviews_without_debrief": [_who(tracker, row) for row in figures.without_debrief],
            "late_or_missed": [
                {
                    **_who(tracker, one.row),
                    "action": one.rule or None,
                    "contact_by": one.contact_by.isoformat(),
                    "fate": one.fate,
                    "on": one.on.isoformat() if one.on and one.fate == "late" else None,
                }
                for one in figures.planned
                if one.fate in ("late", "missed")
            ],
        }
    return found


def shown(figures: Figures, tracker: Tracker, *, names: bool) -> tuple[tuple[Answers, ...], tuple[Answers, ...]]:
    """The channels and the sources as they may be shown: without names, those that may name somebody are one, "others"."""
    if names:
        return figures.channels, figures.sources
    secret = _secrets(tracker)
    hidden = report_words()["hidden"]
    channels, sources = (_without_names(found, secret, hidden) for found in (figures.channels, figures.sources))
    return channels, sources


def ticks(highest: int) -> tuple[int, ...]:
    """The numbers of an axis, 0 first: four or so of a round step, the last one not below `highest`."""
    step = 1
    for step in (size * 10**power for power in range(9) for size in (1, 2, 5)):
        if step * 4 >= highest:
            break
    return tuple(range(0, step * max(math.ceil(highest / step), 1) + 1, step))


def _secrets(tracker: Tracker) -> frozenset[str]:
    """Every word of three letters and more in the tracker's companies and people, and those of the History and the Debrief."""
    columns = [tracker.frame[name] for name in ("company", "contact", "email")]
    columns += [tracker.history["contact"], tracker.debrief["people"]]
    texts: set[str] = set().union(*(column.unique().tolist() for column in columns))
    return frozenset(word.casefold() for text in texts for word in _PARTS.findall(text))


def _without_names(found: Iterable[Answers], secret: frozenset[str], hidden: str) -> tuple[Answers, ...]:
    kept: list[Answers] = []
    gone: list[Answers] = []
    for one in found:
        names = not _names_nobody(one.name) or secret & {word.casefold() for word in _PARTS.findall(one.name)}
        (gone if names else kept).append(one)
    if not gone:
        return tuple(kept)
    days = sorted(day for one in gone for day in one.days)
    asked, answered = sum(one.asked for one in gone), sum(one.answered for one in gone)
    return (*kept, Answers(hidden, asked, answered, tuple(days)))


def _names_nobody(source: str) -> bool:
    """Whether a source or a channel is made of nothing but common words, beside a year."""
    if _ADDRESS.search(source):
        return False
    words, phrases = _common()
    rest = f" {' '.join(_WORDS.findall(fold(source)))} "
    for phrase in phrases:
        rest = rest.replace(f" {phrase} ", "  ")
    return all(word in words or _YEAR.fullmatch(word) for word in rest.split())


@cache
def _common() -> tuple[frozenset[str], tuple[str, ...]]:
    """The words of common sources and channels, and the phrases, the longest first."""
    known = read_toml("reading/sources.toml")
    ways = read_toml("reading/channels.toml")
    written = [known["words"], *ways, *(text for texts in ways.values() for text in texts)]
    words = frozenset(word for text in written for word in _WORDS.findall(fold(text)))
    return words, tuple(sorted(map(fold, known["phrases"]), key=len, reverse=True))


_Bar = tuple[str, float | None, str]
"""A label, how long, and what is said of it."""


def _bars(
    figures: Figures, channels: Sequence[Answers], sources: Sequence[Answers], words: Mapping[str, Any]
) -> tuple[dict[str, list[_Bar]], dict[str, list[tuple[Any, ...]]]]:
    """The bars of each picture, and the table behind it."""
    every = figures.funnel["listed"]
    counts = [(words["reached"][name], figures.funnel[name]) for name in REACHED]
    bars: dict[str, list[_Bar]] = {"funnel": [(name, count, str(count)) for name, count in counts] if every else []}
    rows: dict[str, list[tuple[Any, ...]]] = {
        "funnel": [(name, count, f"{count / every:.0%}") for name, count in counts] if every else []
    }
    for kind, found in (("channels", channels), ("sources", sources)):
        listed = [(one.name or words["unnamed"], one) for one in found[:_LONGEST]]
        bars[kind] = [(name, one.rate, part(one.answered, one.asked, words)) for name, one in listed]
        rows[kind] = [
            (name, one.asked, one.answered, f"{one.rate or 0:.0%}", _number(one.median_days, words))
            for name, one in listed
        ]
    quick = [(one.name or words["unnamed"], one) for one in channels[:_LONGEST] if one.days]
    bars["days"] = [(name, one.median_days, days_text(one.median_days, words)) for name, one in quick]
    rows["days"] = [(name, len(one.days), _number(one.median_days, words)) for name, one in quick]
    return bars, rows


def named_lists(figures: Figures, tracker: Tracker) -> list[tuple[str, list[str], list[list[str]]]]:
    """The lists with names, the newest first: heading, column heads, rows; without the empty ones."""
    words = report_words()
    said = words["named"]
    lists = [
        (said["thanks"], said["heads"], [_cells(tracker, row) for row in figures.thank_yous_missed[:_NAMED]]),
        (said["debriefs"], said["heads"], [_cells(tracker, row) for row in figures.without_debrief[:_NAMED]]),
    ]
    unkept = [one for one in reversed(figures.planned) if one.fate in ("late", "missed")]
    planned = [
        [
            short_day(one.contact_by),
            *_cells(tracker, one.row),
            words["fates"][one.fate].format(date=short_day(one.on) if one.on else ""),
        ]
        for one in unkept[:_NAMED]
    ]
    return [each for each in (*lists, (said["planned"], said["planned_heads"], planned)) if each[2]]


def _cells(tracker: Tracker, row: int) -> list[str]:
    return [str(tracker.frame.at[row, name]) for name in ("company", "role", "contact")]


def _who(tracker: Tracker, row: int) -> dict[str, Any]:
    return {"row": row, **dict(zip(("company", "role", "contact"), _cells(tracker, row), strict=True))}


def _answers_json(one: Answers) -> dict[str, Any]:
    rate = None if one.rate is None else round(one.rate, 4)
    return {"asked": one.asked, "answered": one.answered, "rate": rate, "median_days": one.median_days}


def _number(days: float | None, words: Mapping[str, Any]) -> str:
    return words["none"] if days is None else f"{days:g}"
