"""`sheetsync debrief`: the questions after an interview, one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import click

from sheetsync.cli.acting import act_on, tell
from sheetsync.cli.options import Asked, example, reads_tracker, target
from sheetsync.cli.output import clean, day
from sheetsync.errors import BusyError, ReadOnlyFormatError

if TYPE_CHECKING:
    from sheetsync.model import Value
    from sheetsync.records.debriefs import Interview, Question
    from sheetsync.records.reading import Reading, Records

_STOP: Final = {"stop", "quit", "q"}


@click.command(epilog=example("sheetsync debrief tracker.xlsx 12", "sheetsync debrief tracker.xlsx Fernhill"))
@target
@click.argument("who", metavar="ROW-or-COMPANY")
@reads_tracker
def command(target: str, who: str, *, asked: Asked) -> None:
    """Ask what an interview brought, and keep it in the Debrief sheet.

    Return skips a question, `stop` leaves the rest for later: the next time only what is still open is asked. The date of
    their decision, the people, the next steps and the channel decide what is next; the rest goes into your messages.
    """
    if target.lower().endswith(".csv"):
        raise ReadOnlyFormatError(target)
    from sheetsync.records.debriefs import record_debrief
    from sheetsync.records.finding import find_thread

    interview = _read(target, who, asked)
    answers = _ask(interview)
    if not answers:
        click.echo("Nothing was answered, so nothing was written.")
        return

    def act(reading: Reading) -> Records:
        return record_debrief(reading, find_thread(reading.tracker, str(interview.row)), interview.on, answers)

    while True:
        try:
            outcome = act_on(target, asked, act)
        except BusyError as error:
            # What somebody typed for ten minutes must not be lost to a file that is open.
            if not click.confirm(f"{error} Try again?", default=True, err=True):
                raise
            continue
        tell(target, outcome, [interview.row], as_json=False)
        return


def _read(target: str, who: str, asked: Asked) -> Interview:
    from sheetsync.cli.options import open_target, settings_beside
    from sheetsync.records.debriefs import interview_of
    from sheetsync.records.finding import find_thread
    from sheetsync.records.reading import Records
    from sheetsync.sync import propose

    found: list[Interview] = []

    def act(reading: Reading) -> Records:
        found.append(interview_of(reading, find_thread(reading.tracker, who)))
        return Records()

    source = open_target(target, asked.service_account)
    propose(source, as_of=asked.moment, options=asked.settings, toml=settings_beside(target), act=act)
    return found[0]


def _ask(interview: Interview) -> Mapping[str, Value]:
    """The answers to the open questions, as far as the person got."""
    from sheetsync.records.debriefs import questions

    open_ = [question for question in questions() if question.key not in interview.answers]
    where = ", ".join(clean(text) for text in (interview.company, interview.role, interview.people) if text)
    click.echo(f"{where}: interview of {day(interview.on, interview.on)} {interview.on.year}")
    if not open_:
        click.echo("Every question is answered: change the answers in the Debrief sheet.")
        return {}
    click.echo(f"{len(open_)} questions. Return skips one, `stop` leaves the rest for later.\n")
    answers: dict[str, Value] = {}
    try:
        for question in open_:
            answer = _answer(question)
            if answer is None:
                break
            if answer != "":
                answers[question.key] = answer
    except (click.Abort, EOFError):
        click.echo()
    return answers


def _answer(question: Question) -> Value:
    """What the person says: "" skips, None stops."""
    hint = f" ({question.help})" if question.help else ""
    while True:
        text: str = click.prompt(f"{question.text}{hint}", default="", show_default=False, prompt_suffix="\n> ").strip()
        if text.casefold() in _STOP:
            return None
        if not question.date or not text:
            return text
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            click.echo(f"{clean(text)!r} is no date: write it as year-month-day, such as 2026-11-20, or skip it.")
