"""`sheetsync log`: a contact into the History sheet."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sheetsync.cli.acting import act_on, tell
from sheetsync.cli.options import Asked, as_json, example, read_day, reads_tracker, target
from sheetsync.errors import UnreadableFileError, UsageError
from sheetsync.model import RULES

if TYPE_CHECKING:
    from sheetsync.records.reading import Reading, Records


def _read_step(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    if value is None or value in RULES or value == "nothing to answer":
        return value or ""
    from difflib import get_close_matches

    close = get_close_matches(value, RULES, n=1)
    told = f"did you mean {close[0]}?" if close else f"the steps are {', '.join(RULES)}."
    raise click.BadParameter(f"there is no step {value!r}: {told}", ctx, param)


@click.command(
    epilog=example(
        "sheetsync log tracker.xlsx Fernhill --channel email",
        "sheetsync log tracker.xlsx 12 --on 2026-11-16 --channel phone --to 'Ann Bay' --note 'asked for references'",
        "sheetsync log tracker.xlsx 12 --received --channel email",
        "sheetsync log tracker.xlsx --eml sent.eml reply.eml",
        "sheetsync log tracker.xlsx --undo",
    )
)
@target
@click.argument("who", metavar="[ROW-or-COMPANY | FILE...]", nargs=-1)
@click.option(
    "--on", callback=read_day, metavar="DATE", help="The day of the contact (2026-11-16); today if not given."
)
@click.option("--channel", default="", metavar="WORD", help="How: email, phone, letter, LinkedIn, in person, ...")
@click.option("--to", "person", metavar="PERSON", help="With whom; the row's contact if not given.")
@click.option("--received", is_flag=True, help="They contacted you; otherwise you contacted them.")
@click.option(
    "--step",
    callback=_read_step,
    metavar="RULE",
    help="Which step this was, such as interview.thank_you; else the oldest open one.",
)
@click.option("--note", default="", metavar="TEXT", help="A remark for yourself.")
@click.option("--eml", is_flag=True, help="Log saved messages instead: name their .eml files.")
@click.option("--undo", is_flag=True, help="Take the last row of the history back.")
@reads_tracker
@as_json
def command(
    target: str,
    who: tuple[str, ...],
    *,
    asked: Asked,
    on: dt.date | None,
    channel: str,
    person: str | None,
    received: bool,
    step: str,
    note: str,
    eml: bool,
    undo: bool,
    as_json: bool,
) -> None:
    """Put a contact into the History sheet, and bring the tracker up to date with it.

    ROW-or-COMPANY is the row's number in the sheet, or a company, role or contact that only one row has. The sheet is made
    if the tracker has none. With --eml the sender, recipients, date and subject of saved messages are read; their text
    is not.
    """
    from sheetsync.records.contacts import Contact, record_contacts, strike_last
    from sheetsync.records.finding import find_thread

    details = bool(on or channel or person or received or step or note)
    if undo and (eml or who or details):
        raise UsageError("--undo takes back the last row of the history and goes with nothing else.")
    if eml and details:
        raise UsageError("--eml reads day, person and subject from the messages: leave the other options out.")
    if eml and not who:
        raise UsageError("--eml wants the saved messages: name their .eml files.")
    if not eml and not undo and len(who) != 1:
        raise UsageError('Name one row or company; a name of several words goes in quotation marks ("Ash & Co").')
    rows: list[int] = []

    def act(reading: Reading) -> Records:
        if undo:
            return strike_last(reading)
        if eml:
            records, logged = _messages(reading, who)
            rows.extend(logged)
            return records
        row = find_thread(reading.tracker, who[0])
        rows.append(row)
        if on is not None and on > reading.today:
            raise UsageError(f"{on.isoformat()} is still to come: a contact is logged when it has taken place.")
        whom = person if person is not None else _whom(reading, row)
        contact = Contact(
            row, on or reading.today, "in" if received else "out", _channel(reading, channel), whom, step, note
        )
        return record_contacts(reading, [contact])

    tell(target, act_on(target, asked, act), rows, as_json=as_json)


def _messages(reading: Reading, files: tuple[str, ...]) -> tuple[Records, list[int]]:
    from sheetsync.records.contacts import record_contacts
    from sheetsync.records.reading import Records, together
    from sheetsync.records.saved_mail import contacts_of, read_message

    messages = []
    for name in files:
        try:
            messages.append(read_message(name, Path(name).read_bytes()))
        except OSError as error:
            raise UnreadableFileError(name, f"{error.strerror or error}.") from None
    contacts, problems = contacts_of(reading, messages, channel=_channel(reading, "email"))
    records = together(record_contacts(reading, contacts), Records(problems=problems))
    return records, [contact.row for contact in contacts]


def _whom(reading: Reading, row: int) -> str:
    """The row's contact, if it is one person: of several nobody is guessed."""
    from sheetsync.tracker.history import split_people

    people = split_people(str(reading.tracker.frame.loc[row, "contact"]))
    return people[0] if len(people) == 1 else ""


def _channel(reading: Reading, typed: str) -> str:
    """The channel in the History sheet's own words, where its drop-down has one that means the same."""
    from sheetsync.cadence.channels import read_channel
    from sheetsync.resources import read_toml
    from sheetsync.tracker.history import find_log

    if not typed:
        return ""
    log = find_log(reading.snapshot, "history", reading.layout.sheet)
    offered = log.grid.dropdowns.get(log.columns.get("channel", 0), ()) if log else ()
    words = (*offered, *read_toml("sheets/history.toml")["lists"]["channel"])
    meant = read_channel(typed).casefold()
    return next((word for word in words if read_channel(word).casefold() == meant), typed)
