"""From a plan to drafts: one message to one person, refused where it would go to the wrong one. Nothing is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from sheetsync.cadence.engine import work_out
from sheetsync.cadence.steps import SET
from sheetsync.cadence.touches import split_people
from sheetsync.errors import BY_STEP, UsageError
from sheetsync.messages.desk import Desk
from sheetsync.messages.facts import Row, deal, say_day, words
from sheetsync.messages.people import address_of, addresses_in, read_person
from sheetsync.messages.templating import Library, rule_data, rules
from sheetsync.messages.values import Draft, Drafts, Refusal, Way
from sheetsync.tracker.text import fold

if TYPE_CHECKING:
    from sheetsync.cadence.profile import Profile
    from sheetsync.model import Plan, Tracker
    from sheetsync.settings import Settings

REFUSING: Final = frozenset({"wrong-company", "wrong-person", "wrong-address", "closed-thread"})
"""The checks that refuse a draft; every other finding is a to-do of the person's."""
WITHDRAW: Final = "application.withdraw"
_DUE: Final = ("Overdue", "Due")
_SHARED_FIRST: Final = frozenset({"interview.followup_1", "interview.followup_2"})


def draft(
    tracker: Tracker, plan: Plan, profile: Profile, settings: Settings, *,
    rows: Iterable[int] | None = None, own_templates: Mapping[str, str] | None = None,
    rule: str | None = None, way: Way | None = None, anyway: bool = False,
) -> Drafts:  # fmt: skip
    """Draft the messages of some rows, or of all that are due, the most pressing first.

    `own_templates` maps file names of the person's own templates ("interview.thank_you.email.txt") to their text. `rule`
    asks for another message than the one that is next, `way` for another channel. What is refused is told in `refusals`
    and, with `anyway`, drafted all the same.

    Raises UsageError for a row that is no thread or a rule that has no message, TemplateFaultError for a broken template
    of the person's own.
    """
    if rule is not None and rule not in rules():
        raise UsageError(f"There is no message for “{rule}”: choose one of {', '.join(rules())}.")
    clerk = _Clerk(tracker, plan, profile, settings, own_templates or {})
    drafts: list[Draft] = []
    refusals: list[Refusal] = []
    for row in clerk.due() if rows is None else rows:
        if row not in tracker.frame.index:
            raise UsageError(f"Row {row} is no row of this tracker: blank rows and headings do not count.")
        made, refused = clerk.row(row, rule, way)
        stopped = {refusal.recipient for refusal in refused}
        drafts += [each for each in made if anyway or each.recipient not in stopped]
        refusals += refused
    return Drafts(tuple(drafts), tuple(refusals))


@dataclass(frozen=True, slots=True)
class _Recipient:
    name: str
    """As the cell names them; "" if nobody is named."""
    place: int
    """Among all who took part."""
    crowd: tuple[str, ...]


