"""One page for a client's next session: what happened, what is overdue, what to praise, what to ask. Pure.

The words are in `templates/portfolio/brief.toml`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sheetsync.coach.looking import Event, Look
from sheetsync.coach.portfolio import Standing
from sheetsync.measures.threads import Thread
from sheetsync.resources import read_toml

_LONGEST: Final = 110
"""Characters of a line, so that it stays on one or two."""
_IDLE: Final = 7
"""Days without a touch from which on it is asked about."""
_STUCK: Final = 4
"""How many are overdue before it is asked which matter most."""
_NAMED: Final = 3
"""How many names a line has."""
_ALIKE: Final = 1
"""Of how many missed thank-yous, and interviews without a debrief, it is asked one by one."""
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a brief: its heading and its lines, as many as the page holds."""

    key: str
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """A client's page."""

    title: str
    facts: tuple[str, ...]
    parts: tuple[Part, ...]


def brief(standing: Standing) -> Brief:
    """The brief of a client whose tracker was read."""
    look = standing.look
    assert look is not None  # noqa: S101  # asked for only where there is one
    words = read_toml("portfolio/brief.toml")
    session = standing.client.next_session
    title = words["titles"]["session" if session else "plain"]
    on = say_day(session, look.today) if session else ""
    return Brief(
        title.format(name=standing.name, on=on),
        tuple(_facts(look, words["facts"])),
        tuple(_parts(standing, look, words)),
    )


def say_day(day: dt.date, today: dt.date) -> str:
    """A day as people say it, such as `Tue 3 Nov`, with the year where it is another one's."""
    months = read_toml("words/en.toml")["months"]["short"]
    text = f"{_DAYS[day.weekday()]} {day.day} {months[day.month - 1]}"
    return text if day.year == today.year else f"{text} {day.year}"


def _facts(look: Look, words: dict[str, str]) -> Iterator[str]:
    yield words["as_of"].format(on=say_day(look.today, dt.date.min))
    if look.shared_on:
        yield words["shared"].format(on=say_day(look.shared_on, look.today))
    yield _against(words, "overdue", look)
    yield words["due"].format(n=look.counts["Due"])
    yield words["open"].format(n=len(look.rows))
    idle = look.idle
    key = {None: "untouched", 0: "touched_today", 1: "touched_yesterday"}.get(idle, "touched")
    yield words[key].format(n=f"{idle:,}" if idle else "")


def _against(words: dict[str, str], key: str, look: Look) -> str:
    """How many are overdue, and against how many a week ago where that is known."""
    now = look.counts["Overdue"]
    return (
        words[f"{key}_now"].format(n=now)
        if look.before is None
        else words[key].format(n=now, was=look.before["Overdue"])
    )


def _parts(standing: Standing, look: Look, words: dict[str, Any]) -> Iterator[Part]:
    lines = {
        "happened": list(_happened(look, words)),
        "overdue": [_overdue(thread, words["overdue"]) for thread in _late(look)],
        "praise": list(_praise(look, words["praise"])),
        "ask": list(_ask(look, words["ask"])),
    }
    for key, part in words["parts"].items():
        title = part["title"]
        if key == "happened" and standing.client.last_session:
            title = part["title_session"].format(on=say_day(standing.client.last_session, look.today))
        yield Part(key, title, _fitting(lines[key], part))


def _happened(look: Look, words: dict[str, Any]) -> Iterator[str]:
    """A line for each day and kind."""
    together: dict[tuple[dt.date, str], list[str]] = {}
    for event in look.happened:
        together.setdefault((event.on, event.what), []).append(_short(event.who))
    for (on, what), names in together.items():
        who = _listed(list(dict.fromkeys(names)), words["names"])
        yield words["happened"][what].format(who=who, on=say_day(on, look.today))


def _listed(names: Sequence[str], words: dict[str, str]) -> str:
    """Some names, the first ones in full."""
    if len(names) == 1:
        return names[0]
    if len(names) <= _NAMED:
        return words["two"].format(first=", ".join(names[:-1]), last=names[-1])
    return words["more"].format(first=", ".join(names[: _NAMED - 1]), n=len(names) - _NAMED + 1)


