"""A user timer of systemd, on most Linux systems. Syntax: systemd.service(5), systemd.timer(5), systemd.syntax(7)."""

from __future__ import annotations

import datetime as dt
import getpass
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sheetsync.errors import ScheduleError, UnwritableFileError
from sheetsync.nightly.schedule.entry import Kind, Night, Piece, Standing, ask, template, told, write_text

NAME: Final = "sheetsync-night"
_TIMER: Final = f"{NAME}.timer"
_SERVICE: Final = f"{NAME}.service"
_CONTROL: Final = ("systemctl", "--user")


class Systemd:
    """`systemctl --user`."""

    kind: Kind = "systemd"
    catches_up = "If the computer is off or asleep at that time, it runs as soon as you are back."

    def available(self) -> bool:
        """Whether this person's systemd answers."""
        try:
            return ask(*_CONTROL, "show-environment").returncode == 0
        except ScheduleError:
            return False

    def pieces(self, night: Night) -> tuple[Piece, ...]:
        """The two unit files."""
        environment = "\n".join(f"Environment={quote(f'{name}={value}')}" for name, value in night.environment.items())
        # The program's own path is taken as it stands but for %, and a variable is looked for in the arguments only.
        program, *arguments = night.command
        command = " ".join([quote(program), *(quote(argument).replace("$", "$$") for argument in arguments)])
        return (
            Piece(str(_folder() / _SERVICE), template("systemd.service", environment=environment, command=command)),
            Piece(str(_folder() / _TIMER), template("systemd.timer", at=f"{night.at:%H:%M}")),
        )

    def is_installed(self, night: Night) -> bool:
        """Whether both files stand as they would be written, and the timer waits."""
        return all(_holds(piece) for piece in self.pieces(night)) and self.standing().installed

    def install(self, night: Night) -> None:
        """Write the units and switch the timer on."""
        for piece in self.pieces(night):
            write_text(Path(piece.place), piece.text)
        self._do("daemon-reload")
        self._do("enable", _TIMER)
        self._do("restart", _TIMER)

    def remove(self) -> bool:
        """Switch the timer off and delete the units, and what systemd remembers of the last time."""
        files = [path for path in (_folder() / _TIMER, _folder() / _SERVICE) if path.is_file()]
        if not files:
            return False
        self._do("disable", "--now", _TIMER)
        ask(*_CONTROL, "clean", "--what=state", _TIMER)  # else a later installation would catch up at once
        try:
            for path in files:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise UnwritableFileError(str(_folder()), f"{error.strerror or error}.") from None
        self._do("daemon-reload")
        return True

    def standing(self) -> Standing:
        """What systemd says of timer and service, and whether it stays when this person logs out."""
        timer = _show(_TIMER, "UnitFileState", "ActiveState", "NextElapseUSecRealtime")
        service = _show(_SERVICE, "Result", "ExecMainStatus", "ExecMainExitTimestamp")
        last = _moment(service.get("ExecMainExitTimestamp", ""))
        lingers = _lingers()
        result = service.get("Result", "")
        return Standing(
            installed=timer.get("UnitFileState") == "enabled" and timer.get("ActiveState") == "active",
            last=last,
            exit_code=int(service.get("ExecMainStatus") or 0) if last else None,
            ended=result if last and result not in {"success", "exit-code"} else "",
            next=_moment(timer.get("NextElapseUSecRealtime", "")),
            logged_out=lingers,
            advice="" if lingers else "loginctl enable-linger",
        )

    def _do(self, *arguments: str) -> None:
        done = ask(*_CONTROL, *arguments)
        if done.returncode:
            raise ScheduleError(
                f"systemd refused ({told(done)}): look at it with `systemctl --user status {_TIMER}`, or use --kind cron."
            )


def quote(text: str) -> str:
    """A text as one word of a unit file, in which % begins a specifier. `text` has no control characters."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _folder() -> Path:
    own = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(own) if own.startswith("/") else Path.home() / ".config") / "systemd" / "user"


def _holds(piece: Piece) -> bool:
    try:
        return Path(piece.place).read_text("utf-8") == piece.text
    except (OSError, UnicodeDecodeError):
        return False


def _show(unit: str, *names: str) -> Mapping[str, str]:
    """Some properties of a unit; times as seconds since 1970 where systemd is new enough (248) to say them so."""
    asked = [f"--property={name}" for name in names]
    done = ask(*_CONTROL, "show", "--timestamp=unix", *asked, unit)
    if done.returncode:
        done = ask(*_CONTROL, "show", *asked, unit)
    if done.returncode:
        raise ScheduleError(f"systemd does not answer ({told(done)}): log in on this computer itself and try again.")
    pairs = (line.partition("=") for line in done.stdout.decode("utf-8", "replace").splitlines())
    return {name: value for name, _, value in pairs}


def _moment(value: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromtimestamp(int(value.removeprefix("@")), dt.UTC) if value.startswith("@") else None
    except (ValueError, OverflowError, OSError):
        return None


def _lingers() -> bool | None:
    """Whether this person's systemd runs from the computer's start on; None if nobody tells."""
    try:
        done = ask("loginctl", "show-user", getpass.getuser(), "--property=Linger", "--value")
    except (ScheduleError, KeyError, OSError):
        return None
    answer = done.stdout.decode().strip()
    return answer == "yes" if done.returncode == 0 and answer in {"yes", "no"} else None
