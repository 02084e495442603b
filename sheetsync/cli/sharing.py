"""What a coach is given at Google: a spreadsheet of their own, or the tracker itself, and taken from them again."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from sheetsync.cli.acting import ANOTHER_RUN, act_on
from sheetsync.cli.options import Asked, open_target, say
from sheetsync.errors import DeniedError, GoogleError, SheetsyncError, UsageError
from sheetsync.records.reading import Reading, Records, together, with_records
from sheetsync.records.shares import FILE, Share, add_share, end_shares, new_key, read_shares, set_role, set_until
from sheetsync.resources import read_toml
from sheetsync.sheets.google.address import is_google, spreadsheet_id
from sheetsync.words import short_date

if TYPE_CHECKING:
    from sheetsync.book import Book
    from sheetsync.coach.rounds import Round
    from sheetsync.model import Problem
    from sheetsync.sheets.google.transport import Transport
    from sheetsync.sync import Outcome

Role = Literal["commenter", "writer"]
_ADDRESS: Final = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")
_RIGHTS: Final = {"commenter": "read and comment", "writer": "write into the column Coach note"}


@dataclass(frozen=True, slots=True)
class Terms:
    """What somebody is to be given."""

    email: str
    role: Role = "commenter"
    until: dt.date | None = None
    hide: tuple[str, ...] = ()
    show: tuple[str, ...] = ()
    only_due: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """What was done. `url` is where the coach looks; "" after a right was taken away."""

    url: str
    told: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


def check_terms(terms: Terms, today: dt.date) -> None:
    """Raises UsageError for an address that is none, and a day that is over."""
    if not _ADDRESS.fullmatch(terms.email):
        raise UsageError(f"{terms.email!r} is no e-mail address: name your coach's Google account with --with.")
    if terms.until is not None and terms.until < today:
        raise UsageError(f"--until {terms.until.isoformat()} is over: name a day that is still to come.")


def share_with(target: str, asked: Asked, terms: Terms) -> Given:
    """Make the coach a spreadsheet of their own, or bring theirs up to date. Raises SheetsyncError."""
    from sheetsync.coach.copying import ids_for
    from sheetsync.coach.rounds import compose

    check_terms(terms, asked.today)
    seen: list[Reading] = []

    def ready(reading: Reading) -> Records:
        seen[:] = [reading]
        return ids_for(reading)

    outcome = act_on(target, asked, ready)
    (reading,) = seen
    theirs = [
        share
        for share in read_shares(reading.snapshot)
        if share.is_open and not share.whole and share.is_of(terms.email)
    ]
    same = next((share for share in theirs if _is_as(share, terms)), None)
    if same is not None:
        return _change(target, asked, terms, same)
    # what was shown once stays in a spreadsheet's version history, so another choice of columns gets another spreadsheet
    before = revoke(target, asked, terms.email, only=theirs).told if theirs else ()
    share = Share(
        terms.email, terms.role, "", asked.today, terms.until, terms.hide, terms.show, terms.only_due, key=new_key()
    )
    return _make(target, asked, share, compose(reading, outcome, share), before)


def share_whole(target: str, asked: Asked, terms: Terms) -> Given:
    """Share the tracker itself, everything in it. Raises SheetsyncError."""
    check_terms(terms, asked.today)
    if not is_google(target):
        raise UsageError(
            f"{target} is a file, to which Google gives nobody a right: send it yourself if all of it may be seen, or leave out "
            "--whole."
        )
    transport = _own_way(asked.service_account)
    file = spreadsheet_id(target)
    try:
        ending = _give(transport, file, terms, target)
    except GoogleError as error:
        if error.status not in {403, 404}:
            raise
        raise DeniedError(
            f"Google lets sheetsync share only spreadsheets that it made itself, and of which {transport.login.account} is the "
            f"owner: open {target} in the browser, click Share and name {terms.email} there. Nothing was shared.",
            status=error.status,
        ) from None
    share = Share(terms.email, terms.role, target, asked.today, terms.until, whole=True)
    act_on(target, asked, lambda _: Records())
    outcome = _record(target, asked, share)
    right = "change" if terms.role == "writer" else _RIGHTS[terms.role]
    told = (f"{terms.email} can {right} the whole tracker now, with everything in it.", *ending)
    return Given(target, told, outcome.receipt.problems)


def listed(target: str, asked: Asked) -> tuple[Share, ...]:
    """Everybody who was given something, those whose right ended included. Raises SheetsyncError."""
    return read_shares(open_target(target, asked.service_account).read())


def revoke(target: str, asked: Asked, email: str, *, only: Sequence[Share] | None = None) -> Given:
    """Take the right away; the notes come back first. Raises SheetsyncError, UsageError if nothing is shared with them."""
    from sheetsync.sheets.google import permissions

    shares = [share for share in (listed(target, asked) if only is None else only) if share.ended is None]
    found = [share for share in shares if share.is_of(email)]
    if not found:
        others = ", ".join(dict.fromkeys(share.whom for share in shares))
        raise UsageError(
            f"Nothing of {target} is shared with {email}{f'; it is with {others}' if others else ''}. Nothing was changed."
        )
    files = tuple(
        f"{share.where} was given to {share.whom} as a file, which nobody can take back."
        for share in found
        if share.role == FILE
    )
    if not all(share.role == FILE for share in found):
        transport = _own_way()
        for share in (each for each in found if each.role != FILE):
            file = spreadsheet_id(share.where)
            standing = permissions.look(transport, file, share.where)
            given = standing and standing.people.get(share.whom.lower())
            if given:
                permissions.take(transport, file, given[0], share.where)
    last = round_of(only=email, last=True)

    def act(reading: Reading) -> Records:
        ended = [share for share in read_shares(reading.snapshot) if share.is_of(email) and share.ended is None]
        return together(last.act(reading), end_shares(reading, ended, asked.today))

    outcome = act_on(target, asked, act)
    records = outcome.proposal.records
    return Given("", (*files, *records.told), (*records.problems, *outcome.receipt.problems))


def round_of(*, only: str = "", last: bool = False, dry: bool = False) -> Round:
    """A round to the coaches, as the person's own sign-in."""
    from sheetsync.coach.rounds import Round

    return Round(_own_way, only=only, last=last, dry=dry)


