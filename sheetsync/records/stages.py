"""The tracker's own word for a stage, for the few commands that write one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sheetsync.changes import Edit
from sheetsync.model import Problem
from sheetsync.records.reading import Reading
from sheetsync.tracker.stages import read_stage
from sheetsync.words import stage_words


def own_word(reading: Reading, wanted: Sequence[str]) -> str:
    """The word for the first of the stages `wanted` that the status drop-down offers, else one in use, else ours."""
    grid = reading.snapshot.grid(reading.layout.sheet)
    offered = grid.dropdowns.get(reading.layout.columns.get("stage", 0), ())
    used = [text for text, _ in Counter(reading.tracker.frame["stage_text"].tolist()).most_common()]
    for words in (offered, used):
        known = {read_stage(word, reading.settings.stages).stage: word for word in reversed(words) if word}
        for stage in wanted:
            if stage in known:
                return known[stage]
    return next(word for stage in wanted if (word := stage_words().get(stage)))


def close(reading: Reading, row: int, wanted: Sequence[str]) -> Edit | Problem:
    """The edit that gives a row the status `wanted`, or why there is none."""
    layout, grid = reading.layout, reading.snapshot.grid(reading.layout.sheet)
    column = layout.columns.get("stage")
    if column is None:
        return Problem(grid.name, row, None, "The tracker has no status column, so this row cannot be closed: add one.")
    if row in grid.formulas.get(column, ()):
        return Problem(grid.name, row, column, "The status is worked out by a formula: close the row there.")
    return Edit(grid.name, row, column, grid.cell(row, column), own_word(reading, wanted))