class _Clerk:
    """Writes the messages of one tracker."""

    def __init__(
        self, tracker: Tracker, plan: Plan, profile: Profile, settings: Settings, own: Mapping[str, str]
    ) -> None:
        self.tracker, self.plan, self.profile, self.settings = tracker, plan, profile, settings
        self.library = Library(own)
        self.desk = Desk(tracker, plan, settings)
        self.work = work_out(tracker, profile, settings, today=plan.today)
        job = tracker.frame["stage"] == "accepted"
        self.accepted = frozenset(tracker.frame.index[job].tolist())

    def due(self) -> list[int]:
        """The rows to write for today, by rank."""
        frame = self.plan.frame
        asked = frame[frame["follow_up"].isin(_DUE) & (frame["rank"] > 0)]
        return [int(row) for row in asked.sort_values("rank").index]

    def row(self, number: int, rule: str | None, way: Way | None) -> tuple[list[Draft], list[Refusal]]:
        """One row's drafts, each with what speaks against it."""
        row = self.desk.read(number)
        next_rule = self._next_rule(row)
        wanted = rule or next_rule
        if wanted is None:
            return [], [Refusal(number, "nothing-to-send", self._nothing(row))]
        drafts, refusals = [], []
        for recipient in self._recipients(row, wanted):
            made = self._write(row, wanted, recipient, way)
            drafts.append(made)
            findings = self.desk.check(made)
            refusals += [
                Refusal(number, finding.rule, finding.message, made.recipient)
                for finding in findings
                if finding.rule in REFUSING and finding.severity == "error"
            ]
        return drafts, _once(refusals)

    def _next_rule(self, row: Row) -> str | None:
        """Which message is next; None if nothing is to be sent."""
        at = self._at(row)
        own_task = row.plan["action"] == "project.reminder" and row.text.get("stage") in ("saved", "assessment")
        if own_task or row.plan["follow_up"] in ("", "Waiting"):
            return None
        if row.plan["action"]:
            return str(row.plan["action"])
        if self.work.outcome.withdraw[at]:
            return WITHDRAW
        if self.work.choice.level[at] == SET:
            return rule_data("set_date").get(str(row.plan["kind"]))
        return None

    def _nothing(self, row: Row) -> str:
        state, action = str(row.plan["follow_up"]), str(row.plan["next_action"])
        if row.plan["action"] == "project.reminder":
            return f"Row {row.row} needs no message: “{action}” is yours to do."
        if state == "Closed":
            return f"Row {row.row} is closed: nothing more is to be sent.{BY_STEP}"
        if state and action:
            return f"Row {row.row} needs no message now: {action[:1].lower()}{action[1:]}."
        return f"Row {row.row} needs no message: nothing has been sent and no date is set."

    def _at(self, row: Row) -> int:
        return int(self.tracker.frame.index.get_loc(row.row))  # type: ignore[arg-type]  # the index is unique

    def _recipients(self, row: Row, rule: str) -> list[_Recipient]:
        """Whom to write to: after an interview or a meeting everybody who is not thanked yet, else the first contact."""
        at, touches = self._at(row), self.work.situation.touches
        named = split_people(row.text["contact"])
        together = touches.crowd[touches.crowd_of[at]] if touches.crowd else ()
        crowd = tuple(together) or named or ("",)
        if rules()[rule]["to"] != "each":
            first = next((name for name in named if read_person(name)), crowd[0])
            place = crowd.index(first) if first in crowd else 0
            return [_Recipient(first, place, crowd)]
        covered = int(self.work.choice.progress.covered[at]) if together and rule == row.plan["action"] else 0
        left = [place for place in range(len(crowd)) if not covered >> place & 1] or list(range(len(crowd)))
        return [_Recipient(crowd[place], place, crowd) for place in left]

    def _write(self, row: Row, rule: str, recipient: _Recipient, way: Way | None) -> Draft:
        person = read_person(recipient.name)
        name = person.name if person else ""
        known = addresses_in(row.text["email"] + " " + row.text["contact"] + " " + row.debrief.get("titles", ""))
        address = address_of(name, [each for each in recipient.crowd if each], known)
        chosen = way or self._way(row, rule, address)
        file = self.library.find(rule, chosen)
        assert file is not None  # noqa: S101  # every rule has a first way; a test holds the files to it
        used = _way_of(file)
        if way not in (None, used, "message"):
            ways = ", ".join(rules()[rule]["ways"])
            raise UsageError(
                f"There is no {way} for “{rule}”: it goes by {ways}. A template of your own, messages/{rule}.{way}.txt "
                "beside the tracker, makes one."
            )
        shares = deal(row.debrief, recipient.crowd)
        place = recipient.place
        facts = words(
            row, rule=rule, recipient=person, place=place, shares=shares, address=address, phone=row.text["phone"],
            profile=self.profile, settings=self.settings, today=self.plan.today,
            accepted_elsewhere=bool(self.accepted - {row.row}),
        )  # fmt: skip
        if rule in _SHARED_FIRST and facts["extra"] is not None and facts["extra"].fit:
            # the thank-you said the other one already
            facts["main"], facts["extra"] = facts["extra"], facts["main"]
        written = self.library.write(file, facts)
        subject = written.subject if used in ("email", "letter") and chosen != "message" else ""
        return Draft(
            row=row.row, rule=rule, channel=chosen if chosen == "message" else used, company=row.company,
            role=row.text["role"], recipient=name, address=address, phone=row.text["phone"],
            subject=" ".join(subject.split()), body=written.body, gaps=written.gaps, template=written.template,
            todos=(*_todos(row, chosen, name, address), *self._not_yet(row, rule)),
        )  # fmt: skip

    def _not_yet(self, row: Row, rule: str) -> list[str]:
        """The day before which the next message must not go: a draft made ahead of time is no leave to send it."""
        begin = row.plan["earliest"]
        if rule != self._next_rule(row) or begin != begin or begin.date() <= self.plan.today:  # noqa: PLR0124 (NaT)
            return []
        return [f"Not before {say_day(begin.date(), self.plan.today)}."]

    def _way(self, row: Row, rule: str, address: str) -> Way:
        """The plan's channel as a way of writing; where nothing is agreed, by email if there is an address."""
        channel = fold(str(row.plan["channel"]))
        ways = rules()[rule]["ways"]
        found = rule_data("channel_ways").get(channel)
        if found == "connection" and "connection" not in ways:
            return "message"
        if found is not None:
            return cast("Way", found)
        if channel in ("", "find a contact", "as agreed", "as promised"):
            by_phone = channel.startswith("as ") and not address and row.text["phone"]
            return "phone" if by_phone and "phone" in ways else ways[0]
        return "message"


def _way_of(file: str) -> Way:
    return cast("Way", file.rsplit(".", 2)[-2])


def _todos(row: Row, way: Way, name: str, address: str) -> tuple[str, ...]:
    todos = []
    whom = name or row.company
    if way == "email" and not address:
        todos.append(f"Find the address of {whom}.")
    if not name:
        todos.append(f"Find somebody at {row.company} to write to." if row.company else "Find somebody to write to.")
    return tuple(todos)


def _once(refusals: Sequence[Refusal]) -> list[Refusal]:
    return list({(each.recipient, each.rule, each.message): each for each in refusals}.values())
