"""The tracker's own word for the end of a thread, for the few commands that write one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sheetsync.changes import Edit
from sheetsync.model import Problem
from sheetsync.records.reading import Reading
from sheetsync.sheets.edits import check_edits
from sheetsync.tracker.stages import read_stage
from sheetsync.words import stage_words


class Ends:
    """What ends a thread in the words of one tracker."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._grid = reading.snapshot.grid(reading.layout.sheet)
        self._column = reading.layout.columns.get("stage")
        self._offered = self._grid.dropdowns.get(self._column or 0, ())
        self._words: dict[tuple[str, ...], str | None] = {}

    def close(self, row: int, wanted: Sequence[str]) -> Edit | Problem:
        """The edit that gives a row a status of the stages `wanted`, the first that there is a word for.

        A Problem says why there is none: no status column, a cell that is left alone, a drop-down without such a word.
        """
        if self._column is None:
            return Problem(
                self._grid.name, row, None, "The tracker has no status column, so this row cannot be closed: add one."
            )
        word = self._word(tuple(wanted))
        if word is None:
            ours = stage_words()[wanted[0]]
            told = f"The status list has no word that ends a thread this way: add one, such as “{ours}”."
            return Problem(self._grid.name, row, self._column, told)
        edit = Edit(self._grid.name, row, self._column, self._grid.cell(row, self._column), word)
        _, problems = check_edits(self._grid, [edit], location=self._reading.snapshot.location)
        return problems[0] if problems else edit

    def _word(self, wanted: tuple[str, ...]) -> str | None:
        """The word that the status drop-down offers, else one in use, else ours where any word may stand."""
        if wanted not in self._words:
            self._words[wanted] = self._found(wanted)
        return self._words[wanted]

    def _found(self, wanted: tuple[str, ...]) -> str | None:
        used = [text for text, _ in Counter(self._reading.tracker.frame["stage_text"].tolist()).most_common()]
        for words in (self._offered, used):
            # what a word says by itself goes before what the person taught it to mean: "Done" is no "Cancelled"
            known = {self._ended(word): word for word in reversed(words) if word}
            known |= {
                plain: word for word in reversed(words) if word and (plain := self._ended(word)) == _plainly(word)
            }
            for stage in wanted:
                if stage in known:
                    return known[stage]
        return None if self._offered else stage_words()[wanted[0]]

    def _ended(self, word: str) -> str:
        """The stage that a word ends a thread with; "" if it does not: no answer so far is no end."""
        read = read_stage(word, self._reading.settings.stages)
        return read.stage if read.stage != "no_response" or read.over else ""


def _plainly(word: str) -> str:
    return read_stage(word, {}).stage
