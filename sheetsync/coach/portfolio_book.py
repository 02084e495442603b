"""The portfolio as a spreadsheet: the ranked view, a summary with charts, and for each client a brief and all threads.

Pure: the result is a Book, which any program's writer makes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sheetsync.book import Book, Chart, ColumnLook, Formula, Rule, Series, Sheet, Style
from sheetsync.coach.briefs import say_day
from sheetsync.coach.client_sheet import LINK, Cells, client_sheet, columns_of, inside
from sheetsync.coach.portfolio import Portfolio, Standing
from sheetsync.model import Area, Value, column_letter
from sheetsync.resources import read_toml
from sheetsync.sheets.looks import BODY, HEADER, INK, REMARK, ROLES, TITLE
from sheetsync.tracker.recognise import PORTFOLIO_MARK as MARK
from sheetsync.words import follow_up_words

_MAX_NAME: Final = 31
_REFUSED: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f]+")
_RESERVED: Final = ("history",)
"""What Excel keeps for itself."""
_LONGEST_NAME: Final = 60
"""Characters of a client's name in a cell."""
_HEADER: Final = 4
"""The ranked view's header; the title, what it is and the totals stand above it."""
_TOP: Final = 10
"""How many clients a chart shows."""
_CHARTED: Final = ("Overdue", "Due", "Upcoming", "Waiting", "Cold")
_SUMS: Final = (
    "overdue", "overdue_before", "due", "upcoming", "missed", "undebriefed", "decisions", "contacts", "contacts_before",
    "open", "cold",
)  # fmt: skip
_ORANGE, _AMBER, _GREY, _TEAL = "C8501E", "E3B23C", "B9C4CC", "2F7F93"


def portfolio_book(portfolio: Portfolio, *, links: bool = True) -> Book:
    """All of it, to be made. `links` lead from a client's line to its sheet and back, where a program has such."""
    words = read_toml("portfolio/book.toml")
    names = _sheet_names(portfolio, (words["portfolio"]["sheet"], words["summary"]["sheet"], MARK[0]))
    sheets = [_ranked(portfolio, words, names if links else {})]
    if portfolio.read:
        sheets.append(_summary(portfolio, words))
    sheets += [client_sheet(one, look, words, names[one.name], links=links) for one, look in portfolio.read]
    mark = Sheet(MARK[0], ([MARK[1]],), header_row=0, house=False, hidden=True, frozen=(0, 0))
    return Book((*sheets, mark))


def _sheet_names(portfolio: Portfolio, taken: Sequence[str]) -> dict[str, str]:
    """Client's name -> a sheet's, as Excel takes it: 31 characters, each its own, and none of those it refuses."""
    used = {name.casefold() for name in (*taken, *_RESERVED)}
    names = {}
    for standing, _ in portfolio.read:
        plain = " ".join(_REFUSED.sub(" ", standing.name).split()).strip("' ") or "Client"
        name, number = _fitting(plain, _MAX_NAME), 1
        while name.casefold() in used:
            number += 1
            end = f" ({number})"
            name = _fitting(plain, _MAX_NAME - len(end)) + end
        used.add(name.casefold())
        names[standing.name] = name
    return names


def _fitting(name: str, most: int) -> str:
    """As much of a name as Excel has room for, which counts as UTF-16 does: many a picture is two characters."""
    return name.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore").rstrip("' ")


# The ranked view


