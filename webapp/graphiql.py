"""GraphiQL: what a browser sees that opens the gateway's endpoint. Its files are served from here too."""

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from webapp.refusals import as_problem
from webapp.web.assets import Assets, SiteFolders

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

STATIC = "/static/"

_nothing_here = as_problem(404, "Check the address.")

_PAGE = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>GraphiQL · Countersign</title>
  <link rel="icon" href="{icon}" type="image/svg+xml">
  <link rel="stylesheet" href="{style}">
  <script type="module" src="{script}"></script>
</head>
<body>
  <h1 hidden>GraphiQL</h1>
  <main id="graphiql"></main>
</body>
</html>
"""
# As strict as the site's own but for what GraphiQL's editor needs: its fonts come as data, and it writes
# HTML, which Trusted Types would refuse.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def wants_page(environ: "WSGIEnvironment") -> bool:
    """Whether this is a person's browser opening the endpoint, and not a client asking a question."""
    return (
        environ["REQUEST_METHOD"] == "GET"
        and "text/html" in environ.get("HTTP_ACCEPT", "")
        and "query=" not in environ.get("QUERY_STRING", "")
    )


def graphiql_wsgi(folders: SiteFolders) -> "WSGIApplication":
    """Serve the page at every path but those under `/static/`, where its files are."""
    assets = Assets.load(folders.static)
    names = {"icon": "favicon.svg", "style": "graphiql.css", "script": "graphiql.js"}
    urls = {place: escape(assets.url(name)) for place, name in names.items()}
    page = _PAGE.format_map(urls).encode()
    headers = [
        ("content-type", "text/html; charset=utf-8"),
        ("content-length", str(len(page))),
        ("content-security-policy", _POLICY),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("vary", "accept"),
        ("x-content-type-options", "nosniff"),
    ]

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if not path.startswith(STATIC):
            start_response("200 OK", headers)
            return [page]
        asset = assets.find(path.removeprefix(STATIC))
        if asset is None:
            return _nothing_here(environ, start_response)
        accepts_gzip = "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "")
        described, body = asset.reply(accepts_gzip=accepts_gzip)
        length = ("content-length", str(len(body)))
        start_response("200 OK", [*described, length, ("x-content-type-options", "nosniff")])
        return [body]

    return application
