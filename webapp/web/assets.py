"""`/static/`: the built front end, from memory; some of it also under names that stay."""

import hashlib

from flask import Blueprint, Response, request

from webapp.web.context import site
from webapp.web.http.problems import Kind, Problem

bp = Blueprint("static", __name__, url_prefix="/static")

_A_WHILE = "public, max-age=300"


@bp.get("/<name>")
def serve(name: str) -> Response:
    """Serve one built file."""
    asset = site().assets.find(name)
    if asset is None:
        raise Problem(Kind.NOT_FOUND, "Check the address.")
    headers, body = asset.reply(accepts_gzip=request.accept_encodings["gzip"] > 0)
    return Response(body, headers=headers)


def under_its_own_name(name: str) -> Response:
    """Serve a built file under a URL that stays: pages write it once, and get its newest version."""
    asset = site().assets.named(name)
    if asset is None:
        raise Problem(Kind.NOT_FOUND, "The front end of this site is not built.")
    headers, body = asset.reply(accepts_gzip=request.accept_encodings["gzip"] > 0, keep=_A_WHILE)
    response = Response(body, headers=headers)
    # Weak: the same for both encodings.
    response.set_etag(hashlib.sha256(asset.content).hexdigest()[:16], weak=True)
    response.make_conditional(request)
    return response
