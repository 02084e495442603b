"""What each thread is: its kind, the date it counts from, and whether it is over.

Everything is an array with one place a row, in the order of the tracker's frame.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from sheetsync.cadence.arrays import NAT, DayArray, Flags, Ints, among, coded
from sheetsync.model import DATE_FIELDS, KINDS, STAGES

if TYPE_CHECKING:
    from sheetsync.model import Tracker

# A kind as a number: 0 is none, then the places of KINDS.
NO_KIND: Final = 0
APPLICATION, INTERVIEW, MEETING, NETWORKING, PROPOSAL, DEADLINE, CHECKIN, OFFER, ACCEPTANCE, REJECTION, DECLINE = range(
    1, len(KINDS) + 1
)
CLOSINGS: Final = (ACCEPTANCE, REJECTION, DECLINE)
STAGE: Final[Mapping[str, int]] = {name: number for number, name in enumerate(STAGES, start=1)} | {"": 0}
"""A stage as a number: 0 is no status."""

OPEN, CLOSED, ON_HOLD, UNKNOWN = range(4)
"""What a status does to a thread, whatever its dates say."""

BY_NOTHING, BY_KIND, BY_END, BY_EVENT, BY_STAGE = range(5)
"""What decided on the kind (cadence section 2, "which kind and anchor", 1 to 4)."""

FIRST_ROUND, SCREEN_ROUND, LATER_ROUND = range(3)

INTERVIEWS: Final = ("interview_on", "interview_2_on", "interview_3_on")
_ANCHOR_FIELDS: Final[Mapping[int, str]] = {
    APPLICATION: "applied_on", PROPOSAL: "applied_on", INTERVIEW: "interview_on", MEETING: "interview_on",
    NETWORKING: "interview_on", DEADLINE: "due_on", CHECKIN: "start_on", OFFER: "reply_on", ACCEPTANCE: "reply_on",
    REJECTION: "reply_on", DECLINE: "reply_on",
}  # fmt: skip
_END_KINDS: Final[Mapping[str, int]] = {
    "offer": OFFER, "accepted": ACCEPTANCE, "won": ACCEPTANCE, "rejected": REJECTION, "lost": REJECTION,
    "declined": DECLINE,
}  # fmt: skip
_STAGE_KINDS: Final[Mapping[str, int]] = {
    "applied": APPLICATION, "no_response": APPLICATION, "assessment": APPLICATION, "screen": INTERVIEW,
    "interview": INTERVIEW, "meeting": MEETING, "proposal": PROPOSAL, "contacted": NETWORKING, "replied": NETWORKING,
}  # fmt: skip
_PEOPLE_LIST_LACKS: Final = frozenset({"role", "stage", "applied_on", "round", "interview_2_on", "interview_3_on"})
_TWO_WEEKS: Final = r"(?i)\bbi-?weekly\b|\bfortnight|\bevery (?:two|2|second|other) weeks?\b"


@dataclass(frozen=True, slots=True)
class Threads:
    """The rows of a tracker, as far as their status, kind and events go."""

    days: Mapping[str, DayArray]
    """Date field -> days."""
    minutes: Mapping[str, Ints]
    """Date field -> minute of the day, 0 where no time of day was given."""
    unreadable: Mapping[str, Flags]
    """Date field -> where a cell is filled but cannot be read; fields without such cells are absent."""
    stage: Ints
    state: Ints
    kind: Ints
    """The kind whose cadence runs."""
    shown_kind: Ints
    """The kind to report: the kind cell's, if it has one."""
    decided_by: Ints
    round: Ints
    anchor: DayArray
    anchor_field: Ints
    """Place in DATE_FIELDS; -1 without a kind."""
    interview: DayArray
    """The newest interview, meeting or encounter."""
    event: DayArray
    """The newest event, future ones included."""
    first_event: DayArray
    biweekly: Flags

    def is_kind(self, *kinds: int) -> Flags:
        """The rows of those kinds."""
        return among(self.kind, kinds)

    def is_stage(self, *stages: str) -> Flags:
        """The rows at those stages."""
        return among(self.stage, (STAGE[stage] for stage in stages))


