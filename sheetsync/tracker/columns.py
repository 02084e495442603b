"""Which column means what: headers and contents weighed against each other, at most one column for a field."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from sheetsync.model import Grid
from sheetsync.tracker.evidence import Evidence, sample
from sheetsync.tracker.headers import Header, Meaning, read_header
from sheetsync.tracker.text import is_blank
from sheetsync.tracker.vocabulary import data

LEAST: Final = 0.4
"""A column that is less sure than this is left alone."""
_AGREES: Final = 0.03
"""What a content that agrees with its header adds to the confidence."""
_BEYOND_GAP: Final = 0.4
"""What a gap between a column and the table takes off: side panels stand there."""
_GAP: Final = 4
_NEAR: Final = 400
"""So many blank rows end a list, looked for in the first rows below the header."""
_UNREAD_STATES: Final = 0.2
_ORDINALS: Final = frozenset({"one", "two", "three", "four"})
_REMINDERS: Final = frozenset({"followup", "followedup", "reminder"})
_ROUNDS: Final = frozenset({"assessment", "screen", "onsite", "first", "second", "third", "fourth"})
_GROUPED_SURENESS: Final = 0.85
_GROUPED: Final = frozenset({"date", "name", "time", "on", "email", "phone", "status", "result", ""})
"""Headers that say too little by themselves: what stands in the row above them is read along."""


@dataclass(frozen=True)
class Reading:
    """What the columns below one header row mean."""

    row: int
    headers: Mapping[int, str]
    columns: Mapping[str, int]
    confidence: Mapping[str, float]
    touches: tuple[int, ...]
    right: int
    score: float
    """How much a tracker it looks like: the weights of the fields found, each times its confidence."""
    identity: float
    process: float

    @property
    def unmapped(self) -> dict[int, str]:
        taken = {*self.columns.values(), *self.touches}
        return {column: text for column, text in self.headers.items() if column not in taken}


@dataclass(frozen=True)
class Sheet:
    """A grid with a row taken for the header row.

    `skip` are columns that are ours. `forced` are the fields that the person mapped; None leaves one unmapped.
    """

    grid: Grid
    row: int
    skip: AbstractSet[int] = frozenset()
    own_words: Mapping[str, str] = field(default_factory=dict)
    forced: Mapping[str, int | None] = field(default_factory=dict)

    def read(self) -> Reading:
        """Give each column at most one field, each field at most one column."""
        columns = {name: column for name, column in self.forced.items() if column is not None}
        confidence = dict.fromkeys(columns, 1.0)
        taken = {*columns.values(), *self.touches}
        offers = sorted(self._offers(), key=lambda offer: (-offer[0], offer[1]))
        for sure, column, name in offers:
            if name not in columns and name not in self.forced and column not in taken and sure >= LEAST:
                columns[name] = column
                confidence[name] = round(min(sure, 0.99), 2)
                taken.add(column)
        identity, process, score = self._weigh(columns, confidence)
        right = max([self._last_of_block(), *columns.values(), *self.touches], default=0)
        return Reading(self.row, self.texts, columns, confidence, self.touches, right, score, identity, process)

    @cached_property
    def texts(self) -> dict[int, str]:
        """The header texts by column, ours left out; in a table, its own only."""
        columns: Sequence[int] = range(1, self.grid.n_columns + 1)
        for table in self.grid.tables:
            if table.area.top == self.row:
                columns = range(table.area.left, min(table.area.right, self.grid.n_columns) + 1)
        found = ((column, self.grid.columns[column - 1][self.row - 1]) for column in columns if column not in self.skip)
        return {
            column: text.strip()
            for column, text in found
            if isinstance(text, str) and text.strip() and "(sheetsync)" not in text
        }

    @cached_property
    def read_headers(self) -> dict[int, Header]:
        return {column: self._read(column, text) for column, text in self.texts.items()}

    def _read(self, column: int, text: str) -> Header:
        header = read_header(text)
        if header.concepts <= _GROUPED and (group := self._group(column)):
            together = read_header(f"{group} {text}")
            if together.meanings:
                unsure = (replace(m, confidence=m.confidence * _GROUPED_SURENESS) for m in together.meanings)
                return replace(together, meanings=tuple(unsure))
        return header if header.meanings or "" not in header.concepts else read_header(text, typos=True)

    def _group(self, column: int) -> str:
        """The text of the group row above a header: the nearest one to the left, if that row holds groups."""
        if self.row == 1:
            return ""
        above = self.grid.row(self.row - 1)
        if not any(value not in (None, "") for value in above) and self.row > 2:
            above = self.grid.row(self.row - 2)
        filled = [at for at, value in enumerate(above, start=1) if isinstance(value, str) and value.strip()]
        left = [at for at in filled if at <= column]
        return str(above[left[-1] - 1]).strip() if len(filled) > 1 and left else ""

    def evidence(self, column: int) -> Evidence:
        if column not in self._evidence:
            self._evidence[column] = sample(self.grid, column, self.row + 1, self._last_row, self.own_words)
        return self._evidence[column]

    @cached_property
    def _last_row(self) -> int:
        """Where the contents that tell end: a key to the colours, or another list, may stand below a gap."""
        for table in self.grid.tables:
            if table.area.top == self.row:
                return table.area.bottom - table.totals_rows
        columns = [self.grid.columns[column - 1] for column in self.texts]
        blank = 0
        begun = False
        for row in range(self.row + 1, min(self.grid.n_rows, self.row + _NEAR) + 1):
            if any(not is_blank(column[row - 1]) for column in columns):
                begun, blank = True, 0
            else:
                blank += begun
            if blank == _GAP:
                return row - _GAP
        return self.grid.n_rows

    @cached_property
    def _evidence(self) -> dict[int, Evidence]:
        return {}

    # -- what sort of sheet

    def _names(self, *concepts: str) -> bool:
        return any(header.names(concept) for header in self.read_headers.values() for concept in concepts)

    def _means(self, name: str) -> bool:
        return any(
            meaning.field == name and meaning.confidence >= 0.7 and not meaning.context
            for header in self.read_headers.values()
            for meaning in header.meanings
        )

    @cached_property
    def contexts(self) -> AbstractSet[str]:
        """Of "job" (applications), "people" (a name is a person), "dated" (a bare date is when it began), "project", "mail", "sending"."""
        applying = self._names("apply")
        job = applying or self._means("role") or self._names("interview", "posted", "salary")
        found: set[str] = set()
        if job:
            found.add("job")
        if job or self._names("deal"):
            found.add("sending")
        if self._means("company") or not job:
            found.add("people")
        named = any(header.concepts == {"name"} for header in self.read_headers.values())
        networking = not applying and (named or self._names("contacted", "linkedin", "relationship", "meeting"))
        if job and not networking and not self._names("mail"):
            found.add("dated")
        if self._names("mail"):
            found.add("mail")
        if self._names("deal") and not job:
            found.add("project")
        return found

    @cached_property
    def touches(self) -> tuple[int, ...]:
        """The columns of past reminders: "relance 1", "Follow-up 2", holding dates or nothing yet."""
        return tuple(
            column
            for column, header in self.read_headers.items()
            if header.concepts & _ORDINALS
            and header.concepts & _REMINDERS
            and header.concepts <= _ORDINALS | _REMINDERS | {"date", "on"}
            and self.evidence(column).holds("dates?")
            and column not in self.forced.values()
        )

    # -- what may be mapped

    def _offers(self) -> Iterator[tuple[float, int, str]]:
        for column, header in self.read_headers.items():
            far = column > self._last_of_block() or column < self._first_of_block()
            for meaning in header.meanings:
                if self._allows(column, header, meaning):
                    sure = meaning.confidence + self._agreement(column, meaning) - _BEYOND_GAP * far
                    yield sure, column, meaning.field

    def _allows(self, column: int, header: Header, meaning: Meaning) -> bool:
        if meaning.context and meaning.context not in self.contexts:
            return False
        evidence = self.evidence(column)
        if meaning.field == "id" and evidence.computed:
            return False
        if meaning.field == "contact" and header.concepts == {"person"} and evidence.is_empty:
            return not self._stands_among_rounds(column)
        return not meaning.content or evidence.holds(meaning.content)

    def _stands_among_rounds(self, column: int) -> bool:
        """An empty "Recruiter" between "Coding challenge" and "Onsite" is a round, too."""
        return all(self._is_round(beside) for beside in (column - 1, column + 1))

    def _is_round(self, column: int) -> bool:
        header = self.read_headers.get(column)
        if header is None:
            return False
        evidence = self.evidence(column)
        silent = header.names("phone") and not evidence.is_empty and not evidence.holds("phones")
        return silent or bool(header.concepts & _ROUNDS)

    def _agreement(self, column: int, meaning: Meaning) -> float:
        evidence = self.evidence(column)
        if meaning.field == "stage":
            tells = min(evidence.distinct_states, 5) * 0.01
            if evidence.is_empty and not evidence.dropdown:
                return 0.0
            return tells + 0.1 * evidence.states if evidence.states or evidence.has_dropdown_states else -_UNREAD_STATES
        if evidence.is_empty:
            return 0.0
        return _AGREES if meaning.content else _AGREES / 2

    # -- where the table ends

    @cached_property
    def _blocks(self) -> list[tuple[int, int]]:
        """Runs of columns without a gap; a gap is a column with neither header nor content below it."""
        blocks: list[tuple[int, int]] = []
        for column in range(1, self.grid.n_columns + 1):
            if column in self.skip or (column not in self.texts and self.evidence(column).is_empty):
                continue
            if blocks and blocks[-1][1] == column - 1:
                blocks[-1] = (blocks[-1][0], column)
            else:
                blocks.append((column, column))
        return blocks

    @cached_property
    def _block(self) -> tuple[int, int]:
        """The run of columns with the most headers that are understood."""

        def known(block: tuple[int, int]) -> int:
            return sum(1 for column, h in self.read_headers.items() if h.meanings and block[0] <= column <= block[1])

        return max(self._blocks, key=lambda block: (known(block), -block[0]), default=(1, 0))

    def _first_of_block(self) -> int:
        return self._block[0]

    def _last_of_block(self) -> int:
        last = self._block[1]
        while last > self._block[0] and last not in self.texts:
            last -= 1
        return last

    # -- how much a tracker it is

    def _weigh(self, columns: Mapping[str, int], confidence: Mapping[str, float]) -> tuple[float, float, float]:
        weights: Mapping[str, Mapping[str, float]] = data("fields.toml")["weights"]

        def total(sort: str, sum_of: Callable[[Iterator[float]], float]) -> float:
            return sum_of(weight * confidence[name] for name, weight in weights[sort].items() if name in columns)

        identity = total("identity", lambda found: max(found, default=0.0))
        process = total("process", sum)
        stage = columns.get("stage")
        if stage and self.forced.get("stage") is None:
            evidence = self.evidence(stage)
            if not evidence.is_empty and not evidence.states:
                process -= weights["process"]["stage"] * confidence["stage"] / 2
        rounds = sum(1 for header in self.read_headers.values() if header.concepts & _ROUNDS)
        process += min(rounds, 2) + min(len(self.touches), 2)
        foreign = sum(1 for header in self.read_headers.values() if header.names("foreign"))
        every = total("identity", sum) + process + total("support", sum)
        return identity, process, every - foreign * weights["foreign"]["each"]
