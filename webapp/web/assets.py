"""`/static/`: the built front end, from memory."""

from flask import Blueprint, Response, request

from webapp.web.context import site
from webapp.web.problems import Kind, Problem

bp = Blueprint("static", __name__, url_prefix="/static")


@bp.get("/<name>")
def serve(name: str) -> Response:
    """Serve one built file."""
    asset = site().assets.find(name)
    if asset is None:
        raise Problem(Kind.NOT_FOUND, "Check the address.")
    headers, body = asset.reply(accepts_gzip=request.accept_encodings["gzip"] > 0)
    return Response(body, headers=headers)
