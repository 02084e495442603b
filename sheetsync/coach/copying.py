"""A coach's copy: a new spreadsheet made of nothing but what may be seen. Pure.

Nothing of the tracker's file goes along: each cell is a value that was read, decided about and scrubbed.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sheetsync.book import Book, ColumnLook, Rule, Sheet, Style
from sheetsync.coach.base import base_sheet, tidy
from sheetsync.coach.cells import Cells, is_ours
from sheetsync.coach.redaction import CONTACT_DETAILS, Column, choose, words
from sheetsync.coach.scrubbing import PATTERNS, Scrubber
from sheetsync.coach.searching import hidden_texts
from sheetsync.errors import UsageError
from sheetsync.model import DATE_FIELDS, OWNED, Area, Ownership, Value
from sheetsync.records.ids import new_ids, refused_id
from sheetsync.records.reading import Reading, Records
from sheetsync.sheets.highlights import highlight_rules
from sheetsync.sheets.looks import BODY, HEADER, HEADER_HEIGHT, REMARK, ROLES, TITLE
from sheetsync.tracker.text import fold
from sheetsync.words import column_words, follow_up_words, short_date

if TYPE_CHECKING:
    from sheetsync.sync import Proposal

HEADER_ROW: Final = 4
_DATE_FORMAT: Final = "d mmm yyyy"
_NOTE_WIDTH: Final = 48
_NOTE_FILL: Final = "FFFDF2"
_WIDTHS: Final = {
    "company": 24, "role": 26, "contact": 22, "stage": 15, "next_contact": 13, "contact_by": 13, "next_action": 36,
    "follow_up": 12, "days_overdue": 10, "why": 46, "promised": 28, "next_step": 28,
}  # fmt: skip
_DATE_WIDTH: Final = 13
_OTHER_WIDTH: Final = 18
_NAMES: Final = ("company", "role", "contact", "location")


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that is to be made, and what was decided about each column of the tracker."""

    book: Book
    columns: tuple[Column, ...]
    rows: int
    hide: tuple[str, ...]
    """What was asked to be hidden, by names that find it again: fields, keys of ours, headings."""
    show: tuple[str, ...]
    elsewhere: Mapping[str, int]
    """How many cells had an e-mail address, a phone number, a link or an amount taken out, by field."""


def ids_for(reading: Reading) -> Records:
    """The ids that the tracker's threads need before they are shared. Raises UsageError where one can be given none."""
    frame = reading.tracker.frame
    fresh = new_ids(frame, frame.index.tolist())
    if not fresh:
        return Records()
    if refused := refused_id(reading, next(iter(fresh))):
        raise UsageError(refused)
    return Records(owned={"id": fresh})


def copy_for(
    reading: Reading, proposal: Proposal, *, whom: str, hide: Sequence[str], show: Sequence[str], only_due: bool
) -> Copy:
    """The copy for a coach of a tracker as `proposal` found it, its ids written and its notes taken.

    `whom` is said in its title; with `only_due` it holds the threads that are overdue or due. Raises UsageError for a name
    of `hide` and `show` that is no field and no column (any more).
    """
    choice = choose(reading.snapshot, reading.layout, hide=hide, show=show)
    follow_up = proposal.plan.frame["follow_up"]
    rows: list[int] = (
        follow_up.index[follow_up.isin(["Overdue", "Due"])].tolist() if only_due else follow_up.index.tolist()
    )
    cells = Cells(reading.snapshot, proposal)
    shown = _in_order([column for column in choice.columns if column.shown])
    standing = {column: cells.of(column, rows) for column in shown}
    hidden = hidden_texts(cells, choice, standing, proposal.today)
    scrubber = Scrubber(
        hidden,
        allowed=[
            column.key for column in choice.columns if column.shown and column.key in (*CONTACT_DETAILS, "salary")
        ],
    )
    taken: Counter[Any] = Counter()
    goes: dict[Column, list[Value]] = {}
    for column, values in standing.items():
        goes[column] = []
        for value in values:
            kept, of = scrubber.cell(value)
            taken.update([*of, *([column] if of else [])])
            goes[column].append(kept)
    headings = _headings(shown, scrubber)
    # a coach knows what she wrote: only what the tracker hides is taken out of her notes
    of_notes = Scrubber(hidden, allowed=PATTERNS)
    notes = [of_notes.text(tidy(note))[0] for note in cells.notes(rows)]
    ids: list[str] = proposal.tracker.frame["id"].loc[rows].tolist()
    sheet, place = _sheet(shown, headings, list(goes.values()), notes, ids, whom=whom, today=proposal.today)
    beside = zip(ids, notes, zip(*goes.values(), strict=True) if goes else [()] * len(rows), strict=True)
    book = Book(
        (sheet, base_sheet(proposal.today, headings, beside)),
        reading.snapshot.locale,
        reading.snapshot.time_zone,
        Ownership(sheet.name, HEADER_ROW, {"id": place + 1, "coach_note": place}),
    )
    columns = tuple(
        replace(column, values=cells.filled(column, rows), scrubbed=taken[column]) for column in choice.columns
    )
    found = {field: taken[field] for field in (*CONTACT_DETAILS, "salary") if taken[field]}
    return Copy(book, columns, len(rows), choice.hide, choice.show, found)


