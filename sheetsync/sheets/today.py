"""The Today sheet: whom to contact, ranked, by formulas alone, so that it is right on a day without a sync. Pure.

How it works. Right of the list stand hidden columns, whose row N looks at row N of the tracker: how late the thread is
today, how pressing its action is, and its place in the order. The list then looks for place 1, 2, 3 ... Every reference
to the tracker is to a whole column, `Jobs!$K:$K`, with the row given by number: it follows a column that is moved, and
rows that are sorted, inserted or deleted are seen wherever they come to stand. Only functions that Excel 2010, Google
Sheets and LibreOffice share are used, and no array formulas: SUMPRODUCT works out what is one.

The order is that of `due` (cadence section 5): how pressing, then the newest window, then company, role and contact by
the program's own alphabet. Only Next action's words tell a formula how pressing a thread is. Where two actions have the
same words ("Follow up with Ann" after an interview and after a proposal) Why, the kind and the status decide; a status in
words of the person's own may leave such a follow-up among those after interviews. What only a sync can know (a step that
expired, a thread that went cold, a pause that began) is as of the last one, and the sheet says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sheetsync.book import ColumnLook, Formula, Rule, Sheet, Style
from sheetsync.model import Area, Value, column_letter
from sheetsync.resources import read_toml
from sheetsync.sheets.looks import BODY, HEADER, HEADER_HEIGHT, REMARK, ROLES, TITLE
from sheetsync.words import action_words, follow_up_words

NEEDED: Final = ("next_contact", "contact_by", "follow_up")
"""Of our columns, those without which there is nothing to list."""
_FIRST: Final = 6
"""The list's first row; its header is above it."""
_ROOM: Final = 400
"""How many rows below the tracker's last one are looked at as well."""
_LEAST: Final = 400
_ESCAPES: Final = (
    ("%", "%25"), (" ", "%20"), ("&", "%26"), ("?", "%3F"), ("#", "%23"), ("+", "%2B"), ('""', "%22"), ("=", "%3D"),
)  # fmt: skip
"""What may not stand in a mailto link as it is, the first one first; quotes are doubled as in a formula."""
_MAX_LINK: Final = 255
"""Characters of a link that HYPERLINK() takes in Excel."""
_HIDDEN: Final = ("state", "action", "says", "name", "pressing", "score", "tie", "place", "at", "late", "to", "about")
"""The hidden columns, in order. The first eight look at the tracker row by row, the others serve the list."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where a tracker's cells are. `columns` maps fields and our own keys to columns."""

    sheet: str
    header_row: int
    last_row: int
    columns: Mapping[str, int]


def today_sheet(places: Places) -> Sheet:
    """The Today sheet of a tracker that has our columns `NEEDED`; a column that is not there is left out of the list.

    Raises KeyError if one of `NEEDED` is missing.
    """
    words = read_toml("sheets/today.toml")
    shown = [
        key
        for key in words["headers"]
        if key in places.columns or key == "row" or (key == "write" and "email" in places.columns)
    ]
    sheet = _Sheet(places, words, len(shown) + 2)
    sheet.head(shown)
    for line in range(words["lines"]):
        sheet.line(_FIRST + line, shown)
    for row in range(places.header_row + 1, sheet.last + 1):
        sheet.look_at(row)
    sheet.table_of_ranks()
    return sheet.finished(shown)


