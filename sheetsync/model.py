"""The values that travel between the stages. Frozen, and free of behaviour that needs a library.

Rows and columns are 1-based sheet coordinates everywhere: row 1 is the sheet's first row, column 1 is A.

    Snapshot  what a source read: grids as they stand, a version token, which columns are ours
    Layout    what the sheet means: sheet, header row, field -> column, confidence
    Tracker   the threads as a typed DataFrame, the sheet's row number as index
    Plan      what is next for each thread, same index

What would be written, and what was, is in `sheetsync.changes`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    import pandas as pd

Value = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None
"""One cell: None is an empty cell; a number formatted as a date arrives as date or datetime."""

TEXT_FIELDS: Final = (
    "company", "role", "contact", "email", "phone", "stage", "kind", "round", "channel", "relationship", "promised",
    "next_step", "priority", "link", "location", "salary", "source", "notes", "coach_notes", "id",
)  # fmt: skip
DATE_FIELDS: Final = (
    "applied_on", "interview_on", "interview_2_on", "interview_3_on", "last_contact", "reply_on", "contact_on",
    "decision_by", "due_on", "start_on", "paused_until",
)  # fmt: skip
FIELDS: Final = TEXT_FIELDS + DATE_FIELDS
"""The only field names used in code, JSON and options (design section 2)."""

STAGES: Final = (
    "saved", "applied", "screen", "assessment", "interview", "offer", "accepted", "declined", "withdrawn", "rejected",
    "no_response", "on_hold", "contacted", "replied", "meeting", "proposal", "won", "lost", "unknown",
)  # fmt: skip
KINDS: Final = (
    "application", "interview", "meeting", "networking", "proposal", "deadline", "checkin", "offer", "acceptance",
    "rejection", "decline",
)  # fmt: skip
RULES: Final = (
    "interview.thank_you", "interview.letter", "interview.followup_1", "interview.followup_2", "decision.passed",
    "application.followup_1", "application.followup_2", "proposal.receipt", "proposal.followup", "meeting.thank_you",
    "networking.connect", "networking.promise", "project.reminder", "project.checkin", "reply.answer",
    "offer.acknowledge", "offer.respond", "offer.decline", "acceptance.thank", "rejection.thank",
)  # fmt: skip
"""The ids of the cadence's rules: what a Plan's `action` and a History row's `step` may be."""
OWNED: Final = ("next_contact", "contact_by", "next_action", "follow_up", "days_overdue", "why")
"""The computed columns, in the order in which they stand in the sheet."""
EXTRA_OWNED: Final = ("id", "log", "log_date", "draft", "coach_note")
"""Further columns of ours, each made only when a command needs it; they stand right of the computed ones."""

FollowUp = Literal["Overdue", "Due", "Upcoming", "Waiting", "Cold", "Paused", "Closed", "Needs info", ""]
FOLLOW_UPS: Final = ("Overdue", "Due", "Upcoming", "Waiting", "Cold", "Paused", "Closed", "Needs info", "")

HighlightMode = Literal["columns", "row", "none"]


