"""All pages, in the order in which `index.md` lists them, and the files that they show and lead to."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from webapp.docs.links import INDEX, Links
from webapp.docs.markdown import render
from webapp.docs.pages import Page
from webapp.docs.programs import Program, programs
from webapp.docs.search import Results, search

DECISIONS = "decisions/"
SERVED = {
    ".html": "text/plain; charset=utf-8",  # examples are to be read here, and to be run elsewhere
    ".js": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".mjs": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".py": "text/plain; charset=utf-8",
    ".sh": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ts": "text/plain; charset=utf-8",
}
"""What is served, and as what."""

_ABOUT_DECISIONS = (
    "Why things are as they are: what was decided, what it cost, and what was not done instead."
)
_LIST = "## All pages\n"
_GROUP = re.compile(r"^### (.+)$")
_ENTRY = re.compile(r"^- \[[^\]]+\]\((?!https?:)([^)#]+)\)")
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Group:
    """Pages under one heading of the index."""

    title: str
    pages: tuple[Page, ...]


@dataclass(frozen=True, slots=True)
class File:
    """A file that a page shows or leads to."""

    content: bytes
    media_type: str


class Library:
    """The documentation, read and rendered once."""

    def __init__(self, folder: Path, endpoint: str | None = None) -> None:
        """Read the project's `docs/`.

        Pages name `endpoint` as GraphQL endpoint; with None, that of a server on one's own machine.
        """
        self._endpoint = endpoint
        found = {
            path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()
        }
        self._files = {
            name: File(path.read_bytes(), SERVED[path.suffix])
            for name, path in found.items()
            if path.suffix in SERVED
        }
        sources = {name: file.content.decode() for name, file in self._files.items() if name.endswith(".md")}
        sources[DECISIONS + INDEX] = _list_of_decisions(sources)
        known = frozenset({*self._files, DECISIONS})
        pages = {name: render(text, Links(name, known), endpoint) for name, text in sources.items()}
        listed = _listed(sources[INDEX])
        self.groups = tuple(Group(title, tuple(pages[name] for name in names)) for title, names in listed)
        ordered = [INDEX, *(name for _, names in listed for name in names)]
        ordered += sorted((name for name in sources if name not in ordered), reverse=True)
        self.pages = tuple(pages[name] for name in ordered)
        self._places = {page.name: place for place, page in enumerate(self.pages)}

    def page(self, name: str) -> Page | None:
        """Find a page by its name."""
        place = self._places.get(name)
        return None if place is None else self.pages[place]

    def file(self, name: str) -> File | None:
        """Find a file by its path below `docs/`."""
        return self._files.get(name)

    def neighbours(self, page: Page) -> tuple[Page | None, Page | None]:
        """Give the pages before and after, in reading order."""
        place = self._places[page.name]
        before = self.pages[place - 1] if place else None
        return before, self.pages[place + 1] if place + 1 < len(self.pages) else None

    def search(self, query: str) -> Results:
        """Find the places of all pages that have every word of the query."""
        return search(self.pages, query)

    @cached_property
    def programs(self) -> tuple[Program, ...]:
        """What can be tried, in order."""
        return programs(lambda name: self._files[name].content.decode(), self._endpoint)


def _listed(index: str) -> list[tuple[str, list[str]]]:
    """Read the list of all pages at the end of the index: the names of files, in groups."""
    groups: list[tuple[str, list[str]]] = []
    for line in index.partition(_LIST)[2].splitlines():
        if group := _GROUP.match(line):
            groups.append((group[1], []))
        elif entry := _ENTRY.match(line):
            name = entry[1] + INDEX if entry[1].endswith("/") else entry[1]
            groups[-1][1].append(name)
    return groups


def _list_of_decisions(sources: dict[str, str]) -> str:
    """Write the page that lists decisions, newest first."""
    names = sorted((name for name in sources if name.startswith(DECISIONS)), reverse=True)
    titles = {name: found[1] for name in names if (found := _TITLE.search(sources[name]))}
    lines = [f"- [{title}]({name.removeprefix(DECISIONS)})" for name, title in titles.items()]
    return "\n".join(("# Decisions", "", _ABOUT_DECISIONS, "", *lines, ""))
