"""The desk that checks the messages of one tracker: which row a message belongs to, and what its check needs to know.

desk = Desk(tracker, plan, settings)
desk.check(draft)              the findings of a draft just made
desk.check_messages(messages)  finished messages, read back from files, each tied to its row
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from rapidfuzz import fuzz

from sheetsync.cadence.touches import split_people
from sheetsync.messages.checking import Context, check_draft, finding, own_part
from sheetsync.messages.directory import Directory, read_directory
from sheetsync.messages.facts import read_row
from sheetsync.messages.formats import row_parts, slug
from sheetsync.messages.naming import company_words, means_company, person_words
from sheetsync.messages.people import addresses_in, first_names_welcome, name_parts, read_person
from sheetsync.messages.prose import tokens
from sheetsync.messages.templating import rules
from sheetsync.messages.values import Draft, Finding, Message
from sheetsync.tracker.text import fold

if TYPE_CHECKING:
    from sheetsync.messages.facts import Row
    from sheetsync.model import Plan, Tracker
    from sheetsync.settings import Settings

NEAR_IDENTICAL: Final = 88.0
"""From this similarity on (0 to 100) two people would notice that they were sent one text."""


class Desk:
    """Checks the messages of one tracker."""

    def __init__(self, tracker: Tracker, plan: Plan, settings: Settings) -> None:
        self.tracker, self.plan, self.settings = tracker, plan, settings
        self.directory = read_directory(tracker)
        accepted = tracker.frame["stage"] == "accepted"
        self._rows: dict[int, Row] = {}
        self._accepted = frozenset(company_words(name) for name in tracker.frame.loc[accepted, "company"].tolist())

    def read(self, row: int) -> Row:
        """What is known about a row, read once. Raises KeyError if the row is no thread."""
        if row not in self._rows:
            self._rows[row] = read_row(self.tracker, self.plan.frame, row)
        return self._rows[row]

    def check(self, draft: Draft) -> tuple[Finding, ...]:
        """The findings of a draft of ours."""
        return check_draft(message_of(draft), self.context(draft.row, draft.rule, draft.recipient, draft.channel))

    def context(self, row: int, rule: str = "", recipient: str = "", channel: str = "") -> Context:
        """What a message of a row is checked against. Raises KeyError if the row is no thread."""
        found = self.read(row)
        people = _people_of(found, self.tracker)
        addresses = addresses_in(
            " ".join((found.text["email"], found.text["contact"], found.debrief.get("titles", "")))
        )
        earliest = found.plan["earliest"]
        rule = rule or str(found.plan["action"])
        kin = {each for address in addresses for each in self.directory.addresses.get(address.casefold(), {})}
        kin |= {
            company_words(self.directory.texts[other])
            for name in people
            for other in self.directory.person_rows.get(person_words(name), ())
        }
        if rule in ("offer.decline", "application.withdraw"):
            kin |= self._accepted
        return Context(
            row=row,
            company=found.company,
            role=found.text["role"],
            rule=rule,
            recipient=recipient,
            people=people,
            addresses=addresses,
            own_text=_own_text(found, self.tracker),
            first_names=first_names_welcome(found.text["relationship"]),
            earliest=earliest.date() if earliest == earliest else None,  # noqa: PLR0124 (NaT)
            closed=found.plan["follow_up"] == "Closed",
            connection=channel == "connection",
            directory=self.directory,
            allowed=frozenset(kin),
            today=self.plan.today,
            own_name=self.settings.your_name or "",
            signature=self.settings.signature or "",
        )

    def nowhere(self) -> Context:
        """What a message that fits no row is checked against."""
        return Context(
            row=None, company="", role="", rule="", recipient="", people=(), addresses=(), own_text="", first_names=True, earliest=None,
            closed=False, connection=False, directory=self.directory, allowed=frozenset(self.directory.company_rows),
            today=self.plan.today, own_name=self.settings.your_name or "", signature=self.settings.signature or "",
        )  # fmt: skip

    def check_messages(
        self, messages: Sequence[Message]
    ) -> tuple[tuple[Message, int | None, tuple[Finding, ...]], ...]:
        """Finished messages: each with the row it belongs to (None if none fits) and its findings.

        Two messages to people of one company that say almost the same are told as well.
        """
        results: list[tuple[Message, Context, tuple[Finding, ...]]] = []
        for message in messages:
            place = identify(message, self.tracker, self.directory)
            if place is None:
                context = self.nowhere()
                extra: tuple[Finding, ...] = (finding("unknown-thread", "message"),)
            else:
                context = self.context(*place)
                extra = ()
            results.append((message, context, (*extra, *check_draft(message, context))))
        twins = near_identical([(message, context) for message, context, _ in results])
        return tuple(
            (message, context.row, (*found, *twins.get(place, ())))
            for place, (message, context, found) in enumerate(results)
        )


def message_of(draft: Draft) -> Message:
    """A draft as a message; attachments cannot be told yet."""
    return Message("", (draft.address,) if draft.address else (), draft.subject, draft.body)


def near_identical(messages: Sequence[tuple[Message, Context]]) -> dict[int, tuple[Finding, ...]]:
    """Which of some messages say almost the same as an earlier one to somebody else of the same company."""
    found: dict[int, tuple[Finding, ...]] = {}
    cores = [core(message, context) for message, context in messages]
    for place, (_, context) in enumerate(messages):
        for earlier in range(place):
            other = messages[earlier][1]
            same = context.company and company_words(context.company) == company_words(other.company)
            if not same or (context.recipient and context.recipient == other.recipient):
                continue
            if similarity(cores[place], cores[earlier]) >= NEAR_IDENTICAL:
                whom = other.recipient or ", ".join(messages[earlier][0].to) or messages[earlier][0].name
                found[place] = (finding("near-identical", "message", found=whom),)
                break
    return found


def similarity(one: str, other: str) -> float:
    """How alike two texts are, 0 to 100."""
    return fuzz.ratio(one, other) if one and other else 0.0


def core(message: Message, context: Context) -> str:
    """A message's own sentences without names, so that another greeting makes no other message."""
    body = own_part(message, context)
    names = {part for name in context.people for part in name_parts(name)}
    return " ".join(token.folded for token in tokens(body) if token.folded not in names)


