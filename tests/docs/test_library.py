"""All of `docs/` is there, in the order of its index, and every link of it leads somewhere."""

import re
from html import unescape
from pathlib import Path

import pytest

from tests.support.places import ROOT
from webapp.docs.library import DECISIONS, SERVED, Library
from webapp.docs.pages import Page

DOCS = ROOT / "docs"
LIBRARY = Library(DOCS)
NAMES = [page.name for page in LIBRARY.pages]
TRIED = {"/docs/try", *(f"/docs/try?show={program.name}" for program in LIBRARY.programs)}


def fragments(page: Page) -> set[str]:
    return set(re.findall(r'<h\d id="([^"]+)"', page.html))


def test_every_file_is_a_page_and_the_index_lists_it() -> None:
    """Decisions are listed by their own page."""
    files = {path.relative_to(DOCS).as_posix().removesuffix(".md") for path in DOCS.rglob("*.md")}
    assert set(NAMES) == {"" if name == "index" else name for name in files} | {"decisions"}
    assert len(NAMES) == len(set(NAMES))
    listed = {page.name for group in LIBRARY.groups for page in group.pages}
    assert listed == {name for name in NAMES if name and not name.startswith(DECISIONS)}
    decisions = LIBRARY.page("decisions")
    assert decisions is not None
    for name in NAMES:
        if name.startswith(DECISIONS):
            assert f'href="/docs/{name}"' in decisions.html


@pytest.mark.parametrize("leaf", LIBRARY.pages, ids=lambda leaf: leaf.name or "index")
def test_every_link_leads_somewhere(leaf: Page) -> None:
    """To a page and a heading on it, a file, or the site; into the source only where such a file is."""
    for href in map(unescape, re.findall(r'(?:href|src)="([^"]+)"', leaf.html)):
        path, _, fragment = href.partition("#")
        if path.startswith("https://") or (path.startswith("/") and not path.startswith("/docs")):
            continue
        if path.startswith("/docs/try"):
            assert path in TRIED
            continue
        name = path.removeprefix("/docs").removeprefix("/") if path else leaf.name
        there = LIBRARY.page(name)
        assert there or LIBRARY.file(name), href
        if fragment:
            assert there, href
            assert fragment in fragments(there), href
    for named in re.findall(r'title="In the source: ([^"]+)"', leaf.html):
        assert (ROOT / unescape(named)).exists(), named


@pytest.mark.parametrize("leaf", LIBRARY.pages, ids=lambda leaf: leaf.name or "index")
def test_every_page_is_fit_to_be_served(leaf: Page) -> None:
    assert leaf.title
    assert leaf.lead
    assert not re.search(r"<(script|style|iframe)| style=| on\w+=", re.sub(r">[^<]*", ">", leaf.html))
    assert "<h1" not in leaf.html
    assert not re.search(r"<h\d[^>]*><a [^>]*>(?:(?!</h\d>).)*<a ", leaf.html), (
        "a link in a heading, which is one"
    )
    for mermaid in re.findall(r"flowchart LR", leaf.html):
        pytest.fail(f"a diagram was not understood: {mermaid}")


def test_pages_follow_each_other_as_listed() -> None:
    index, contract = LIBRARY.page(""), LIBRARY.page("contract")
    assert index is not None
    assert contract is not None
    assert LIBRARY.neighbours(index)[0] is None
    assert LIBRARY.neighbours(LIBRARY.pages[-1])[1] is None
    before, after = LIBRARY.neighbours(contract)
    assert before is not None
    assert LIBRARY.neighbours(before)[1] is contract
    assert after is not None
    assert LIBRARY.neighbours(after)[0] is contract


def test_files_are_those_of_the_folder_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "index.md").write_text("# A\n\nText.\n")
    (tmp_path / "notes.env").write_text("KEY=1")
    found = Library(tmp_path)
    assert found.file("notes.env") is None
    for name in ("../pyproject.toml", "/etc/passwd", "", ".", "examples", "examples/../index.md"):
        assert found.file(name) is None
        assert LIBRARY.file(name) is None
    kept = LIBRARY.file("index.md")
    assert kept is not None
    assert kept.content == (DOCS / "index.md").read_bytes()
    assert {path.suffix for path in DOCS.rglob("*") if path.is_file()} <= set(SERVED)
