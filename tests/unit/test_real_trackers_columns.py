"""Real trackers, labelled by hand, are recognised: sheet, header row, columns and status words.

The figures asked for are sums over all files, as are the tests; the first line of a failure lists what went wrong.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sheetsync.errors import NoTrackerError
from sheetsync.model import DATE_FIELDS, Layout, column_number
from sheetsync.settings import Settings
from sheetsync.sheets import open_source
from sheetsync.tracker.recognise import recognise
from sheetsync.tracker.stages import read_stage

pytestmark = pytest.mark.shared

UNLABELLED = {
    "interview_2_on", "interview_3_on", "round", "start_on", "paused_until", "relationship", "coach_notes",
}  # fmt: skip
"""Fields for which no label exists: the annotator called such columns "other"."""


@dataclass(frozen=True)
class Judged:
    """A labelled file, and what was recognised in it; no layout where no tracker was."""

    label: dict[str, Any]
    layout: Layout | None

    @property
    def name(self) -> str:
        return str(self.label["file"])

    @property
    def is_sure(self) -> bool:
        return bool(self.label["tracker_certainty"] == "sure")

    def columns(self) -> Iterator[tuple[str, dict[str, Any], str]]:
        """Place, label and the field given, for each labelled column of the sheet that was recognised."""
        field_of = {column: name for name, column in self.layout.columns.items()} if self.layout else {}
        spec = self.label
        if self.layout and self.layout.sheet in spec.get("other_tracker_sheets", {}):
            spec = spec["other_tracker_sheets"][self.layout.sheet]
        for letter, column in spec["columns"].items():
            yield f"{self.name} {letter} {column['header']!r}", column, field_of.get(column_number(letter), "other")


def is_right(column: dict[str, Any], given: str) -> bool:
    wanted = {column["field"], *column["also_ok"]}
    return given in wanted or ("other" in wanted and given in UNLABELLED)


@pytest.fixture(scope="module")
def judged(shared: Path) -> list[Judged]:
    return [
        Judged(label, layout(shared / "trackers" / label["file"]))
        for label in json.loads((shared / "trackers" / "labels.json").read_text(encoding="utf-8"))
    ]


def layout(path: Path) -> Layout | None:
    try:
        return recognise(open_source(str(path)).read(), Settings())
    except NoTrackerError:
        return None


def test_the_sheet_and_the_header_row_are_found_in_all_that_surely_are_trackers(judged: list[Judged]) -> None:
    wrong = {}
    for file in judged:
        label, found = file.label, file.layout
        if not (label["tracker"] and file.is_sure):
            continue
        also = found is not None and found.sheet in label["sheet_also_ok"]
        right = found is not None and label["sheet"] in (None, found.sheet) and found.header_row == label["header_row"]
        if not (right or also):
            wrong[file.name] = found and (found.sheet, found.header_row)

    assert not wrong


def test_what_surely_is_no_tracker_is_refused(judged: list[Judged]) -> None:
    taken = [file.name for file in judged if not file.label["tracker"] and file.is_sure and file.layout]

    assert not taken


def test_nearly_all_columns_that_are_sure_are_right(judged: list[Judged]) -> None:
    sure = [(place, c, given) for f in judged for place, c, given in f.columns() if c["certainty"] == "sure"]
    wrong = [f"{place}: {given}, not {c['field']}" for place, c, given in sure if not is_right(c, given)]

    assert len(sure) > 150
    assert len(wrong) <= 0.03 * len(sure), wrong


def test_no_date_field_is_ever_given_to_a_wrong_column(judged: list[Judged]) -> None:
    wrong = [
        f"{place}: {given}, not {column['field']}"
        for file in judged
        for place, column, given in file.columns()
        if given in DATE_FIELDS and not is_right(column, given)
    ]

    assert not wrong


def test_the_first_and_the_last_thread_row_are_found(judged: list[Judged]) -> None:
    wrong = {
        file.name: (found.first_row, found.last_row)
        for file in judged
        if (found := file.layout) is not None
        and file.label["tracker"]
        and file.is_sure
        and found.header_row == file.label["header_row"]
        and found.sheet not in file.label["sheet_also_ok"]
        and (found.first_row, found.last_row) != (file.label["first_data_row"], file.label["last_data_row"])
    }

    assert not wrong


def test_nearly_all_status_words_are_read(judged: list[Judged]) -> None:
    labelled = []
    for file in judged:
        for spec in (file.label, *file.label.get("other_tracker_sheets", {}).values()):
            also = spec.get("stages_also_ok", {})
            for text, stage in (*spec.get("stages", {}).items(), *spec.get("dropdown_stages", {}).items()):
                labelled.append((text, {stage, *also.get(text, ())}))
    wrong = [
        f"{text!r}: {read_stage(text, {}).stage}, not {sorted(stages)}"
        for text, stages in labelled
        if read_stage(text, {}).stage not in stages
    ]

    assert len(labelled) > 80
    assert len(wrong) <= 0.05 * len(labelled), wrong
