"""`sheetsync portfolio`: many clients in one ranked view."""

from __future__ import annotations

import datetime as dt
import gc
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from sheetsync.cli import BUG_EXIT, bug_sentence
from sheetsync.cli.options import Asked, as_json, example, open_target, reads_tracker, say
from sheetsync.cli.output import GAP, Block, Line, Table, clean, count, day, progress, show, show_json
from sheetsync.cli.reporting import Failure
from sheetsync.cli.spreading import Cluster, absolute, each_of, everywhere, on_cluster
from sheetsync.cli.targets import LIMIT, spread
from sheetsync.errors import FileError, NoTrackerError, UsageError
from sheetsync.measures.threads import iso, problem_json, thread_json
from sheetsync.sheets.google.address import is_google

if TYPE_CHECKING:
    from sheetsync.cli.workers import Ended
    from sheetsync.coach.clients import Client
    from sheetsync.coach.looking import Earlier, Event, Looked, Unread
    from sheetsync.coach.portfolio import Passed, Portfolio, Standing
    from sheetsync.model import Problem


_HEADINGS: Final = ("", "Client", "Overdue", "Was", "Due", "Thanks", "Debrief", "Decide", "Idle", "Session")
_LEGEND: Final = (
    "Was: overdue a week ago. Thanks: thank-yous missed. Debrief: interviews without one. Decide: decisions coming. "
    "Idle: days since the last touch."
)
_NOT_KNOWN: Final = "?: not known of a copy that was shared, and left out of the sums."
_MOST_PASSED: Final = 20
"""How many files that were passed over the terminal names."""


@dataclass(frozen=True, slots=True)
class _Job:
    """What to do with each client; plain values, so that another process, or computer, can do it."""

    asked: Asked
    moment: dt.date | dt.datetime
    """The day or moment to plan for, the same for all."""


