"""Many clients in one ranked view: who needs the coach most, and what it all adds up to. Pure."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Final

from sheetsync.coach.clients import Client
from sheetsync.coach.looking import Earlier, Event, Look, Looked, Unread
from sheetsync.errors import FileError
from sheetsync.model import FOLLOW_UPS, Problem
from sheetsync.sheets.google.address import is_google, spreadsheet_id

NO_TARGET: Final = "{listed} of the list names no tracker: write the client's file or Google link there."
EARLIER: Final = "it is an earlier portfolio, and no client's tracker"


@dataclass(frozen=True, slots=True)
class Standing:
    """One line of the portfolio: a client's tracker, or why it could not be read."""

    rank: int
    """1 is first; 0 where it could not be read."""
    name: str
    """Different for each."""
    client: Client
    look: Look | None
    error: str = ""
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class Passed:
    """A target, or a file in a folder that was named, that is no client, and why."""

    target: str
    reason: str


@dataclass(frozen=True, slots=True)
class Portfolio:
    """All clients on one day."""

    today: dt.date
    standings: tuple[Standing, ...]
    """By rank; those that could not be read come last."""
    passed: tuple[Passed, ...] = ()
    """Targets that are no clients."""
    problems: tuple[Problem, ...] = ()
    """What in the list of clients nobody could read."""

    @property
    def read(self) -> tuple[tuple[Standing, Look], ...]:
        """Those that could be read."""
        return tuple((standing, standing.look) for standing in self.standings if standing.look is not None)

    @property
    def unread(self) -> tuple[Standing, ...]:
        """Those that could not."""
        return tuple(standing for standing in self.standings if standing.look is None)

    @property
    def counts(self) -> Mapping[str, int]:
        """Follow-up word -> threads of all clients."""
        return _added(look.counts for _, look in self.read)

    @property
    def before(self) -> Mapping[str, int] | None:
        """The same a week ago, of those of whom it is known; None if it is of nobody."""
        known = [look.before for _, look in self.read if look.before is not None]
        return _added(known) if known else None

    @property
    def since(self) -> Mapping[str, int]:
        """The counts of today of those whose week ago is known: what `before` may be held against."""
        return _added(look.counts for _, look in self.read if look.before is not None)

    @property
    def copies(self) -> int:
        """How many are copies, of which `before`, `missed` and `undebriefed` are not known."""
        return sum(look.before is None for _, look in self.read)

    @property
    def totals(self) -> Mapping[str, int | None]:
        """Everything else that adds up; None for what is not known of anybody."""
        looks = [look for _, look in self.read]
        return {
            "missed": _known(look.missed for look in looks),
            "undebriefed": _known(look.undebriefed for look in looks),
            "decisions": sum(len(look.decisions) for look in looks),
            "contacts": sum(look.contacts for look in looks),
            "contacts_before": sum(look.contacts_before for look in looks),
            "open": sum(len(look.rows) for look in looks),
        }


def gather(
    clients: Sequence[Client],
    answers: Iterable[Looked | Unread | Earlier],
    *,
    today: dt.date,
    passed: Sequence[Passed] = (),
    problems: Sequence[Problem] = (),
) -> Portfolio:
    """Put what was found at each client into one view; `answers` are in the order of `clients`.

    First comes who has the most overdue, then the most thank-yous missed, the most interviews without a debrief, the
    longest time without a touch, the next session soonest; then the name decides. `passed` are files that were not
    looked at.
    """
    found: list[Standing] = []
    earlier: list[Passed] = []
    called = _called(clients)
    for client, answer in zip(clients, answers, strict=True):
        name = client.name or called[client.target]
        match answer:
            case Earlier():
                earlier.append(Passed(answer.target, EARLIER))
            case Unread():
                found.append(Standing(0, name, client, None, answer.error, answer.exit_code))
            case Looked():
                found += [Standing(0, _named(client, answer, look, name), client, look) for look in answer.looks]
    named = _distinct(found)
    ranked = sorted((one for one in named if one.look is not None), key=_pressing)
    return Portfolio(
        today,
        (
            *(replace(one, rank=rank) for rank, one in enumerate(ranked, start=1)),
            *(one for one in named if one.look is None),
        ),
        (*passed, *earlier),
        tuple(problems),
    )


def _named(client: Client, answer: Looked, look: Look, name: str) -> str:
    """What a tracker of a client goes by: where a workbook holds several, or one was picked, the sheet tells."""
    if not client.name and (answer.several or client.sheet):
        return look.sheet
    return f"{name}: {look.sheet}" if answer.several else name


def without_target(client: Client) -> Unread:
    """The answer for a client of whom the list names no tracker."""
    return Unread(client.target, NO_TARGET.format(listed=client.listed), FileError.exit_code)


def _pressing(standing: Standing) -> tuple[int, int, int, int, dt.date, str]:
    look, client = standing.look, standing.client
    assert look is not None  # noqa: S101  # only those that were read are ranked
    return (
        -look.counts["Overdue"],
        -len(look.missed or ()),
        -len(look.undebriefed or ()),
        -(look.idle or 0),
        client.next_session or dt.date.max,
        standing.name.casefold(),
    )


def _called(clients: Sequence[Client]) -> dict[str, str]:
    """Target -> what to call a client of no other name: the file's name, with its folder where several files share it."""
    files = {client.target for client in clients if client.target and not client.name and not is_google(client.target)}
    shared = Counter(PurePath(file).stem.casefold() for file in files)
    called = {}
    for client in clients:
        path = PurePath(client.target)
        if client.target not in files:
            called[client.target] = _google_name(client.target)
        elif shared[path.stem.casefold()] > 1 and path.parent.name:
            called[client.target] = f"{path.parent.name}/{path.stem}"
        else:
            called[client.target] = path.stem
    return called


def _google_name(target: str) -> str:
    from sheetsync.errors import UsageError

    try:
        return f"Google {spreadsheet_id(target)[:8]}…" if target else "?"
    except UsageError:
        return target


def _distinct(standings: Sequence[Standing]) -> list[Standing]:
    """The same with a number behind a name that somebody before has."""
    taken: set[str] = set()
    result = []
    for standing in standings:
        name, number = standing.name, 1
        while name.casefold() in taken:
            number += 1
            name = f"{standing.name} ({number})"
        taken.add(name.casefold())
        result.append(replace(standing, name=name))
    return result


def _known(found: Iterable[Sequence[Event] | None]) -> int | None:
    """How many there are of those of whom it is known; None if it is of nobody."""
    known = [len(events) for events in found if events is not None]
    return sum(known) if known else None


def _added(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total = dict.fromkeys((word for word in FOLLOW_UPS if word), 0)
    for one in counts:
        for word, number in one.items():
            total[word] += number
    return total