def _ranked(portfolio: Portfolio, words: Mapping[str, Any], names: Mapping[str, str]) -> Sheet:
    said, columns = words["portfolio"], words["portfolio"]["columns"]
    place = {key: column for column, key in enumerate(columns, start=1)}
    last = _HEADER + len(portfolio.standings)
    unread = last - len(portfolio.unread) + 1
    right = len(columns)
    cells: Cells = {(1, 1): said["title"], (1, 3): _told(portfolio, said), (3, 2): said["all"]}
    links: dict[tuple[int, int], str] = {}
    for key, (header, _) in columns.items():
        cells[_HEADER, place[key]] = header
    for row, standing in enumerate(portfolio.standings, start=_HEADER + 1):
        for key, value in _line(standing, said).items():
            cells[row, place[key]] = value
        if standing.name in names:
            links[row, place["name"]] = inside(names[standing.name])
    for key in _SUMS:
        span = Area(_HEADER + 1, place[key], max(last, _HEADER + 1), place[key])
        cells[3, place[key]] = _total(span, [cells[row, place[key]] for row in range(_HEADER + 1, unread)], said)
    looks = {
        place[key]: ColumnLook(width=width, number_format=words["date_format"] if key in _DATES else "")
        for key, (_, width) in columns.items()
    }
    styles = [
        (Area(1, 1, 1, 1), TITLE),
        (Area(1, 3, 1, 3), REMARK),
        (Area(3, 1, 3, 3), Style(bold=True, colour=INK, vertical="middle")),
        (Area(3, 4, 3, right), Style(bold=True, colour=INK, vertical="middle", horizontal="center")),
        (Area(_HEADER, 1, _HEADER, right), HEADER),
    ]
    tall = {
        row: 15.0 * -(-len(one.error) // columns["note"][1]) for row, one in enumerate(portfolio.unread, start=unread)
    }
    for key, column in place.items() if portfolio.standings else ():
        left = key in ("name", "target", "note", *_DATES)
        look = ROLES["key"] if key == "name" else ROLES["help"] if key in ("target", "rank") else BODY
        look = replace(look, horizontal="left" if left else "center", wrap=key == "note")
        if key in _DATES:
            look = replace(look, number_format=words["date_format"])
        if key == "name" and unread > _HEADER + 1:
            linked = replace(look, colour=LINK, underline=True) if names else look
            styles.append((Area(_HEADER + 1, column, unread - 1, column), linked))
            if unread <= last:
                styles.append((Area(unread, column, last, column), look))
        else:
            styles.append((Area(_HEADER + 1, column, last, column), look))
    return Sheet(
        said["sheet"],
        columns_of(cells, right, last),
        looks,
        header_row=_HEADER,
        house=False,
        frozen=(_HEADER, 2),
        tab="tracker",
        heights={1: 30, 2: 6, 3: 20, _HEADER: 48, **tall},
        styles=tuple(styles),
        rules=tuple(_ranked_rules(place, unread, last)) if portfolio.standings else (),
        links=links,
        filter=Area(_HEADER, 1, last, right) if portfolio.standings else None,
    )


_DATES: Final = ("next_session", "last_touch")


def _total(span: Area, numbers: Sequence[Value | Formula], said: Mapping[str, Any]) -> Value | Formula:
    """The sum of what a filter leaves to be seen of a column (109 says so); a word where no number is known."""
    known = [number for number in numbers if isinstance(number, int)]
    if numbers and not known:
        unknown: str = said["unknown"]
        return unknown
    letter = column_letter(span.left)
    return Formula(f"SUBTOTAL(109,{letter}{span.top}:{letter}{span.bottom})", sum(known))


def _told(portfolio: Portfolio, said: Mapping[str, Any]) -> str:
    """What the view is, in a sentence."""
    read, unread = len(portfolio.read), len(portfolio.unread)
    day = portfolio.today
    told = said["read_one" if read == 1 else "read"].format(n=read, on=f"{say_day(day, day)} {day.year}")
    if unread:
        told += "; " + said["unread_one" if unread == 1 else "unread"].format(n=unread)
    if portfolio.copies:
        told += f"; {said['unknown_is']}"
    return f"{told}."


def _line(standing: Standing, said: Mapping[str, Any]) -> dict[str, Value]:
    look, client = standing.look, standing.client
    known: dict[str, Value] = {
        "name": _cut(standing.name),
        "next_session": client.next_session,
        "target": client.target or None,
    }
    if look is None:
        return {**known, "note": standing.error}
    notes = [said["shared"].format(on=say_day(look.shared_on, look.today))] if look.shared_on else []
    if look.problems:
        notes.append(said["to_look_at_one" if look.problems == 1 else "to_look_at"].format(n=look.problems))
    return {
        **known,
        "rank": standing.rank,
        "overdue": look.counts["Overdue"],
        "overdue_before": said["unknown"] if look.before is None else look.before["Overdue"],
        "due": look.counts["Due"],
        "upcoming": look.counts["Upcoming"],
        "missed": said["unknown"] if look.missed is None else len(look.missed),
        "undebriefed": said["unknown"] if look.undebriefed is None else len(look.undebriefed),
        "decisions": len(look.decisions),
        "contacts": look.contacts,
        "contacts_before": look.contacts_before,
        "last_touch": look.last_touch,
        "idle": look.idle,
        "open": len(look.rows),
        "cold": look.counts["Cold"],
        "note": "; ".join(notes) or None,
    }


def _ranked_rules(place: Mapping[str, int], unread: int, last: int) -> Iterator[Rule]:
    palette = read_toml("highlights.toml")
    first = _HEADER + 1
    for keys, colour in (
        (("overdue", "missed"), "overdue"),
        (("due", "undebriefed"), "due"),
        (("decisions",), "upcoming"),
    ):
        for key in keys:
            letter = column_letter(place[key])
            look = palette[colour]
            area = (Area(first, place[key], last, place[key]),)
            yield Rule(
                area,
                f"AND(ISNUMBER({letter}{first}),{letter}{first}>0)",
                look["fill"],
                look["font"],
                look.get("bold", False),
            )
    if unread <= last:
        letter, look = column_letter(place["rank"]), palette["overdue"]
        note = (Area(first, place["note"], last, place["note"]),)
        yield Rule(note, f'${letter}{first}=""', look["fill"], look["font"])


# The summary


def _summary(portfolio: Portfolio, words: Mapping[str, Any]) -> Sheet:
    said = words["summary"]
    top = portfolio.read[:_TOP]
    silent = sorted((one for one in portfolio.read if one[1].idle is not None), key=lambda one: -(one[1].idle or 0))[
        :_TOP
    ]
    labels = follow_up_words()
    since, before = portfolio.since, portfolio.before
    charted = _CHARTED if before else ()
    titles = {**said["charts"], "week": said["charts"]["week_known"]} if portfolio.copies else said["charts"]
    tables: list[tuple[str, list[str], list[list[Value]], tuple[str, ...]]] = [
        (
            "pressing",
            [said["client"], said["overdue"], said["due"]],
            [[_short(one.name), look.counts["Overdue"], look.counts["Due"]] for one, look in top],
            (_ORANGE, _AMBER),
        ),
        (
            "week",
            [said["word"], said["before"], said["now"]],
            [[labels.get(word, word), (before or {})[word], since[word]] for word in charted],
            (_GREY, _TEAL),
        ),
        (
            "contacts",
            [said["client"], said["contacts_before"], said["contacts"]],
            [[_short(one.name), look.contacts_before, look.contacts] for one, look in top],
            (_GREY, _TEAL),
        ),
        ("idle", [said["client"], said["idle"]], [[_short(one.name), look.idle] for one, look in silent], (_TEAL,)),
    ]
    cells: Cells = {(1, 1): said["title"], (2, 1): said["remark"]}
    styles = [(Area(1, 1, 1, 1), TITLE), (Area(2, 1, 2, 1), REMARK)]
    charts: list[Chart] = []
    tall: dict[int, float] = {1: 30}
    row = 4
    for key, headers, lines, colours in tables:
        if not lines:
            continue
        table: list[list[Value]] = [[*headers], *lines]
        for offset, line in enumerate(table):
            cells |= {(row + offset, column): value for column, value in enumerate(line, start=1)}
        first, last = row + 1, row + len(lines)
        tall[row] = 32
        styles += [
            (Area(row, 1, row, 1), HEADER),
            (Area(row, 2, row, len(headers)), replace(HEADER, horizontal="right")),
            (Area(first, 1, last, len(headers)), BODY),
        ]
        charts.append(
            Chart(
                kind="column" if key == "week" else "bar",
                title=titles[key],
                categories=Area(first, 1, last, 1),
                series=tuple(
                    Series(name, Area(first, column, last, column), colour)
                    for column, (name, colour) in enumerate(zip(headers[1:], colours, strict=True), start=2)
                ),
                place=_chart_place(len(charts)),
                words=said["words"][key].format(n=len(lines)),
            )
        )
        row = last + 3
    return Sheet(
        said["sheet"],
        columns_of(cells, 3, max(row, 56)),
        {1: ColumnLook(width=32), 2: ColumnLook(width=14), 3: ColumnLook(width=14), 4: ColumnLook(width=3)},
        header_row=0,
        house=False,
        frozen=(0, 0),
        tab="log",
        heights=tall,
        styles=tuple(styles),
        charts=tuple(charts),
        printed=Area(1, 1, 55, 19),
    )


def _chart_place(number: int) -> Area:
    """Two charts beside each other, and two below."""
    down, right = divmod(number, 2)
    top, left = 4 + 26 * down, 5 + 7 * right
    return Area(top, left, top + 24, left + 6)


def _cut(name: str) -> str:
    name = " ".join(name.split())
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1].rstrip()}…"


def _short(name: str) -> str:
    """A name as a chart has room for it."""
    return name if len(name) <= 24 else f"{name[:23].rstrip()}…"
