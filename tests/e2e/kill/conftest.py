"""At the end: a table of what was killed where, and what was left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest

from e2e.kill.lab import Lab

_HEAD = ("command", "how", "points", "old", "new", "left", "after next run")


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The process that runs the commands, and their folders."""
    with Lab(tmp_path_factory.mktemp("kill")) as ready:
        yield ready


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each command and way, and their sum."""
    rows: list[tuple[str, str, int, int, int, int, int]] = sorted(
        cast("tuple[str, str, int, int, int, int, int]", value)
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, value in report.user_properties
        if name == "kill"
    )
    if not rows:
        return
    terminalreporter.section("killed")
    terminalreporter.line(_line(_HEAD))
    for row in rows:
        terminalreporter.line(_line(row))
    terminalreporter.line(_line(("all", "", *(sum(row[place] for row in rows) for place in (2, 3, 4, 5, 6)))))  # type: ignore[misc]


def _line(row: tuple[object, ...]) -> str:
    name, how, *numbers = map(str, row)
    return f"{name:20}{how:22}" + "".join(f"{number:>8}" for number in numbers[:-1]) + f"{numbers[-1]:>16}"