def _fitting(lines: Sequence[str], part: dict[str, Any]) -> tuple[str, ...]:
    """As many lines as there is room for, and how many are left out; what is said if there are none."""
    lines = list(dict.fromkeys(lines)) or [part["none"]]
    short = [line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1].rstrip()}…" for line in lines]
    if len(short) <= part["most"]:
        return tuple(short)
    kept = short[: part["most"]]
    return (*kept, part["more"].format(n=len(short) - len(kept))) if "more" in part else tuple(kept)


def _late(look: Look) -> list[Thread]:
    return [thread for thread in look.rows if thread.follow_up == "Overdue"]


def _overdue(thread: Thread, words: dict[str, str]) -> str:
    days = thread.days_overdue or 0
    action = thread.next_action or ""
    return words["one" if days == 1 else "many"].format(who=_named(thread), what=_lower(action), n=days)


def _praise(look: Look, words: dict[str, str]) -> Iterator[str]:
    by_what: dict[str, list[Event]] = {}
    for event in look.happened:
        by_what.setdefault(event.what, []).append(event)
    for what in ("offer", "accepted", "interview", "thanked"):
        yield from (words[what].format(who=_short(event.who)) for event in by_what.get(what, ()))
    now, was = look.counts["Overdue"], look.before["Overdue"] if look.before else None
    if now == 0 and look.rows:
        yield words["clear"]
    elif was is not None and now < was:
        yield words["fewer"].format(n=now, was=was)
    if look.contacts > look.contacts_before > 0:
        yield words["more_contacts"].format(n=look.contacts, was=look.contacts_before)
    elif look.contacts > 1:
        yield words["contacts"].format(n=look.contacts)
    if applied := by_what.get("applied"):
        yield words["one_applied" if len(applied) == 1 else "applied"].format(
            n=len(applied), who=_short(applied[0].who)
        )
    yield from (words["answered"].format(who=_short(event.who)) for event in by_what.get("answered", ()))


def _ask(look: Look, words: dict[str, str]) -> Iterator[str]:
    today, late = look.today, _late(look)
    yield from (_said(words, "offer", event, today) for event in look.decisions if event.what == "offer")
    yield from (words["answer"].format(who=_named(one)) for one in late if one.action == "reply.answer")
    yield from (_said(words, "interview", event, today) for event in look.meetings)
    for key, events in (("missed", look.missed), ("undebriefed", look.undebriefed)):
        if events is None:
            continue
        most = _ALIKE if len(events) > _ALIKE + 1 else len(events)
        yield from (_said(words, key, event, today) for event in events[:most])
        if len(events) > most:
            yield words[f"more_{key}"].format(n=len(events) - most)
    if len(late) >= _STUCK:
        yield _against(words, "stuck", look)
    yield from (_said(words, "decision", event, today) for event in look.decisions if event.what == "decision")
    if late and (days := max(thread.days_overdue or 0 for thread in late)) > 1:
        longest = next(thread for thread in late if thread.days_overdue == days)
        yield words["longest"].format(who=_named(longest), n=days)
    if look.rows and look.idle is not None and look.idle >= _IDLE:
        yield words["idle"].format(n=look.idle)
    for word, key in (("Cold", "cold"), ("Needs info", "needs_info")):
        found = [thread for thread in look.rows if thread.follow_up == word]
        if found:
            yield words[key if len(found) > 1 else f"one_{key}"].format(n=len(found), who=_named(found[0]))
    if not look.rows:
        yield words["nothing_open"]


def _said(words: dict[str, str], key: str, event: Event, today: dt.date) -> str:
    return words[key].format(who=_short(event.who), on=say_day(event.on, today))


def _named(thread: Thread) -> str:
    return _short(thread.company or thread.contact or thread.role or f"row {thread.row}")


def _short(name: str) -> str:
    """A name on one line, cut where it is long."""
    name = " ".join(name.split())
    return name if len(name) <= 40 else f"{name[:39].rstrip()}…"


def _lower(action: str) -> str:
    """An action within a line: its first letter small, but for names."""
    return action[:1].lower() + action[1:]
