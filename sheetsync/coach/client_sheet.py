"""One client's sheet of the portfolio: the brief, on one page when it is printed, and below it every open thread. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from sheetsync.book import ColumnLook, Formula, Rule, Sheet, Style
from sheetsync.coach.briefs import brief
from sheetsync.coach.looking import Look
from sheetsync.coach.portfolio import Standing
from sheetsync.measures.threads import Thread
from sheetsync.model import Area, Value, column_letter
from sheetsync.resources import read_toml
from sheetsync.sheets.looks import BODY, HEADER, INK, ROLES, TITLE
from sheetsync.words import follow_up_words

LINK: Final = "0B5FA5"
"""The colour of what can be clicked."""
Cells = dict[tuple[int, int], Value | Formula]
"""Row, column -> what stands there."""

_PRINTED: Final = 4
"""How many columns a printed brief is wide."""
_SECTION: Final = Style(bold=True, size=12, colour="2F4B5C", vertical="middle", lines=("", "", "2F4B5C", ""))

_CELLS: Final[Mapping[str, Callable[[Thread], Value]]] = {
    "company": lambda thread: thread.company,
    "person": lambda thread: thread.contact or thread.role,
    "next_action": lambda thread: thread.next_action,
    "contact_by": lambda thread: thread.contact_by,
    "follow_up": lambda thread: follow_up_words().get(thread.follow_up or "", thread.follow_up),
    "days_overdue": lambda thread: thread.days_overdue,
    "why": lambda thread: thread.why,
}


def client_sheet(standing: Standing, look: Look, words: Mapping[str, Any], name: str, *, links: bool) -> Sheet:
    """The brief, on one page when it is printed, and below it every open thread."""
    said = words["client"]
    columns = said["columns"]
    right = len(columns)
    page = brief(standing)
    cells: Cells = {(1, 1): page.title, (2, 1): " · ".join(page.facts)}
    styles = [
        (Area(1, 1, 1, 1), TITLE),
        (Area(2, 1, 2, 1), Style(colour=ROLES["help"].colour, vertical="middle")),
    ]
    row = 4
    sections = []
    for part in page.parts:
        cells[row, 1] = part.title
        sections.append(row)
        styles.append((Area(row, 1, row, right), _SECTION))
        for line in part.lines:
            row += 1
            cells[row, 1] = f"•  {line}"
        styles.append((Area(row - len(part.lines) + 1, 1, row, 1), Style(colour=INK, vertical="middle")))
        row += 2
    printed = Area(1, 1, row - 2, _PRINTED)
    cells[row, 1] = said["threads"]
    sections.append(row)
    styles.append((Area(row, 1, row, right), _SECTION))
    header = row + 1
    last = header + len(look.rows)
    for column, (text, _) in enumerate(columns.values(), start=1):
        cells[header, column] = text
    for place, thread in enumerate(look.rows, start=header + 1):
        cells |= {(place, column): _CELLS[key](thread) for column, key in enumerate(columns, start=1)}
    styles.append((Area(header, 1, header, right), HEADER))
    for column, key in enumerate(columns, start=1):
        style = replace(
            ROLES["key"] if key == "company" else BODY,
            horizontal="center" if key == "days_overdue" else "left",
            number_format=words["date_format"] if key == "contact_by" else "",
        )
        if look.rows:
            styles.append((Area(header + 1, column, last, column), style))
    links_ = {}
    if links:
        cells[1, right] = said["back"]
        links_[1, right] = inside(words["portfolio"]["sheet"])
        styles.append((Area(1, right, 1, right), Style(colour=LINK, underline=True, horizontal="right")))
    return Sheet(
        name,
        columns_of(cells, right, last),
        {column: ColumnLook(width=width) for column, (_, width) in enumerate(columns.values(), start=1)},
        header_row=header,
        house=False,
        frozen=(0, 0),
        heights={1: 30, header: 32, **dict.fromkeys(sections, 22)},
        styles=tuple(styles),
        rules=tuple(_thread_rules(columns, header + 1, last)) if look.rows else (),
        links=links_,
        printed=printed,
    )


def _thread_rules(columns: Mapping[str, Any], first: int, last: int) -> Iterator[Rule]:
    palette, words = read_toml("highlights.toml"), follow_up_words()
    column = list(columns).index("follow_up") + 1
    letter = column_letter(column)
    for word in ("Overdue", "Due", "Upcoming", "Waiting"):
        look = palette[word.lower()]
        text = words.get(word, word).replace('"', '""')
        yield Rule(
            (Area(first, column, last, column),), f'${letter}{first}="{text}"', look["fill"], look["font"],
            look.get("bold", False),
        )  # fmt: skip


def columns_of(cells: Cells, width: int, height: int) -> tuple[list[Value | Formula], ...]:
    """Cells as a sheet's columns."""
    return tuple([cells.get((row, column)) for row in range(1, height + 1)] for column in range(1, width + 1))


def inside(sheet: str) -> str:
    """A link to the top of another sheet of the same book."""
    quoted = sheet.replace("'", "''")
    return f"#'{quoted}'!A1"
