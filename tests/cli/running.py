"""Running `sheetsync`, in this process or its own, and making trackers as people have them."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
from click.testing import CliRunner, Result

from sheetsync.cli import cli

AS_OF = "2026-11-16"
"""A Monday."""

HEADERS = ("Company", "Position", "Contact", "Email", "Status", "Date Applied", "Interview Date", "Notes")


class Cli:
    """`sheetsync` run in this process."""

    def __call__(self, *args: str | Path) -> Result:
        return CliRunner().invoke(cli, [str(arg) for arg in args], catch_exceptions=False)

    def json(self, *args: str | Path) -> Any:
        """The JSON that a command which went well printed."""
        result = self(*args, "--json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)


def installed(*args: str | Path, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """`sheetsync` run as people run it, in a process of its own."""
    command = Path(sys.executable).with_name("sheetsync")
    return subprocess.run(
        [str(command), *map(str, args)], capture_output=True, text=True, encoding="utf-8", check=False, env=environment
    )


def interruptible(*args: str | Path) -> list[str]:
    """The words of a command of Python's that hears Control-C, which whatever a shell runs in the background ignores."""
    heard = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"
    return [sys.executable, "-c", heard, sys.executable, *map(str, args)]


def write_workbook(path: Path, rows: Sequence[Sequence[object]], *, title: str = "Jobs") -> Path:
    """A workbook with one sheet of those rows; dates get a date format."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return path


def thread(
    company: str, status: str, applied: dt.date | str | None = None, interview: dt.date | None = None
) -> list[object]:
    """One row under `HEADERS`."""
    return [company, "Analyst", "", "", status, applied, interview, ""]
