"""A coach's notes come back: none lost, none at the wrong thread, whatever was done to either sheet."""

from __future__ import annotations

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coach.desks import desk

EDITS = (
    "sort", "insert", "delete", "note", "note", "clear", "copy_row", "move_column", "new_column", "coach_sort",
    "coach_delete", "coach_note", "coach_note", "coach_note", "coach_clear", "coach_copy_row", "coach_move_column",
    "coach_insert", "coach_rename", "coach_own_row", "take", "take", "share_again",
)  # fmt: skip


class Model:
    """Two people edit at random; after each time the notes are taken it is looked where every word of theirs is."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - no secret
        self.desk = desk("", "old 1", "", "old 3")
        self.count = 0
        self.people: dict[str, set[str]] = {}
        """Company -> the words of the tracker's side that nobody took away."""
        self.coach: dict[int, tuple[str, str]] = {}
        """The row of the copy (by identity) -> its company and the words that the coach wrote since it was shared."""
        self.sequence: list[str] = []

    def do(self, edit: str) -> None:
        self.sequence.append(edit)
        getattr(self, edit)()

    def word(self, who: str) -> str:
        self.count += 1
        return f"{who}{self.count}"

    # The tracker

    def sort(self) -> None:
        self.dice.shuffle(self.desk.rows)

    def insert(self) -> None:
        row = {"company": self.word("New"), "role": "Clerk", "id": "", "note": ""}
        self.desk.rows.insert(self.dice.randint(0, len(self.desk.rows)), row)

    def delete(self) -> None:
        if len(self.desk.rows) > 1:
            row = self.dice.choice(self.desk.rows)
            self.desk.rows.remove(row)
            self.people.pop(row["company"], None)

    def note(self) -> None:
        row = self.dice.choice(self.desk.rows)
        row["note"] = self.word("mine")
        self.people[row["company"]] = {row["note"]}

    def clear(self) -> None:
        row = self.dice.choice(self.desk.rows)
        row["note"] = ""
        self.people.pop(row["company"], None)

    def copy_row(self) -> None:
        self.desk.rows.append({**self.dice.choice(self.desk.rows), "company": self.word("Twin")})

    def move_column(self) -> None:
        order = self.desk.order
        order.append(order.pop(self.dice.randrange(len(order))))

    def new_column(self) -> None:
        self.desk.order.insert(self.dice.randint(0, len(self.desk.order)), self.word("Extra"))

    # The copy

    def coach_sort(self) -> None:
        self.dice.shuffle(self.desk.copy)

    def coach_delete(self) -> None:
        if self.desk.copy:
            row = self.desk.copy.pop(self.dice.randrange(len(self.desk.copy)))
            self.coach.pop(id(row), None)

    def coach_note(self) -> None:
        if self.desk.copy:
            row = self.dice.choice(self.desk.copy)
            row["Coach note"] = self.word("hers")
            self.coach[id(row)] = (row["Company"], row["Coach note"])

    def coach_clear(self) -> None:
        if self.desk.copy:
            row = self.dice.choice(self.desk.copy)
            row["Coach note"] = ""
            self.coach.pop(id(row), None)

    def coach_copy_row(self) -> None:
        if self.desk.copy:
            row = self.dice.choice(self.desk.copy)
            self.desk.copy.append(dict(row))
            if id(row) in self.coach:
                self.coach[id(self.desk.copy[-1])] = self.coach[id(row)]

    def coach_move_column(self) -> None:
        order = self.desk.copy_order
        order.append(order.pop(self.dice.randrange(len(order))))

    def coach_insert(self) -> None:
        self.desk.copy_order.insert(self.dice.randint(0, len(self.desk.copy_order)), self.word("Column"))
        self.desk.above = self.dice.randint(0, 5)

    def coach_rename(self) -> None:
        self.desk.copy_name = self.word("Sheet ")

    def coach_own_row(self) -> None:
        self.desk.copy.append({"Company": "", "Role": "", "Coach note": self.word("hers")})
        self.coach[id(self.desk.copy[-1])] = ("", self.desk.copy[-1]["Coach note"])

    # Together

    def share_again(self) -> None:
        self.take()
        self.coach.clear()
        self.people.clear()  # the coach has seen these words, and may put others in their place
        self.desk.share()

    def take(self) -> None:
        # an empty copy, or one of which no thread is left, is another tracker's for all that anybody knows
        ids = {row["ID"] for row in self.desk.copy if row.get("ID")}
        if not ids & {row["id"] for row in self.desk.rows if row["id"]}:
            return
        before = {row["company"]: row["note"] for row in self.desk.rows}
        notes = self.desk.take()
        left = [each.row.note for each in notes.left]
        told = "\n".join(notes.told)
        for company, words in self.coach.values():
            here = [row["note"] for row in self.desk.rows if row["company"] == company]
            assert any(words in note for note in here) or (words in left and words in told), (words, self.sequence)
        for row in self.desk.rows:
            for word in self.people.get(row["company"], ()):
                assert word in row["note"], (word, row, self.sequence)
        self.nothing_misplaced(before)
        once = [dict(row) for row in self.desk.rows]
        self.desk.take()
        assert self.desk.rows == once, self.sequence

    def nothing_misplaced(self, before: dict[str, str]) -> None:
        """What the coach wrote beside a thread came to that thread, and to no other."""
        for row in self.desk.rows:
            for company, words in self.coach.values():
                came = words in row["note"].split() and words not in before[row["company"]].split()
                assert not came or company == row["company"], (words, row, self.sequence)


@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(EDITS), min_size=4, max_size=30), st.integers(0, 10**6))
def test_no_note_is_lost_or_misplaced(edits: list[str], seed: int) -> None:
    model = Model(seed)
    for edit in [*edits, "coach_note", "take"]:
        model.do(edit)
