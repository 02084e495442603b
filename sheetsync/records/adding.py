"""The sheets and columns of ours that a person asks for in a tracker that sheetsync did not make."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sheetsync.book import Sheet
from sheetsync.errors import UsageError
from sheetsync.model import column_letter
from sheetsync.records.reading import Reading, Records
from sheetsync.sheets.contents import blank
from sheetsync.sheets.house import cadence_sheet, debrief_sheet, history_sheet, settings_sheet
from sheetsync.sheets.today import NEEDED, Places, today_sheet
from sheetsync.tracker.history import find_log
from sheetsync.words import column_words, log_words

if TYPE_CHECKING:
    from sheetsync.cadence.profile import Profile

PARTS: Final = ("today", "log", "history", "debrief", "settings", "cadence")
_TEMPLATE: Final = "job-search"
_LOG: Final = ("log", "log_date")


def add(reading: Reading, part: str, profile: Profile) -> Records:
    """One of `PARTS`, unless it is there already; `profile` fills the Cadence sheet.

    Raises UsageError for a part that is none, for a sheet of the person's that has its name, and for `today` where our
    own columns do not stand yet.
    """
    if part == "log":
        return _log_columns(reading)
    sheet = _sheet(reading, part, profile)
    for grid in reading.snapshot.grids:
        if grid.name.casefold() == sheet.name.casefold():
            return Records(told=(f"Sheet {grid.name} is there already, so it was left as it is.",))
    return Records(new_sheets=(sheet,), told=(f"Added sheet {sheet.name}.",))


def _sheet(reading: Reading, part: str, profile: Profile) -> Sheet:
    if part == "today":
        return _today(reading)
    if part == "history":
        return history_sheet()
    if part == "debrief":
        return debrief_sheet()
    if part == "settings":
        # In a tracker that somebody else laid out only our own columns are coloured until they say otherwise.
        rows = [replace(row, value="columns") if row.key == "Highlight" else row for row in blank(_TEMPLATE).settings]
        return settings_sheet(rows)
    if part == "cadence":
        from sheetsync.cadence.profile import profile_rows

        return cadence_sheet(profile_rows(profile))
    raise UsageError(f"There is no {part!r} to add: choose one of {', '.join(PARTS)}.")


def _today(reading: Reading) -> Sheet:
    owned = reading.snapshot.owned
    ours = {key: column for key, column in owned.columns.items() if column} if owned else {}
    if missing := [key for key in NEEDED if key not in ours]:
        names = ", ".join(column_words()[key] for key in missing)
        raise UsageError(
            f"Today is worked out from columns of sheetsync's that are not there ({names}): sync them first."
        )
    layout = reading.layout
    return today_sheet(Places(layout.sheet, layout.header_row, layout.last_row, {**layout.columns, **ours}))


def _log_columns(reading: Reading) -> Records:
    owned = reading.snapshot.owned
    standing = owned.columns if owned and owned.sheet == reading.layout.sheet else {}
    if place := standing.get("log"):
        return Records(told=(f"Log is there already, in column {column_letter(place)}.",))
    log = find_log(reading.snapshot, "history", reading.layout.sheet)
    names = " and ".join(column_words()[key] for key in _LOG)
    return Records(
        new_sheets=() if log else (history_sheet(),),
        owned={key: {} for key in _LOG},
        dropdowns={"log": tuple(log_words().values())},
        told=(f"Added columns {names}: what you pick there goes into History with the next sync.",),
    )
