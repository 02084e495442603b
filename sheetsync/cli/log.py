"""`sheetsync log`: a contact into the History sheet."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from sheetsync.cli.acting import act_on, tell
from sheetsync.cli.options import Asked, as_json, example, read_day, reads_tracker, say, target
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
        "sheetsync log tracker.xlsx --drafted",
        "sheetsync log tracker.xlsx --undo",
    )
)
@target
@click.argument("who", metavar="[ROW-or-COMPANY... | FILE...]", nargs=-1)
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
@click.option(
    "--drafted", is_flag=True, help="Log the drafts you have sent, all of them or those of the rows you name."
)
@click.option(
    "--drafts", type=click.Path(), metavar="DIR", help="Where the drafts are; `drafts` beside the file if not given."
)
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
    drafted: bool,
    drafts: str | None,
    undo: bool,
    as_json: bool,
) -> None:
    """Put a contact into the history, from saved messages too, or take one back.

    The tracker is brought up to date with it in the same write. ROW-or-COMPANY is the row's number in the sheet, or a
    company, role or contact that only one row has. The History sheet is made if the tracker has none. With --eml the sender, recipients, date and subject of saved messages are read; their text
    is not. With --drafted each draft that `sheetsync draft` wrote is logged as sent and moved into the folder sent; one
    with gaps in it stays.
    """
    from sheetsync.records.contacts import record_contacts, strike_last
    from sheetsync.records.finding import find_thread
    from sheetsync.records.stated import stated_contact

    details = bool(channel or person or received or step or note)
    _check_options(who, details=details, on=on, eml=eml, drafted=drafted, drafts=drafts, undo=undo)
    if drafted:
        _log_drafts(target, who, asked=asked, on=on, folder=drafts, as_json=as_json)
        return
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
        contact = stated_contact(
            reading, row, named=who[0], on=on, channel=channel, person=person, received=received, step=step, note=note
        )
        return record_contacts(reading, [contact])

    tell(target, act_on(target, asked, act), rows, as_json=as_json)


def _check_options(
    who: tuple[str, ...],
    *,
    details: bool,
    on: dt.date | None,
    eml: bool,
    drafted: bool,
    drafts: str | None,
    undo: bool,
) -> None:
    """Whether the options go together. Raises UsageError."""
    if undo and (eml or drafted or who or details or on):
        raise UsageError("--undo takes back the last row of the history and goes with nothing else.")
    if drafts is not None and not drafted:
        raise UsageError("--drafts says where the drafts are that --drafted logs: add --drafted.")
    if drafted and (eml or details):
        raise UsageError(
            "--drafted knows person, channel, step and subject from the drafts: only --on and --drafts go with it."
        )
    if eml and (details or on):
        raise UsageError("--eml reads day, person and subject from the messages: leave the other options out.")
    if eml and not who:
        raise UsageError("--eml wants the saved messages: name their .eml files.")
    if not (eml or drafted or undo) and len(who) != 1:
        raise UsageError('Name one row or company; a name of several words goes in quotation marks ("Ash & Co").')


def _log_drafts(
    target: str, who: tuple[str, ...], *, asked: Asked, on: dt.date | None, folder: str | None, as_json: bool
) -> None:
    """Log the drafts that were sent, and put them away once they are logged."""
    from sheetsync.cli.draft import drafts_folder
    from sheetsync.messages.folder import DraftFolder
    from sheetsync.model import Problem
    from sheetsync.records.contacts import record_contacts
    from sheetsync.records.drafted import Sent, sent
    from sheetsync.records.finding import find_thread
    from sheetsync.records.reading import Records, together
    from sheetsync.records.stated import own_channel
    from sheetsync.sheets.companions import name_of

    place = DraftFolder(drafts_folder(target, folder), name_of(target))
    found, others = place.finished()
    result = Sent()

    def act(reading: Reading) -> Records:
        nonlocal result
        if on is not None and on > reading.today:
            raise UsageError(f"{on.isoformat()} is still to come: a message is logged when it has been sent.")
        rows = [find_thread(reading.tracker, each) for each in who] or None
        words = {way: own_channel(reading, word) for way, word in _CHANNELS.items()}
        ready = [each.drafted for each in found if not each.gaps]
        result = sent(reading, ready, on=on, rows=rows, channel=words)
        open_ones = [each for each in found if each.gaps]
        named = sent(reading, [each.drafted for each in open_ones], rows=rows, channel=words)
        left = [
            Problem(each.drafted.name, None, None, _STILL_OPEN.format(gap=each.gaps[0]))
            for each in open_ones
            if each.drafted.name in named.settled
        ]
        hint = (_ELSEWHERE,) if left else ()
        left += [Problem(name, None, None, _NOT_OURS) for name in others]
        told: tuple[str, ...] = () if result.contacts else (_nothing_sent(str(place.path), bool(found), bool(who)),)
        return together(
            record_contacts(reading, result.contacts), Records(told=told + hint, problems=(*result.problems, *left))
        )

    outcome = act_on(target, asked, act)
    stuck = place.put_away(result.settled)
    tell(target, outcome, [contact.row for contact in result.contacts], as_json=as_json)
    if stuck:
        say(f"{', '.join(stuck)} could not be moved to {place.path / 'sent'}: move it there yourself.")


_CHANNELS: Final = {"email": "email", "letter": "letter", "note": "letter", "phone": "phone", "connection": "LinkedIn"}
"""How a draft goes out -> the channel that is logged."""
_STILL_OPEN: Final = "It still has a gap ([[{gap}]]), so it cannot have been sent as it is, and was not logged."
_ELSEWHERE: Final = (
    "A draft with gaps that you filled in and sent elsewhere: log it by its row, and take the file away."
)
_NOT_OURS: Final = "It is no draft that `sheetsync draft` wrote here, so it was left: log it by its row, or with --eml."


def _nothing_sent(folder: str, any_found: bool, named: bool) -> str:  # noqa: FBT001 - of this module
    if not any_found:
        return f"There are no drafts of this tracker in {folder}: `sheetsync draft` writes some."
    return f"No draft in {folder} {'of those rows ' if named else ''}was logged."


def _messages(reading: Reading, files: tuple[str, ...]) -> tuple[Records, list[int]]:
    from sheetsync.records.contacts import record_contacts
    from sheetsync.records.reading import Records, together
    from sheetsync.records.saved_mail import contacts_of, read_message
    from sheetsync.records.stated import own_channel

    messages = []
    for name in files:
        try:
            messages.append(read_message(name, Path(name).read_bytes()))
        except OSError as error:
            raise UnreadableFileError(name, f"{error.strerror or error}.") from None
    contacts, problems = contacts_of(reading, messages, channel=own_channel(reading, "email"))
    records = together(record_contacts(reading, contacts), Records(problems=problems))
    return records, [contact.row for contact in contacts]
