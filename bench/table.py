"""The one table that a run ends with, and the same as JSON."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.figures import Figure, Kept, Round, figure, kept
from bench.limits import CORES
from bench.load import find_compiler
from bench.names import EMPTY, empty_beside
from bench.promises import GENERATOR, PROMISES, RESIDENT_MB, START_S
from bench.statistics import median
from bench.suite import Plan, Results


@dataclass(frozen=True, slots=True)
class Report:
    """What a run found.

    Attributes:
        machine: Cores, processor, system, Python, and how busy it was with other things.
        plan: How much was measured.
        limits: Medians of the machine's own limits.
        figures: All figures.
        promises: Which of the promises were kept.
        results: What it is made from.
    """

    machine: dict[str, str]
    plan: Plan
    limits: dict[str, float]
    figures: list[Figure]
    promises: list[Kept]
    results: Results

    @classmethod
    def of(cls, plan: Plan, results: Results, machine: dict[str, str]) -> "Report":
        """Sum up results."""
        rounds = results.rounds
        resident = max(results.resident_mb.values(), default=0.0)
        figures = [figure(name, rounds, _empty(name, rounds)) for name in rounds[0].samples]
        generator = max(each.sample.generator for each in figures)
        lost = sum(not log.passed for log in results.logs.values())
        return cls(
            machine=machine,
            plan=plan,
            limits={
                name: median([asdict(each.limits)[name] for each in rounds])
                for name in asdict(rounds[0].limits)
            },
            figures=figures,
            promises=[
                *(kept(promise, rounds) for promise in PROMISES),
                Kept("gateway: start to first answer in 1 s", START_S / median(results.starts_s)),
                Kept(
                    "resident memory of a process under 150 MB", RESIDENT_MB / resident if resident else None
                ),
                Kept("load generator: under a tenth of the processors", GENERATOR / max(generator, 1e-9)),
                Kept("every acknowledged operation in a log whose chain verifies", 0.0 if lost else 1.0),
            ],
            results=results,
        )

    def as_json(self) -> dict[str, Any]:
        """Give everything, each round included."""
        return asdict(self)


def _empty(name: str, rounds: Sequence[Round]) -> str | None:
    beside = empty_beside(name)
    return beside if beside != name and beside in rounds[0].samples else None


def machine() -> dict[str, str]:
    """Say what the run is made on, and how busy that is before."""
    return {
        "processor": _processor(),
        "cores": str(CORES),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "generator": "compiled" if find_compiler() else "in Python",
        "load before": f"{os.getloadavg()[0]:.1f}",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


MEASURED = ("figure, connections", "a second", "p50 ms", "p99 ms", "of V", "of R", "of E")
"""The columns that every table of figures begins with."""


def as_text(report: Report) -> str:
    """Write the table."""
    head = (*MEASURED, "server", "generator")
    rows = [head, *(_row(each) for each in report.figures)]
    promises = [
        ("promised", "reached", ""),
        *((each.text, _times(each), each.verdict) for each in report.promises),
    ]
    logs = [
        f"{name}: {log.acknowledged:,} acknowledged, {log.lost} lost; "
        + ("its log and chain verify" if log.passed else f"{log.chain} {log.signatures}")
        for name, log in report.results.logs.items()
    ]
    return "\n".join(
        [
            *introduction(report.machine, asdict(report.plan), report.limits),
            "",
            *aligned(rows),
            "",
            *aligned(promises),
            "",
            *logs,
            f"start to first answer {median(report.results.starts_s):.2f} s; resident MB: "
            + ", ".join(f"{name} {size:.0f}" for name, size in report.results.resident_mb.items()),
        ]
    )


def introduction(
    machine: Mapping[str, str], plan: Mapping[str, Any], limits: Mapping[str, float]
) -> list[str]:
    """Say what was measured where, and what the machine allows at most."""
    verified, one = limits["verifications"], limits["verification_ms"]
    committed, median_ms = limits["commits"], limits["commit_ms"]
    by_16, by_64 = limits["rows_by_16"], limits["rows_by_64"]
    graphs = f"few edges: {plan['edges']:,}, many edges: {plan['many_edges']:,}"
    if delay := plan.get("commit_delay"):
        graphs += f"; each commit of PostgreSQL waits {delay:,} µs"
    return [
        ", ".join(f"{name} {value}" for name, value in machine.items()),
        f"medians of {plan['rounds']}, {plan['seconds']:g} s each; {graphs}",
        f"V  {verified:,.0f} raw P-256 verifications a second on all cores; one takes {one:.3f} ms",
        f"R  {committed:,.0f} raw durable commits of one row a second; the median takes {median_ms:.2f} ms",
        f"   of sixteen rows: {by_16:,.0f} rows a second; of sixty-four: {by_64:,.0f}",
        "E  an empty POST to the same server over as many connections",
        "server, generator: their parts of all cores",
    ]


def _row(each: Figure) -> tuple[str, ...]:
    sample = each.sample
    return (
        each.name,
        f"{sample.rate:,.0f}",
        f"{sample.p50_ms:.2f}",
        f"{sample.p99_ms:.2f}",
        "" if EMPTY in each.name else f"{each.of_v:.3f}",
        "" if EMPTY in each.name else f"{each.of_r:.2f}",
        "" if each.of_empty is None else f"{each.of_empty:.2f}",
        f"{sample.server:.0%}",
        f"{sample.generator:.0%}",
    )


def _times(each: Kept) -> str:
    return "" if each.reached is None else f"{each.reached:.2f} of it"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Set rows in columns: the first to the left, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
