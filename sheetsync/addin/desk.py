"""The desk at which the page is served: one tracker, an .xlsx of the person's or a spreadsheet at Google.

Every write goes as the commands' writes go: held against another run, backed up, and noted so that it can be taken back
here and on the command line.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sheetsync.addin import answers
from sheetsync.errors import AnotherChangeError, FileError, ReadOnlyFormatError, UsageError
from sheetsync.sheets.companions import SETTINGS_FILE, home_of, settings_beside
from sheetsync.sheets.google.address import is_google, spreadsheet_id

if TYPE_CHECKING:
    from sheetsync.addin.answers import View
    from sheetsync.addin.asking import Asking
    from sheetsync.nightly.journal import Note
    from sheetsync.sheets.source import Source
    from sheetsync.sync import Outcome

ANOTHER_RUN: Final = 10.0
"""Seconds for which another run of sheetsync that is at the tracker, such as the night's, is waited for."""
FRESH: Final = 60.0
"""Seconds for which a row is answered from what was last read at Google, which counts the questions."""


@dataclass(slots=True)
class Desk:
    """Answers for one tracker; one question at a time."""

    target: str
    opened: Callable[[], Source]
    """Opens the tracker."""
    as_of: Callable[[], dt.date | dt.datetime]
    """The day to plan for, or this moment with its zone."""
    clock: Callable[[], dt.datetime]
    """This moment, with its zone."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """The settings given as options."""
    seconds: Callable[[], float] = time.monotonic
    _view: View | None = None
    _stamp: tuple[object, ...] = ()
    _noted: tuple[tuple[str, ...], Note | None] = ((), None)

    def __post_init__(self) -> None:
        if self.target.lower().endswith(".csv"):
            raise ReadOnlyFormatError(self.target)

    def answer(self, asking: Asking) -> dict[str, Any]:
        """What a request is answered. Raises SheetsyncError."""
        match asking.name:
            case "today":
                return self._today(self._look(fresh=is_google(self.target)))
            case "row":
                return answers.row(self._look(), asking)
            case "draft":
                from sheetsync.messages.folder import own_templates

                own, _strange = own_templates(home_of(self.target))
                return answers.draft(self._look(), asking, own)
            case "sync" | "log":
                return self._write(asking)
            case "undo":
                return self._undo(asking.mark)
        raise UsageError(f"There is nothing here called {asking.name}.")

    # Reading

    def _look(self, *, fresh: bool = False) -> View:
        """The tracker as it stands: what was read last, where nothing has changed since."""
        stamp = self._standing()
        if self._view is None or fresh or stamp != self._stamp:
            self._view = None
            self._view = answers.look(
                self.opened(), as_of=self.as_of(), options=self.options, toml=settings_beside(self.target)
            )
            self._stamp = stamp
        return self._view

    def _standing(self) -> tuple[object, ...]:
        """What tells whether a reading still holds: the file as the system knows it, and the hour."""
        hour = self.clock().replace(minute=0, second=0, microsecond=0)
        if is_google(self.target):
            return hour, int(self.seconds() / FRESH)
        return hour, _stat(Path(self.target)), _stat(home_of(self.target) / SETTINGS_FILE)

    def _today(self, view: View) -> dict[str, Any]:
        note = self._next_back()
        if is_google(self.target):
            link = f"https://docs.google.com/spreadsheets/d/{spreadsheet_id(self.target)}/edit"
            place = {"kind": "google", "title": view.proposal.changes.sheet, "google_url": link}
        else:
            place = {"kind": "xlsx", "title": Path(self.target).name}
        return {"target": self.target, **answers.today(view), **place, "undo": None if note is None else _said(note)}

    def _next_back(self) -> Note | None:
        """The write that Undo would take back; read again when a note came or went. None if there is none."""
        from sheetsync.nightly.journal import Journal
        from sheetsync.nightly.taking_back import next_back

        try:
            journal = Journal(self.target)
        except FileError:  # there is no place for notes, and so nothing to take back
            return None
        names = tuple(sorted(file.name for file in journal.folder.glob("*.json.gz")))
        if names != self._noted[0]:
            self._noted = (names, next_back(journal.stacks()))
        return self._noted[1]

    # Writing

    def _write(self, asking: Asking) -> dict[str, Any]:
        from sheetsync.nightly.keeping import keep_outcome
        from sheetsync.nightly.running import at_work

        aside: list[str] = []
        with at_work(self.target, wait=ANOTHER_RUN):
            self._view = None
            view, outcome = answers.synced(
                self.opened(),
                as_of=self.as_of(),
                options=self.options,
                toml=settings_beside(self.target),
                act=answers.log(asking) if asking.name == "log" else None,
            )
            keep_outcome(self.target, asking.name, outcome, moment=self.clock(), options=self.options, say=aside.append)
        return self._after(view, outcome, aside)

    def _after(self, view: View, outcome: Outcome, aside: list[str]) -> dict[str, Any]:
        done = answers.told(outcome)
        return {**self._today(view), **done, "told": [*done["told"], *aside]}

    def _undo(self, mark: int | None) -> dict[str, Any]:
        """Take the last change back, if it is still the one that is meant. Raises AnotherChangeError."""
        from sheetsync.nightly.choosing import choose
        from sheetsync.nightly.journal import Journal
        from sheetsync.nightly.running import at_work
        from sheetsync.nightly.taking_back import next_back, take_all_back, told, when

        aside: list[str] = []
        with at_work(self.target, wait=ANOTHER_RUN):
            self._view = None
            stacks = Journal(self.target).stacks()
            last = next_back(stacks)
            if mark is not None and (last is None or last.number != mark):
                raise AnotherChangeError(self.target, f"`{last.command}` of {when(last.moment)}" if last else "")
            choice = choose(self.target, stacks, (), to=None, whole=False, redo=False)
            taken = take_all_back(
                self.target,
                choice,
                opened=self.opened,
                moment=self.clock(),
                toml=settings_beside(self.target),
                options=self.options,
                say=aside.append,
            )
        sentences = [f"{text[0].upper()}{text[1:]}." for text in map(told, taken.notes)]
        sentences += [f"{problem.place}: {problem.message}" for problem in taken.left]
        return {
            **self._today(self._look(fresh=True)),
            "changed_cells": taken.changed_cells,
            "told": [*sentences, *aside],
        }


def _said(note: Note) -> dict[str, Any]:
    from sheetsync.nightly.taking_back import size

    return {
        "mark": note.number,
        "what": f"{note.command} ({size(note)})",
        "about": _about(note),
        "when": note.moment.astimezone().isoformat(),
    }


def _about(note: Note) -> str | None:
    """Whom a logged contact was with, as far as the note tells; None for what is about many."""
    rows = [row for append in note.appends for row in append.rows]
    if note.command != "log" or len(rows) != 1:
        return None
    written = set(rows[0].values())
    for _, company, _, contact in note.who.by_row().values():
        if company and company in written:
            return f"{contact} of {company}" if contact and contact in written else company
        if contact and contact in written:
            return contact
    return None


def _stat(path: Path) -> tuple[int, int, int] | None:
    """By what a file is known to be the same; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
