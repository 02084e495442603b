"""Libraries of others find in the emulator what they know from Google."""

from __future__ import annotations

import foreign_frames
import foreign_gspread
import foreign_layout
import pytest
from foreign import ROBOT, Check, desk


@pytest.mark.parametrize("check", foreign_gspread.CHECKS + foreign_layout.CHECKS, ids=lambda check: check.__name__)
def test_gspread(check: Check) -> None:
    with desk() as ready:
        check(ready)


@pytest.mark.parametrize("check", foreign_frames.CHECKS, ids=lambda check: check.__name__)
def test_gspread_dataframe_and_gspread_formatting(check: Check) -> None:
    with desk() as ready:
        check(ready)


def test_whom_nothing_was_shared_with_is_told_so() -> None:
    with desk() as ready:
        ready.emulator.share(ready.book.id, ROBOT, "")
        with pytest.raises(PermissionError):
            ready.client.open_by_key(ready.book.id)