def _make(target: str, asked: Asked, share: Share, book: Book, before: tuple[str, ...]) -> Given:
    """A new spreadsheet. Whatever fails, nothing stays shared that the tracker does not tell of."""
    from sheetsync.sheets.google import permissions
    from sheetsync.sheets.google.building import build_spreadsheet

    transport = _own_way()
    title: str = read_toml("words/en.toml")["coach"]["title"]
    made = build_spreadsheet(transport, title.format(whom=share.whom), book, tables=False)
    share = replace(share, where=made.url)
    try:
        permissions.keep_to_owner(transport, made.id, made.url)
        ending = _give(transport, made.id, Terms(share.whom, _role(share.role), share.until), made.url)
        outcome = _record(target, asked, share)
    except SheetsyncError:
        try:
            permissions.put_into_bin(transport, made.id, made.url)
        except GoogleError:
            say(f"The spreadsheet {made.url} was made and could not be deleted again: do that in the browser.")
        raise
    told = (
        *before,
        f"{share.whom} can {_RIGHTS[share.role]} in {made.url}. Send the link yourself: sheetsync sends no message.",
        *ending,
    )
    return Given(made.url, told, (*made.problems, *outcome.receipt.problems))


def _record(target: str, asked: Asked, share: Share) -> Outcome:
    """Write the line down. `undo` is not told of it: the right would stay, and nothing would say so any more."""
    from sheetsync.nightly.running import at_work
    from sheetsync.sheets.companions import settings_beside
    from sheetsync.sync import sync

    source = open_target(target, asked.service_account)
    with at_work(target, wait=ANOTHER_RUN):
        return sync(
            source,
            as_of=asked.moment,
            options=asked.settings,
            toml=settings_beside(target),
            act=lambda reading: add_share(reading, share),
        )


def _give(transport: Transport, file: str, terms: Terms, target: str) -> tuple[str, ...]:
    """Give the right; what is to be said of its end."""
    from sheetsync.sheets.google import permissions

    permission = permissions.give(transport, file, terms.email, terms.role, target)
    if terms.until is None:
        return ()
    by_google = permissions.end_on(transport, file, permission, terms.role, terms.until, target=target)
    return (_end_told(terms.until, by_google=by_google),)


def _end_told(until: dt.date, *, by_google: bool) -> str:
    if by_google:
        return f"The right ends after {short_date(until)}."
    return (
        f"After {short_date(until)} the next sync takes the right away: let one run every night (`sheetsync schedule install`), "
        "since Google ends no right by itself for your kind of account."
    )


def _change(target: str, asked: Asked, terms: Terms, share: Share) -> Given:
    """The same copy, as of now, with another right or another end if that is asked for."""
    from sheetsync.sheets.google import permissions

    transport = _own_way()
    file = spreadsheet_id(share.where)
    standing = permissions.look(transport, file, share.where)
    given = standing and standing.people.get(share.whom.lower())
    told: list[str] = []
    if given and share.role != terms.role:
        permissions.change(transport, file, given[0], terms.role, share.where)
        told.append(f"{share.whom} can {_RIGHTS[terms.role]} now.")
    if given and share.until != terms.until:
        if terms.until is None:
            permissions.endless(transport, file, given[0], terms.role, share.where)
            told.append("The right has no end now.")
        else:
            by_google = permissions.end_on(transport, file, given[0], terms.role, terms.until, target=share.where)
            told.append(_end_told(terms.until, by_google=by_google))
    visit = round_of(only=terms.email)

    def act(reading: Reading) -> Records:
        other_role = set_role(reading, share, terms.role) if share.role != terms.role else Records()
        other_end = set_until(reading, share, terms.until) if share.until != terms.until else Records()
        # a share that is prolonged must not end by its old day
        snapshot, _ = with_records(reading.snapshot, reading.layout, other_end)
        return together(other_role, other_end, visit.act(replace(reading, snapshot=snapshot)))

    outcome = act_on(target, asked, act)
    renewed, problems = visit.renew(outcome)
    records = outcome.proposal.records
    return Given(
        share.where, (*told, *records.told, *renewed), (*records.problems, *outcome.receipt.problems, *problems)
    )


def _is_as(share: Share, terms: Terms) -> bool:
    return (share.hide, share.show, share.only_due) == (terms.hide, terms.show, terms.only_due)


def _role(text: str) -> Role:
    return "writer" if text == "writer" else "commenter"


def _own_way(service_account: str | None = None) -> Transport:
    """The way to Google of whoever owns the copies."""
    from sheetsync.sheets.google.auth import find_login
    from sheetsync.sheets.google.transport import Transport

    return Transport(find_login(service_account, to_own=True), tell=say)
