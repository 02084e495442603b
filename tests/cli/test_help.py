"""Help is quick, complete, and its examples are true."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import click
import openpyxl
import pytest
from click.testing import CliRunner

import sheetsync
from cli.running import installed
from sheetsync.cli import COMMANDS, cli

HEAVY = {
    "calamine", "dask", "google", "gspread", "holidays", "icalendar", "jinja2", "lxml", "numpy", "openpyxl", "pandas",
    "platformdirs", "python_calamine", "rapidfuzz", "rich",
}  # fmt: skip


def command(name: str) -> click.Command:
    found = cli.get_command(click.Context(cli), name)
    assert found is not None
    return found


def examples(text: str) -> list[str]:
    return re.findall(r"^    (sheetsync .*)$", text, re.MULTILINE)


def modules_after(statement: str) -> set[str]:
    """The top-level modules that a fresh Python has after a statement."""
    dump = f"import sys, json\ntry:\n    {statement}\nexcept SystemExit:\n    pass\nsys.stderr.write(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", dump], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in json.loads(done.stderr)}


def test_importing_the_package_imports_nothing_heavy() -> None:
    assert modules_after("import sheetsync") & HEAVY == set()


def test_help_imports_nothing_heavy_and_no_command() -> None:
    done = modules_after("sys.argv = ['sheetsync', '--help']; from sheetsync.cli import main; main()")
    assert done & HEAVY == set()
    dump = "from sheetsync.cli import main\nimport sys\nsys.argv = ['sheetsync', '--help']\ntry: main()\nexcept SystemExit: sys.stderr.write(' '.join(sys.modules))"
    names = subprocess.run([sys.executable, "-c", dump], capture_output=True, text=True, check=True).stderr.split()
    assert not {f"sheetsync.cli.{name}" for name in COMMANDS} & set(names)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_commands_help_imports_nothing_heavy(name: str) -> None:
    arguments = f"sys.argv = ['sheetsync', '{name}', '--help']"
    assert modules_after(f"{arguments}; from sheetsync.cli import main; main()") & HEAVY == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_short_help_in_the_list_is_the_commands_own(name: str) -> None:
    assert command(name).get_short_help_str(limit=200) == COMMANDS[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_has_examples_that_the_command_accepts(name: str) -> None:
    text = CliRunner().invoke(cli, [name, "--help"]).stdout
    assert examples(text), text
    for line in examples(text):
        words = shlex.split(line)
        assert words[:2] == ["sheetsync", name]
        command(name).make_context(name, words[2:])


def test_the_groups_own_example_is_a_command_that_exists() -> None:
    text = CliRunner().invoke(cli, ["--help"]).stdout
    assert [shlex.split(line)[1] for line in examples(text)] == ["sync"]


def test_every_command_that_reads_a_tracker_has_the_shared_options() -> None:
    shared = {"--as-of", "--sheet", "--header-row", "--map", "--day-first", "--month-first", "--profile",
              "--service-account", "--json"}  # fmt: skip
    for name in ("init", "inspect", "sync", "due", "explain"):
        has = {opt for param in command(name).params for opt in (*param.opts, *param.secondary_opts)}
        assert shared <= has, name


def test_the_version_is_printed() -> None:
    assert installed("--version").stdout.strip() == f"sheetsync, version {sheetsync.__version__}"


def test_the_installed_command_is_the_entry_point() -> None:
    (found,) = entry_points(group="console_scripts", name="sheetsync")
    assert found.value == "sheetsync.cli:main"


def test_python_dash_m_is_the_same_command() -> None:
    done = subprocess.run([sys.executable, "-m", "sheetsync", "--help"], capture_output=True, text=True, check=True)
    assert done.stdout == installed("--help").stdout


def test_an_unknown_command_names_the_nearest_one() -> None:
    done = installed("snyc")
    assert done.returncode == 2
    assert done.stderr == "sheetsync: There is no command 'snyc': did you mean 'sync'? See `sheetsync --help`.\n"


@pytest.mark.parametrize(
    ("shell", "sign"), [("bash", "complete -o nosort"), ("zsh", "#compdef"), ("fish", "complete --no-files")]
)
def test_shell_completion_makes_a_script(shell: str, sign: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_SHEETSYNC_COMPLETE", f"{shell}_source")
    done = installed()
    assert done.returncode == 0
    assert sign in done.stdout


def test_completion_offers_the_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_SHEETSYNC_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "sheetsync ")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert {line.split(",")[1] for line in installed().stdout.splitlines()} == set(COMMANDS)


def test_the_public_names_are_found_when_they_are_used(tmp_path: Path) -> None:
    del tmp_path
    for name in sheetsync.__all__:
        assert getattr(sheetsync, name) is not None
    with pytest.raises(AttributeError, match="nothing_such"):
        sheetsync.nothing_such  # noqa: B018 - it is the looking up that must fail


@pytest.mark.parametrize("name", ["addin", "schedule"])
def test_a_group_alone_is_answered_in_one_line(name: str) -> None:
    done = installed(name)
    assert done.returncode == 2
    assert done.stderr == f"sheetsync: Missing command. See `sheetsync {name} --help`.\n"


def test_an_empty_workbook_is_told_how_to_begin(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "empty.xlsx")
    done = installed("due", tmp_path / "empty.xlsx")
    assert done.returncode == 3
    assert "it is empty. Nothing was written. `sheetsync init NEW.xlsx` makes a tracker" in done.stderr
    assert "--header-row" not in done.stderr
