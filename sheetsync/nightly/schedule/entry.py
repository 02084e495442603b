"""What is installed: at which time, for which trackers, by which command; and how an entry stands."""

from __future__ import annotations

import datetime as dt
import os
import string
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, Protocol

from sheetsync.errors import ScheduleError, UnwritableFileError, UsageError
from sheetsync.nightly import state
from sheetsync.resources import templates
from sheetsync.sheets.homes import home
from sheetsync.sheets.placing import replace_whole, worded

Kind = Literal["systemd", "launchd", "windows", "cron"]
FILE: Final = "schedule.json"
WAIT: Final = 300
"""Seconds that a night waits for a workbook that is open."""
_CARRIED: Final = (
    "XDG_DATA_HOME", "XDG_STATE_HOME", "GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_CONFIG", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "SHEETSYNC_SYNCED_HOME",
)  # fmt: skip
"""What a night needs of the environment in which it was installed. Nothing here is a secret."""
_PATIENCE: Final = 60


@dataclass(frozen=True, slots=True)
class Night:
    """What runs every night."""

    targets: tuple[str, ...]
    """Absolute paths, and links or ids of Google spreadsheets."""
    at: dt.time
    """The computer's own time of day, whatever its zone is by then."""
    service_account: str | None = None
    python: str = sys.executable
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def command(self) -> tuple[str, ...]:
        """Program and arguments, absolute, independent of any folder or search path."""
        key = ("--service-account", self.service_account) if self.service_account else ()
        # -P: nothing in the folder where it happens to run is imported
        return (
            self.python, "-P", "-m", "sheetsync", "sync", "--night", "--wait", str(WAIT), *key, "--", *self.targets,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """A file that is installed, or a block in one."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What the scheduler itself says of our entry. Times know their zone; None is what it does not tell."""

    installed: bool
    """Whether it is there and switched on."""
    last: dt.datetime | None = None
    exit_code: int | None = None
    """Of the last run."""
    ended: str = ""
    """How the last run ended, where that was not by its own will: "timeout", "signal"."""
    next: dt.datetime | None = None
    logged_out: bool | None = None
    """Whether it runs while nobody is logged in."""
    advice: str = ""
    """What makes it run while logged out."""


class Scheduler(Protocol):
    """A system's scheduler."""

    @property
    def kind(self) -> Kind: ...

    @property
    def catches_up(self) -> str:
        """What becomes of a night through which the computer slept, in a sentence."""
        ...

    def available(self) -> bool:
        """Whether it runs here, for this person."""
        ...

    def pieces(self, night: Night) -> tuple[Piece, ...]:
        """What would be installed. Raises UsageError for a name it cannot hold."""
        ...

    def is_installed(self, night: Night) -> bool:
        """Whether exactly this stands there, switched on."""
        ...

    def install(self, night: Night) -> None:
        """Put it there, in place of what stood there of ours. Raises ScheduleError, UnwritableFileError."""
        ...

    def remove(self) -> bool:
        """Take it out; False if there was none. Raises as `install` does."""
        ...

    def standing(self) -> Standing:
        """How it stands. Raises ScheduleError."""
        ...


def make_night(targets: Sequence[str], at: dt.time, service_account: str | None = None) -> Night:
    """A night of this installation. `targets` are absolute already. Raises UsageError."""
    named = [*targets, *([service_account] if service_account else []), sys.executable]
    for name in named:
        if not _is_plain(name):
            shown = "".join(letter if letter.isprintable() else "?" for letter in name)
            raise UsageError(f"{shown} has a character in its name that no scheduler can hold: rename it first.")
    carried = {name: os.environ[name] for name in _CARRIED if os.environ.get(name)}
    if os.environ.get("SHEETSYNC_HOME"):
        carried = {"SHEETSYNC_HOME": str(home().absolute()), **carried}
    return Night(tuple(targets), at, service_account, sys.executable, carried)


def save(night: Night, kind: Kind, installed: dt.datetime) -> None:
    """Remember what was installed. Raises UnwritableFileError."""
    state.save(
        FILE,
        {
            "kind": kind,
            "at": f"{night.at:%H:%M}",
            "targets": list(night.targets),
            "service_account": night.service_account,
            "python": night.python,
            "environment": dict(night.environment),
            "installed": installed.isoformat(timespec="seconds"),
        },
    )


def saved() -> tuple[Night, Kind, dt.datetime] | None:
    """What was installed, where, and when; None if nothing is, or nobody can read what was remembered."""
    found = state.load(FILE)
    if found is None:
        return None
    try:
        night = Night(
            tuple(map(str, found["targets"])),
            dt.time.fromisoformat(found["at"]),
            found["service_account"],
            str(found["python"]),
            dict(found["environment"]),
        )
        return night, found["kind"], dt.datetime.fromisoformat(found["installed"]).astimezone()
    except (KeyError, TypeError, ValueError):
        return None


def template(name: str, **values: str) -> str:
    """A file of `templates/schedule/` with its places filled."""
    text = (templates() / "schedule" / name).read_text("utf-8")
    return string.Template(text).substitute(values)


def ask(*command: str, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run one of the system's programs to its end. Raises ScheduleError if it is not there or does not end."""
    program = command[0]
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        return subprocess.run(  # noqa: S603 - the system's own scheduler, no shell
            command, input=given, capture_output=True, check=False, timeout=_PATIENCE, env=environment
        )
    except FileNotFoundError:
        raise ScheduleError(f"There is no {program} on this computer: choose another scheduler with --kind.") from None
    except (OSError, subprocess.TimeoutExpired):
        raise ScheduleError(f"{program} does not answer: try again, or choose another scheduler with --kind.") from None


def told(done: subprocess.CompletedProcess[bytes]) -> str:
    """What a program said when it refused, on one line."""
    text = " ".join((done.stderr or done.stdout).decode("utf-8", "replace").split())
    return text.rstrip(".") or f"exit code {done.returncode}"


def write_text(path: Path, text: str) -> None:
    """Write a file of a scheduler's, wholly or not at all. Raises UnwritableFileError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_whole(path, text.encode())
    except OSError as error:
        raise UnwritableFileError(str(path), f"{worded(error)}.") from None


def _is_plain(name: str) -> bool:
    """Whether a name has neither control characters nor bytes that are no UTF-8."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return not any(ord(letter) < 32 or ord(letter) == 127 for letter in name)
