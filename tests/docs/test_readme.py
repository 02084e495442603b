"""Every `sheetsync` command that the README shows runs, on copies of the sample tracker, and goes well."""

from __future__ import annotations

import itertools
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]


def commands(text: str) -> Iterator[list[str]]:
    """The arguments of each `sheetsync` line in the shell blocks of a page."""
    for block in re.findall(r"^```(?:console|sh|shell|bash|powershell)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            words = shlex.split(line.removeprefix("$ "), comments=True)
            if words[:1] == ["sheetsync"]:
                yield words[1:]


def test_the_lines_of_a_shell_block_are_found() -> None:
    page = "```console\n$ sheetsync due 'my tracker.xlsx'  # whom\nmake test\n```\n```python\nsheetsync x\n```\n"
    assert list(commands(page)) == [["due", "my tracker.xlsx"]]


def test_every_command_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = list(commands((HOUSE / "README.md").read_text("utf-8")))
    assert shown, "the README shows no command"
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path / "home"))
    folder = tmp_path / "folder"
    folder.mkdir()
    sample = HOUSE / "sample_tracker.xlsx"
    for arguments in shown:
        made = {after for option, after in itertools.pairwise(arguments) if option == "--out"}
        for word in arguments:
            if Path(word).name == word and word.endswith(".xlsx") and word not in made:
                if arguments[0] == "init":
                    (folder / word).unlink(missing_ok=True)
                elif not (folder / word).exists():
                    shutil.copy(sample, folder / word)
        command = [str(Path(sys.executable).with_name("sheetsync")), *arguments]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{shlex.join(arguments)}: {done.stderr}"
