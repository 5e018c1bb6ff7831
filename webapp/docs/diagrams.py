"""Diagrams without a drawing program: a Mermaid flowchart as the list of its arrows, for eyes and ears alike.

Of Mermaid's language this knows what our files use: nodes with labels, arrows with or without words, and
subgraphs.
"""

import re
from dataclasses import dataclass, field
from html import escape

_NODE = r"""(?P<{0}>\w+)(?:[\[({{]+"(?P<{0}_label>[^"]*)"[\])}}]+)?"""
_ARROW = re.compile(
    _NODE.format("source") + r"""\s+(?:--\s+"(?P<words>[^"]*)"\s+)?-->\s+""" + _NODE.format("target")
)
_ALONE = re.compile(_NODE.format("source"))
_SILENT = re.compile(r"flowchart\s+\w+|subgraph\b.*|end")
_BREAK = re.compile(r"<br\s*/?>")


@dataclass(slots=True)
class _Chart:
    labels: dict[str, str] = field(default_factory=dict)
    arrows: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def name(self, node: str, label: str | None) -> None:
        if label:
            self.labels[node] = _BREAK.sub(", ", label)


def as_list(chart: str) -> str | None:
    """Write a flowchart as HTML: each node with those it points at; None where it is not understood."""
    found = _read(chart)
    if found is None or not found.arrows:
        return None
    rows = []
    for source, arrows in found.arrows.items():
        ends = "".join(
            f"<li>{f'<span>{escape(words)}</span> ' if words else ''}{_label(found, target)}</li>"
            for target, words in arrows
        )
        rows.append(f"<div><dt>{_label(found, source)}</dt><dd><ul>{ends}</ul></dd></div>")
    return f'<dl class="arrows">{"".join(rows)}</dl>'


def _label(chart: _Chart, node: str) -> str:
    head, colon, rest = chart.labels.get(node, node).partition(":")
    return f"<b>{escape(head)}</b>{escape(colon + rest)}"


def _read(chart: str) -> _Chart | None:
    found = _Chart()
    for line in map(str.strip, chart.splitlines()):
        if not line or _SILENT.fullmatch(line):
            continue
        if arrow := _ARROW.fullmatch(line):
            source, target = arrow["source"], arrow["target"]
            found.name(source, arrow["source_label"])
            found.name(target, arrow["target_label"])
            found.arrows.setdefault(source, []).append((target, arrow["words"] or ""))
        elif node := _ALONE.fullmatch(line):
            found.name(node["source"], node["source_label"])
        else:
            return None
    return found
