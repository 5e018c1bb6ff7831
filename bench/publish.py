"""`python -m bench.publish`: put the last run of `make bench` into `docs/performance.md`.

`docs/performance/now.json` is that run, without its single rounds. What it is held against, `before.json`,
stays as it is.
"""

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.names import EMPTY
from bench.table import MEASURED, introduction

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results"
PAGE = ROOT / "docs" / "performance.md"
PUBLISHED = ROOT / "docs" / "performance"
PICTURE = ROOT / "docs" / "images" / "performance.svg"
BEGIN, END = "<!-- figures: written by bench/publish.py -->\n", "<!-- end of figures -->\n"

Report = dict[str, Any]


def main() -> int:
    """Publish; 1 where there is no run."""
    try:
        run = json.loads((RESULTS / "bench.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        print("bench/results/bench.json: expected a run; make bench", file=sys.stderr)
        return 1
    del run["results"]["rounds"]
    (PUBLISHED / "now.json").write_text(f"{json.dumps(run, indent=1)}\n", encoding="utf-8")
    shutil.copyfile(RESULTS / "bench.svg", PICTURE)
    PAGE.write_text(with_figures(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


def with_figures(page: str) -> str:
    """Give a page with the published figures between its two marks."""
    before, now = (
        json.loads((PUBLISHED / f"{name}.json").read_text(encoding="utf-8")) for name in ("before", "now")
    )
    start, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    return page[:start] + figures(before, now) + page[end:]


def figures(before: Report, now: Report) -> str:
    """Write the tables of two runs in Markdown."""
    earlier = {each["name"]: each for each in before["figures"]}
    promised_earlier = {each["text"]: each for each in before["promises"]}
    head = (*MEASURED, "generator", "before")
    measured = [head, *(_row(each, earlier.get(each["name"])) for each in now["figures"])]
    promised = [
        ("promised", "of it reached", "", "before"),
        *(
            (each["text"], _reached(each), _verdict(each), _reached(promised_earlier.get(each["text"])))
            for each in now["promises"]
        ),
    ]
    words = introduction(now["machine"], now["plan"], now["limits"])
    return "\n".join(
        ["```text", *words, "```", "", *_table(measured), "", *_table(promised), ""],
    )


def _row(each: Report, earlier: Report | None) -> tuple[str, ...]:
    sample, is_empty = each["sample"], EMPTY in each["name"]
    return (
        each["name"],
        f"{sample['rate']:,.0f}",
        f"{sample['p50_ms']:.2f}",
        f"{sample['p99_ms']:.2f}",
        "" if is_empty else f"{each['of_v']:.3f}",
        "" if is_empty else f"{each['of_r']:.2f}",
        "" if each["of_empty"] is None else f"{each['of_empty']:.2f}",
        f"{sample['generator']:.1%}",
        "" if earlier is None or is_empty else _before(earlier),
    )


def _before(each: Report) -> str:
    """The ratio that tells most: what is signed has V for a limit, what is read an empty POST."""
    return f"{each['of_empty']:.2f} E" if "edges" in each["name"] else f"{each['of_v']:.3f} V"


def _reached(each: Report | None) -> str:
    return "" if each is None or each["reached"] is None else f"{each['reached']:.2f}"


def _verdict(each: Report) -> str:
    reached = each["reached"]
    return "" if reached is None else "kept" if reached >= 1 else "**missed**"


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    columns = len(rows[0])
    ruled = [rows[0], ("---", *["---:"] * (columns - 1)), *rows[1:]]
    return [f"| {' | '.join(row)} |" for row in ruled]


if __name__ == "__main__":
    sys.exit(main())
