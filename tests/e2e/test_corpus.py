"""Every workbook of the local collection goes through the real command, and comes out whole.

`python -m pytest tests/e2e/test_corpus.py -q` prints at its end how many files came to which end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from judges import as_openpyxl, compare, invariants, validator
from judges.marks import needs_validator

from e2e.corpus import Case, Story, collection, cost_of, live, reasons_to_refuse

if TYPE_CHECKING:
    from collections.abc import Callable

CASES = collection()
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not CASES, reason="the collection of real trackers is not here (set SHEETSYNC_SHARED)"),
]
# of the module's scope, so that all tests of one workbook stand together and its story is lived once
every_workbook = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name, scope="module")


@pytest.fixture(scope="module")
def story(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The workbook's story, lived once for all tests of it."""
    return live(case, tmp_path_factory.mktemp("corpus"))


@pytest.fixture
def synced(story: Story) -> Story:
    """The story of a workbook that was synced; the others have their own tests."""
    if story.first.code:
        pytest.skip(f"refused with exit code {story.first.code}: nothing was written")
    return story


@every_workbook
def test_a_workbook_is_synced_or_refused_with_good_reason(
    story: Story, record_property: Callable[[str, object], None]
) -> None:
    first = story.first
    record_property("outcome", f"exit {first.code}" if first.code else "synced")
    assert first.error is None, first.complained
    assert first.code in {0, 3, 4}, first.complained
    reasons = reasons_to_refuse(story.before)
    if first.code:
        assert reasons, first.complained
        assert first.complained.count("\n") == 1, "one sentence"


@every_workbook
def test_a_refused_file_is_untouched(story: Story) -> None:
    if not story.first.code:
        pytest.skip("it was synced: the other tests look at it")
    assert story.after.read_bytes() == story.before.read_bytes()


@every_workbook
def test_the_other_parts_stay_byte_for_byte_and_in_order(synced: Story) -> None:
    allowed = compare.may_change(synced.before, synced.sheet)
    assert compare.untouched(synced.before, synced.after, allowed) == []


@every_workbook
def test_every_cell_that_is_not_ours_stays(synced: Story) -> None:
    assert compare.same_cells(synced.before, synced.after, synced.sheet, synced.ours) == []


@every_workbook
def test_rules_tables_names_and_styles_of_the_person_stay(synced: Story) -> None:
    assert compare.same_elsewhere(synced.before, synced.after, synced.sheet, synced.ours) == []


@every_workbook
def test_openpyxl_sees_the_same(synced: Story) -> None:
    assert as_openpyxl.same_to_openpyxl(synced.before, synced.after, synced.sheet, synced.ours) == []


@every_workbook
def test_no_invariant_is_newly_broken(synced: Story) -> None:
    assert invariants.new_violations(synced.before, synced.after) == []


@needs_validator
@every_workbook
def test_the_validator_has_no_new_error(synced: Story) -> None:
    assert validator.new_errors(synced.before, synced.after) == []


@every_workbook
def test_a_second_sync_writes_nothing(synced: Story) -> None:
    assert synced.second is not None
    assert synced.second.code == 0, synced.second.complained
    assert synced.second.report["written"] is False
    assert synced.second.report["changed_cells"] == 0
    assert synced.after.read_bytes() == synced.twice.read_bytes()
    assert synced.stamps[0] == synced.stamps[1], "the file's time of change moved"


@every_workbook
def test_a_week_later_only_our_columns_change(synced: Story) -> None:
    assert synced.third is not None
    assert synced.third.code == 0, synced.third.complained
    assert synced.third.report["owned"] == synced.first.report["owned"]
    assert compare.untouched(synced.before, synced.later, compare.may_change(synced.before, synced.sheet)) == []
    assert compare.same_cells(synced.before, synced.later, synced.sheet, synced.ours) == []
    assert compare.same_elsewhere(synced.before, synced.later, synced.sheet, synced.ours) == []
    assert invariants.new_violations(synced.before, synced.later) == []


@every_workbook
def test_remove_leaves_no_trace(synced: Story) -> None:
    assert synced.removal is not None
    assert synced.removal.code == 0, synced.removal.complained
    assert compare.leftovers(synced.removed) == []
    assert compare.same_cells(synced.before, synced.removed, synced.sheet) == []
    assert compare.same_elsewhere(synced.before, synced.removed, synced.sheet) == []
    assert invariants.new_violations(synced.before, synced.removed) == []


@every_workbook
def test_after_remove_the_parts_are_what_they_were(synced: Story) -> None:
    assert compare.same_parts(synced.before, synced.removed) == []


@every_workbook
def test_a_refusal_ends_and_is_small(story: Story) -> None:
    if not story.first.code:
        pytest.skip("it was synced: the other tests look at it")
    code, megabytes = cost_of("sync", str(story.twice), "--as-of", story.day.isoformat(), *story.options)
    assert code == story.first.code
    assert megabytes < 300
