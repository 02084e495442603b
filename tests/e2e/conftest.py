"""At the end: to which end the workbooks of the collection came."""

from __future__ import annotations

from collections import Counter

import pytest


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
