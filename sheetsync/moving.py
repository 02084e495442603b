"""Carry a whole spreadsheet over into a new one: from Excel to Google Sheets, back, or into another of its kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sheetsync.errors import UsageError
from sheetsync.sheets import open_source
from sheetsync.sheets.google.address import is_google, spreadsheet_id

if TYPE_CHECKING:
    from sheetsync.book import Book
    from sheetsync.model import Problem
    from sheetsync.sheets.carried import Carried


@dataclass(frozen=True, slots=True)
class Moved:
    """A spreadsheet that was made. `target` is its path or URL."""

    target: str
    problems: tuple[Problem, ...]
    """What could not be carried over, a line each."""


def copy(
    location: str,
    target: Path | None = None,
    *,
    title: str | None = None,
    service_account: str | None = None,
    locale: str | None = None,
    time_zone: str | None = None,
    tell: Callable[[str], None] | None = None,
) -> Moved:
    """Carry the spreadsheet at `location` into a new workbook at `target`, or a new Google spreadsheet called `title`.

    Every sheet goes with it as the person laid it out, and so do our columns with their marks and colours: a sync of the
    copy has nothing to do. The charts of our Dashboard are made anew. The original is only read, and nothing is ever
    overwritten. `locale` and `time_zone` are those of a Google spreadsheet that is made from a workbook, which has none. A
    workbook is copied into another byte by byte.

    Raises UsageError, FileError and GoogleError.
    """
    if (target is None) == (title is None):
        raise UsageError("Say where to copy it: a new file, or --google and a title, but not both.")
    if target is not None:
        _refuse_taken(location, target)
        if not is_google(location) and Path(location).suffix.lower() == target.suffix.lower():
            return _duplicate(location, target)
    carried = _carried(location, service_account, locale, time_zone, tell)
    if target is None:
        assert title is not None  # noqa: S101  # one of the two is there
        # a service account may open the original, but cannot own the copy
        key = None if is_google(location) else service_account
        made = make_google(title, carried.book, service_account=key, tell=tell)
        return Moved(made.target, (*carried.problems, *made.problems))
    from sheetsync.sheets.build import build_workbook
    from sheetsync.sheets.fitting import fit_for_excel

    fitted = fit_for_excel(carried)
    build_workbook(target, fitted.book)
    return Moved(str(target), fitted.problems)


def make_google(
    title: str, book: Book, *, service_account: str | None = None, tell: Callable[[str], None] | None = None
) -> Moved:
    """Make a Google spreadsheet in the Drive of the person who is signed in.

    Raises UsageError for a title of nothing, SignInError, DeniedError for a service account, GoogleError.
    """
    if not title.strip():
        raise UsageError('Give the new spreadsheet a title, such as --google "My job search".')
    from sheetsync.sheets.google.auth import find_login
    from sheetsync.sheets.google.building import build_spreadsheet
    from sheetsync.sheets.google.transport import Transport

    made = build_spreadsheet(Transport(find_login(service_account, to_own=True), tell=tell), title.strip(), book)
    return Moved(made.url, made.problems)


def _carried(
    location: str,
    service_account: str | None,
    locale: str | None,
    time_zone: str | None,
    tell: Callable[[str], None] | None,
) -> Carried:
    from sheetsync.measures.dashboard import charts_of

    if is_google(location):
        from sheetsync.sheets.google.auth import find_login
        from sheetsync.sheets.google.portable import google_book
        from sheetsync.sheets.google.transport import Transport

        transport = Transport(find_login(service_account), tell=tell)
        return _known(google_book(transport, spreadsheet_id(location), location, redraw=charts_of)[0])
    if Path(location).suffix.lower() == ".csv":
        raise UsageError(
            f"{location} has no layout to carry over: make a tracker of it with `sheetsync init NEW.xlsx --from {location}`."
        )
    snapshot = open_source(location).read()
    from sheetsync.sheets.portable import workbook_book

    return _known(workbook_book(Path(location), snapshot, redraw=charts_of, locale=locale, time_zone=time_zone))


def _known(carried: Carried) -> Carried:
    """The same with our Dashboard marked as one that sheetsync added."""
    from sheetsync.measures.standing import is_dashboard

    sheets = tuple(replace(sheet, added=True) if is_dashboard(sheet) else sheet for sheet in carried.book.sheets)
    return replace(carried, book=replace(carried.book, sheets=sheets))


def _duplicate(location: str, target: Path) -> Moved:
    from sheetsync.sheets.files import read_file
    from sheetsync.sheets.placing import create

    open_source(location).read()  # a file that cannot be read is refused here, not copied
    create(target, read_file(Path(location))[0])
    return Moved(str(target), ())


def _refuse_taken(location: str, target: Path) -> None:
    """Raises UsageError before anything is read, if nothing new can be made at `target`."""
    if is_google(str(target)):
        raise UsageError(f'A copy goes into a new spreadsheet: `sheetsync copy {location} --google "TITLE"` makes one.')
    same = not is_google(location) and Path(location).suffix.lower() == target.suffix.lower()
    if target.suffix.lower() != ".xlsx" and not same:
        raise UsageError(f"A copy is made as an .xlsx workbook: name it {target.with_suffix('.xlsx').name}.")
    if target.exists():
        raise UsageError(f"{target} exists already: choose another name, or move it away first. Nothing was written.")
