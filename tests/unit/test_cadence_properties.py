"""What holds for every tracker, whatever stands in it."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from threads import planned, tracker

from sheetsync.cadence.explain import explain
from sheetsync.cadence.profile import load_profile, profile_names
from sheetsync.model import DATE_FIELDS, FOLLOW_UPS, KINDS, RULES, STAGES
from sheetsync.settings import Settings

FIRST = dt.date(2026, 10, 1)
SOME = settings(max_examples=40)

days = st.integers(0, 90).map(lambda number: FIRST + dt.timedelta(days=number))
maybe_day = st.none() | days
people = st.sampled_from(["", "Ann Ash", "Ann Ash; Ben Birch", "Ben Birch"])
addresses = st.sampled_from(
    ["", "", "ann@acme.example", "dana@agency.example", "Dana <dana@agency.example>, x@y.example"]
)


@st.composite
def rows(draw: st.DrawFn, *, shared: bool = True) -> dict[str, Any]:
    row: dict[str, Any] = {name: draw(maybe_day) for name in draw(st.sets(st.sampled_from(DATE_FIELDS), max_size=5))}
    row["stage"] = draw(st.sampled_from(["", *STAGES]))
    row["stage_over"] = draw(st.booleans()) and row["stage"] == "no_response"
    row["kind"] = draw(st.sampled_from(["", "", *KINDS]))
    row["round"] = draw(st.sampled_from(["", "screen", "first", "second", "third", "final"]))
    row["company"], row["contact"] = draw(st.sampled_from(["Acme", "Best", "Cole"])), draw(people)
    row["email"] = draw(addresses) if shared else ""
    row["promised"] = draw(st.sampled_from(["", "", "the article", "article on 12 Nov", "10/11"]))
    row["channel"] = draw(st.sampled_from(["", "phone", "sms", "in person"]))
    return row


@st.composite
def sheets(draw: st.DrawFn, *, shared: bool = True) -> dict[str, Any]:
    made = draw(st.lists(rows(shared=shared), min_size=1, max_size=5))
    for place, row in enumerate(made):
        row["role"] = f"Role {place}"
    places = st.integers(2, len(made) + 1)
    history = st.fixed_dictionaries({
        "row": places, "on": days, "contact": people, "direction": st.sampled_from(["out", "out", "in"]),
        "step": st.sampled_from(["", "", "nothing to answer", *RULES]),
    })  # fmt: skip
    return {
        "rows": made,
        "history": draw(st.lists(history, max_size=6)),
        "debrief": draw(
            st.lists(st.fixed_dictionaries({"row": places, "people": people, "decision_by": maybe_day}), max_size=2)
        ),
        "touches": draw(st.lists(st.fixed_dictionaries({"row": places, "on": days}), max_size=2)),
    }


def made(sheet: dict[str, Any]) -> Any:
    parts = {name: part for name, part in sheet.items() if name != "rows"}
    return tracker(*sheet["rows"], **parts)


@SOME
@given(sheets(), days, st.sampled_from(profile_names()))
def test_every_plan_is_consistent(sheet: dict[str, Any], today: dt.date, profile: str) -> None:
    frame = planned(made(sheet), today.isoformat(), profile=profile).frame
    now = pd.Timestamp(today)
    dated = frame["next_contact"].notna()
    assert (frame["contact_by"].notna() == dated).all()
    assert (frame.loc[dated, "contact_by"] >= frame.loc[dated, "next_contact"]).all()
    assert (frame.loc[dated, "earliest"] <= frame.loc[dated, "next_contact"]).all()
    assert frame["follow_up"].isin(FOLLOW_UPS).all()
    assert frame["action"].isin(["", *RULES]).all()
    word = frame["follow_up"]
    assert (frame.loc[word == "Overdue", "contact_by"] < now).all()
    assert (frame.loc[word == "Due", "next_contact"] <= now).all()
    assert (frame.loc[word == "Due", "contact_by"] >= now).all()
    assert (frame.loc[word == "Upcoming", "next_contact"] > now).all()
    assert (~dated | word.isin(["Overdue", "Due", "Upcoming", "Cold", "Paused"])).all()
    assert (frame["days_overdue"].notna() == (word == "Overdue")).all()
    late = frame[word == "Overdue"]
    assert ((now - late["contact_by"]).dt.days == late["days_overdue"]).all()
    ranked = sorted(frame.loc[frame["rank"] > 0, "rank"])
    assert ranked == list(range(1, len(ranked) + 1))
    assert ((frame["rank"] > 0) == word.isin(["Overdue", "Due", "Upcoming"])).all()
    assert ((frame["why"] == "") == (word == "")).all()


@SOME
@given(sheets(), days, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(sheet: dict[str, Any], today: dt.date, chance: random.Random) -> None:
    size = len(sheet["rows"])
    order = list(range(size))
    chance.shuffle(order)
    moved = {
        name: [{**line, "row": order.index(line["row"] - 2) + 2} for line in sheet[name]]
        for name in ("history", "debrief", "touches")
    }
    moved["rows"] = [sheet["rows"][place] for place in order]
    before = planned(made(sheet), today.isoformat()).frame.drop(columns="rank")
    after = planned(made(moved), today.isoformat()).frame.drop(columns="rank")
    # Of two dateless or simultaneous acceptances any may be named, so only its name and row may differ.
    whys = [frame.pop("why").str.replace(r"another job \(.*?\).*", "", regex=True) for frame in (before, after)]
    for place in range(size):
        pd.testing.assert_frame_equal(
            before.loc[[order[place] + 2]].reset_index(drop=True), after.loc[[place + 2]].reset_index(drop=True)
        )
        assert whys[0].loc[order[place] + 2] == whys[1].loc[place + 2]


@SOME
@given(sheets(), days)
def test_planning_twice_is_the_same(sheet: dict[str, Any], today: dt.date) -> None:
    found = made(sheet)
    first, second = (planned(found, today.isoformat()) for _ in range(2))
    assert first.frame.equals(second.frame)
    assert first.problems == second.problems


@SOME
@given(sheets(shared=False), days, st.integers(1, 40), st.sampled_from(profile_names()))
def test_for_one_step_a_later_today_never_turns_overdue_into_upcoming(
    sheet: dict[str, Any], today: dt.date, later: int, profile: str
) -> None:
    """Rows at one person follow one another's steps, so each row here is at a person of its own."""
    found = made(sheet)
    before = planned(found, today.isoformat(), profile=profile).frame
    after = planned(found, (today + dt.timedelta(days=later)).isoformat(), profile=profile).frame
    same = before["action"] == after["action"]
    assert not (same & (before["follow_up"] == "Overdue") & (after["follow_up"] == "Upcoming")).any()


@SOME
@given(sheets(), days, st.sampled_from(profile_names()))
def test_an_explanation_ends_with_the_plans_dates(sheet: dict[str, Any], today: dt.date, profile: str) -> None:
    found = made(sheet)
    frame = planned(found, today.isoformat(), profile=profile).frame
    for row, line in frame.iterrows():
        told = explain(found, load_profile(profile)[0], Settings(), int(str(row)), today=today)
        dated = [part for part in told.steps if part.start or part.until]
        ends = (dated[-1].start, dated[-1].until) if dated else (None, None)
        expected = (
            tuple(line[name].date() for name in ("next_contact", "contact_by")) if line["rank"] or pd.notna(line["next_contact"]) else (None, None)
        )  # fmt: skip
        assert ends == expected
        assert str(line["why"]) in told.headline