# The sheet


def _in_order(columns: Sequence[Column]) -> list[Column]:
    """Who it is about, what is next, then everything else as it stands in the tracker."""
    first = words()["first"]
    names = sorted((column for column in columns if column.key in first), key=lambda column: first.index(column.key))
    ours = [column for column in columns if column.key in OWNED and not column.place]
    return [*names, *ours, *(column for column in columns if column not in names and column not in ours)]


def _headings(columns: Sequence[Column], scrubber: Scrubber) -> list[str]:
    """What stands above the columns, each only once, and never what the columns of the copy itself are called."""
    taken = {fold(column_words()[key]) for key in ("id", "coach_note")}
    found: list[str] = []
    for column in columns:
        text = scrubber.text(" ".join(column.name.split()))[0]
        name, number = text, 2
        while fold(name) in taken:
            name, number = f"{text} ({number})", number + 1
        taken.add(fold(name))
        found.append(name)
    return found


def _sheet(
    columns: Sequence[Column],
    headings: Sequence[str],
    values: Sequence[Sequence[Value]],
    notes: Sequence[str],
    ids: Sequence[str],
    *,
    whom: str,
    today: dt.date,
) -> tuple[Sheet, int]:
    """The sheet, and the column of the notes; the ids stand, hidden, right of it, the rest of the tracker behind them."""
    said = words()["sheet"]
    front = [place for place, column in enumerate(columns) if column.key in words()["first"] or is_ours(column)]
    order = [*front, *(place for place in range(len(columns)) if place not in front)]
    note = len(front) + 1
    bottom = HEADER_ROW + max(len(ids), 1)
    title = said["title_for" if whom else "title"].format(day=short_date(today), whom=whom)
    remark = said["remark"].format(note=column_words()["coach_note"], mark=words()["mark"])
    made: list[list[Value]] = []
    looks: dict[int, ColumnLook] = {}
    styles: list[tuple[Area, Style]] = [(Area(1, 1, 1, 1), TITLE), (Area(2, 1, 2, 1), REMARK)]

    def put(heading: str, held: Sequence[Value], look: ColumnLook, style: Style) -> None:
        made.append([None, None, None, heading, *held, *[None] * (bottom - HEADER_ROW - len(held))])
        place = len(made)
        looks[place] = look
        styles.append((Area(HEADER_ROW + 1, place, bottom, place), replace(style, number_format=look.number_format)))

    def put_column(place: int) -> None:
        column, held = columns[place], values[place]
        dated = column.key in (*DATE_FIELDS, "next_contact", "contact_by") or any(isinstance(v, dt.date) for v in held)
        width = _WIDTHS.get(column.key, _DATE_WIDTH if dated else _OTHER_WIDTH)
        style = replace(ROLES["key"] if not made else BODY, vertical="top", wrap=True, horizontal="left")
        put(headings[place], held, ColumnLook(width=width, number_format=_DATE_FORMAT if dated else ""), style)

    for place in order[: len(front)]:
        put_column(place)
    styles_of_note = replace(BODY, fill=_NOTE_FILL, vertical="top", wrap=True, horizontal="left")
    put(column_words()["coach_note"], [text or None for text in notes], ColumnLook(width=_NOTE_WIDTH), styles_of_note)
    put(column_words()["id"], ids, ColumnLook(width=10, hidden=True), BODY)
    for place in order[len(front) :]:
        put_column(place)
    made[0][0], made[0][1] = title, remark
    styles.append((Area(HEADER_ROW, 1, HEADER_ROW, len(made)), HEADER))
    places = {columns[each].key: at for at, each in enumerate(order[: len(front)], start=1) if is_ours(columns[each])}
    sheet = Sheet(
        said["name"],
        tuple(made),
        looks,
        header_row=HEADER_ROW,
        house=False,
        frozen=(HEADER_ROW, 1),
        tab="tracker",
        styles=tuple(styles),
        rules=tuple(_rules(places, note, len(made), bottom)),
        heights={1: 30, HEADER_ROW: HEADER_HEIGHT},
        filter=Area(HEADER_ROW, 1, bottom, len(made)),
        unlocked=(Area(HEADER_ROW + 1, note, bottom, note),),
    )
    return sheet, note


def _rules(places: Mapping[str, int], note: int, right: int, bottom: int) -> Iterator[Rule]:
    """The colours of a tracker; the column of the notes keeps its own."""
    first = HEADER_ROW + 1
    for rule in highlight_rules(
        places, first_row=first, last_row=bottom, words=follow_up_words(), mode="row", tracker=(1, right)
    ):
        areas = tuple(
            Area(first, left, bottom, last) for left, last in ((1, note - 1), (note + 1, right)) if left <= last
        )
        yield Rule(areas, rule.formula, rule.fill, rule.font, rule.bold)
