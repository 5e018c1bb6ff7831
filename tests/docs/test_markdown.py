"""A file becomes a page: anchors as GitHub makes them, links that work on the site, nothing that its policy
would stop.
"""

import re

import pytest

from webapp.docs.diagrams import as_list
from webapp.docs.links import Links
from webapp.docs.markdown import render, slug
from webapp.docs.pages import Page

KNOWN = frozenset(
    {"index.md", "contract.md", "decisions/2026-why.md", "decisions/", "examples/run.py", "images/a.png"}
)


def page(body: str, file: str = "contract.md", endpoint: str | None = None) -> Page:
    return render(f"# Title\n\n{body}\n", Links(file, KNOWN), endpoint)


@pytest.mark.parametrize(
    ("file", "href", "leads"),
    [
        ("contract.md", "#errors", "#errors"),
        ("index.md", "contract.md", "/docs/contract"),
        ("index.md", "contract.md#errors", "/docs/contract#errors"),
        ("contract.md", "index.md", "/docs"),
        ("contract.md", "decisions/", "/docs/decisions"),
        ("contract.md", "decisions/2026-why.md", "/docs/decisions/2026-why"),
        ("decisions/2026-why.md", "../contract.md#errors", "/docs/contract#errors"),
        ("decisions/2026-why.md", "2026-why.md", "/docs/decisions/2026-why"),
        ("contract.md", "examples/run.py", "/docs/examples/run.py"),
        ("contract.md", "https://example.org/a.md", "https://example.org/a.md"),
        ("contract.md", "http://127.0.0.1:8000/?break=SUCCESS#break-it", "/?break=SUCCESS#break-it"),
        ("contract.md", "http://127.0.0.1:8000/", "/"),
        ("contract.md", "../webapp/app.py", None),
        ("contract.md", "../../etc/passwd", None),
        ("contract.md", "no-such.md", None),
    ],
)
def test_a_link_leads_to_where_the_site_has_it(file: str, href: str, leads: str | None) -> None:
    assert Links(file, KNOWN).lead(href) == leads
    shown = page(f"[words]({href})", file).html
    if leads is None:
        assert "<a" not in shown
        assert "In the source: " in shown
        assert ">words</span>" in shown
    else:
        assert f'<a href="{leads}"' in shown


def test_two_links_of_one_line_keep_their_ends() -> None:
    shown = page("[one](../webapp/app.py) and [two](index.md)").html
    assert 'title="In the source: webapp/app.py">one</span> and <a href="/docs">two</a>' in shown


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("The page's rooms", "the-pages-rooms"),
        ("`docker compose up`", "docker-compose-up"),
        ("OWASP ASVS 5.0, level 1", "owasp-asvs-50-level-1"),
        ("INVALID_ADDRESS", "invalid_address"),
        ("Replies of the HTTP library", "replies-of-the-http-library"),
    ],
)
def test_an_anchor_is_as_github_makes_it(heading: str, anchor: str) -> None:
    found = page(f"## {heading}\n\ntext")
    assert f'<h2 id="{anchor}"><a href="#{anchor}">' in found.html
    assert found.sections[1].anchor == anchor


def test_anchors_of_equal_headings_differ() -> None:
    assert [section.anchor for section in page("## A\n\n## A\n\n### A").sections] == ["", "a", "a-1", "a-2"]
    assert slug("a", ["a", "a-1"]) == "a-2"


def test_sections_have_the_words_without_markup() -> None:
    found = page(
        "A *lead* with `code`.\n\n## Two\n\n| a | b |\n|---|---|\n| one | two |\n\n```sh\nls  -l\n```\n"
    )
    assert (found.title, found.lead) == ("Title", "A lead with code.")
    assert [section.text for section in found.sections] == ["A lead with code.", "a b one two ls -l"]
    assert [section.title for section in found.chapters] == ["Two"]


def test_html_in_a_file_is_text() -> None:
    """As are a fence's words, a title, and an address that would run something."""
    for body in (
        "<script>alert(1)</script>",
        "text <img src=x onerror=alert(1)>",
        '```sh run x/"><script>\n<b>\n```',
        "[x](javascript:alert(1))",
        '[x](../"onclick="a)',
        "## <b>bold</b>",
    ):
        shown = page(body).html
        assert not re.search(r"<(script|img|b>[^S])", shown), body
        assert not re.search(r"<[^>]*(?<=\")\s*(onclick|onerror)=", shown), body
        assert 'href="javascript' not in shown


def test_nothing_has_a_style_of_its_own() -> None:
    """The site's policy would drop it: columns of numbers are aligned by a class."""
    shown = page("| a | b |\n|---|---:|\n| 1 | 2 |").html
    assert "style=" not in shown
    assert '<td class="end">2</td>' in shown


def test_actors_have_their_inks_where_a_table_is_about_them() -> None:
    rows = "| {} | does |\n|---|---|\n| wallet | signs |\n| device | signs |\n| nobody | waits |\n"
    shown = page(rows.format("who")).html
    assert '<span class="by wallet">wallet</span>' in shown
    assert '<span class="by device">device</span>' in shown
    assert "<td>nobody</td>" in shown
    assert 'class="by' not in page(rows.format("field")).html


def test_a_block_says_its_language_its_file_and_whether_it_was_run() -> None:
    shown = page("```python run examples/run.py\nprint(1)  # one\n```").html
    assert "<b>Python</b>" in shown
    assert '<a href="/docs/examples/run.py">run.py</a>' in shown
    assert "<span>run by the tests</span>" in shown
    assert "<code>print(1)  <i># one</i></code>" in shown
    linted = page("```sh linted\necho \"#1\" 'http://x#y' && ls\n```").html
    assert "read by the tests, not run" in linted
    assert "<i>" not in linted


def test_the_endpoint_is_that_of_the_site() -> None:
    body = "```sh\ncurl http://127.0.0.1:8000/graphql\n```\n\nOpen http://127.0.0.1:8000/ there."
    shown = page(body, endpoint="https://follow.example/graphql").html
    assert "curl https://follow.example/graphql" in shown
    assert "http://127.0.0.1:8000/ there" in shown
    assert "http://127.0.0.1:8000/graphql" in page(body).html


def test_a_flowchart_is_written_as_the_list_of_its_arrows() -> None:
    chart = """flowchart LR
      subgraph one [One]
        a["first: <b>begins</b>"]
      end
      log[("the log")]
      a -- "says so" --> b["second<br/>ends"]
      a --> log
      b --> log"""
    shown = as_list(chart)
    assert shown is not None
    assert "<dt><b>first</b>: &lt;b&gt;begins&lt;/b&gt;</dt>" in shown
    assert "<li><span>says so</span> <b>second, ends</b></li><li><b>the log</b></li>" in shown
    assert "<dt><b>second, ends</b></dt><dd><ul><li><b>the log</b></li></ul></dd>" in shown


def test_a_diagram_that_is_not_understood_is_shown_as_it_is_written() -> None:
    assert as_list("sequenceDiagram\n  a->>b: hello") is None
    assert "sequenceDiagram" in page("```mermaid\nsequenceDiagram\n```").html
