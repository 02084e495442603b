"""A brief says what happened, what is overdue, what to praise and what to ask, on one page; and so does the page of all."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pytest

from coach.layouts import AS_OF
from coach.standings import counts, look, portfolio, row
from sheetsync.coach.briefs import Brief, brief
from sheetsync.coach.looking import Event, Look
from sheetsync.coach.portfolio_page import portfolio_page


def on(days: int) -> dt.date:
    """A day from today."""
    return AS_OF + dt.timedelta(days=days)


def briefed(found: Look, *, session: dt.date | None = None, last: dt.date | None = None) -> Brief:
    ((standing, _),) = portfolio(("Ana", found), session=session).read
    return brief(replace(standing, client=replace(standing.client, last_session=last)))


def part(key: str, found: Look) -> tuple[str, ...]:
    return next(one.lines for one in briefed(found).parts if one.key == key)


def test_a_brief_is_for_the_next_session_since_the_last() -> None:
    made = briefed(look(), session=on(4), last=on(-12))
    assert made.title == "Ana: session on Fri 20 Nov"
    assert [one.title for one in made.parts] == [
        "Since the last session on Wed 4 Nov",
        "Overdue",
        "To praise",
        "To ask",
    ]
    assert briefed(look()).title == "Ana: next session"
    assert briefed(look()).parts[0].title == "In the last week"


def test_where_nothing_is_it_says_so() -> None:
    empty = look()
    assert [part(key, empty) for key in ("happened", "overdue", "praise", "ask")] == [
        ("Nothing is on record.",),
        ("Nothing is overdue.",),
        ("Nothing stands out in the tracker: ask what went well.",),
        ("Nothing is open: where will the next leads come from?",),
    ]


def test_what_happened_on_one_day_is_one_line() -> None:
    names = ("Alder", "Birch", "Cedar", "Dogwood")
    events = [Event(place, name, on(-1), "wrote") for place, name in enumerate(names)]
    events += [
        Event(9, "Elm", on(-2), "answered"),
        Event(8, "Fir", on(-3), "applied"),
        Event(7, "Gum", on(-3), "applied"),
    ]
    assert part("happened", look(happened=tuple(events))) == (
        "Sun 15 Nov: got in touch with Alder, Birch and 2 more",
        "Sat 14 Nov: Elm answered",
        "Fri 13 Nov: applied to Fir and Gum",
    )


def test_overdue_lines_are_as_many_as_the_page_holds() -> None:
    lines = part("overdue", look([row(place, f"Company {place}", days=place) for place in range(1, 12)]))
    assert lines[:2] == (
        "Company 1: follow up with Ann Lee by email (1 day)",
        "Company 2: follow up with Ann Lee by email (2 days)",
    )
    assert (len(lines), lines[-1]) == (9, "And 3 more.")


@pytest.mark.parametrize(
    ("given", "praise"),
    [
        ({"happened": (Event(2, "Alder", on(-1), "thanked"),)}, "Thanked Alder after meeting them."),
        ({"happened": (Event(2, "Alder", on(-1), "offer"),)}, "An offer from Alder."),
        ({"before": counts(Overdue=3)}, "Fewer overdue than a week ago: 1 instead of 3."),
        ({"contacts": 5, "contacts_before": 2}, "5 messages and calls this week, after 2 the week before."),
        ({"contacts": 2}, "2 messages and calls this week."),
        ({"happened": (Event(2, "Alder", on(-1), "applied"),)}, "One application sent, to Alder."),
    ],
)
def test_it_praises_what_the_tracker_shows(given: dict[str, Any], praise: str) -> None:
    assert praise in part("praise", look([row(2, "Alder")], **given))
    assert praise not in part("praise", look([row(2, "Alder")]))


@pytest.mark.parametrize(
    ("given", "question"),
    [
        ({"meetings": (Event(2, "Alder", on(3), "interview"),)}, "How will you prepare for Alder on Thu 19 Nov?"),
        (
            {"missed": (Event(2, "Alder", on(-9)),)},
            "No thank-you to Alder is on record since Sat 7 Nov: what got in the way?",
        ),
        (
            {"undebriefed": (Event(2, "Alder", on(-9)),)},
            "How did it go at Alder on Sat 7 Nov? There is no debrief yet.",
        ),
        (
            {"decisions": (Event(2, "Alder", on(2), "decision"),)},
            "Alder will decide by Wed 18 Nov: what could still help?",
        ),
        ({"rows": (row(2, "Alder"),), "last_touch": on(-8)}, "Nothing was sent or said for 8 days: what has changed?"),
        (
            {"decisions": (Event(2, "Alder", on(2), "offer"),)},
            "What do you still need to know to answer Alder's offer by Wed 18 Nov?",
        ),
        (
            {"rows": (row(2, "Alder", action="reply.answer"),)},
            "Alder wrote and waits for an answer: what keeps you from it?",
        ),
        ({"rows": (row(2, "Alder", days=9),)}, "Alder has been overdue for 9 days: write today, or let it go?"),
        ({"rows": (row(2, "Alder", "Cold", None),)}, "Alder went cold: can it be closed?"),
    ],
)
def test_it_asks_about_what_is_open(given: dict[str, Any], question: str) -> None:
    assert question in part("ask", look(**given))
    assert question not in part("ask", look())


def test_of_a_copy_no_week_ago_is_told() -> None:
    late = [row(place, f"Company {place}", days=place) for place in range(2, 6)]
    copy = look(late, before=None, missed=None, undebriefed=None, shared_on=on(-2))
    made = briefed(copy)
    assert "from the copy of Sat 14 Nov" in made.facts
    assert "4 overdue" in made.facts
    lines = [line for one in made.parts for line in one.lines]
    assert "4 follow-ups are overdue: which three matter most?" in lines
    assert not any("week ago" in line for line in lines)


def test_many_alike_are_asked_about_together() -> None:
    missed = tuple(Event(place, f"Company {place}", on(-place)) for place in range(2, 8))
    lines = part("ask", look(missed=missed))
    assert lines[0] == "No thank-you to Company 2 is on record since Sat 14 Nov: what got in the way?"
    assert lines[1] == "5 more thank-yous were not sent: what would make them easier?"


# The page of all clients


def test_the_page_needs_nothing_from_elsewhere_and_escapes_what_trackers_say() -> None:
    evil = '<script>alert(1)</script>"&'
    page = portfolio_page(portfolio((evil, look([row(2, evil)])), (f"{evil} broken", None)))
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 4
    assert not re.search(r"(?:src|href)=\"(?!#)", page)
    assert "default-src 'none'" in page


def test_the_page_has_a_line_and_a_brief_for_each_and_says_who_could_not_be_read() -> None:
    page = portfolio_page(portfolio(("Ana", look([row(2, "Alder")])), ("Ben", look()), ("Cleo", None)))
    assert [page.count(f'href="#client-{rank}"') for rank in (1, 2, 3)] == [1, 1, 0]
    assert page.count('<section class="brief"') == 2
    assert "2.xlsx is broken." in page


def test_the_page_tells_what_is_not_known_of_a_copy() -> None:
    copy = look([row(2, "Alder")], before=None, missed=None, undebriefed=None, shared_on=on(-2))
    own = look([row(2, "Birch")], before=counts(Overdue=2))
    page = portfolio_page(portfolio(("Ana", copy), ("Ben", own)))
    assert page.count('<span class="nil">?</span>') == 3
    assert "2 a week ago, without copies" in page
    assert "? is not known" in page
    assert "2 a week ago" in portfolio_page(portfolio(("Ben", own)))
    alone = portfolio_page(portfolio(("Ana", copy)))
    assert "a week ago<" not in alone
    assert alone.count("<strong>?</strong>") == 2


def test_the_page_of_nobody_says_so() -> None:
    assert "No client could be read." in portfolio_page(portfolio(("Ana", None)))
