"""What targets stand for, where there may be several: folders, the same tracker twice, one that takes too long."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sheetsync.cli.options import say
from sheetsync.cli.reporting import Failure, Passing
from sheetsync.errors import FileError, SheetsyncError
from sheetsync.sheets.google.address import is_google

if TYPE_CHECKING:
    from sheetsync.cli.workers import Ended

LIMIT: Final = 600.0
"""Seconds that one of several targets may take if nothing else is asked for: far more than any that is sound."""


def spread(targets: Sequence[str]) -> tuple[tuple[str, ...], list[Failure | Passing], frozenset[str]]:
    """The trackers that targets stand for, what is passed over or cannot be read, and which of them lie in a folder."""
    asked: list[tuple[str, bool]] = []
    passed: list[Failure | Passing] = []
    for target in targets:
        if not os.path.isdir(target):  # noqa: PTH112 - no Path needed
            asked.append((target, True))
            continue
        from sheetsync.nightly.folders import trackers_in

        try:
            folder = trackers_in(target)
        except SheetsyncError as error:
            passed.append(Failure(target, str(error), error.exit_code))
            say(str(error))
            continue
        asked += [(each, False) for each in folder.trackers]
        passed += [Passing(each.path, each.reason) for each in folder.passed]
    places: dict[str, tuple[str, bool]] = {}  # a tracker that is met twice is done once
    for target, named in asked:
        place = target if is_google(target) else os.path.realpath(target)
        first, was_named = places.get(place, (target, False))
        places[place] = (first, named or was_named)
    once = tuple(target for target, _ in places.values())
    own = {target for target, named in places.values() if named}
    named_paths = {os.path.realpath(target) for target in own}
    passed = [each for each in passed if os.path.realpath(each.target) not in named_paths]
    return once, passed, frozenset(once) - own


def given_up(ended: Ended, limit: float) -> Failure:
    """What is told of a target whose process is gone."""
    if ended.told:
        return Failure(ended.target, f"{ended.target}: {ended.told}", FileError.exit_code, ended.told.rstrip("."))
    if ended.in_time:
        reason = "the process at it was ended, perhaps for want of memory"
        return Failure(ended.target, f"{ended.target}: {reason}: try --jobs 1.", FileError.exit_code, reason)
    reason = f"it took longer than {limit:g} seconds and was given up"
    told = (
        f"{ended.target}: {reason}; it is as it was, or completely up to date. Give it more time with --limit SECONDS."
    )
    return Failure(ended.target, told, FileError.exit_code, reason)
