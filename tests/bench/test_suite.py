"""`make bench`, as small as it can be: servers, requests, checks and table fit together."""

from pathlib import Path

import pytest

from bench.suite import Plan, measure
from bench.table import Report, as_text


@pytest.mark.soak
def test_a_run_measures_everything_and_loses_nothing(tmp_path: Path) -> None:
    plan = Plan(rounds=1, seconds=0.2, edges=400, many_edges=800, people=8)
    report = Report.of(plan, measure(plan, tmp_path, lambda _: None), {})
    assert all(each.reached is not None for each in report.promises)
    assert all(log.passed and log.acknowledged for log in report.results.logs.values())
    assert all(each.sample.rate > 0 for each in report.figures)
    assert as_text(report)
