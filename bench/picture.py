"""Draw the figures of a run: `python -m bench.picture RESULTS PICTURE`, by a Python that has matplotlib.

That Python has nothing else of the project's (`requirements/bench.lock`), so nothing else is imported.
"""

import json
import sys
from pathlib import Path
from typing import Any

from matplotlib import rcParams  # type: ignore[import-not-found]  # is installed for this alone
from matplotlib.figure import Figure  # type: ignore[import-not-found]  # as above

# The file is the same for the same figures, and its words are words.
rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "countersign", "font.size": 9})
_BLUE, _GREY, _RED = "#2f6fde", "#9aa4b2", "#c0392b"
_WRITE, _EMPTY = "follow or unfollow", "empty POST"


def main() -> None:
    """Draw what was written, and what was read."""
    results, picture = map(Path, sys.argv[1:])
    report = json.loads(results.read_text(encoding="utf-8"))
    figures = [(*each["name"].rsplit(", ", 2), each) for each in report["figures"]]
    writes = [(f"{where}, {lanes}", each) for where, what, lanes, each in figures if what == _WRITE]
    reads: dict[str, dict[str, float]] = {}
    for where, what, _, each in figures:
        if where.endswith("edges") and what != _EMPTY:
            reads.setdefault(what, {})[where] = each["of_empty"]
    plan = report["plan"]
    edges = {"few edges": plan["edges"], "many edges": plan["many_edges"]}
    rows = [len(writes), sum(map(len, reads.values()))]
    drawing = Figure(figsize=(8, 1.6 + 0.27 * sum(rows)), layout="tight")
    upper, lower = drawing.subplots(2, 1, height_ratios=[max(row, 1) for row in rows])
    _draw_writes(upper, writes, report["limits"])
    _draw_reads(lower, reads, edges)
    drawing.savefig(picture, format="svg", metadata={"Date": None}, facecolor="white")


def _draw_writes(axes: Any, writes: list[tuple[str, Any]], limits: dict[str, float]) -> None:  # noqa: ANN401 (matplotlib's)
    names = [name for name, _ in writes]
    bars = axes.barh(names, [each["of_v"] for _, each in writes], color=_BLUE)
    rates = [f"{each['sample']['rate']:,.0f}" for _, each in writes]
    axes.bar_label(
        bars, rates, label_type="edge", padding=-27, color="white", size=8
    )  # clear of what is promised
    of_r = limits["commits"] / limits["verifications"]
    for name, least in (("gateway, 16", min(0.8 * of_r, 0.09)), ("gateway, 64", min(1.1 * of_r, 0.13))):
        if name in names:
            row = names.index(name)
            axes.plot([least, least], [row - 0.45, row + 0.45], color=_RED)
    axes.invert_yaxis()
    axes.set_title("Signed operations a second over so many connections; red: promised", loc="left")
    axes.set_xlabel("of raw P-256 verifications a second on all cores")
    axes.margins(x=0.12)


def _draw_reads(axes: Any, reads: dict[str, dict[str, float]], edges: dict[str, int]) -> None:  # noqa: ANN401 (as above)
    names = list(reads)
    for turn, (where, count) in enumerate(edges.items()):
        shown = [(row, each[where]) for row, each in enumerate(reads.values()) if where in each]
        if shown:
            at = [row + 0.4 * turn - 0.2 for row, _ in shown]
            colour = (_GREY, _BLUE)[turn]
            axes.barh(at, [value for _, value in shown], 0.38, color=colour, label=f"{count:,} edges")
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_title("Reads over 16 connections", loc="left")
    axes.set_xlabel("of an empty POST to the same server")
    if names:
        axes.legend()


if __name__ == "__main__":
    main()
