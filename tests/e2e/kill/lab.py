"""A tracker's folder and sheetsync's own folder, in which commands are run, killed and refused their disk."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self

import openpyxl
from judges.invariants import violations

from e2e.kill.scenes import Scene, tracker

State = dict[str, bytes]
"""Path below the laboratory's folder, `work/...` or `home/...` -> content."""

_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d{6}-\d{6}Z")
_RANDOM: Final = re.compile(r"(?<![0-9a-z])[0-9a-f]{8,}(-\d+-[0-9a-f]{8})?(?![0-9a-z])")


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a command."""

    status: int
    """Its exit code, or minus the signal that ended it."""
    told: str
    state: State
    steps: Sequence[Sequence[str]] = ()
    calls: Sequence[tuple[str, str, bool]] = ()


@dataclass(frozen=True, slots=True)
class Course:
    """A command that nothing disturbs."""

    before: State
    after: State
    steps: int
    calls: Sequence[tuple[str, str, bool]]
    names: frozenset[str]
    """What may stand in the folders, as `plain` has names: before, after, and after the next night."""
    whole: frozenset[bytes]
    """What the tracker may be: as it was, as it becomes, and what a command of several writes makes between."""
    contents: Mapping[str, frozenset[bytes]]
    """File of the person's folder -> what it may hold."""


@dataclass
class Lab:
    """The folders and the process that runs the commands; give it an empty folder."""

    folder: Path
    whole: dict[bytes, list[str]] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    """What the commands find in their environment besides."""
    went_on: dict[object, int] = field(default_factory=dict)
    """Scene and state -> how many files were left after the next run of it."""
    _courses: dict[str, Course] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self.folder = self.folder.resolve()
        return self

    def __exit__(self, *_: object) -> None:
        if "_worker" in self.__dict__:
            self._worker.communicate()

    @cached_property
    def _worker(self) -> subprocess.Popen[str]:
        worker = Path(__file__).with_name("worker.py")
        return subprocess.Popen([sys.executable, worker], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def course(self, scene: Scene) -> Course:
        """The scene undisturbed."""
        if scene.name not in self._courses:
            self._courses[scene.name] = self._undisturbed(scene)
        return self._courses[scene.name]

    def _undisturbed(self, scene: Scene) -> Course:
        state: State = {"work/t.xlsx": tracker()}
        for argv in scene.earlier:
            ran = self.run(argv, state, here=True)
            assert ran.status == 0, ran.told
            state = ran.state
        self.run(scene.argv, state, here=True)
        counted = self.run(scene.argv, state, step=-1)
        traced = self.run(scene.argv, state, calls={}) if self.traces else counted
        assert (counted.status, traced.status) == (0, 0), counted.told + traced.told
        assert works(counted.state) == works(traced.state), "two runs of the same command differ"
        night = self.run(scene.nightly, counted.state)
        assert night.status == 0, night.told
        names = {plain(name) for each in (state, counted.state, night.state) for name in each}
        kept = {content for name, content in counted.state.items() if name.startswith("home/backups/")}
        ends = {each[scene.tracker] for each in (state, counted.state) if scene.tracker in each}
        contents = {
            name: frozenset(each[name] for each in (state, counted.state) if name in each)
            for name in {*works(state), *works(counted.state)}
        }
        steps, whole = len(counted.steps), frozenset(kept | ends)
        return Course(state, counted.state, steps, traced.calls, frozenset(names), whole, contents)

    @cached_property
    def traces(self) -> bool:
        """Whether system calls can be watched here."""
        from e2e.kill.calls import available

        return not available()

    def run(self, argv: Sequence[str], state: State, **how: Any) -> Ran:
        """Run a command on folders in this state; `how` as the worker has it."""
        for name in ("work", "home"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
            (self.folder / name).mkdir()
        for name, content in state.items():
            place = self.folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        return self.go_on(argv, **how)

    def go_on(self, argv: Sequence[str], **how: Any) -> Ran:
        """Run a command on the folders as they are."""
        said = self.folder / "said"
        asked = {
            "argv": list(argv),
            "cwd": str(self.folder / "work"),
            "env": {"SHEETSYNC_HOME": str(self.folder / "home"), **self.environment},
            "said": str(said),
            "watch": [str(self.folder / "work"), str(self.folder / "home")],
            **how,
        }
        assert self._worker.stdin is not None
        assert self._worker.stdout is not None
        said.write_bytes(b"")
        print(json.dumps(asked), file=self._worker.stdin, flush=True)
        answer = json.loads(self._worker.stdout.readline())
        calls = [(name, path, creates) for name, path, creates in answer["calls"]]
        return Ran(answer["status"], said.read_text(), self.state(), answer["steps"], calls)

    def strike(self) -> None:
        """Kill the command that is being run; for another thread. Only on Linux."""
        worker = self._worker.pid
        for child in Path(f"/proc/{worker}/task/{worker}/children").read_text().split():
            os.kill(int(child), signal.SIGKILL)

    def state(self) -> State:
        """The folders as they are."""
        files = (file for name in ("work", "home") for file in (self.folder / name).rglob("*"))
        return {str(file.relative_to(self.folder)): file.read_bytes() for file in files if file.is_file()}

    @cached_property
    def _from_the_start(self) -> Counter[str]:
        place = self.folder / "start.xlsx"
        place.write_bytes(tracker())
        return Counter(violations(place))

    def flaws(self, content: bytes) -> list[str]:
        """What is wrong with a workbook, by openpyxl's and our own judgement, but for what was wrong from the start."""
        if content not in self.whole:
            place = self.folder / "judged.xlsx"
            place.write_bytes(content)
            openpyxl.load_workbook(io.BytesIO(content)).close()
            found = Counter(violations(place)) - self._from_the_start
            self.whole[content] = sorted(found.elements())
        return self.whole[content]


def plain(name: str) -> str:
    """A file's name without the moment and the random digits that tell runs apart."""
    return _RANDOM.sub("HEX", _MOMENT.sub("MOMENT", name))


def works(state: State) -> State:
    """The person's own folder."""
    return {name: content for name, content in state.items() if name.startswith("work/")}


def leftovers(state: State, course: Course) -> list[str]:
    """Files that no undisturbed run leaves."""
    return sorted(name for name in state if plain(name) not in course.names or name.endswith(".tmp"))


def finished(state: State, course: Course) -> bool:
    """Whether everything that the command makes is there as it should be."""
    return all(state.get(name) == content for name, content in works(course.after).items())


def broken_backups(state: State) -> list[str]:
    """Backups that could not be put back."""
    return [
        name
        for name, content in state.items()
        if name.startswith("home/backups/") and name.endswith(".xlsx") and not _is_whole(content)
    ]


def _is_whole(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return package.testzip() is None
    except zipfile.BadZipFile:
        return False
