"""What is asked of a tracker after each blow, counted for the table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from e2e.kill.lab import Course, Lab, Ran, State, broken_backups, finished, leftovers, plain
from e2e.kill.scenes import Scene

KILLED = -9
REFUSED = 4


@dataclass
class Trial:
    """One command, struck down in one kind of way again and again."""

    scene: Scene
    lab: Lab
    course: Course
    faults: list[str] = field(default_factory=list)
    """What was not as it has to be."""
    _counts: Counter[str] = field(default_factory=Counter)

    def row(self, name: str) -> tuple[object, ...]:
        """The table's row."""
        return (
            self.scene.name,
            name,
            *(self._counts[key] for key in ("points", "old", "new", "left", "left at last")),
        )

    def kill(self, how: dict[str, Any]) -> None:
        """Kill the command, look at what is there, and let the next run come."""
        ran = self.lab.run(self.scene.argv, self.course.before, **how)
        self._judge(f"killed {how}", ran, ran.status == KILLED)

    def refuse(self, how: dict[str, Any], *, may_leave: bool) -> None:
        """Let the disk refuse; `may_leave` if it refuses to remove a file."""
        ran = self.lab.run(self.scene.argv, self.course.before, **how)
        lines = ran.told.splitlines()
        if len(lines) == 2 and "could not be noted" in lines[0]:  # of a command of two writes, the first one was
            lines = lines[1:]
        in_a_sentence = len(lines) == 1 and lines[0].startswith("sheetsync: ") and lines[0].endswith(".")
        done = ran.status == 0 and finished(ran.state, self.course)
        self._judge(f"refused {how}", ran, done or (ran.status == REFUSED and in_a_sentence))
        left = leftovers(ran.state, self.course)
        if left and not may_leave:
            self._fault(f"refused {how}", f"left {left}")

    def _judge(self, how: str, ran: Ran, as_expected: bool) -> None:
        if not as_expected:
            self._fault(how, f"ended with {ran.status}: {ran.told}")
        for flaw in self._flaws(ran.state):
            self._fault(how, flaw)
        self._counts["points"] += 1
        self._counts["new" if finished(ran.state, self.course) else "old"] += 1
        self._counts["left"] += bool(leftovers(ran.state, self.course))
        self._counts["left at last"] += bool(self._go_on(how, ran.state))

    def _fault(self, how: str, what: str) -> None:
        self.faults.append(f"{self.scene.name}, {how}: {what}")

    def _flaws(self, state: State) -> list[str]:
        """What is not whole: the tracker is one of its versions, and so is everything else that anybody may open."""
        found: list[str] = []
        tracker = state.get(self.scene.tracker)
        if tracker is None:
            if self.scene.tracker in self.course.before:
                found.append("the tracker is gone")
        elif tracker not in self.course.whole:
            found.append(f"the tracker is neither old nor new: {self.lab.flaws(tracker)}")
        elif flaws := self.lab.flaws(tracker):
            found.append(f"the tracker is broken: {flaws}")
        found += [
            f"{name} is neither old nor new"
            for name, content in state.items()
            if name.startswith("work/")
            and name != self.scene.tracker
            and plain(name) in self.course.names
            and content not in self.course.contents.get(name, ())
        ]
        return found + [f"{name} is broken" for name in broken_backups(state)]

    def _go_on(self, how: str, state: State) -> int:
        """Run the command once more where it did not come to its end, then the next night: how many files are left then.

        A state that came out before is not run again. Nobody reads what stands in a leftover, so that does not count.
        """
        left = set(leftovers(state, self.course))
        read = {name for name in state if name.startswith("work/")} - left
        state_key = frozenset((plain(name), state[name] if name in read else b"") for name in state)
        key = (self.scene.name, state_key)
        if key not in self.lab.went_on:
            self.lab.went_on[key] = self._next_run(how, state)
        return self.lab.went_on[key]

    def _next_run(self, how: str, state: State) -> int:
        if not finished(state, self.course):
            again = self.lab.go_on(self.scene.argv)
            if again.status != 0 or not finished(again.state, self.course):
                self._fault(how, f"the same again ended with {again.status}: {again.told} {sorted(again.state)}")
        night = self.lab.go_on(self.scene.nightly)
        if night.status != 0:
            self._fault(how, f"the next night ended with {night.status}: {night.told}")
        elif flaws := self.lab.flaws(night.state[self.scene.tracker]):
            self._fault(how, f"the next night broke the tracker: {flaws}")
        for name in broken_backups(night.state):
            self._fault(how, f"{name} is broken after the next night")
        left = leftovers(night.state, self.course)
        if left:
            self._fault(how, f"after the next night there is {left}")
        return len(left)