class _Sheet:
    """The cells while they are written. `hidden` is the first hidden column."""

    def __init__(self, places: Places, words: Mapping[str, Any], hidden: int) -> None:
        self.places, self.words = places, words
        self.last = max(places.last_row + _ROOM, _LEAST)
        self.end = _FIRST + words["lines"]
        self.letter = {key: column_letter(hidden + step) for step, key in enumerate(_HIDDEN)}
        self.hidden = hidden
        self.ranks = hidden + len(_HIDDEN)
        self.cells: dict[tuple[int, int], Value | Formula] = {}
        quoted = places.sheet.replace("'", "''")
        self.whole = {
            key: f"'{quoted}'!${column_letter(column)}:${column_letter(column)}"
            for key, column in places.columns.items()
        }

    def head(self, shown: list[str]) -> None:
        """What stands above the list, and the line below it."""
        words, state = self.words, self.span("state")
        overdue, due, soon = (f"COUNTIF({state},{number})" for number in (1, 2, 3))
        dates, counts = self.whole["next_contact"], words["counts"]
        self.cells[1, 1] = words["title"]
        self.cells[2, 1] = Formula("TODAY()")
        for column, (count, text) in enumerate(
            ((overdue, counts["overdue"]), (due, counts["due"]), (soon, counts["upcoming"])), start=2
        ):
            self.cells[2, column] = Formula(f"IFERROR({count}&{_text(text)},{_text('')})")
        self.cells[3, 1] = words["remark"]
        beyond = _text(words["beyond"].format(last=self.last))
        nothing = f"IF({overdue}+{due}=0,{_text(words['nothing'])},{_text('')})"
        self.cells[4, 1] = Formula(
            f"IFERROR(IF(COUNT({dates})=0,{_text(words['no_dates'])},"
            f"IF(COUNT({dates})>COUNT(INDEX({dates},1):INDEX({dates},{self.last})),{beyond},{nothing})),{_text('')})"
        )
        for column, key in enumerate(shown, start=1):
            self.cells[_FIRST - 1, column] = words["headers"][key]
        left = f"{overdue}+{due}-{words['lines']}"
        self.cells[self.end, 1] = Formula(f"IF({left}>0,({left})&{_text(words['more'])},{_text('')})")

    def line(self, row: int, shown: list[str]) -> None:
        """One line of the list."""
        letter, states = self.letter, self.words["states"]
        at = f"${letter['at']}{row}"
        place = self.span("place")
        self.hide(row, "at", f'IFERROR(MATCH({row - _FIRST + 1},{place},0)+{self.places.header_row},"")')
        late = f"INDEX({self.span('state')},{at}-{self.places.header_row})"
        self.hide(row, "late", f'IF({at}="","",{late})')
        by, start = self.of("contact_by", at), self.of("next_contact", at)
        told = {
            "follow_up": (
                f"CHOOSE(${letter['late']}{row},"
                f"IF(TODAY()-{by}=1,{_text(states['overdue_one'])},{_counted(states['overdue'], f'TODAY()-{by}')}),"
                f"{_text(states['due'])},"
                f"IF({start}-TODAY()=1,{_text(states['upcoming_one'])},{_counted(states['upcoming'], f'{start}-TODAY()')}))"
            ),
            "contact_by": by,
            "row": at,
        }
        if "write" in shown:
            told["write"] = self._link(row, at)
        for column, key in enumerate(shown, start=1):
            text = told.get(key) or f'{self.of(key, at)}&""'
            self.cells[row, column] = Formula(f'IF({at}="","",IFERROR({text},""))')

    def _link(self, row: int, at: str) -> str:
        """A link that begins a message: the first address, and a subject of role and company."""
        address = self.of("email", at)
        for mark in ('" "', "CHAR(10)", '","'):
            address = f'SUBSTITUTE({address},{mark},"{"" if mark == chr(34) + " " + chr(34) else ";"}")'
        first = f'LEFT({address},FIND(";",{address}&";")-1)'
        self.hide(row, "to", f'IF({at}="","",{_escaped(first)})')
        about = [self.of(key, at) for key in ("role", "company") if key in self.whole]
        subject = '&" - "&'.join(about) if about else '""'
        self.hide(row, "about", f'IF({at}="","",{_escaped(subject)})')
        to, subject = f"${self.letter['to']}{row}", f"${self.letter['about']}{row}"
        full = f'"mailto:"&{to}&"?subject="&{subject}'
        link = f'IF(LEN({full})<={_MAX_LINK},{full},"mailto:"&{to})'
        known = f'AND(ISNUMBER(FIND("@",{to})),LEN({to})<{_MAX_LINK - 10})'
        return f'IF({known},HYPERLINK({link},{_text(self.words["write"])}),"")'

    def look_at(self, row: int) -> None:
        """What the hidden columns know of one row of the tracker. Only threads that are due cost more than a look."""
        words, letter = follow_up_words(), self.letter
        here = {key: f"${letter[key]}{row}" for key in _HIDDEN}
        start, by, status = (self.of(key, "ROW()") for key in ("next_contact", "contact_by", "follow_up"))
        dated = ",".join(f"{status}={_text(words.get(word, word))}" for word in ("Overdue", "Due", "Upcoming"))
        soon = f"IF({start}<=TODAY()+{self.words['days']},3,0)"
        self.hide(
            row, "state",
            f"IFERROR(IF(AND(ISNUMBER({start}),ISNUMBER({by}),OR({dated})),"
            f"IF({by}<TODAY(),1,IF({start}<=TODAY(),2,{soon})),0),0)",
        )  # fmt: skip
        action = self.of("next_action", "ROW()") if "next_action" in self.whole else '""'
        told = '&" | "&'.join(self.of(key, "ROW()") for key in ("why", "kind", "stage") if key in self.whole) or '""'
        named = '&" "&'.join(
            f"LEFT({self.of(key, 'ROW()')},60)" for key in ("company", "role", "contact") if key in self.whole
        )
        is_listed = f"{here['state']}=0"
        self.hide(row, "action", f'IF({is_listed},"",IFERROR({action}&"",""))')
        self.hide(row, "says", f'IF({is_listed},"",IFERROR({told}&"",""))')
        self.hide(row, "name", f'IF({is_listed},"",IFERROR({named or _text("")},""))')
        # The last pattern that fits: COUNTIF is 1 or 0 for each, and each has its number.
        pattern, says, number, rank = (self._rank_column(step) for step in range(4))
        found = f"SUMPRODUCT(MAX(COUNTIF({here['action']},{pattern})*COUNTIF({here['says']},{says})*{number}))"
        self.hide(row, "pressing", f'IF({is_listed},"",IFERROR(INDEX({rank},{found}),11))')
        window = f"MIN(MAX({by}-{start},0),999)"
        self.hide(
            row, "score",
            f'IF({is_listed},"",IF({here["state"]}<3,'
            f"(20-{here['pressing']})*100000000+INT({start})*1000+INT({window}),"
            f"(99999-INT({start}))*1000+999-INT({window})))",
        )  # fmt: skip
        self.hide(
            row, "tie",
            f'IF({is_listed},"",IFERROR(COUNTIF({self.span("name")},"<"&{here["name"]}),0)*100000+ROW())',
        )  # fmt: skip
        self.hide(
            row, "place",
            f'IF({is_listed},"",1+COUNTIF({self.span("score")},">"&{here["score"]})'
            f'+COUNTIFS({self.span("score")},{here["score"]},{self.span("tie")},"<"&{here["tie"]}))',
        )  # fmt: skip

    def table_of_ranks(self) -> None:
        """The patterns by which an action is known, in hidden columns of their own."""
        actions = action_words()
        for number, entry in enumerate(self.words["ranks"], start=1):
            said = "*" + actions[entry["action"]].replace("{who}", "*") + "*"
            for step, value in enumerate((said, entry.get("says", "*"), number, entry["rank"])):
                self.cells[number, self.ranks + step] = value

    def finished(self, shown: list[str]) -> Sheet:
        """The sheet with its looks."""
        words = self.words
        width = self.ranks + 4
        height = max(self.last, self.end)
        columns = tuple([self.cells.get((row, column)) for row in range(1, height + 1)] for column in range(1, width))
        looks = {
            column: ColumnLook(
                width=words["widths"][key], number_format=words["date_format"] if key == "contact_by" else ""
            )
            for column, key in enumerate(shown, start=1)
        }
        looks |= {column: ColumnLook(hidden=True) for column in range(self.hidden, width)}
        return Sheet(
            words["sheet"],
            columns,
            looks,
            header_row=_FIRST - 1,
            house=False,
            frozen=(_FIRST - 1, 1),
            tab="tracker",
            heights={1: 30, _FIRST - 1: HEADER_HEIGHT, **dict.fromkeys(range(_FIRST, self.end), 20)},
            styles=tuple(self._styles(shown)),
            rules=tuple(self._rules(len(shown))),
        )

    def _styles(self, shown: list[str]) -> list[tuple[Area, Style]]:
        words, right = self.words, len(shown)
        top, bottom = _FIRST, self.end - 1
        styles = [
            (Area(1, 1, 1, 1), TITLE),
            (
                Area(2, 1, 2, 1),
                Style(bold=True, colour=BODY.colour, number_format=words["day_format"], horizontal="left"),
            ),
            (Area(2, 2, 2, 4), Style(bold=True, colour=BODY.colour)),
            (Area(3, 1, 3, 1), REMARK),
            (Area(4, 1, 4, 1), Style(bold=True, colour=BODY.colour)),
            (Area(_FIRST - 1, 1, _FIRST - 1, right), HEADER),
            (Area(self.end, 1, self.end, 1), REMARK),
        ]
        for column, key in enumerate(shown, start=1):
            look = ROLES["key"] if column == 1 else BODY
            if key == "contact_by":
                look = replace(look, number_format=words["date_format"])
            elif key == "write":
                look = replace(look, underline=True, colour="0B5FA5")
            styles.append((Area(top, column, bottom, column), replace(look, horizontal="left")))
        return styles

    def _rules(self, right: int) -> list[Rule]:
        palette = read_toml("highlights.toml")
        area = (Area(_FIRST, 1, self.end - 1, right),)
        late = f"${self.letter['late']}{_FIRST}"
        return [
            Rule(area, f"{late}={number}", palette[key]["fill"], palette[key]["font"], palette[key].get("bold", False))
            for number, key in ((1, "overdue"), (2, "due"), (3, "upcoming"))
        ]

    def hide(self, row: int, key: str, formula: str) -> None:
        self.cells[row, self.hidden + _HIDDEN.index(key)] = Formula(formula)

    def of(self, key: str, row: str) -> str:
        """The tracker's cell in a column, at a row that a formula gives."""
        return f"INDEX({self.whole[key]},{row})"

    def span(self, key: str) -> str:
        """A hidden column from its first to its last row."""
        letter = self.letter[key]
        return f"${letter}${self.places.header_row + 1}:${letter}${self.last}"

    def _rank_column(self, step: int) -> str:
        letter = column_letter(self.ranks + step)
        return f"${letter}$1:${letter}${len(self.words['ranks'])}"


def _text(text: str) -> str:
    """A string constant, at most 255 characters as Excel wants it."""
    escaped = text[:_MAX_LINK].replace('"', '""')
    return f'"{escaped}"'


def _counted(text: str, count: str) -> str:
    before, _, after = text.partition("{days}")
    return f"{_text(before)}&({count})&{_text(after)}"


def _escaped(text: str) -> str:
    for plain, escape in _ESCAPES:
        text = f'SUBSTITUTE({text},"{plain}","{escape}")'
    return text
