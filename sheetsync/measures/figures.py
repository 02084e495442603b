"""All figures of one tracker together, as the Dashboard and the report show them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sheetsync.measures.answers import (
    Answers,
    answers,
    answers_by_channel,
    answers_by_source,
    funnel,
    last_touch,
)
from sheetsync.measures.kept import Planned, Week, by_week, planned_contacts
from sheetsync.measures.left_undone import interviews_without_debrief, thank_yous_missed

if TYPE_CHECKING:
    from sheetsync.cadence.profile import Profile
    from sheetsync.model import Plan, Tracker
    from sheetsync.settings import Settings


@dataclass(frozen=True, slots=True)
class Figures:
    """What the follow-ups of one tracker come to, as of a day."""

    as_of: dt.date
    overdue: int
    due: int
    planned: tuple[Planned, ...]
    weeks: tuple[Week, ...]
    funnel: Mapping[str, int]
    """How many threads came how far, by `answers.REACHED`."""
    answers: Answers
    channels: tuple[Answers, ...]
    sources: tuple[Answers, ...]
    thank_yous_missed: tuple[int, ...]
    """Rows."""
    without_debrief: tuple[int, ...]
    """Rows."""
    last_touch: dt.date | None

    @property
    def kept(self) -> tuple[int, int]:
        """Of the contacts whose last day has passed: how many were made in time, and how many there were."""
        done = sum(week.done for week in self.weeks)
        return done, done + sum(week.late + week.missed for week in self.weeks)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing yet that a chart could show."""
        return not (self.funnel["sent"] or any(week.planned for week in self.weeks))


def figures(tracker: Tracker, plan: Plan, profile: Profile, settings: Settings) -> Figures:
    """Work out all figures as of the plan's day. The planned contacts of the past cost the most; see `planned_contacts`."""
    today = plan.today
    follow_up = plan.frame["follow_up"]
    planned = planned_contacts(tracker, profile, settings, today=today)
    return Figures(
        as_of=today,
        overdue=int((follow_up == "Overdue").sum()),
        due=int((follow_up == "Due").sum()),
        planned=planned,
        weeks=by_week(planned, today=today),
        funnel=funnel(tracker, today=today),
        answers=answers(tracker, today=today),
        channels=answers_by_channel(tracker, today=today),
        sources=answers_by_source(tracker, today=today),
        thank_yous_missed=thank_yous_missed(tracker, profile, settings, today=today),
        without_debrief=interviews_without_debrief(tracker, today=today),
        last_touch=last_touch(tracker, today=today),
    )


def at_most(found: Sequence[Answers], most: int, others: str) -> tuple[Answers, ...]:
    """The first ones as they are; where there are more than `most`, all beyond are one under the name `others`."""
    if len(found) <= most:
        return tuple(found)
    rest = found[most - 1 :]
    days = sorted(day for one in rest for day in one.days)
    asked, answered = (sum(numbers) for numbers in zip(*((one.asked, one.answered) for one in rest), strict=True))
    return (*found[: most - 1], Answers(others, asked, answered, tuple(days)))