def read_threads(tracker: Tracker) -> Threads:
    """Decide on every thread's kind and anchor (cadence section 2, "which kind and anchor").

    Where the rules leave it open:

    - An end stage closes the thread even if the kind cell says something else; the kind cell is still what is reported.
    - A due date or a start date is an event only where there is neither an application nor an interview: beside those it
      is the application's deadline or the first day of work.
    - The sent date is a proposal at the stages proposal and meeting, else an application. The met date is a meeting at
      those stages, an encounter at contacted and replied, else an interview; without any status it is an encounter in a
      list of people (contacts, but neither role, status nor applied date).
    - "saved" with an applied date is still not begun, for the status says that nothing was sent; with an interview date
      it is an interview.
    - A round that the dates show beats an earlier one that the status or the round column names.
    """
    frame = tracker.frame
    days, minutes = _dates(frame)
    stage, cell = coded(frame["stage"], STAGE), coded(frame["kind"], _codes(KINDS))
    over = frame["stage_over"].to_numpy(dtype=bool)

    def at(*stages: str) -> Flags:
        return among(stage, (STAGE[name] for name in stages))

    applied, due, start = days["applied_on"], days["due_on"], days["start_on"]
    interview = np.fmax(np.fmax(days["interview_on"], days["interview_2_on"]), days["interview_3_on"])
    none = np.isnat(interview)
    met_newest = ~none & ~(applied > interview)
    sent_newest = ~np.isnat(applied) & ~met_newest & ~at("saved")

    kind = _mapped(stage, _STAGE_KINDS)
    by = np.where(kind > 0, BY_STAGE, BY_NOTHING)
    met_kind = np.select([at("meeting", "proposal"), at("contacted", "replied")], [MEETING, NETWORKING], INTERVIEW)
    if not (_PEOPLE_LIST_LACKS & tracker.mapped) and "contact" in tracker.mapped:
        met_kind[at("")] = NETWORKING
    dated_only = np.isnat(applied) & none & at("")
    for flags, value in (
        (dated_only & ~np.isnat(start), CHECKIN),
        (dated_only & ~np.isnat(due) & ~(start > due), DEADLINE),
        (at("saved") & ~np.isnat(due), DEADLINE),
        (sent_newest, np.where(at("proposal", "meeting"), PROPOSAL, APPLICATION)),
        (met_newest, met_kind),
    ):
        kind, by = np.where(flags, value, kind), np.where(flags, BY_EVENT, by)
    for flags, value in (
        (none & at("screen", "interview"), INTERVIEW),
        (none & at("assessment") & ~np.isnat(due), DEADLINE),
    ):
        kind, by = np.where(flags, value, kind), np.where(flags, BY_STAGE, by)
    end = _mapped(stage, _END_KINDS)
    kind, by = np.where(end > 0, end, kind), np.where(end > 0, BY_END, by)
    ended = at("accepted", "won", "rejected", "lost", "declined", "withdrawn")
    shown_kind = np.where(cell > 0, cell, kind)
    kind, by = np.where((cell > 0) & ~ended, cell, kind), np.where((cell > 0) & ~ended, BY_KIND, by)

    state = np.select(
        [at("withdrawn") | (over & (end == 0)), at("on_hold"), at("unknown")], [CLOSED, ON_HOLD, UNKNOWN], OPEN
    )
    anchor, anchor_field = _anchors(kind, days, interview)
    event = np.fmax(applied, interview)
    first_event = np.fmin(np.fmin(applied, interview), np.fmin(days["interview_on"], days["interview_2_on"]))
    event = np.where(among(kind, (CHECKIN, OFFER)), np.fmax(event, anchor), event)
    first_event = np.where(among(kind, (CHECKIN, OFFER)), np.fmin(first_event, anchor), first_event)
    return Threads(
        days=days,
        minutes=minutes,
        unreadable=_unreadable(tracker),
        stage=stage,
        state=state,
        kind=kind,
        shown_kind=shown_kind,
        decided_by=by,
        round=_rounds(frame, stage, days, interview),
        anchor=anchor,
        anchor_field=anchor_field,
        interview=interview,
        event=event,
        first_event=first_event,
        biweekly=_biweekly(frame, kind == CHECKIN),
    )


def _codes(names: Sequence[str]) -> Mapping[str, int]:
    return {name: number for number, name in enumerate(names, start=1)}


def _mapped(stage: Ints, kinds: Mapping[str, int]) -> Ints:
    table = np.zeros(len(STAGES) + 1, dtype=np.int64)
    for name, kind in kinds.items():
        table[STAGE[name]] = kind
    return table[stage]


def _dates(frame: pd.DataFrame) -> tuple[dict[str, DayArray], dict[str, Ints]]:
    days, minutes = {}, {}
    for name in DATE_FIELDS:
        moments = frame[name].to_numpy(dtype="datetime64[s]")
        days[name] = moments.astype("datetime64[D]")
        with_time = (moments - days[name]).astype(np.int64) // 60
        minutes[name] = np.where(np.isnat(moments), 0, with_time)
    return days, minutes


def _unreadable(tracker: Tracker) -> dict[str, Flags]:
    rows: dict[str, list[int]] = {}
    for row, name in tracker.unreadable:
        if name in DATE_FIELDS:
            rows.setdefault(name, []).append(row)
    flags = {}
    for name, where in rows.items():
        flags[name] = np.asarray(tracker.frame.index.isin(where))
    return flags


def _anchors(kind: Ints, days: Mapping[str, DayArray], interview: DayArray) -> tuple[DayArray, Ints]:
    anchor = np.full(len(kind), NAT)
    place = np.full(len(kind), -1, dtype=np.int64)
    for number, name in _ANCHOR_FIELDS.items():
        mine = kind == number
        anchor[mine] = days[name][mine]
        place[mine] = DATE_FIELDS.index(name)
    met = among(kind, (INTERVIEW, MEETING, NETWORKING)) & ~np.isnat(interview)
    anchor[met] = interview[met]
    for name in INTERVIEWS:
        place[met & (days[name] == interview)] = DATE_FIELDS.index(name)
    return anchor, place


def _rounds(frame: pd.DataFrame, stage: Ints, days: Mapping[str, DayArray], interview: DayArray) -> Ints:
    """The round of the newest interview; a further date column, or the words, may say that it is a later one."""
    codes = {"screen": 1, "first": 2, "second": 3, "third": 3, "final": 3}
    words = coded(frame["round"], codes)
    screen = among(stage, (STAGE["screen"], STAGE["assessment"]))
    words = np.where((words == 0) & screen, 1, words)
    later = (words == 3) | (days["interview_2_on"] == interview) | (days["interview_3_on"] == interview)
    return np.select([later, words == 1], [LATER_ROUND, SCREEN_ROUND], FIRST_ROUND)


def _biweekly(frame: pd.DataFrame, checkins: Flags) -> Flags:
    """Check-ins that some cell of the row says are every two weeks; all others are weekly."""
    found = np.zeros(len(frame), dtype=bool)
    if not checkins.any():
        return found
    rows = frame.loc[checkins]
    for name in ("kind_text", "stage_text", "round", "next_step", "role", "promised", "notes"):
        if name in rows:
            found[checkins] |= rows[name].str.contains(_TWO_WEEKS).to_numpy(dtype=bool)
    return found
