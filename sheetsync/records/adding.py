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
_NAMES: Final = {
    "today": "Today", "history": "History", "debrief": "Debrief", "settings": "Settings", "cadence": "Cadence",
}  # fmt: skip
_LOGS: Final = {"history": "Date and Company", "debrief": "Company and People"}
"""The lists of the person's records, and the headers by which they are known."""
_TEMPLATE: Final = "job-search"
_LOG: Final = ("log", "log_date")


def add(reading: Reading, part: str, profile: Profile) -> Records:
    """One of `PARTS`, unless it is there already; `profile` fills the Cadence sheet.

    Raises UsageError for a part that is none, for a sheet of the person's that has its name, and for `today` where our
    own columns do not stand yet.
    """
    if part not in PARTS:
        raise UsageError(f"There is no {part!r} to add: choose one of {', '.join(PARTS)}.")
    if part == "log":
        return _log_columns(reading, profile)
    if part in _LOGS and (log := find_log(reading.snapshot, part, reading.layout.sheet)):
        return Records(told=(f"Sheet {log.grid.name} is there already, so it was left as it is.",))
    name = _NAMES[part]
    taken = next((grid.name for grid in reading.snapshot.grids if grid.name.casefold() == name.casefold()), None)
    if taken and part in _LOGS:
        raise UsageError(
            f"Sheet {taken!r} of {reading.snapshot.location} is yours and has no headers {_LOGS[part]}: give it another "
            "name, or add them."
        )
    if taken:
        return Records(told=(f"Sheet {taken} is there already, so it was left as it is.",))
    return Records(new_sheets=(_sheet(reading, part, profile),), told=(f"Added sheet {name}.",))


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
    raise AssertionError(part)


def _today(reading: Reading) -> Sheet:
    owned = reading.snapshot.owned
    ours = {key: column for key, column in owned.columns.items() if column} if owned else {}
    if missing := [key for key in NEEDED if key not in ours]:
        names = ", ".join(column_words()[key] for key in missing)
        raise UsageError(
            f"Today is worked out from columns that are not in this tracker ({names}): they were deleted, or left out with "
            "`columns` on the Settings sheet. Ask for them there, or take everything out with `sheetsync remove` first."
        )
    layout = reading.layout
    return today_sheet(Places(layout.sheet, layout.header_row, layout.last_row, {**layout.columns, **ours}))


def _log_columns(reading: Reading, profile: Profile) -> Records:
    owned = reading.snapshot.owned
    standing = owned.columns if owned and owned.sheet == reading.layout.sheet else {}
    words = column_words()
    if gone := [words[key] for key in _LOG if key in standing and standing[key] is None]:
        raise UsageError(
            f"You deleted column {' and '.join(gone)}, and what you deleted is not made again: take everything of "
            "sheetsync's out with `sheetsync remove` first, then add it."
        )
    missing = [key for key in _LOG if key not in standing]
    if not missing:
        places = " and ".join(f"{words[key]} ({column_letter(standing[key] or 0)})" for key in _LOG)
        return Records(told=(f"Columns {places} are there already, so they were left as they are.",))
    made = add(reading, "history", profile).new_sheets
    names = " and ".join(words[key] for key in missing)
    many = "columns" if len(missing) > 1 else "column"
    also = " (sheet History was added for it)" if made else ""
    return Records(
        new_sheets=made,
        owned={key: {} for key in missing},
        dropdowns={"log": tuple(log_words().values())} if "log" in missing else {},
        told=(f"Added {many} {names}: what you pick there goes into History with the next sync{also}.",),
    )
