"""The one sheet of a coach's copy that is looked at: what is shown, the colours, the column for the notes. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from sheetsync.book import ColumnLook, Rule, Sheet, Style
from sheetsync.coach.cells import is_ours
from sheetsync.coach.redaction import Column, words
from sheetsync.model import DATE_FIELDS, Area, Value
from sheetsync.sheets.highlights import highlight_rules
from sheetsync.sheets.looks import BODY, HEADER, REMARK, ROLES, TITLE
from sheetsync.words import column_words, follow_up_words, short_date

HEADER_ROW: Final = 4
_DATE_FORMAT: Final = "d mmm yyyy"
_NOTE_WIDTH: Final = 44
_NOTE_FILL: Final = "FFFDF2"
_WIDTHS: Final = {
    "company": 20, "role": 22, "contact": 18, "stage": 13, "next_contact": 13, "contact_by": 13, "next_action": 30,
    "follow_up": 11, "days_overdue": 9, "why": 40, "promised": 28, "next_step": 28,
}  # fmt: skip
_DATE_WIDTH: Final = 14
_OTHER_WIDTH: Final = 18
_HEADER_HEIGHT: Final = 48
"""For headings of three lines."""
_LINE: Final = 15.0
_MOST_LINES: Final = 12
_FILLED: Final = 0.9
"""How much of a column's width a line of words fills, bold ones in rows that are overdue."""


def follow_ups(
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
    for_notes = replace(BODY, fill=_NOTE_FILL, vertical="top", wrap=True, horizontal="left")
    put(column_words()["coach_note"], [text or None for text in notes], ColumnLook(width=_NOTE_WIDTH), for_notes)
    put(column_words()["id"], ids, ColumnLook(width=10, hidden=True), BODY)
    for place in order[len(front) :]:
        put_column(place)
    made[0][0], made[0][1] = title, remark
    styles.append((Area(HEADER_ROW, 1, HEADER_ROW, len(made)), HEADER))
    ours = {columns[each].key: at for at, each in enumerate(order[: len(front)], start=1) if is_ours(columns[each])}
    sheet = Sheet(
        said["name"],
        tuple(made),
        looks,
        header_row=HEADER_ROW,
        house=False,
        frozen=(HEADER_ROW, 1),
        tab="tracker",
        styles=tuple(styles),
        rules=tuple(_rules(ours, note, len(made), bottom)),
        heights={1: 30, HEADER_ROW: _HEADER_HEIGHT, **_heights(made, looks)},
        filter=Area(HEADER_ROW, 1, bottom, len(made)),
        printed=Area(1, 1, bottom, note),
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


def _heights(columns: Sequence[Sequence[Value]], looks: Mapping[int, ColumnLook]) -> dict[int, float]:
    """Row -> its height in points: programs disagree about whether they measure wrapped rows when a file is opened."""
    found: dict[int, float] = {}
    for row, values in enumerate(zip(*(column[HEADER_ROW:] for column in columns), strict=True), start=HEADER_ROW + 1):
        lines = [
            sum(1 + int(len(line) / (looks[place].width * _FILLED)) for line in value.split("\n"))
            for place, value in enumerate(values, start=1)
            if isinstance(value, str) and not looks[place].hidden
        ]
        found[row] = min(_LINE * min(max([2, *lines]), _MOST_LINES) + 4, 400)
    return found


def without_empty(sheet: Sheet) -> Sheet:
    """The sheet with its empty columns hidden, but for that of the notes."""
    free = {area.left for area in sheet.unlocked or ()}
    looks = {
        place: replace(look, hidden=look.hidden or (place not in free and not any(_filled(sheet, place))))
        for place, look in sheet.looks.items()
    }
    return replace(sheet, looks=looks)


def _filled(sheet: Sheet, place: int) -> Iterator[bool]:
    return (value is not None for value in sheet.columns[place - 1][HEADER_ROW:])
