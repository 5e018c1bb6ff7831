"""GraphiQL: what a browser sees that opens the gateway's endpoint. Its files are served from here too."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.wrappers import Request, Response

from webapp.server.answers.refusals import as_problem
from webapp.server.static_files import Assets, SiteFolders
from webapp.web.rendering.theme import THEMES, chosen_theme

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

STATIC = "/static/"

_nothing_here = as_problem(404, "Check the address.")

# As strict as the site's own but for what GraphiQL's editor needs: it writes HTML, which Trusted Types would
# refuse.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def wants_page(environ: "WSGIEnvironment") -> bool:
    """Whether this is a person's browser opening the endpoint, and not a client asking a question."""
    return (
        environ["REQUEST_METHOD"] == "GET"
        and "text/html" in environ.get("HTTP_ACCEPT", "")
        and "query=" not in environ.get("QUERY_STRING", "")
    )


def graphiql_wsgi(
    folders: SiteFolders, *, has_site: bool, has_applications: bool = False
) -> "WSGIApplication":
    """Serve the page at every path but those under `/static/`, where its files are.

    Args:
        folders: Where templates and built files are.
        has_site: Whether the site is beside the gateway, so that there is a way back to it.
        has_applications: Whether that site has a page of API keys.
    """
    assets = Assets.load(folders.static)
    templates = Environment(
        loader=FileSystemLoader(folders.templates), autoescape=True, undefined=StrictUndefined
    )
    template = templates.get_template("graphiql.html")
    pages = {
        theme: template.render(
            asset=assets.url, theme=theme, has_site=has_site, has_applications=has_applications
        ).encode()
        for theme in (None, *THEMES)
    }
    headers = [
        ("content-type", "text/html; charset=utf-8"),
        ("content-security-policy", _POLICY),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("vary", "accept, cookie"),
        ("x-content-type-options", "nosniff"),
    ]

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path, request = environ["PATH_INFO"], Request(environ)
        if not path.startswith(STATIC):
            page = pages[chosen_theme(request.cookies)]
            return Response(page, headers=headers)(environ, start_response)
        asset = assets.find(path.removeprefix(STATIC))
        if asset is None:
            return _nothing_here(environ, start_response)
        described, body = asset.reply(accepts_gzip=request.accept_encodings["gzip"] > 0)
        described.append(("x-content-type-options", "nosniff"))
        return Response(body, headers=described)(environ, start_response)

    return application
