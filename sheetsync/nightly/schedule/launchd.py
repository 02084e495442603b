"""A launch agent, on macOS. Syntax: launchd.plist(5)."""

from __future__ import annotations

import os
import plistlib
import re
from pathlib import Path
from typing import Final

from sheetsync.errors import ScheduleError, UnwritableFileError
from sheetsync.nightly import state
from sheetsync.nightly.schedule.entry import Kind, Night, Piece, Standing, ask, told, write_text

LABEL: Final = "sheetsync.night"
ERRORS: Final = "errors.txt"
_EXIT: Final = re.compile(r"^\s*last exit code = (-?\d+)", re.MULTILINE)
_SIGNAL: Final = re.compile(r"^\s*last terminating signal = (.+)$", re.MULTILINE)


class Launchd:
    """`launchctl` in the domain of the person's own log-in."""

    kind: Kind = "launchd"
    catches_up = (
        "If the computer is asleep at that time, it runs when it wakes; a night on which it is off or nobody is logged in "
        "is left out."
    )

    def available(self) -> bool:
        """Whether launchd answers for this person's log-in."""
        try:
            return ask("launchctl", "print", _domain()).returncode == 0
        except ScheduleError:
            return False

    def pieces(self, night: Night) -> tuple[Piece, ...]:
        """The property list."""
        content = {
            "Label": LABEL,
            "ProgramArguments": list(night.command),
            "EnvironmentVariables": dict(night.environment),
            "StartCalendarInterval": {"Hour": night.at.hour, "Minute": night.at.minute},
            "ProcessType": "Background",
            "LowPriorityIO": True,
            "Nice": 10,
            # what is told goes into the night's own log; only a command that cannot even start says it here
            "StandardErrorPath": str(state.folder() / ERRORS),
        }
        return (Piece(str(_file()), plistlib.dumps(content, sort_keys=False).decode()),)

    def is_installed(self, night: Night) -> bool:
        """Whether the file stands as it would be written, and launchd knows it."""
        (piece,) = self.pieces(night)
        try:
            return Path(piece.place).read_text("utf-8") == piece.text and self.standing().installed
        except (OSError, UnicodeDecodeError):
            return False

    def install(self, night: Night) -> None:
        """Write the file and have launchd read it."""
        (piece,) = self.pieces(night)
        write_text(Path(piece.place), piece.text)
        ask("launchctl", "bootout", f"{_domain()}/{LABEL}")  # not there the first time
        done = ask("launchctl", "bootstrap", _domain(), piece.place)
        if done.returncode:
            raise ScheduleError(
                f"launchd refused ({told(done)}): look at it with `launchctl print {_domain()}/{LABEL}`, or use --kind cron."
            )

    def remove(self) -> bool:
        """Have launchd forget it and delete the file."""
        ask("launchctl", "bootout", f"{_domain()}/{LABEL}")
        try:
            _file().unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise UnwritableFileError(str(_file()), f"{error.strerror or error}.") from None
        return True

    def standing(self) -> Standing:
        """What launchd says; it tells no times."""
        done = ask("launchctl", "print", f"{_domain()}/{LABEL}")
        text = done.stdout.decode("utf-8", "replace")
        return read_print(text) if done.returncode == 0 else Standing(installed=False)


def read_print(text: str) -> Standing:
    """The answer of `launchctl print` for our agent: "last exit code = (never exited)" before the first run."""
    code, signal = _EXIT.search(text), _SIGNAL.search(text)
    return Standing(
        installed=True,
        exit_code=int(code[1]) if code else None,
        ended=f"signal {signal[1].strip()}" if signal else "",
        logged_out=False,
    )


def _domain() -> str:
    """The log-in with a screen, which Windows alone has no number for."""
    return f"gui/{os.getuid() if hasattr(os, 'getuid') else 0}"


def _file() -> Path:
    return Path.home() / "Library" / "LaunchAgents" / f"{LABEL}.plist"