@click.command(
    epilog=example(
        "sheetsync portfolio ana.xlsx ben.xlsx",
        "sheetsync portfolio clients/ --jobs 2 --out portfolio.xlsx",
        "sheetsync portfolio --clients clients.xlsx --html portfolio.html",
        'sheetsync portfolio --clients clients.xlsx --google "My clients"',
        "sheetsync portfolio /srv/clients/ --html clients.html --scheduler tcp://10.0.0.5:8786",
    )
)
@click.argument("clients", metavar="[CLIENT]...", type=click.Path(), nargs=-1)
@click.option(
    "--clients",
    "listed",
    type=click.Path(),
    metavar="LIST",
    help="A list of them (.xlsx, .csv or Google), with columns such as Name, Tracker and Next session.",
)
@click.option("--out", type=click.Path(), metavar="FILE", help="Make a workbook of it (.xlsx).")
@click.option("--html", type=click.Path(), metavar="FILE", help="Make a page of it, to look at and to print.")
@click.option("--google", metavar="TITLE", help="Make a Google spreadsheet of it, in your own Drive.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, metavar="N", help="How many clients to do at once.")
@click.option(
    "--limit",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="How long each client may take before it is given up (600).",
)
@on_cluster
@reads_tracker
@as_json
def command(
    clients: tuple[str, ...],
    *,
    asked: Asked,
    listed: str | None,
    out: str | None,
    html: str | None,
    google: str | None,
    jobs: int,
    limit: float | None,
    cluster: Cluster | None,
    as_json: bool,
) -> int:
    """Show many clients' trackers in one ranked view, for their coach.

    First comes who has the most overdue; a brief for each client's next session goes into the workbook or the page. The
    trackers are only read. A folder stands for the trackers in it, and a workbook with a tab for each client for all of
    them. One that cannot be read is a line that says so.
    """
    from sheetsync.coach.portfolio import Passed, gather, without_target

    _check_outputs(out, html, google)
    clients, asked = everywhere(cluster, clients, asked, jobs=jobs)
    listed = absolute(listed) if cluster and listed else listed
    wanted, among, passed, problems = _clients(clients, listed, asked)
    if not wanted:
        raise UsageError("Name the clients' trackers, a folder of them, or --clients LIST.")
    found: list[Client] = []
    answers: list[Looked | Unread | Earlier] = []
    job, seconds = _Job(asked, asked.moment), limit or LIMIT
    for client, answer in zip(wanted, _together(wanted, job, jobs, seconds, cluster), strict=True):
        if client.target in among and getattr(answer, "exit_code", 0) == NoTrackerError.exit_code:
            passed.append(Passed(client.target, "no tracker was recognised in it"))
            continue
        found.append(client)
        answers.append(answer or without_target(client))
    portfolio = gather(found, answers, today=asked.today, passed=passed, problems=problems)
    made = list(_made(portfolio, out, html, google))
    if as_json:
        show_json(_as_json(portfolio, made))
    else:
        show([*_as_text(portfolio), *(Line(f"Wrote {clean(place)}.") for place in made)])
    return 1 if portfolio.unread else 0


# Whom to look at


def _clients(
    named: Sequence[str], listed: str | None, asked: Asked
) -> tuple[list[Client], frozenset[str], list[Passed], tuple[Problem, ...]]:
    """The clients in order, which of them lie in a folder that was named, what in it is none, and what in the list is wrong.

    Raises SheetsyncError if the list cannot be read.
    """
    from sheetsync.coach.clients import Client, read_clients
    from sheetsync.coach.portfolio import Passed
    from sheetsync.nightly.folders import folders_below
    from sheetsync.settings import Settings

    found: list[Client] = []
    problems: tuple[Problem, ...] = ()
    if listed is not None:
        snapshot = open_target(listed, asked.service_account).read()
        folder = "" if is_google(listed) else os.path.dirname(listed)  # noqa: PTH120 - no Path needed
        settings = Settings(day_first=asked.settings.get("day_first"))
        listing, problems = read_clients(snapshot, settings, folder=folder, today=asked.today)
        found += listing
    once, others, among = spread(named)
    passed = []
    for one in others:
        if isinstance(one, Failure):
            raise UsageError(one.error)
        passed.append(Passed(one.target, one.reason))
    places = {_place(name) for name in named}
    for folder in (name for name in named if os.path.isdir(name)):  # noqa: PTH112 - no Path needed
        passed += [Passed(each.path, each.reason) for each in folders_below(folder) if _place(each.path) not in places]
    known = {_place(client.target) for client in found} | ({_place(listed)} if listed else set())
    passed = [each for each in passed if _place(each.target) not in known]
    return [*found, *(Client("", target) for target in once if _place(target) not in known)], among, passed, problems


def _place(target: str) -> str:
    """By what two names of one tracker are known as the same."""
    return target if is_google(target) else os.path.realpath(target)


def _together(
    clients: Sequence[Client], job: _Job, jobs: int, limit: float, cluster: Cluster | None
) -> Iterator[Looked | Unread | Earlier | None]:
    """What is found at each client, in their order; None for one without a target. Raises FleetError."""
    from sheetsync.cli.workers import Ended

    keys = {client: _key(client) for client in clients if client.target}
    listed = list(dict.fromkeys(keys.values()))
    with progress(len(listed), wanted=True) as tell:
        do = partial(_attempt, job=job)
        answers = iter(
            each_of(do, listed, jobs=jobs, limit=limit, cluster=cluster, at_google=_at_google) if listed else ()
        )
        known: dict[str, Looked | Unread | Earlier] = {}
        for client in clients:
            key = keys.get(client)
            if key is None:
                yield None
                continue
            if key not in known:
                tell(clean(client.name or client.target, 50), len(known))
                answer = next(answers)
                known[key] = _given_up(client.target, answer, limit) if isinstance(answer, Ended) else answer
            yield known[key]


def _given_up(target: str, ended: Ended, limit: float) -> Unread:
    """What is told of a client at whom the process came to an end."""
    from sheetsync.coach.looking import Unread

    told = ended.told or (
        "the process at it was ended, perhaps for want of memory: try --jobs 1."
        if ended.in_time
        else f"it took longer than {limit:g} seconds and was given up: give it more time with --limit SECONDS."
    )
    return Unread(target, f"{target}: {told}", FileError.exit_code)


def _key(client: Client) -> str:
    """A client as one text, as workers take it."""
    since = client.last_session.isoformat() if client.last_session else ""
    return json.dumps([client.target, client.sheet, since], ensure_ascii=False)


def _at_google(key: str) -> bool:
    return is_google(json.loads(key)[0])


def _attempt(key: str, *, job: _Job) -> Looked | Unread | Earlier:
    """Look at one client; what stops it is an answer, so that the others go on."""
    from sheetsync.coach.looking import Unread, look_at

    target, sheet, since = json.loads(key)
    try:
        return look_at(
            target,
            sheet=sheet,
            since=dt.date.fromisoformat(since) if since else None,
            as_of=job.moment,
            options=job.asked.settings,
            service_account=job.asked.service_account,
        )
    except Exception as error:
        if os.environ.get("SHEETSYNC_DEBUG") == "1":
            raise
        return Unread(target, f"{target}: {bug_sentence(error)}", BUG_EXIT)
    finally:
        gc.collect()  # `main` leaves it to us


# Where it goes


def _check_outputs(out: str | None, html: str | None, google: str | None) -> None:
    """Raises SheetsyncError before any client is looked at, if one of them cannot be made."""
    from sheetsync.coach.portfolio_files import check_page, check_workbook

    if out is not None:
        check_workbook(Path(out))
    if html is not None:
        check_page(Path(html))
    if google is not None and not google.strip():
        raise UsageError('Give the new spreadsheet a title, such as --google "My clients".')


def _made(portfolio: Portfolio, out: str | None, html: str | None, google: str | None) -> Iterator[str]:
    """Make what was asked for, and say where it is. Raises SheetsyncError."""
    from sheetsync.coach.portfolio_files import write_page, write_workbook

    if out is not None:
        write_workbook(Path(out), portfolio)
        yield out
    if html is not None:
        write_page(Path(html), portfolio)
        yield html
    if google is not None:
        from sheetsync.coach.portfolio_book import portfolio_book
        from sheetsync.moving import make_google

        # a service account may open the clients' trackers, but cannot own a spreadsheet
        yield make_google(google, portfolio_book(portfolio, links=False), tell=say).target


# What is told


def _as_text(portfolio: Portfolio) -> list[Block]:
    today = portfolio.today
    told = f"{count(len(portfolio.read), 'client')}, as of {day(today, today)} {today.year}"
    blocks: list[Block] = [Line(told, "title")]
    if portfolio.read:
        blocks += [Line(_totals(portfolio)), GAP]
        lines = [_line(standing, today) for standing, _ in portfolio.read]
        blocks += [Table(_HEADINGS, lines, numbers=frozenset(range(2, 9)) | {0}), GAP, Line(_LEGEND, "quiet")]
        blocks += [Line(_NOT_KNOWN, "quiet")] if portfolio.copies else []
    if portfolio.unread:
        blocks += [GAP, Line(f"{count(len(portfolio.unread), 'client')} could not be read", "title")]
        blocks += [Line(f"  {clean(one.name)}: {clean(one.error)}", "bad") for one in portfolio.unread]
    if portfolio.passed:
        shown = portfolio.passed[:_MOST_PASSED]
        blocks += [GAP, Line("Passed over (name a file itself to have it in)", "title")]
        blocks += [Line(f"  {clean(one.target)}: {clean(one.reason)}") for one in shown]
        if more := len(portfolio.passed) - len(shown):
            blocks.append(Line(f"  And {more:,} more: --json lists them.", "quiet"))
    if portfolio.problems:
        blocks += [GAP, Line("To look at in the list of clients", "title")]
        blocks += [Line(f"  {clean(problem.place)}: {clean(problem.message)}") for problem in portfolio.problems]
    return blocks


def _totals(portfolio: Portfolio) -> str:
    """What all clients add up to; what is not known of anybody is left out."""
    counts, before, totals = portfolio.counts, portfolio.before, portfolio.totals
    overdue = f"{counts['Overdue']:,} overdue"
    if before is not None:
        apart = f", without {count(portfolio.copies, 'copy', 'copies')}" if portfolio.copies else ""
        overdue += f" ({before['Overdue']:,} a week ago{apart})"
    missed, undebriefed, decisions = totals["missed"], totals["undebriefed"], totals["decisions"]
    told = [overdue, f"{counts['Due']:,} due"]
    told += [f"{count(missed, 'thank-you')} missed"] if missed is not None else []
    told += [f"{count(undebriefed, 'interview')} without a debrief"] if undebriefed is not None else []
    told += [f"{count(decisions or 0, 'decision')} coming"]
    return f"{', '.join(told)}."


def _line(standing: Standing, today: dt.date) -> list[str | Line]:
    look = standing.look
    assert look is not None  # noqa: S101  # only those that were read have a line
    overdue = look.counts["Overdue"]
    numbers = [
        look.before["Overdue"] if look.before else None,
        look.counts["Due"],
        *(None if events is None else len(events) for events in (look.missed, look.undebriefed, look.decisions)),
    ]
    return [
        str(standing.rank),
        clean(standing.name, 40),
        Line(f"{overdue:,}", "bad") if overdue else "-",
        *("?" if number is None else f"{number:,}" if number else "-" for number in numbers),
        "-" if look.idle is None else f"{look.idle:,}",
        day(standing.client.next_session, today) if standing.client.next_session else "",
    ]


def _as_json(portfolio: Portfolio, made: Sequence[str]) -> dict[str, Any]:
    return {
        "as_of": portfolio.today.isoformat(),
        "clients": [_client_json(standing) for standing in portfolio.standings],
        "totals": {
            "clients": len(portfolio.read),
            "failed": len(portfolio.unread),
            "counts": dict(portfolio.counts),
            "counts_a_week_ago": None if portfolio.before is None else dict(portfolio.before),
            "copies": portfolio.copies,
            "open": portfolio.totals["open"],
            "thank_yous_missed": portfolio.totals["missed"],
            "without_debrief": portfolio.totals["undebriefed"],
            "decisions": portfolio.totals["decisions"],
            "contacts": portfolio.totals["contacts"],
            "contacts_the_week_before": portfolio.totals["contacts_before"],
        },
        "passed_over": [{"target": one.target, "reason": one.reason} for one in portfolio.passed],
        "problems": [problem_json(problem) for problem in portfolio.problems],
        "made": list(made),
    }


def _client_json(standing: Standing) -> dict[str, Any]:
    client, look = standing.client, standing.look
    known = {"name": standing.name, "target": client.target, "next_session": iso(client.next_session)}
    if look is None:
        return {**known, "error": standing.error, "exit_code": standing.exit_code}
    return {
        "rank": standing.rank,
        **known,
        "sheet": look.sheet,
        "as_of": look.today.isoformat(),
        "shared_on": iso(look.shared_on),
        "counts": dict(look.counts),
        "counts_a_week_ago": None if look.before is None else dict(look.before),
        "thank_yous_missed": _events_json(look.missed),
        "without_debrief": _events_json(look.undebriefed),
        "decisions": _events_json(look.decisions),
        "meetings": _events_json(look.meetings),
        "last_touch": iso(look.last_touch),
        "days_since_last_touch": look.idle,
        "contacts": look.contacts,
        "contacts_the_week_before": look.contacts_before,
        "problems": look.problems,
        "rows": [{**thread_json(thread), "next_action": thread.next_action} for thread in look.rows],
    }


def _events_json(events: Sequence[Event] | None) -> list[dict[str, Any]] | None:
    """Events as JSON has them; None where they are not known."""
    if events is None:
        return None
    return [{"row": event.row, "who": event.who, "on": event.on.isoformat()} for event in events]
