"""Start a tracker: an empty one, the sample, or the rows of an old one in a new workbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sheetsync.cadence.profile import SEED, load_profile, profile_rows
from sheetsync.errors import UsageError
from sheetsync.tracker.configure import configure
from sheetsync.tracker.normalise import normalise
from sheetsync.tracker.recognise import recognise

if TYPE_CHECKING:
    from sheetsync.book import Book
    from sheetsync.model import Problem
    from sheetsync.sheets.contents import Contents
    from sheetsync.sheets.source import Source

DEFAULT_TEMPLATE = "job-search"


def start(
    path: Path,
    *,
    template: str = DEFAULT_TEMPLATE,
    sample_on: dt.date | None = None,
    old: Source | None = None,
    options: Mapping[str, Any] | None = None,
    toml: Mapping[str, Any] | None = None,
) -> tuple[Problem, ...]:
    """Make a new workbook at `path`; nothing is ever overwritten.

    With `sample_on` it holds the sample, its dates counted from that day; with `old` the rows of that spreadsheet, which
    stays as it is. Returns what of the old one could not be carried over as it was.

    Raises UsageError, UnwritableFileError, and for `old` NoTrackerError and FileError.
    """
    # openpyxl is loaded here: importing this module must stay cheap for the command line.
    from sheetsync.sheets.build import build_workbook, check_new

    check_new(path)
    book, problems = new_tracker(template, sample_on=sample_on, old=old, options=options, toml=toml)
    build_workbook(path, book)
    return problems


def new_tracker(
    template: str = DEFAULT_TEMPLATE,
    *,
    sample_on: dt.date | None = None,
    old: Source | None = None,
    options: Mapping[str, Any] | None = None,
    toml: Mapping[str, Any] | None = None,
    locale: str | None = None,
    time_zone: str | None = None,
) -> tuple[Book, tuple[Problem, ...]]:
    """A new tracker as sheets to be made, in whatever program, and what of an old one could not be carried over.

    Raises UsageError, and for `old` what `start` raises.
    """
    from sheetsync.sheets.house import new_book

    contents = _contents(template, sample_on, old, options or {}, toml or {})
    profile, _ = load_profile(SEED)
    book = new_book(contents, cadence=profile_rows(profile), locale=locale, time_zone=time_zone)
    return book, contents.problems


def _contents(
    template: str,
    sample_on: dt.date | None,
    old: Source | None,
    options: Mapping[str, Any],
    toml: Mapping[str, Any],
) -> Contents:
    from sheetsync.sheets.contents import blank, carried_over, sample

    if sample_on is not None and old is not None:
        raise UsageError("A sample and an old tracker do not go into one workbook: leave --sample or --from out.")
    if sample_on is not None:
        if template != DEFAULT_TEMPLATE:
            raise UsageError(f"The sample is a job search: leave --template out, or make {template} without --sample.")
        return sample(sample_on)
    if old is None:
        return blank(template)
    blank(template)  # an unknown template is said before the old file is read
    snapshot = old.read()
    settings, _ = configure(snapshot, toml=toml, options=options)
    layout = recognise(snapshot, settings)
    return carried_over(template, snapshot, layout, normalise(snapshot, layout, settings))
