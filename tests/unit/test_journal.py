"""Notes of what was written: packed and unpacked alike, replayed, pruned by age and count with given times."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Final

import pytest

from sheetsync.book import Formula, Sheet
from sheetsync.model import Area, TableArea
from sheetsync.nightly.journal import AppendNote, Column, EditNote, Journal, Note, People
from sheetsync.nightly.packing import pack, unpack

NOON: Final = dt.datetime(2026, 11, 16, 12, tzinfo=dt.UTC)
DAY: Final = dt.timedelta(days=1)


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Journal:
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path))
    return Journal(str(tmp_path / "jobs.xlsx"))


def write(journal: Journal, moment: dt.datetime = NOON) -> int:
    note = Note(0, moment, "sync", cells={"why": Column((2,), ("old",), ("new",))})
    return journal.keep(note).number


def undo(journal: Journal, moment: dt.datetime = NOON, *, whole: bool = False) -> int:
    last = journal.stacks().done[-1].number
    return journal.keep(Note(0, moment, "undo", kind="undo", of=(last,), whole=whole)).number


def redo(journal: Journal, moment: dt.datetime = NOON) -> int:
    last = journal.stacks().undone[-1]
    return journal.keep(Note(0, moment, "redo", kind="redo", of=(last.number,), whole=last.whole)).number


def numbers(journal: Journal) -> tuple[list[int], list[int]]:
    stacks = journal.stacks()
    return [note.number for note in stacks.done], [note.number for note in stacks.undone]


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text with \ud800 half a character",
        3,
        2.5,
        True,
        dt.date(2026, 2, 28),
        dt.datetime(2026, 2, 28, 9, 30),
        NOON,
        dt.time(9, 30),
        dt.timedelta(hours=30),
        ("a", None, dt.date(2026, 1, 1), ("b",)),
        {1: "a", "b": {(1, 2): dt.date(2026, 1, 1)}},
        ("l", "looks like a packed list"),
        Sheet("S", (("a", Formula("1+1", 2)),), table=TableArea("T", Area(1, 1, 2, 1)), tab="log", notes={(1, 2): "n"}),
    ],
)
def test_what_is_packed_comes_back(value: Any) -> None:
    assert unpack(pack(value)) == value


def test_what_is_no_value_of_ours_is_not_packed() -> None:
    with pytest.raises(TypeError):
        pack(object())


@pytest.mark.parametrize("packed", [["c", "Popen", {}], ["?", 1], []])
def test_what_nobody_packed_is_not_unpacked(packed: Any) -> None:
    with pytest.raises((ValueError, KeyError)):
        unpack(packed)


def test_a_note_comes_back_as_it_was(journal: Journal) -> None:
    note = Note(
        0,
        NOON,
        "log",
        sheet="Jobs",
        header_row=3,
        options={"sheet": "Jobs", "fields": {"company": "A"}},
        highlight="row",
        who=People((4,), ("id-1",), ("Ash & Co",), ("Analyst",), ("Ann",)),
        cells={"next_contact": Column((4,), (None,), (dt.date(2026, 11, 20),))},
        edits=(EditNote("Jobs", 4, 2, "Applied", "Closed", field="stage"),),
        appends=(AppendNote("History", ({1: dt.date(2026, 11, 15), 2: "Ash & Co"},)),),
        added=("next_contact",),
        before="0123456789abcdef",
        after="fedcba9876543210",
    )
    kept = journal.keep(note)
    assert journal.notes() == (kept,)
    assert kept.changed_cells == 4


def test_an_undo_takes_the_last_off_and_a_redo_puts_it_on(journal: Journal) -> None:
    first, second = write(journal), write(journal)
    one, other = undo(journal), undo(journal)
    assert numbers(journal) == ([], [one, other])
    again = redo(journal)
    assert numbers(journal) == ([again], [one])
    new = write(journal)
    assert numbers(journal) == ([again, new], [])
    assert (first, second) == (1, 2)


def test_a_whole_file_brought_back_has_its_own_writes_again(journal: Journal) -> None:
    first, second = write(journal), write(journal)
    undo(journal, whole=True)
    assert numbers(journal)[0] == [first]
    redo(journal)
    assert numbers(journal) == ([first, second], [])
    write(journal)
    assert numbers(journal)[0][:2] == [first, second]


def test_thirty_writes_are_kept_and_none_beyond_fourteen_days_but_the_newest(journal: Journal) -> None:
    for number in range(40):
        write(journal, NOON + dt.timedelta(minutes=number))
    assert numbers(journal)[0] == list(range(11, 41))
    late = write(journal, NOON + 14 * DAY + dt.timedelta(minutes=30))
    assert numbers(journal)[0] == [*range(31, 41), late]
    later = write(journal, NOON + 60 * DAY)
    assert numbers(journal)[0] == [later]
    assert len([*journal.folder.iterdir()]) == 1


def test_undoing_all_of_thirty_loses_none_of_them_on_the_way(journal: Journal) -> None:
    for number in range(30):
        write(journal, NOON + dt.timedelta(minutes=number))
    undone = []
    while done := journal.stacks().done:
        undone.append(done[-1].number)
        undo(journal, NOON + DAY)
    assert undone == list(range(30, 0, -1))
    assert len(journal.stacks().undone) == 30


def test_numbers_go_on_whatever_the_clock_says(journal: Journal) -> None:
    write(journal, NOON)
    second = write(journal, NOON - 5 * DAY)
    assert numbers(journal)[0][-1] == second == 2


def test_what_was_taken_back_is_kept_as_long_as_it_can_be_brought_again(journal: Journal) -> None:
    write(journal)
    write(journal)
    undo(journal)
    assert [note.number for note in journal.notes()] == [1, 2, 3]
    write(journal)
    assert [note.number for note in journal.notes()] == [1, 4]
