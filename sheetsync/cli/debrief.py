"""`sheetsync debrief`: the questions after an interview, one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import click

from sheetsync.cli.acting import act_on, tell
from sheetsync.cli.options import Asked, example, reads_tracker, target
from sheetsync.cli.output import clean, count, day
from sheetsync.errors import BusyError, ReadOnlyFormatError, SheetsyncError

if TYPE_CHECKING:
    from sheetsync.model import Value
    from sheetsync.records.debriefs import Interview, Question
    from sheetsync.records.reading import Act, Reading, Records
    from sheetsync.sync import Outcome

_STOP: Final = {"stop", "quit", "q"}


@click.command(epilog=example("sheetsync debrief tracker.xlsx 12", "sheetsync debrief tracker.xlsx Fernhill"))
@target
@click.argument("who", metavar="ROW-or-COMPANY")
@reads_tracker
def command(target: str, who: str, *, asked: Asked) -> None:
    """Answer the questions after an interview, one by one.

    The answers are kept in the Debrief sheet. Return skips a question, `stop` leaves the rest for later: the next time only what is still open is asked. The date of
    their decision, the people, the next steps and the channel decide what is next; the rest goes into your messages. What
    you answered is never lost: if it cannot be written, it is printed.
    """
    if target.lower().endswith(".csv"):
        raise ReadOnlyFormatError(target)
    from sheetsync.records.debriefs import record_debrief

    interview = _read(target, who, asked)
    answers = _ask(interview)
    if not answers:
        click.echo("Nothing was answered, so nothing was written.")
        return

    try:
        outcome = _write(target, asked, lambda reading: record_debrief(reading, interview, answers))
    except SheetsyncError:
        # What somebody typed for ten minutes must not be lost.
        click.echo("\nYour answers, which could not be written:")
        for question in interview.open:
            if question.key in answers:
                click.echo(f"  {question.text}\n    {answers[question.key]}")
        raise
    tell(target, outcome, [interview.row], as_json=False)


def _write(target: str, asked: Asked, act: Act) -> Outcome:
    """Write the answers; if somebody is at the file, as often as the person says."""
    while True:
        try:
            return act_on(target, asked, act)
        except BusyError as error:
            try:
                again = click.confirm(f"{error} Try again?", default=True, err=True)
            except click.Abort:
                again = False
            if not again:
                raise


def _read(target: str, who: str, asked: Asked) -> Interview:
    from sheetsync.cli.options import open_target
    from sheetsync.records.debriefs import interview_of
    from sheetsync.records.finding import find_thread
    from sheetsync.records.reading import Records
    from sheetsync.sheets.companions import settings_beside
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
    open_ = interview.open
    where = ", ".join(clean(text) for text in (interview.company, interview.role, interview.people) if text)
    click.echo(f"{where}: interview of {day(interview.on, interview.on)} {interview.on.year}")
    if not open_:
        click.echo("Every question is answered: change the answers in the Debrief sheet.")
        return {}
    click.echo(f"{count(len(open_), 'question')}. Return skips one, `stop` leaves the rest for later.\n")
    answers: dict[str, Value] = {}
    try:
        for question in open_:
            answer = _answer(question, interview.people if question.key == "people" else "", interview.on)
            if answer is None:
                break
            if answer != "":
                answers[question.key] = answer
    except (click.Abort, EOFError):
        click.echo()
    return answers


def _answer(question: Question, known: str, on: dt.date) -> Value:
    """What the person says: "" skips, None stops. Return takes what is `known`. A day without a year is after `on`."""
    from sheetsync.records.debriefs import day_after

    hint = f" ({question.help})" if question.help else ""
    hint += f" [{clean(known)}]" if known else ""
    while True:
        typed: str = click.prompt(f"{question.text}{hint}", default="", show_default=False, prompt_suffix="\n> ")
        text = " ".join(typed.split())
        if text.casefold() in _STOP:
            return None
        if not question.date or not text:
            return text
        if (said := day_after(text, on)) is not None:
            return said
        click.echo(f"{clean(text)!r} is no date: write it as year-month-day, such as 2026-11-20, or skip it.")
