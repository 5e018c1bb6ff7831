"""`/embed/`: the follow button for pages of other sites, and what it shows to all. No cookie is read here."""

from typing import Any

from flask import Blueprint, Response, make_response, request
from limits import RateLimitItemPerMinute

from webapp.protocol.handle import Handle
from webapp.upstream.errors import UpstreamRefusal
from webapp.web.assets import under_its_own_name
from webapp.web.context import site
from webapp.web.graph.profiles import handle_of
from webapp.web.http.network_shares import LOOKUPS, Share
from webapp.web.http.problems import unexpected

bp = Blueprint("embed", __name__, url_prefix="/embed")

MOST_HANDLES = 20
"""Of one request: a page with more buttons sends several."""

COUNTS = Share("embedded counts", RateLimitItemPerMinute(600))

_BRIEFLY = "public, max-age=60"


@bp.get('/<any("follow-button.js", "follow-button.mjs", "follow-button.d.ts"):name>')
def button(name: str) -> Response:
    """The button, as a script or as a module, and its types."""
    return under_its_own_name(name)


@bp.get("/profiles")
def profiles() -> Response:
    """Count the followers of each `?handle=`; one that nobody has is left out."""
    handles = [handle_of("handle", text) for text in dict.fromkeys(request.args.getlist("handle"))]
    if not 1 <= len(handles) <= MOST_HANDLES:
        raise unexpected("handle", f"1 to {MOST_HANDLES} handles")
    site().shares.take(COUNTS)
    counts = _counts(handles)
    shown: list[dict[str, Any]] = [
        {"handle": handle, "followerCount": counts[handle]} for handle in handles if handle in counts
    ]
    response = make_response({"profiles": shown})
    response.headers["cache-control"] = _BRIEFLY
    return response


def _counts(handles: list[Handle]) -> dict[str, int]:
    try:
        return site().upstream.follower_counts(handles)
    except UpstreamRefusal:  # it speaks the original API and nothing more
        counts = {}
        for handle in handles:
            site().shares.take(LOOKUPS)
            profile = site().upstream.profile(handle, None)
            if profile is not None:
                counts[profile.handle] = profile.follower_count
        return counts