def column_letter(column: int) -> str:
    """Name a column as spreadsheets do: 1 is A, 27 is AA.

    Raises ValueError below 1.
    """
    if column < 1:
        raise ValueError(f"columns count from 1, not {column}")
    letters = ""
    while column:
        column, digit = divmod(column - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def column_number(letters: str) -> int:
    """Read a column's letters, in either case: A is 1, AA is 27.

    Raises ValueError for anything but one to three ASCII letters.
    """
    if not (1 <= len(letters) <= 3 and letters.isascii() and letters.isalpha()):
        raise ValueError(f"{letters!r} is no column")
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


@dataclass(frozen=True, slots=True)
class Problem:
    """A cell (or a column, or a sheet) that nobody can read, as data. `row` and `column` are None where none applies."""

    sheet: str
    row: int | None
    column: int | None
    message: str

    @property
    def place(self) -> str:
        """Where it is, as people name it: `Jobs!C5`, `Jobs row 5`, `Jobs column C`, `Jobs`."""
        if self.row and self.column:
            return f"{self.sheet}!{column_letter(self.column)}{self.row}"
        if self.row:
            return f"{self.sheet} row {self.row}"
        if self.column:
            return f"{self.sheet} column {column_letter(self.column)}"
        return self.sheet


Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, in the tracker or in a draft.

    An error cannot be right, a warning is worth a look, a note says what was not checked.
    `row` and `column` are the tracker's, None where none applies; `sheet` is "" for a draft.
    """

    severity: Severity
    rule: str
    """Which check: `tracker.early-contact`, `message.gap`."""
    message: str
    """One sentence that says what is wrong and, where it is not plain, what to do."""
    sheet: str = ""
    row: int | None = None
    column: int | None = None
    draft: str = ""
    """The draft's file name; "" for the tracker."""
    where: str = ""
    """The words of the draft that it is about, or the part of it: `subject`, `to`."""
    source: str = ""
    """The article that says so, by its short name: `S3`."""


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells, all ends inclusive."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class TableArea:
    """A table (Excel's ListObject, a Google Table): its whole range, header and totals included."""

    name: str
    area: Area
    totals_rows: int = 0


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet's cells as they stand, column by column.

    `columns[c - 1][r - 1]` is the value at row r, column c; all columns are equally long. A formula's value is its
    saved result. `formulas` and `unsaved` give, for a column, the rows that hold a formula, and those whose formula
    has no saved result. `dropdowns` gives the list a column's validation offers.
    """

    name: str
    columns: tuple[Sequence[Value], ...]
    hidden: bool = False
    formulas: Mapping[int, AbstractSet[int]] = field(default_factory=dict)
    unsaved: Mapping[int, AbstractSet[int]] = field(default_factory=dict)
    tables: tuple[TableArea, ...] = ()
    merges: tuple[Area, ...] = ()
    dropdowns: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def n_rows(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    @property
    def n_columns(self) -> int:
        return len(self.columns)

    def cell(self, row: int, column: int) -> Value:
        """The value at a place; None beyond the edge."""
        if 1 <= column <= len(self.columns) and 1 <= row <= len(self.columns[column - 1]):
            return self.columns[column - 1][row - 1]
        return None

    def row(self, row: int) -> tuple[Value, ...]:
        """One row's values, A onwards."""
        return tuple(self.cell(row, column) for column in range(1, self.n_columns + 1))


@dataclass(frozen=True, slots=True)
class Ownership:
    """Which columns of a sheet are ours. A key whose column the person deleted maps to None and stays deleted."""

    sheet: str
    header_row: int
    columns: Mapping[str, int | None]
    adopted: bool = False
    """True if the marks were lost and our headers, standing together, were taken for ours again."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a source read, at one moment."""

    location: str
    version: str
    """Changes whenever the spreadsheet does; `Source.apply` refuses a stale one."""
    grids: tuple[Grid, ...]
    owned: Ownership | None = None
    epoch_1904: bool = False
    locale: str | None = None
    """As the workbook says it, such as "en_GB"; None if it does not say."""
    time_zone: str | None = None
    saved: dt.datetime | None = None
    """When it was last saved, with a zone; None where that is not known."""
    problems: tuple[Problem, ...] = ()

    def grid(self, name: str) -> Grid:
        """The sheet of that name. Raises KeyError if there is none."""
        for grid in self.grids:
            if grid.name == name:
                return grid
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Layout:
    """What was recognised: where the tracker is and what its columns mean."""

    sheet: str
    header_row: int
    first_row: int
    last_row: int
    columns: Mapping[str, int]
    """Field name -> column."""
    confidence: Mapping[str, float]
    """Field name -> 0..1."""
    headers: Mapping[int, str] = field(default_factory=dict)
    """Column -> header text, of every column of the tracker that has one."""
    unmapped: Mapping[int, str] = field(default_factory=dict)
    """Column -> header text, of the columns left alone."""
    rows: Sequence[int] | None = None
    """The sheet rows that are threads, ascending; None leaves it to `normalise` to find them."""
    touches: tuple[int, ...] = ()
    """Columns that hold dates of past reminders ("relance 1"): each is a touch."""
    date_order: Mapping[str, str] = field(default_factory=dict)
    """Date field -> "native", "iso", "dmy", "mdy", "mixed", "unknown" or "empty"."""
    right: int = 0
    """The last column that belongs to the tracker's table (our own columns not counted)."""
    table: str | None = None
    """The name of the table the tracker stands in."""
    other_trackers: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Tracker:
    """The threads, typed.

    `frame` has the sheet's row number as index (named "row", ascending) and one column for each of `FIELDS`:
    text fields are str ("" when empty), date fields datetime64 with the time of day kept (NaT when empty), in the
    tracker's own time zone but naive. Beside them:

    - `stage` is one of `STAGES` or "" (no status), `stage_text` what the cell says, `stage_over` True where the words
      say it is over for good ("ghosted", "gave up");
    - `kind` is one of `KINDS` or "";
    - `round` is "", "screen", "first", "second", "third" or "final".

    `history` holds one row a contact: row (the thread's), on (datetime64), contact, direction ("out" or "in"), channel,
    step (a rule id or ""), note; in sheet order. `debrief`: row, people, decision_by, next_steps, channel, and one column
    for each of `sheetsync.tracker.history.DEBRIEF_ANSWERS`.
    `touches`: row, on, for dates in columns of past reminders. `unreadable` maps (row, field) to the text nobody could
    read. `stages` maps each distinct stage text to its stage.
    """

    frame: pd.DataFrame
    history: pd.DataFrame
    debrief: pd.DataFrame
    touches: pd.DataFrame
    mapped: frozenset[str]
    """The fields that have a column."""
    has_history: bool = False
    sheet: str = ""
    """The sheet the threads stand on, so that a Problem can name the place."""
    columns: Mapping[str, int] = field(default_factory=dict)
    """Field -> the sheet's column, of `mapped`; empty if the threads came from no sheet."""
    unreadable: Mapping[tuple[int, str], str] = field(default_factory=dict)
    stages: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What is next for each thread; computed columns only, same index as the tracker's frame.

    `frame` columns: kind, stage (str), next_contact, contact_by, earliest (datetime64, midnight), action (rule id, "" if
    none), next_action (words), channel (str), follow_up (one of `FOLLOW_UPS`, English), days_overdue (Int64), why (str),
    rank (int, 1 first; 0 where nothing is to be done).
    """

    frame: pd.DataFrame
    today: dt.date
    profile: str
    problems: tuple[Problem, ...] = ()
