"""Battery death at every step of a write: the tracker is whole, old or new, and the next run leaves nothing behind."""

from __future__ import annotations

import errno
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from e2e.kill.lab import Course, Lab, plain
from e2e.kill.scenes import SCENES, Scene
from e2e.kill.trial import Trial

pytestmark = pytest.mark.slow

Record = Callable[[str, object], None]
_TURNS = ("rename", "link", "unlink", "mkdir", "fsync")
"""The calls after which something else is true on the disk."""


@pytest.fixture(params=SCENES, ids=lambda scene: scene.name)
def trial(request: pytest.FixtureRequest, lab: Lab) -> Trial:
    scene: Scene = request.param
    return Trial(scene, lab, lab.course(scene))


def test_killed_at_each_of_our_own_steps(trial: Trial, record_property: Record) -> None:
    for step in range(trial.course.steps):
        trial.kill({"step": step})

    record_property("kill", trial.row("our own steps"))
    assert trial.faults == []


def test_killed_before_and_after_each_system_call(trial: Trial, lab: Lab, record_property: Record) -> None:
    if not lab.traces:
        pytest.skip("system calls cannot be watched here")

    calls = trial.course.calls
    for at, call in enumerate(calls):
        within = calls[at - 2 : at] == [call, call] and calls[at + 1 : at + 2] == [call]
        if within:  # of many writes into one file, the first ones and the last
            continue
        trial.kill({"calls": {"at": at}})
        if call[0] in _TURNS or at + 1 == len(calls):  # after any other call is before the next one
            trial.kill({"calls": {"at": at, "after": True}})

    record_property("kill", trial.row("system calls"))
    assert trial.faults == []


def test_a_disk_that_is_full_or_broken_is_told_in_a_sentence(trial: Trial, lab: Lab, record_property: Record) -> None:
    for how, may_leave in _refusals(trial.course, traces=lab.traces):
        trial.refuse(how, may_leave=may_leave)

    record_property("kill", trial.row("disk full or broken"))
    assert trial.faults == []


def _refusals(course: Course, *, traces: bool) -> Iterator[tuple[dict[str, Any], bool]]:
    """Each way in which a disk refuses; and whether a file may be left, because it refuses to remove one."""
    for limit in (1_000, 5_000):
        yield {"limit": limit}, False
    if not traces:
        return
    seen: Counter[tuple[str, str]] = Counter()
    for at, (name, path, creates) in enumerate(course.calls):
        seen[name, plain(path)] += 1
        if seen[name, plain(path)] > 1:  # of many writes into one file, one
            continue
        if creates or name in {"write", "mkdir", "link"}:
            later = ("write", "mkdir", "link", "creates")
            yield {"calls": {"at": at, "error": errno.ENOSPC, "only": later}}, False
        else:
            yield {"calls": {"at": at, "error": errno.EIO}}, name in {"unlink", "unlinkat"}
