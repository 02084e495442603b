"""The command line: options, one call, print. The only clock, the only stdout, the only exit codes.

A command's module is imported when the command is used, so that `sheetsync --help` stays as quick as click itself.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Sequence
from typing import Any, Final, NoReturn

import click

from sheetsync import __version__
from sheetsync.errors import BY_WAITING, BusyError, FileError, SheetsyncError

COMMANDS: Final = {
    "init": "Make a new tracker, empty, from an old list, or with examples.",
    "copy": "Copy a whole tracker between Excel and Google Sheets.",
    "inspect": "Show what sheetsync recognises in a spreadsheet.",
    "sync": "Bring trackers up to date: whom to contact next, when, how and why.",
    "due": "List whom to contact now, the most pressing first.",
    "explain": "Show how a row's next date came about, step by step.",
    "log": "Put a contact into the history, from saved messages too, or take one back.",
    "debrief": "Answer the questions after an interview, one by one.",
    "draft": "Write drafts of the messages that are due; nothing is ever sent.",
    "sweep": "List the threads that went cold, and close them if you say so.",
    "check": "Look for what should be put right before anything is sent.",
    "digest": "Tell in the morning what is overdue, due, coming, awaited and new.",
    "portfolio": "Show many clients' trackers in one ranked view, for their coach.",
    "report": "Show how it goes: follow-ups kept by week, how far threads came, who answers and how soon.",
    "calendar": "Write the next contacts into a calendar file, one all-day event for each.",
    "share": "Give a coach a redacted copy of the tracker.",
    "notes": "Take your coach's notes over from the copy that you shared.",
    "serve": "Show the follow-ups as a page in your browser, or as a pane in Excel.",
    "add": "Put Today, Log, History, Debrief, Settings, Cadence or Dashboard into your own tracker.",
    "undo": "Take back what the last sync or command wrote, and keep what you changed since.",
    "remove": "Take everything of sheetsync's out of a tracker again.",
    "schedule": "Let trackers be brought up to date every night, see how it went, or stop it.",
    "doctor": "Examine this computer and its trackers: what is well, and what is to be done.",
    "addin": "Put the follow-ups into Excel, LibreOffice or Google Sheets, examine that, or take it out.",
    "auth": "Sign in to Google, see as whom, or take it back.",
}
"""Command -> its short help, so that listing the commands imports none of them."""

BUG_EXIT: Final = 70
"""An error of ours that nobody foresaw (sysexits.h calls it EX_SOFTWARE)."""
INTERRUPTED_EXIT: Final = 130
"""Control-C: 128 + SIGINT, as shells say it."""
PIPE_EXIT: Final = 141
"""The reader of our output went away: 128 + SIGPIPE."""


class _LazyGroup(click.Group):
    """A group whose commands are modules beside this one; and the one handler of everything that can go wrong."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        command: click.Command = import_module(f"sheetsync.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            close = get_close_matches(args[0], COMMANDS, n=1)
            raise click.UsageError(
                f"There is no command {args[0]!r}{f': did you mean {close[0]!r}?' if close else '.'}"
            )
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _abandon_stdout()
            return PIPE_EXIT
        except BusyError as error:
            command = self.get_command(ctx, ctx.invoked_subcommand or "")
            if command is not None and all(parameter.name != "wait" for parameter in command.params):
                error.args = (str(error).replace(BY_WAITING, ""),)
            raise
        return code

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002 - click's own signature
        windows_expand_args: bool = True,  # noqa: FBT001, FBT002 - click's own signature
        **extra: Any,
    ) -> Any:
        def run() -> Any:
            # prog_name also names the variable of shell completion, whichever way we were started
            return super(_LazyGroup, self).main(
                args, prog_name or "sheetsync", complete_var, standalone_mode=False,
                windows_expand_args=windows_expand_args, **extra,
            )  # fmt: skip

        if not standalone_mode:
            return run()
        _make_ready()
        try:
            code = run() or 0
        except Exception as error:
            if isinstance(error, OSError):
                _abandon_stdout()
            message, code = _told(error)
            if code == BUG_EXIT and os.environ.get("SHEETSYNC_DEBUG") == "1":
                raise
            _say(message)
        sys.exit(code)


def _told(error: Exception) -> tuple[str, int]:
    """The sentence and the exit code for whatever stopped a command."""
    match error:
        case SheetsyncError():
            told = str(error), error.exit_code
        case click.UsageError():
            path = error.ctx.command_path if error.ctx else "sheetsync"
            told = f"{_sentence(error.format_message())} See `{path} --help`.", error.exit_code
        case click.ClickException():
            told = _sentence(error.format_message()), error.exit_code
        case click.Abort():
            told = "Stopped by you; a file that was being written is either as it was or complete.", INTERRUPTED_EXIT
        case MemoryError():
            told = "There is not enough memory for this: close other programs and run it again.", FileError.exit_code
        case OSError():
            # The sheets' own are SheetsyncErrors; what is left is the output, such as `> FILE` on a full disk.
            place = f" ({error.filename})" if error.filename else ""
            told = f"The system refused it{place}: {error.strerror or error}.", FileError.exit_code
        case _:
            told = bug_sentence(error), BUG_EXIT
    return told


def bug_sentence(error: Exception) -> str:
    """What a person is told of an error that nobody foresaw."""
    return (
        f"This is a mistake in sheetsync, not yours ({type(error).__name__}: {error}): "
        "please report it with what SHEETSYNC_DEBUG=1 in the environment adds."
    )


@click.group(
    "sheetsync",
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="\b\nExample:\n  sheetsync sync tracker.xlsx\n\nSee `sheetsync COMMAND --help` for each command's options.",
)
@click.version_option(__version__, prog_name="sheetsync")
def cli() -> None:
    """Keep a follow-up tracker that lives in your own spreadsheet up to date.

    sheetsync reads the sheet, works out whom to contact next, from when, by when, how and why, and writes that into six
    columns of its own. It changes nothing else and never sends a message.
    """


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    # A process that lives for one command and holds its frames to the end has no garbage worth the walks through them,
    # neither while it works nor on its way out.
    gc.disable()
    try:
        cli()
    finally:
        gc.freeze()
    raise AssertionError("cli() exits")


def _make_ready() -> None:
    """Print what the terminal can show rather than fail, and keep libraries' warnings from people."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # a Windows console in an old code page cannot encode every name
            stream.reconfigure(errors="replace")
    if not sys.warnoptions and os.environ.get("SHEETSYNC_DEBUG") != "1":
        import warnings

        warnings.simplefilter("ignore")


def _abandon_stdout() -> None:
    """Let go of what is left to print: Python flushes stdout once more on its way out and would complain then."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(message: str) -> None:
    """One line on stderr."""
    click.echo(f"sheetsync: {' '.join(message.split())}", err=True)


def _sentence(message: str) -> str:
    message = message.replace("'. (", "' (")  # click's "No such option '--x'. (Did you mean ...?)" is one sentence
    return message if message.endswith((".", "?", "!")) else f"{message}."
