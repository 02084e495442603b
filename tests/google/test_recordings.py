"""The emulator is judged by recordings of the real Google: the same requests, the answers compared field by field.

`python tests/google/replay.py FOLDER` prints the figure for any folder of recordings.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from replay import Outcome, Replay, figure, replay_folder

AT_LEAST = 0.95

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def outcomes(shared: Path) -> list[Outcome]:
    """Every recorded exchange, replayed against a fresh emulator a recording."""
    folder = shared / "google" / "recorded"
    if not folder.is_dir():
        pytest.skip("the recordings of Google's answers are not here")
    return replay_folder(folder)


def test_recorded_answers_are_given_again_field_by_field(outcomes: list[Outcome]) -> None:
    compared = [outcome for outcome in outcomes if not outcome.skipped]
    identical = sum(outcome.identical for outcome in compared)
    assert identical >= AT_LEAST * len(compared), figure(outcomes)
    assert len(compared) >= AT_LEAST * len(outcomes), figure(outcomes)


def test_every_other_answer_is_listed_with_a_reason(outcomes: list[Outcome]) -> None:
    unlisted = [outcome for outcome in outcomes if outcome.differences and not outcome.reason]
    assert not unlisted, figure(outcomes)


def test_the_comparison_notices_a_wrong_answer(shared: Path) -> None:
    """The judge is judged: recordings with one field changed, dropped, added or of another type are found out."""
    path = shared / "google" / "recorded" / "WorksheetTest.test_batch_update.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    place = next(n for n, line in enumerate(lines) if "batchUpdate" in line["uri"])
    changes: tuple[dict[str, Any], ...] = (
        {"totalUpdatedCells": 9},
        {"totalUpdatedCells": "8"},
        {"totalUpdatedCells": None},
        {"nothing": {}},
        {"spreadsheetId": lines[place]["response"]["spreadsheetId"] + "x"},
        {"responses": lines[place]["response"]["responses"][:1]},
    )
    for change in changes:
        changed = [*lines[:place], lines[place] | {"response": lines[place]["response"] | change}, *lines[place + 1 :]]
        found = [outcome.line for outcome in Replay(path.stem, changed, []).run() if outcome.differences]
        assert place + 1 in found, change


def test_an_answer_needs_the_state_the_recording_built(shared: Path) -> None:
    """Without the write before it, a recorded read is not given again: no answer is learned by heart."""
    path = shared / "google" / "recorded" / "WorksheetTest.test_batch_update.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    without = [line for line in lines if not line["uri"].endswith("values:batchUpdate")]
    assert len(without) < len(lines)
    assert any(outcome.differences for outcome in Replay(path.stem, without, []).run())
