"""`python -m bench`: measure, print one table, and leave it with its JSON in `bench/results/`."""

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.names import EMPTY, GATEWAY, RUN, WRITE
from bench.suite import Plan, measure
from bench.table import Report, as_text, machine

RESULTS = Path(__file__).with_name("results")
SHORT = Plan(rounds=1, seconds=0.5, edges=2_000, many_edges=0, people=64)
WRITES = f"{WRITE}|({GATEWAY}|{RUN}), {EMPTY}"
POSTGRESQL_TOO = f"PostgreSQL|^{GATEWAY}, {WRITE}"


def main() -> int:
    """Measure; the exit code is 1 where something that was promised is missed."""
    given = {name: value for name, value in vars(_options()).items() if value is not None}
    plan = replace(SHORT if given.pop("short") else Plan(), **given)
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:5.0f} s  {text}", file=sys.stderr, flush=True)

    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "bench.json").unlink(missing_ok=True)  # or a picture would be of an earlier run
    this = machine()
    with TemporaryDirectory(dir=RESULTS, prefix="data-") as folder:
        report = Report.of(plan, measure(plan, Path(folder), say), this)
    table = as_text(report)
    (RESULTS / "bench.txt").write_text(f"{table}\n", encoding="utf-8")
    (RESULTS / "bench.json").write_text(json.dumps(report.as_json(), indent=1), encoding="utf-8")
    print(table)
    return int(any(each.verdict == "MISSED" for each in report.promises))


def _options() -> argparse.Namespace:
    default = Plan()
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--short", action="store_true", help="one quick round on a small graph")
    parser.add_argument("--only", metavar="PATTERN", help="measure those figures whose name has this in it")
    parser.add_argument(
        "--postgresql",
        dest="only",
        action="store_const",
        const=POSTGRESQL_TOO,
        help="what is promised of PostgreSQL, and of SQLite what it is held against",
    )
    parser.add_argument(
        "--writes",
        dest="only",
        action="store_const",
        const=WRITES,
        help="follows and unfollows, and E",
    )
    parser.add_argument("--rounds", type=int, help=f"how often ({default.rounds})")
    parser.add_argument("--seconds", type=float, help=f"for each figure and round ({default.seconds:g})")
    parser.add_argument("--edges", type=int, help=f"of the smaller graph ({default.edges})")
    parser.add_argument("--many-edges", type=int, help=f"of the larger; 0: none ({default.many_edges})")
    parser.add_argument(
        "--commit-delay",
        type=int,
        metavar="US",
        help="microseconds that each commit of PostgreSQL waits (0)",
    )
    parser.add_argument("--people", type=int, help=f"who register and sign in, in a round ({default.people})")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
