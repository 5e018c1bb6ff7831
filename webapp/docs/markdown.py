"""Markdown to a page: anchors on headings, links that work on the site, blocks to copy, tables to scroll."""

import re
from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from webapp.docs.code import Fence, as_figure
from webapp.docs.diagrams import as_list
from webapp.docs.links import ENDPOINT, Links, page_path
from webapp.docs.pages import Page, Section

ACTORS = ("wallet", "device", "gateway", "site")
"""Who has an ink. A table whose first column is headed `who` names them there."""

_MARKED = "who"
_TRIED = "/?break="  # what the sandbox shows at once looks like what can be pressed


def render(source: str, links: Links, endpoint: str | None = None) -> Page:
    """Make the page of one file from its Markdown, which begins with its title; HTML in it is shown as text.

    `endpoint` takes the place of the GraphQL endpoint of a server on one's own machine.
    """
    text = source if endpoint is None else source.replace(ENDPOINT, endpoint)
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable("table")
    env: EnvType = {"links": links}
    tokens = parser.parse(text, env)
    title = _words(tokens[1].children or ())
    body = _prepared(tokens[3:], links)
    name = page_path(links.file).removeprefix("/docs").removeprefix("/")
    html = parser.renderer.render(body, parser.options, env)
    return Page(name, title, _lead(body), html, tuple(_sections(body)), source)


class _Renderer(RendererHTML):
    """HTML as the site's pages have it."""

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:  # noqa: ARG002 (as the library calls it)
        """Write a block of code, or a diagram."""
        fence, text = Fence.read(tokens[idx].info), tokens[idx].content.removesuffix("\n")
        drawn = as_list(text) if fence.language == "mermaid" else None
        if drawn is not None:
            return drawn
        links: Links = env["links"]
        path = Links("index.md", links.known).lead(fence.file) if fence.file else None
        return as_figure(fence, text, path)

    def heading_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:  # noqa: ARG002
        """Write a heading that leads to itself."""
        anchor = escape(str(tokens[idx].meta["anchor"]))
        return f'<{tokens[idx].tag} id="{anchor}"><a href="#{anchor}">'

    def heading_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:  # noqa: ARG002
        """End it."""
        return f"</a></{tokens[idx].tag}>\n"

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:  # noqa: ARG002
        """Write a table into what scrolls where the window is narrow."""
        label = escape(str(tokens[idx].meta["label"]))
        return f'<div class="table" tabindex="0" role="group" aria-label="{label}"><table>\n'

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:  # noqa: ARG002
        """End both."""
        return "</table></div>\n"


def slug(words: str, taken: Iterable[str] = ()) -> str:
    """Make a heading's anchor as GitHub does; `taken` are those of the headings before it."""
    plain = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
    used = set(taken)
    number, found = 0, plain
    while found in used:
        number += 1
        found = f"{plain}-{number}"
    return found


def _prepared(tokens: list[Token], links: Links) -> list[Token]:
    """Give headings their anchors, links their addresses, tables their names, and cells their classes."""
    anchors: list[str] = []
    heading = ""
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type == "heading_open" and after is not None:
            heading = _words(after.children or ())
            anchors.append(slug(heading, anchors))
            token.meta["anchor"] = anchors[-1]
        elif token.type == "table_open":
            token.meta["label"] = f"Table: {heading}" if heading else "Table"
        elif token.type in {"th_open", "td_open"}:
            # By a class: the site's policy takes no style in an attribute.
            if token.attrs.pop("style", "") == "text-align:right":
                token.attrSet("class", "end")
        elif token.type == "inline":
            _lead_links(token.children or [], links)
    _ink(tokens)
    return tokens


def _lead_links(tokens: list[Token], links: Links) -> None:
    """Rewrite addresses; what leads into the source becomes a word that names the file."""
    into_source = False
    for token in tokens:
        if token.type == "link_open":
            href = str(token.attrs["href"])
            led = links.lead(href)
            into_source = led is None
            if led is None:
                token.tag, token.attrs = "span", {"title": f"In the source: {links.in_source(href)}"}
            else:
                token.attrs["href"] = led
                if led.startswith(_TRIED):
                    token.attrSet("class", "btn small")
        elif token.type == "link_close" and into_source:
            token.tag, into_source = "span", False
        elif token.type == "image":
            token.attrs["src"] = links.lead(str(token.attrs["src"])) or ""


def _ink(tokens: Sequence[Token]) -> None:
    """Set the actors in their inks: those that a table's first column, headed `who`, names."""
    marked, column = False, 0
    for token, after in pairwise(tokens):
        match token.type:
            case "table_open":
                marked = False
            case "tr_open":
                column = 0
            case "th_open":
                marked = marked or (column == 0 and after.content == _MARKED)
                if marked and column == 0:
                    token.attrSet("class", _MARKED)
                column += 1
            case "td_open":
                if marked and column == 0 and after.content in ACTORS:
                    token.attrSet("class", _MARKED)
                    actor = f'<span class="by {after.content}">{after.content}</span>'
                    after.children = [Token("html_inline", "", 0, content=actor)]
                column += 1


def _words(tokens: Iterable[Token]) -> str:
    """Give the text of what stands in a line."""
    return "".join(
        " " if token.type in {"softbreak", "hardbreak"} else _words(token.children or ()) or token.content
        for token in tokens
        if token.type != "html_inline" or token.content
    )


def _lead(tokens: Sequence[Token]) -> str:
    for token, after in pairwise(tokens):
        if token.type == "paragraph_open" and token.level == 0:
            return _words(after.children or ())
    return ""


def _sections(tokens: Sequence[Token]) -> Iterable[Section]:
    title, level, anchor, texts = "", 1, "", list[str]()
    before = None
    for token in tokens:
        if token.type == "heading_open":
            yield Section(title, level, anchor, " ".join(texts))
            level, anchor, texts = int(token.tag[1:]), str(token.meta["anchor"]), []
        elif token.type == "inline":
            words = _words(token.children or ())
            if before == "heading_open":
                title = words
            else:
                texts.append(words)
        elif token.type == "fence":
            texts.append(" ".join(token.content.split()))
        before = token.type
    yield Section(title, level, anchor, " ".join(texts))
