"""`/docs/try`: a program beside its result, and the frame in which what a visitor wrote runs.

The frame's document is sandboxed: its origin is opaque, nobody's, so that it shares nothing with this site or
any other. Its policy lets it load four files of ours and speak to the gateway's endpoint, which whoever asks
may do from any page. It starts a worker, which has no document, and can be ended while it runs.
"""

from flask import Blueprint, Response, make_response, render_template, request

from webapp.web.assets import under_its_own_name
from webapp.web.context import site
from webapp.web.http.headers import POLICY, content_security_policy
from webapp.web.http.problems import Kind, Problem, Way

bp = Blueprint("trying", __name__, url_prefix="/docs/try")

FRAME = "/docs/try/frame"

_EMPTY = '<!doctype html><html lang="en"><title>A program</title><script src="frame.js"></script>'


@bp.get("")
def page() -> Response:
    """The program that `?show=` names; without it, the whole way."""
    all_of_them = site().shelf.library.programs
    name = request.args.get("show", all_of_them[0].name)
    shown = next((program for program in all_of_them if program.name == name), None)
    if shown is None:
        ways = (Way("The whole way", "/docs/try"),)
        raise Problem(Kind.NOT_FOUND, "No program is called so.", ways=ways)
    endpoint = site().config.graphql_url
    html = render_template("try.html", programs=all_of_them, shown=shown, endpoint=endpoint)
    response = make_response(html)
    response.headers[POLICY] = content_security_policy((), frames=site().origins.current() + FRAME)
    response.headers["x-frame-options"] = "DENY"
    return response


@bp.get("/frame")
def frame() -> Response:
    """The empty document that starts a program; only the page beside it may show it."""
    origin, endpoint = site().origins.current(), site().config.graphql_url
    response = make_response(_EMPTY)
    response.headers[POLICY] = "; ".join(
        (
            "sandbox allow-scripts",
            "default-src 'none'",
            f"script-src {origin}/docs/try/ data:",
            f"worker-src {origin}/docs/try/ data:",  # in Firefox what a worker imports goes by this one
            f"connect-src {endpoint or chr(39) + 'none' + chr(39)}",
            "base-uri 'none'",
            "form-action 'none'",
            f"frame-ancestors {origin}",
        )
    )
    return response


@bp.get('/<any("frame.js", "worker.js", "viem-accounts.js", "cyberconnect-v2.js"):name>')
def script(name: str) -> Response:
    """What the frame and its worker load."""
    return under_its_own_name(f"try-{name}")
