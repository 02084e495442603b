"""docs/google.md tells the truth: its commands parse, and the sentences it explains are those that are said."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from sheetsync.cli import cli

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "google.md").read_text("utf-8")
SAID = "".join(path.read_text("utf-8") for path in sorted((ROOT / "sheetsync" / "sheets" / "google").glob("*.py")))


def plain(code: str) -> str:
    """Source text with its strings joined over their lines, and what is filled in left out."""
    joined = re.sub(r'"\s*\n\s*(?:\+ )?f?"', "", code)
    return re.sub(r"\{[^{}]*\}", "...", joined)


@pytest.mark.parametrize("line", re.findall(r"(?:`|^ +)(sheetsync [^`\n]+)", TEXT, re.MULTILINE))
def test_every_command_is_accepted(line: str) -> None:
    words = shlex.split(line)
    found = cli.get_command(click.Context(cli), words[1])
    assert found is not None
    found.make_context(words[1], words[2:])


@pytest.mark.parametrize(
    "row", re.findall(r"^\| ([^|]+) \|", TEXT.partition("## If Google refuses")[2], re.MULTILINE)[2:]
)
def test_every_sentence_is_one_that_is_said(row: str) -> None:
    for part in filter(None, re.split(r"\s*\.\.\.(?: API)?,?\s*", row)):
        assert part in plain(SAID), part


def test_every_right_is_one_that_is_asked_for() -> None:
    rights = re.findall(
        r"`([a-z.]+)`(?=[,)])", TEXT.partition("## What each right means")[2].partition("\n\nIt never")[0]
    )
    for right in rights:
        assert right == "openid" or f"googleapis.com/auth/{right}" in SAID
    assert len(rights) == 4
