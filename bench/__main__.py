"""`python -m bench`: measure, print one table, and leave it with its JSON in `bench/results/`."""

import argparse
import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.suite import Plan, measure
from bench.table import Report, as_text, machine

RESULTS = Path(__file__).with_name("results")


def main() -> int:
    """Measure; the exit code is 1 where something that was promised is missed."""
    options = _options()
    plan = Plan(
        options.rounds, options.seconds, options.edges, options.many_edges, options.people, not options.writes
    )
    if options.short:
        plan = Plan(1, 0.5, 2_000, 0, 64, not options.writes)
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
    parser.add_argument(
        "--short", action="store_true", help="one quick round on small graphs: does it work at all?"
    )
    parser.add_argument("--writes", action="store_true", help="measure follows and unfollows only")
    parser.add_argument("--rounds", type=int, default=default.rounds, help="how often (%(default)s)")
    parser.add_argument(
        "--seconds", type=float, default=default.seconds, help="for each figure and round (%(default)s)"
    )
    parser.add_argument("--edges", type=int, default=default.edges, help="of the smaller graph (%(default)s)")
    parser.add_argument(
        "--many-edges", type=int, default=default.many_edges, help="of the larger; 0: none (%(default)s)"
    )
    parser.add_argument(
        "--people", type=int, default=default.people, help="who sign in, in a round (%(default)s)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
