"""By which way, and what to do (cadence section 5)."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from sheetsync.cadence.arrays import Flags, Texts, among, texts
from sheetsync.cadence.progress import NO_STEP
from sheetsync.cadence.steps import CADENCE, COURTESY, DATED, REPLY, SET, STRANGE
from sheetsync.cadence.threads import DEADLINE, INTERVIEW, MEETING, NETWORKING, PROPOSAL, STAGE
from sheetsync.cadence.touches import maybe_several, split_people
from sheetsync.cadence.wording import Sentences, names, words
from sheetsync.model import DATE_FIELDS, KINDS
from sheetsync.resources import read_toml

if TYPE_CHECKING:
    from sheetsync.cadence.ladder import Situation
    from sheetsync.cadence.outcome import Outcome
    from sheetsync.cadence.steps import Choice

FIND: Final = "find a contact"
_PARTS: Final = re.compile(r"\s*(?:[/,;|&\n]|\bor\b|\band\b)\s*", re.IGNORECASE)
_FOLLOW_UPS: Final = re.compile(r"interview\.followup|application\.|proposal\.followup|decision\.")
_AGREED: Final = ("as agreed", "as promised")
_LONGEST: Final = 30
SPECIAL_FIELDS: Final = {
    (PROPOSAL, "applied_on"): "sent_on", (MEETING, "interview_on"): "meeting_on", (NETWORKING, "interview_on"): "met_on",
}  # fmt: skip
"""Cells that people call something else by the kind of the row."""


def channels(situation: Situation, choice: Choice) -> Texts:
    """The channel of every dated step, else "".

    The contact's preferred one; else email if an address is known; else phone where the profile allows it and a number
    is known; else "find a contact". Never a text message; in person only where a relationship is noted. A letter is a
    letter, an answer goes the way their message came, and where the table says "as agreed" or "as promised" that stands
    before "find a contact", as a connection request does for somebody whose name is known.
    """
    frame, profile, step = situation.tracker.frame, situation.profile, choice.dated.step
    preferred = _read(texts(frame, "channel"))
    preferred = np.where(preferred == "", _read(situation.debrief.channel), preferred)
    used = np.where(choice.level == REPLY, _read(situation.replies.channel), "")
    preferred = np.where(used != "", used, preferred)
    preferred[(preferred == "in person") & (texts(frame, "relationship") == "")] = ""
    table = np.array([*(row.channel for row in profile.steps), ""], dtype=object)[step]
    follow_up = np.array([bool(_FOLLOW_UPS.match(row.rule)) for row in profile.steps] + [False])[step]
    free = np.isin(table, (*_AGREED, "the channel they used"))
    phone = (follow_up & (profile.phone_from > 0) & (choice.followup >= profile.phone_from)) | free
    named = texts(frame, "contact") != ""
    channel = np.select(
        [
            table == "letter",
            preferred != "",
            texts(frame, "email") != "",
            phone & (texts(frame, "phone") != ""),
            np.isin(table, _AGREED),
            named & np.array(["connection request" in word for word in table], dtype=bool),
        ],
        [table, preferred, "email", "phone", table, "connection request"],
        FIND,
    ).astype(object)
    channel[(step == NO_STEP) & (choice.level != SET)] = ""
    channel[~among(choice.level, DATED)] = ""
    return channel


def _read(typed: Texts) -> Texts:
    """Channels as people type them, in our words; a text message is none. Loops over distinct texts, not over rows."""
    codes, distinct = pd.factorize(typed)
    return np.array([*(read_channel(str(text)) for text in distinct), ""], dtype=object)[codes]


def read_channel(typed: str) -> str:
    """A channel as somebody typed it, in our word; "" for none, and for a text message."""
    known = _known()
    for part in _PARTS.split(typed.strip()):
        word = known.get(part.casefold(), part if len(part) <= _LONGEST else "")
        if word and word != "text":
            return word
    return ""


@cache
def _known() -> dict[str, str]:
    table: dict[str, list[str]] = read_toml("reading/channels.toml")
    return {spelling: channel for channel, spellings in table.items() for spelling in spellings} | {
        "linkedin": "LinkedIn"
    }


def next_actions(situation: Situation, choice: Choice, found: Outcome, channel: Texts) -> Texts:
    """What to do, with whom and how, in a few words."""
    who = people(situation, choice)
    actions = _Actions(situation, choice, found)
    sentences = Sentences(len(who), {"who": lambda at: who[at], "field": lambda at: field_words(situation, choice)[at]})
    dated = among(choice.level, DATED) | ((choice.level != STRANGE) & (choice.dated.step != NO_STEP))
    cold = found.follow_up == "Cold"
    lonely = _nobody(situation) & ~actions.alone()
    table, find = words("actions"), words("who")["find"]
    for key, flags in actions.by_key().items():
        sentences.put(flags & dated & ~cold & ~lonely, table[key])
        sentences.put(flags & dated & ~cold & lonely, find.replace("{action}", table[key]))
    ways = words("channels")
    for way in pd.unique(channel):
        said = _phrase(str(way), ways)
        if said:
            sentences.add((channel == way) & dated & ~cold & ~actions.alone(), said, joint="")
    states = words("states")
    sentences.put(~dated & (found.follow_up == "Waiting"), states["Waiting"])
    sentences.put(cold, states["Cold"])
    sentences.put(~dated & (choice.missing >= 0), states["Needs info"])
    sentences.put(choice.level == STRANGE, states["status"])
    return sentences.texts


def _phrase(way: str, ways: Any) -> str:
    if way in {"", FIND, *_AGREED}:
        return ""
    said = f" {ways[way]}" if way in ways else f" ({way})"
    # It is a template from here on, and what people type may hold braces.
    return said.replace("{", "{{").replace("}", "}}")


def _nobody(situation: Situation) -> Flags:
    """Rows without anybody to write to, in a tracker that has columns for it."""
    columns = [name for name in ("contact", "email", "phone") if name in situation.tracker.mapped]
    if not columns:
        return np.zeros(len(situation.tracker.frame), dtype=bool)
    empty = [texts(situation.tracker.frame, name) == "" for name in ("contact", "email", "phone")]
    nobody: Flags = empty[0] & empty[1] & empty[2]
    return nobody


class _Actions:
    """Which words of [actions] each row takes."""

    def __init__(self, situation: Situation, choice: Choice, found: Outcome) -> None:
        self.s, self.choice, self.found = situation, choice, found
        threads = situation.threads
        reminder = choice.dated.step == situation.profile.index("project.reminder")
        self.apply = reminder & threads.is_kind(DEADLINE) & threads.is_stage("saved") & (choice.level == CADENCE)
        self.hand_in = reminder & (threads.stage == STAGE["assessment"]) & (choice.level == CADENCE)

    def alone(self) -> Flags:
        """Rows whose action needs nobody to write to: applying, handing in, withdrawing."""
        flags: Flags = self.apply | self.hand_in | self.found.withdraw
        return flags

    def by_key(self) -> dict[str, Flags]:
        """Words -> the rows that take them; a later one goes before an earlier one."""
        choice, profile = self.choice, self.s.profile
        rules = np.array([*(step.rule for step in profile.steps), ""], dtype=object)[choice.dated.step]
        keys = {rule: rules == rule for rule in dict.fromkeys(step.rule for step in profile.steps)}
        endless = (choice.followup >= profile.closure_from) & (profile.closure_from > 0)
        keys["interview.closure"] = (rules == "interview.followup_2") & endless & (choice.level == CADENCE)
        today = (choice.level == COURTESY) & (self.s.threads.anchor == self.s.today)
        keys["interview.debrief"] = (rules == "interview.thank_you") & today
        keys |= {"project.apply": self.apply, "project.hand_in": self.hand_in}
        keys["project.apply_late"] = self.apply & (choice.dated.base < self.s.today)
        keys["date.set"] = choice.level == SET
        keys["application.withdraw"] = self.found.withdraw
        return keys


def people(situation: Situation, choice: Choice) -> Texts:
    """Whom each row's step is for: those who are not thanked yet, else the contact, else "them".

    Loops over distinct lists of people, not over rows.
    """
    who = texts(situation.tracker.frame, "contact").copy()
    several = np.flatnonzero(among(choice.level, DATED))
    several = several[maybe_several(who[several])]
    codes, distinct = pd.factorize(who[several])
    who[several] = np.array([*(names(split_people(str(text))) for text in distinct), ""], dtype=object)[codes]
    thanks = (choice.level == COURTESY) & situation.threads.is_kind(INTERVIEW, MEETING)
    who = np.where(thanks, left_to_thank(situation, choice), who).astype(object)
    default = words("who")
    everybody = thanks & situation.threads.is_kind(INTERVIEW)
    who = np.where((who == "") & everybody, default["interview.thank_you"], who)
    return np.where(who == "", default["default"], who).astype(object)


def left_to_thank(situation: Situation, choice: Choice) -> Texts:
    """The people of each row whom no touch has thanked yet, as one phrase; only for rows with an open thank-you.

    Loops over distinct lists of people, not over rows.
    """
    result = np.full(len(choice.level), "", dtype=object)
    at = np.flatnonzero((choice.level == COURTESY) & situation.threads.is_kind(INTERVIEW, MEETING))
    if not len(at):
        return result
    touches = situation.touches
    pairs = pd.DataFrame({"crowd": touches.crowd_of[at], "covered": choice.progress.covered[at]})
    group = pairs.groupby(["crowd", "covered"], sort=False).ngroup().to_numpy()
    first = np.unique(group, return_index=True)[1]
    phrases = [
        names(tuple(name for place, name in enumerate(touches.crowd[crowd]) if not int(mask) >> place & 1))
        for crowd, mask in zip(pairs["crowd"].to_numpy()[first], pairs["covered"].to_numpy()[first], strict=True)
    ]
    result[at] = np.array(phrases, dtype=object)[group]
    return result


def field_words(situation: Situation, choice: Choice) -> Texts:
    """What the missing cell of each row is called, by its kind; empty where none is missing."""
    kinds = len(KINDS) + 1
    table = np.array(
        [[*(field_word(kind, name) for name in DATE_FIELDS), ""] for kind in range(kinds)], dtype=object
    )  # fmt: skip
    named: Texts = table[situation.threads.kind, choice.missing]
    return named


def field_word(kind: int, name: str) -> str:
    """What a date cell is called in a row of a kind."""
    return str(words("fields")[SPECIAL_FIELDS.get((kind, name), name)])
