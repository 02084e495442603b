"""A block of the person's crontab, where there is no other scheduler. Syntax: crontab(5) and crontab(1), POSIX."""

from __future__ import annotations

import shlex
from typing import Final

from sheetsync.errors import ScheduleError
from sheetsync.nightly import state
from sheetsync.nightly.schedule.entry import Kind, Night, Piece, Standing, ask, template, told
from sheetsync.nightly.schedule.launchd import ERRORS

BEGIN: Final = "# sheetsync begin: made by `sheetsync schedule install`, `sheetsync schedule remove` takes it away"
END: Final = "# sheetsync end"
SCRIPT: Final = "night.sh"
_BEGIN: Final = b"# sheetsync begin"
_END: Final = END.encode()


class Cron:
    """`crontab`. The command is in a script of ours: cron cuts long lines and reads % in its own way."""

    kind: Kind = "cron"
    catches_up = "cron does not catch up: a night on which the computer is off or asleep is left out."

    def available(self) -> bool:
        """Whether this person may have a crontab."""
        try:
            _read()
        except ScheduleError:
            return False
        return True

    def pieces(self, night: Night) -> tuple[Piece, ...]:
        """The script, and the block for the crontab."""
        environment = "\n".join(f"export {name}={shlex.quote(value)}" for name, value in night.environment.items())
        script = state.folder() / SCRIPT
        text = template(
            "night.sh",
            environment=environment,
            command=shlex.join(night.command),
            errors=shlex.quote(str(state.folder() / ERRORS)),
        )
        return Piece(str(script), text), Piece("crontab", _block(night, str(script)))

    def is_installed(self, night: Night) -> bool:
        """Whether script and block stand as they would be written."""
        script, block = self.pieces(night)
        try:
            standing = (state.folder() / SCRIPT).read_text("utf-8")
            _, ours, _ = _parts(_read())
        except (OSError, UnicodeDecodeError, ScheduleError):
            return False
        return standing == script.text and ours == block.text.encode()

    def install(self, night: Night) -> None:
        """Write the script, and the block where it stood, else at the crontab's end; every other line stays."""
        script, block = self.pieces(night)
        before, _, after = _parts(_read())
        state.write(SCRIPT, script.text)
        gap = b"\n" if before and not before.endswith(b"\n") else b""
        _write(before + gap + block.text.encode() + after)

    def remove(self) -> bool:
        """Take the block and the script out; a crontab of which nothing is left goes too."""
        before, ours, after = _parts(_read())
        if ours:
            _write(before + after)
        state.forget(SCRIPT)
        return bool(ours)

    def standing(self) -> Standing:
        """Whether the block stands; cron tells nothing else."""
        return Standing(installed=bool(_parts(_read())[1]), logged_out=True)


def _block(night: Night, script: str) -> str:
    # crontab(5): an unescaped % ends the command; \% is a %
    quoted = shlex.quote(script).replace("%", "\\%")
    return f"{BEGIN}\n{night.at.minute} {night.at.hour} * * * /bin/sh {quoted}\n{END}\n"


def _parts(text: bytes) -> tuple[bytes, bytes, bytes]:
    """What stands before our block, the block itself, and what stands after it. Raises ScheduleError."""
    lines = text.splitlines(keepends=True)
    begins = [i for i, line in enumerate(lines) if line.startswith(_BEGIN)]
    ends = [i for i, line in enumerate(lines) if line.startswith(_END)]
    if not begins and not ends:
        return text, b"", b""
    if len(begins) != 1 or len(ends) != 1 or ends[0] < begins[0]:
        raise ScheduleError(
            f"Your crontab has “{_BEGIN.decode()}” and “{END}” in it, but not once each in this order: delete those lines "
            "and what is between them with `crontab -e`, and run this again."
        )
    begin, end = begins[0], ends[0] + 1
    return b"".join(lines[:begin]), b"".join(lines[begin:end]), b"".join(lines[end:])


def _read() -> bytes:
    """The crontab as it stands; empty if there is none. Raises ScheduleError."""
    done = ask("crontab", "-l")
    if done.returncode == 0:
        return done.stdout
    if b"no crontab" in done.stderr.lower() or not done.stderr.strip():
        return b""
    raise ScheduleError(f"cron refused ({told(done)}): ask whoever looks after this computer for the right to use it.")


def _write(text: bytes) -> None:
    done = ask("crontab", "-", given=text) if text.strip() else ask("crontab", "-r")
    if done.returncode:
        raise ScheduleError(f"cron refused ({told(done)}): your crontab is as it was.")
