"""The window that an embedded follow button opens: who asks, whom to follow, and the click that does it."""

from flask import Blueprint, render_template, request

from webapp.protocol.errors import HandleError
from webapp.protocol.handle import parse_handle
from webapp.web.bootstrap import bootstrap
from webapp.web.graph.profiles import opening_profile
from webapp.web.http.cross_origin import WINDOW
from webapp.web.http.problems import Kind, Problem

bp = Blueprint("embed_window", __name__)


@bp.get(WINDOW)
def follow() -> str:
    """The profile that `?handle=` names. Who asks does not stand there: the browser tells the script."""
    try:
        handle = parse_handle(request.args.get("handle", ""))
    except HandleError as error:
        raise Problem(Kind.NOT_FOUND, f"handle: expected {error.expected}.") from None
    profile, hindrance = opening_profile(handle)
    if hindrance is Kind.NOT_FOUND:
        raise Problem(Kind.NOT_FOUND, f"Nobody has the handle @{handle}. It may have been given back.")
    return render_template(
        "embed-follow.html",
        bootstrap=bootstrap(profile, handle, hindrance),
        handle=handle,
        profile=profile,
        hindrance=hindrance,
    )
