"""`/docs`: the project's documentation, from the same files as in the source, and a search over it.

The pages are the same for everybody, but for the theme: no session, and caches may keep them if they ask.
"""

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template, request

from webapp.server.static_files import Asset
from webapp.web.context import site
from webapp.web.http.problems import Kind, Problem, Way
from webapp.web.rendering.shelf import html
from webapp.web.rendering.theme import chosen_theme

if TYPE_CHECKING:
    from webapp.docs.pages import Page

bp = Blueprint("docs", __name__, url_prefix="/docs")


@bp.get("")
def index() -> Response:
    """The first page; with `?q=` what is found by these words."""
    query = request.args.get("q", "").strip()
    return _sent(html(_results(query))) if query else page("")


@bp.get("/<path:name>")
def page(name: str) -> Response:
    """A page by its name, or a file that one shows or leads to."""
    shelf = site().shelf
    if found := shelf.library.page(name):
        return _sent(shelf.page(name, chosen_theme(request.cookies), _writing(found)))
    file = shelf.library.file(name)
    if file is None:
        ways = (Way("All pages", "/docs"),)
        raise Problem(Kind.NOT_FOUND, "No page of the documentation is called so.", ways=ways)
    return _sent(Asset(file.content, file.media_type, immutable=False, packable=False))


def _writing(found: "Page") -> Callable[[], str]:
    library = site().shelf.library
    before, after = library.neighbours(found)
    group = next((group.title for group in library.groups if found in group.pages), None)
    return lambda: render_template(
        "docs.html",
        page=found,
        group=group,
        before=before,
        after=after,
        groups=library.groups,
        query="",
        results=None,
    )


def _results(query: str) -> str:
    library = site().shelf.library
    results = library.search(query)
    return render_template("docs.html", page=None, groups=library.groups, query=query, results=results)


def _sent(asset: Asset) -> Response:
    headers, body = asset.reply(accepts_gzip=request.accept_encodings["gzip"] > 0)
    reply = Response(body, headers=headers)
    reply.vary.add("cookie")
    reply.set_etag(hashlib.sha256(asset.content).hexdigest()[:32], weak=True)  # the same, packed or not
    reply.make_conditional(request)
    return reply
