"""Blocks of code: what stands behind a fence's three marks, and how such a block looks on a page."""

import re
from dataclasses import dataclass
from html import escape
from typing import Self

LANGUAGES = {
    "": "Text",
    "caddy": "Caddyfile",
    "console": "Terminal",
    "css": "CSS",
    "graphql": "GraphQL",
    "html": "HTML",
    "ini": "systemd",
    "js": "JavaScript",
    "json": "JSON",
    "nginx": "nginx",
    "python": "Python",
    "sh": "Shell",
    "sql": "SQL",
    "text": "Text",
    "toml": "TOML",
    "ts": "TypeScript",
    "yaml": "YAML",
}
"""How each language is called on a page."""

TREATMENTS = {"run": "run by the tests", "linted": "read by the tests, not run"}
"""What a fence says of its block, and how a page says it."""

_COMMENTS = {
    "js": re.compile(r"(?:^|(?<=\s))//.*"),
    "python": re.compile(r"(?:^|(?<=\s))#.*"),
    "sh": re.compile(r"(?:^|(?<=\s))#.*"),
    "sql": re.compile(r"(?:^|(?<=\s))--.*"),
    "toml": re.compile(r"(?:^|(?<=\s))#.*"),
    "ts": re.compile(r"(?:^|(?<=\s))//.*"),
    "yaml": re.compile(r"(?:^|(?<=\s))#.*"),
}


@dataclass(frozen=True, slots=True)
class Fence:
    """What stands behind the three marks: ```` ```python run examples/client.py ````."""

    language: str  # empty for plain text
    treatment: str  # `run` or `linted`; empty where the block is no code to run
    file: str  # below `docs/`, that the block is the whole of; empty where it is of none

    @classmethod
    def read(cls, info: str) -> Self:
        """Read it; words that mean nothing here are left out."""
        language, *words = info.split() or [""]
        treatment = next((word for word in words if word in TREATMENTS), "")
        return cls(language, treatment, next((word for word in words if "/" in word), ""))


def as_figure(fence: Fence, text: str, path: str | None) -> str:
    """Write a block as HTML; `path` is where its file is served."""
    name = LANGUAGES.get(fence.language, fence.language)
    notes = [f"<b>{escape(name)}</b>"]
    if path:
        notes.append(f'<a href="{escape(path)}">{escape(path.rpartition("/")[2])}</a>')
    if fence.treatment:
        notes.append(f"<span>{TREATMENTS[fence.treatment]}</span>")
    return (
        f'<figure class="code"><figcaption>{" ".join(notes)}</figcaption>'
        f'<pre tabindex="0" role="group" aria-label="{escape(name)}"><code>{_tinted(fence, text)}</code>'
        "</pre></figure>\n"
    )


def _tinted(fence: Fence, text: str) -> str:
    """Set comments apart. Other colours mean actors, on every page."""
    pattern = _COMMENTS.get(fence.language)
    if pattern is None:
        return escape(text, quote=False)
    return "\n".join(_with_comment(line, pattern) for line in text.split("\n"))


def _with_comment(line: str, pattern: re.Pattern[str]) -> str:
    found = pattern.search(line)
    if found is None:
        return escape(line, quote=False)
    return f"{escape(line[: found.start()], quote=False)}<i>{escape(found[0], quote=False)}</i>"
