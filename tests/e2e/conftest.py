"""A home of their own for these tests; and, at the end, to which end the workbooks of the collection came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Backups of these tests go where pytest cleans up, not into the home of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHEETSYNC_HOME", str(tmp_path_factory.mktemp("home")))
        yield


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each outcome that tests recorded."""
    outcomes = Counter(
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, value in report.user_properties
        if name == "outcome"
    )
    if outcomes:
        terminalreporter.section("workbooks")
        for outcome, count in outcomes.most_common():
            terminalreporter.line(f"{count:5} {outcome}")
