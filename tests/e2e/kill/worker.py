"""A process that has everything imported and runs `sheetsync` commands in children that it watches and kills.

It reads one JSON object a line and answers with one: see `_answer`. So a run costs what the command itself costs.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pkgutil
import resource
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

sys.path.insert(0, str(Path(__file__).parents[2]))

from e2e.kill.calls import Blow, stop_for_watcher, watch

_STEPS: Final = {
    "open", "os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.setxattr",
    "os.symlink", "os.truncate", "os.utime", "shutil.copyfile", "shutil.copymode", "shutil.copystat", "shutil.move",
}  # fmt: skip
"""Audit events (Python's table of them) of steps that change files."""
_REQUEST: Final = "http.client.send"
"""The audit event of each piece of a request that is sent."""
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def main() -> None:
    """Answer until there is nothing more to do."""
    _import_all()
    with os.fdopen(os.dup(1), "w") as answers:
        os.dup2(2, 1)
        for line in sys.stdin:
            print(json.dumps(_answer(json.loads(line))), file=answers, flush=True)


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    """Run a command once.

    Asked: `argv`, `cwd`, `env`, `said` (the file for what it prints), `watch` (folders), and one of: nothing; `here`, to
    run it in this process, which warms its imports and caches for the children to come; `step`, the number of the audit
    event at which it kills itself (-1: never); `calls` (a Blow's fields, or {} to count them); `limit`, the bytes from
    which files are refused to grow. Answered: `status` (exit code or minus the signal), `steps`, `calls` (name, path,
    creates).
    """
    if "here" in asked:
        return {"status": _command(asked), "calls": [], "steps": []}
    reading, writing = os.pipe()
    watched = "calls" in asked
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            _run(asked, writing, watched=watched)
        finally:
            os._exit(98)
    os.close(writing)
    calls: list[list[Any]] = []
    if watched:
        blow = Blow(**asked["calls"]) if asked["calls"] else None
        status, found = watch(child, asked["watch"], blow)
        calls = [[call.name, call.path, call.creates] for call in found]
    with os.fdopen(reading) as pipe:
        told = [json.loads(line) for line in pipe]
    if not watched:
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return {"status": status, "calls": calls, "steps": told}


def _run(asked: dict[str, Any], writing: int, *, watched: bool) -> NoReturn:
    """In the child: the command, perhaps to its end."""
    if "limit" in asked:
        resource.setrlimit(resource.RLIMIT_FSIZE, (asked["limit"], asked["limit"]))
    if "step" in asked:
        _count_steps(asked["watch"], asked["step"], writing)
    if watched:
        stop_for_watcher()
    os._exit(_command(asked))


def _command(asked: dict[str, Any]) -> int:
    """The command, as the shell would start it: its exit code."""
    from sheetsync.cli import main as command

    os.chdir(asked["cwd"])
    os.environ.update(asked["env"])
    sys.argv = ["sheetsync", *asked["argv"]]
    with open(asked["said"], "w") as said, contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):  # noqa: PTH123
        try:
            command()
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else 0


def _count_steps(folders: Sequence[str], last: int, writing: int) -> None:
    """Tell each step that changes a file in the folders, and die at the one of this number."""
    count = 0
    within = False

    def step(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count, within
        if within or event not in {*_STEPS, _REQUEST}:
            return
        within = True
        try:
            place = _concerned(event, arguments, folders) if event != _REQUEST else event
            if place is None:
                return
            if count == last:
                os.kill(os.getpid(), signal.SIGKILL)
            count += 1
            os.write(writing, json.dumps([event, place]).encode() + b"\n")
        finally:
            within = False

    sys.addaudithook(step)


def _concerned(event: str, arguments: tuple[Any, ...], folders: Sequence[str]) -> str | None:
    if event == "open":
        _, mode, flags = arguments
        if not (flags or 0) & _WRITING and not set(mode or "") & set("wxa+"):
            return None
    for path in arguments[: 1 if event == "open" else 2]:
        place = path
        if isinstance(path, int) and not isinstance(path, bool):
            try:
                place = str(Path(f"/proc/self/fd/{path}").readlink())
            except OSError:
                continue
        if isinstance(place, str | bytes | os.PathLike):
            whole = os.path.abspath(os.fsdecode(place))  # noqa: PTH100 - a path's text, links kept
            if any(whole == folder or whole.startswith(folder + os.sep) for folder in folders):
                return whole
    return None


def _import_all() -> None:
    import openpyxl  # noqa: F401 - preloaded
    import pandas as pd  # noqa: F401 - preloaded

    import sheetsync

    for found in pkgutil.walk_packages(sheetsync.__path__, "sheetsync."):
        if not found.name.endswith("__main__"):
            with contextlib.suppress(Exception):  # a command that needs it will tell
                importlib.import_module(found.name)


if __name__ == "__main__":
    main()
