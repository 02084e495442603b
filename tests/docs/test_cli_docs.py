"""docs/cli.md tells the truth: every command, option, exit code and field is in it, and its examples parse."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import get_args

import click
import pytest

import sheetsync.errors
from sheetsync.checks.subject import Rule
from sheetsync.cli import BUG_EXIT, COMMANDS, INTERRUPTED_EXIT, PIPE_EXIT, cli
from sheetsync.model import FIELDS, FOLLOW_UPS, OWNED
from sheetsync.resources import read_toml

TEXT = (Path(__file__).parents[2] / "docs" / "cli.md").read_text("utf-8")
HEADINGS = re.findall(r"^## (.+)$", TEXT, re.MULTILINE)


def command(name: str) -> click.Command:
    found = cli.get_command(click.Context(cli), name)
    assert found is not None
    return found


def section(name: str) -> str:
    return re.split(r"^## ", TEXT, flags=re.MULTILINE)[HEADINGS.index(name) + 1]


def exit_codes(kind: type[sheetsync.errors.SheetsyncError]) -> set[int]:
    return {kind.exit_code}.union(*(exit_codes(child) for child in kind.__subclasses__()))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_section(name: str) -> None:
    assert name in HEADINGS


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_documented(name: str) -> None:
    text = section(name) + section("Shared options")
    for param in command(name).params:
        for option in (*param.opts, *param.secondary_opts):
            assert not option.startswith("--") or option in text, option


@pytest.mark.parametrize("line", re.findall(r"^    (sheetsync .+)$", TEXT, re.MULTILINE))
def test_every_example_is_accepted(line: str) -> None:
    words = shlex.split(line)
    command(words[1]).make_context(words[1], words[2:])


def test_every_check_is_documented() -> None:
    for rule in (*get_args(Rule), *read_toml("messages/checks.toml")):
        assert f"`{rule}`" in section("check")


def test_every_exit_code_is_documented_and_no_other() -> None:
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", section("Exit codes"), re.MULTILINE)}
    assert documented == {0, BUG_EXIT, INTERRUPTED_EXIT, PIPE_EXIT} | exit_codes(sheetsync.errors.SheetsyncError)


def test_every_field_is_named() -> None:
    for name in FIELDS:
        assert f"`{name}`" in section("Shared options")


def test_every_owned_column_and_follow_up_word_is_named() -> None:
    for name in OWNED:
        assert f"`{name}`" in section("sync")
    for word in FOLLOW_UPS:
        assert word in section("sync")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_table(name: str) -> None:
    assert f"| [`{name}`](#{name}) |" in TEXT


def test_the_words_of_the_log_column_stand_as_its_list_has_them() -> None:
    told = " ".join(section("add").split())
    for word in read_toml("words/en.toml")["log"].values():
        assert f"“{word}”" in told