def _people_of(row: Row, tracker: Tracker) -> tuple[str, ...]:
    listed = [*split_people(row.text["contact"])]
    listed += [
        name for text in tracker.debrief.loc[tracker.debrief["row"] == row.row, "people"] for name in split_people(text)
    ]
    listed += [name for entry in row.history for name in split_people(str(entry["contact"]))]
    people = (person.name for text in listed if (person := read_person(text)) is not None)
    return tuple(dict.fromkeys(people))


def _own_text(row: Row, tracker: Tracker) -> str:
    debriefs = tracker.debrief[tracker.debrief["row"] == row.row].to_dict("records")
    parts = [*row.text.values(), *(str(value) for entry in debriefs for value in entry.values())]
    parts += [f"{entry['contact']} {entry['note']}" for entry in row.history]
    return "\n".join(parts)


def identify(message: Message, tracker: Tracker, directory: Directory) -> tuple[int, str, str, str] | None:
    """The row a finished message belongs to, its rule, recipient and channel ("" where unknown); None if none fits.

    By its file name, else by its address, else by the only company of the tracker whose name it holds.
    """
    named = _by_name(message.name, tracker)
    if named is not None:
        return named
    frame = tracker.frame
    for address in message.to:
        rows = [
            row
            for row, cell in zip(frame.index.tolist(), frame["email"].tolist(), strict=True)
            if fold(address) in fold(cell)
        ]
        if len(rows) == 1:
            return int(rows[0]), "", "", ""
        owners = list(directory.owners(address))
        found = [row for owner in owners for row in directory.company_rows.get(owner, ())]
        if len(found) == 1:
            return int(found[0]), "", "", ""
    return _by_company(message, directory)


def _by_name(name: str, tracker: Tracker) -> tuple[int, str, str, str] | None:
    parts = row_parts(name)
    if parts is None or parts[3] not in rules():
        return None
    company, role, person, rule, way = parts
    frame: Any = tracker.frame
    columns: Iterable[tuple[Any, ...]] = zip(
        frame.index.tolist(), frame["company"].tolist(), frame["role"].tolist(), strict=True
    )
    rows = [row for row, theirs, job in columns if slug(theirs) == company and slug(job) == role]
    if not rows:
        return None
    for row in rows:
        debriefs = tracker.debrief.loc[tracker.debrief["row"] == row, "people"].tolist()
        people = [each for cell in (frame.at[row, "contact"], *debriefs) for each in split_people(cell)]
        whom = next((each for each in people if slug(each) == person), "")
        if whom or person == "x":
            return int(row), rule, whom, way
    return int(rows[0]), rule, "", way


def _by_company(message: Message, directory: Directory) -> tuple[int, str, str, str] | None:
    found = tokens(f"{message.subject}\n{message.body}")
    companies = {
        company_words(mention.name)
        for mention, _ in directory.companies.find(found)
        if means_company(found, mention, mention.name, titled=False)
    }
    rows = [row for company in companies for row in directory.company_rows[company]]
    return (int(rows[0]), "", "", "") if len(rows) == 1 else None
