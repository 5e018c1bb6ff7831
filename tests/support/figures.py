"""Figures of the harness: measured by tests, and shown as one table when the run ends."""

import os
import platform
from collections.abc import Callable

import pytest

Figure = Callable[..., None]
_PROPERTY = "figure"


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Figure:
    """Note what was measured, and fail where it misses what is promised.

    `figure("acknowledged and lost", 0, at_most=0, of="200 kills")`. A figure without a bound is only shown.
    Times are shown and never asserted in milliseconds: give a ratio to something measured in the same run.
    """

    def note(
        what: str, value: float, *, at_most: float | None = None, at_least: float | None = None, of: str = ""
    ) -> None:
        missed = (at_most is not None and value > at_most) or (at_least is not None and value < at_least)
        bound = (
            f"at most {at_most:g}"
            if at_most is not None
            else f"at least {at_least:g}"
            if at_least is not None
            else ""
        )
        row = (what, of, f"{value:g}", bound, "MISSED" if missed else "")
        request.node.user_properties.append((_PROPERTY, row))
        assert not missed, f"{what}: {value:g}, expected {bound}"

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One table of all figures of this run, from every worker."""
    rows = [
        [str(cell) for cell in value]
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, value in report.user_properties
        if name == _PROPERTY and isinstance(value, list | tuple)
    ]
    if not rows:
        return
    rows = [["figure", "of", "measured", "promised", ""], *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    terminalreporter.section("figures")
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    terminalreporter.write_line(f"{machine}, Python {platform.python_version()}")
    for row in rows:
        terminalreporter.write_line(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
