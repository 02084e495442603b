"""A notification on the desktop: numbers only, for anybody may look at a screen.

The text reaches the program as an argument of its own or in the environment, never through a shell or as program text.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

_PATIENCE: Final = 15
"""Seconds; PowerShell takes some."""
_APPLE: Final = (
    "on run argv",
    "display notification (item 2 of argv) with title (item 1 of argv)",
    "end run",
)
_WINDOWS: Final = """
$ErrorActionPreference = 'Stop'
[Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime] | Out-Null
$page = [Windows.UI.Notifications.ToastNotificationManager]::GetTemplateContent('ToastText02')
$lines = $page.GetElementsByTagName('text')
$lines.Item(0).AppendChild($page.CreateTextNode($env:SHEETSYNC_TITLE)) | Out-Null
$lines.Item(1).AppendChild($page.CreateTextNode($env:SHEETSYNC_TEXT)) | Out-Null
$app = '{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\\WindowsPowerShell\\v1.0\\powershell.exe'
[Windows.UI.Notifications.ToastNotificationManager]::CreateToastNotifier($app).Show(
    [Windows.UI.Notifications.ToastNotification]::new($page))
"""
"""A toast needs the id of an installed program: PowerShell's own. Its text is read from the environment."""


@dataclass(frozen=True, slots=True)
class Command:
    """A program to run, and what its environment has besides."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


def command(
    title: str, text: str, *, platform: str = sys.platform, which: Callable[[str], str | None] = shutil.which
) -> Command | None:
    """What shows a notification on this system; None where there is nothing for it."""
    if platform == "darwin":
        program = which("osascript")
        script = tuple(part for line in _APPLE for part in ("-e", line))
        return Command((program, *script, title, text)) if program else None
    if platform == "win32":
        program = which("powershell")
        options = ("-NoProfile", "-NonInteractive", "-WindowStyle", "Hidden", "-Command", _WINDOWS)
        return Command((program, *options), {"SHEETSYNC_TITLE": title, "SHEETSYNC_TEXT": text}) if program else None
    program = which("notify-send")
    return Command((program, "--app-name=sheetsync", "--", title, text)) if program else None


def notify(title: str, text: str) -> str:
    """Show a notification; answer why that was not possible, or nothing."""
    found = command(title, text)
    if found is None:
        return "this system has no command for notifications (notify-send, osascript or PowerShell)."
    try:
        done = subprocess.run(  # noqa: S603 - a list of arguments; the text is one of them or in the environment
            found.arguments, env=os.environ | found.environment, stdin=subprocess.DEVNULL, capture_output=True,
            check=False, timeout=_PATIENCE,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"the notification could not be shown ({type(error).__name__})."
    if done.returncode:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())[:200].rstrip(".")
        return f"the notification could not be shown ({said or f'exit code {done.returncode}'})."
    return ""
