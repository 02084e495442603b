"""A task of the Windows Task Scheduler. Syntax and order of elements: [MS-TSCH] 2.5 (XML task definition language)."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
from typing import Any, Final
from xml.sax.saxutils import escape

from sheetsync.errors import ScheduleError, UsageError
from sheetsync.nightly import state
from sheetsync.nightly.schedule.entry import Kind, Night, Piece, Standing, ask, template, told

NAME: Final = "sheetsync-night"
FILE: Final = "task.xml"
_VARIABLE: Final = re.compile(r"%[^%]+%|\$\(")
_NEVER_RAN: Final = 267011
"""SCHED_S_TASK_HAS_NOT_RUN, 0x41303."""
_RUNNING: Final = 267009
"""SCHED_S_TASK_RUNNING, 0x41301."""
_ASKED: Final = (
    f"$t = Get-ScheduledTask -TaskName {NAME} -TaskPath \\ -ErrorAction Stop; $i = $t | Get-ScheduledTaskInfo; "
    "@{on = $t.Settings.Enabled; code = $i.LastTaskResult; "
    "last = if ($i.LastRunTime) {$i.LastRunTime.ToUniversalTime().ToString('o')}; "
    "next = if ($i.NextRunTime) {$i.NextRunTime.ToUniversalTime().ToString('o')}} | ConvertTo-Json -Compress"
)


class Windows:
    """`schtasks`, and PowerShell for what it says in the person's language only."""

    kind: Kind = "windows"
    catches_up = "If the computer is off or asleep at that time, it runs as soon as you are back and logged in."

    def available(self) -> bool:
        """Whether this is Windows, which always has it."""
        return sys.platform == "win32"

    def pieces(self, night: Night) -> tuple[Piece, ...]:
        """The task. Raises UsageError for a name that the Task Scheduler would take for a variable."""
        program, *arguments = night.command
        for text in night.command:
            if found := _VARIABLE.search(text):
                raise UsageError(
                    f"{text} has {found[0]} in its name, which Windows takes for a variable: rename it first, or give "
                    "its folder another name."
                )
        text = template(
            "windows.xml",
            at=f"{night.at:%H:%M}",
            program=escape(program),
            arguments=escape(subprocess.list2cmdline(arguments)),
        )
        return (Piece(str(state.folder() / FILE), text),)

    def is_installed(self, night: Night) -> bool:
        """Whether the task was made from the same text and is switched on."""
        (piece,) = self.pieces(night)
        try:
            return (state.folder() / FILE).read_text("utf-8") == piece.text and self.standing().installed
        except (OSError, UnicodeDecodeError):
            return False

    def install(self, night: Night) -> None:
        """Register the task; Windows has no place in a task for variables, so they must be the person's own."""
        (piece,) = self.pieces(night)
        # schtasks reads what the declaration says, UTF-16; what is kept for comparing is UTF-8 like all our files
        given = state.folder() / "task-utf16.xml"
        state.write(FILE, piece.text)
        try:
            given.write_bytes(piece.text.encode("utf-16"))
            done = ask("schtasks", "/Create", "/TN", NAME, "/XML", str(given), "/F")
        finally:
            given.unlink(missing_ok=True)
        if done.returncode:
            raise ScheduleError(f"Windows refused ({told(done)}): look at {NAME} in the Task Scheduler.")

    def remove(self) -> bool:
        """Delete the task."""
        if ask("schtasks", "/Query", "/TN", NAME).returncode:
            state.forget(FILE)
            return False
        done = ask("schtasks", "/Delete", "/TN", NAME, "/F")
        if done.returncode:
            raise ScheduleError(f"Windows refused ({told(done)}): delete {NAME} in the Task Scheduler.")
        state.forget(FILE)
        return True

    def standing(self) -> Standing:
        """What the Task Scheduler says."""
        done = ask("powershell", "-NoProfile", "-NonInteractive", "-Command", _ASKED)
        if done.returncode:
            return Standing(installed=False)
        try:
            return read_answer(json.loads(done.stdout))
        except (ValueError, TypeError, KeyError):
            raise ScheduleError(f"Windows does not say how {NAME} stands: look at it in the Task Scheduler.") from None


def read_answer(answer: Any) -> Standing:
    """PowerShell's answer. Raises KeyError, TypeError, ValueError."""
    code = int(answer["code"])
    ran = code not in {_NEVER_RAN, _RUNNING}
    return Standing(
        installed=bool(answer["on"]),
        last=_moment(answer["last"]) if ran else None,
        exit_code=code if ran else None,
        next=_moment(answer["next"]),
        logged_out=False,
    )


def _moment(text: str | None) -> dt.datetime | None:
    """A time as .NET writes it, with seven digits of a second, of which Python takes six."""
    return dt.datetime.fromisoformat(re.sub(r"(\.\d{6})\d*", r"\1", text)) if text else None
